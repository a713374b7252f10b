import { z } from 'zod';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { IdentityProviderPort } from '../../application/ports/identity-provider.port.js';
import { isMissing, oktaGroup, oktaUser } from './okta-answers.js';
import type { OktaClient } from './okta-client.js';

type Abilities = Awaited<ReturnType<IdentityProviderPort['test']>>;
type Ability = Abilities[number]['ability'];

/** Okta's pages about what is missing: roles decide for both kinds of credential, scopes for a service app besides. */
const pages: Readonly<Record<Ability, string>> = {
  readUsers: 'https://help.okta.com/en-us/content/topics/security/administrators-admin-comparison.htm',
  readGroups: 'https://help.okta.com/en-us/content/topics/security/administrators-admin-comparison.htm',
  manageMembers: 'https://help.okta.com/en-us/content/topics/security/administrators-group-admin.htm',
};
const needs: Readonly<Record<Ability, string>> = {
  readUsers: 'an API token whose admin may view users, or the scope okta.users.read',
  readGroups: 'an API token whose admin may view groups and group rules, or the scope okta.groups.read',
  manageMembers: 'an API token whose admin may manage group membership (Group Administrator), or the scope okta.groups.manage with that role',
};

/** Ids in Okta's form that name nothing: adding one to the other can change nothing, and only a permitted caller is told 404. */
const nowhere = { groupId: '00g00000000000000000', userId: '00u00000000000000000' };

/**
 * What the credential may do, each found by a call of that kind (SPEC F3).
 * @throws {@link ProviderFailure} when Okta can't be asked at all: no connection, a refused credential, a rate limit.
 */
export async function probeOkta(client: OktaClient, signal: AbortSignal | undefined): Promise<Abilities> {
  const call = { vendor: 'Okta', action: 'answer the connector test', writes: false };
  const readUsers = await probe('readUsers', async () => {
    for await (const _ of client.pages(call, oktaUser, signal, (sdk) => sdk.userApi.listUsers({ limit: 1 }))) return;
  });
  const readGroups = await probe('readGroups', async () => {
    await client.pages(call, oktaGroup, signal, (sdk) => sdk.groupApi.listGroups({ limit: 1 })).next();
    await client.pages(call, z.object({ id: z.string() }), signal, (sdk) => sdk.groupApi.listGroupRules({ limit: 1 })).next();
  });
  const manageMembers = await probe('manageMembers', async () => {
    try {
      await client.write(call, signal, (sdk) => sdk.groupApi.assignUserToGroup(nowhere));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  });
  return [readUsers, readGroups, manageMembers];
}

async function probe(ability: Ability, run: () => Promise<void>): Promise<Abilities[number]> {
  try {
    await run();
    return { ability, ok: true };
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind === 'forbidden') return { ability, ok: false, detail: `Okta refuses it (${error.more.providerCode ?? 'HTTP 403'}); it needs ${needs[ability]}.`, documentation: pages[ability] };
    throw error;
  }
}
