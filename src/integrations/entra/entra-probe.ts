import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { IdentityProviderPort } from '../../application/ports/identity-provider.port.js';
import { graphGroup, graphUser, groupFields, toProviderUser, userFields } from './graph-answers.js';
import type { GraphHttp } from './graph-http.js';

type Abilities = Awaited<ReturnType<IdentityProviderPort['test']>>;
type Ability = Abilities[number]['ability'];

/** Graph's reference page of the call that was refused; its table of permissions is what an administrator grants by. */
const pages: Readonly<Record<Ability, string>> = {
  readUsers: 'https://learn.microsoft.com/graph/api/user-get#permissions',
  readGroups: 'https://learn.microsoft.com/graph/api/group-get#permissions',
  manageMembers: 'https://learn.microsoft.com/graph/api/group-post-members#permissions',
};
/** Application permissions of Microsoft Graph. */
const needs: Readonly<Record<Ability, string>> = {
  readUsers: 'User.Read.All',
  readGroups: 'GroupMember.Read.All or Group.Read.All',
  manageMembers: 'GroupMember.ReadWrite.All (never User.ReadWrite.All, which could delete users)',
};
/** A GUID that names nothing: adding to it can change nothing, and only a permitted caller is told 404. */
const nowhere = '00000000-0000-4000-8000-000000000000';

/**
 * What the application may do, each found by a call of that kind (SPEC F3).
 * @throws {@link ProviderFailure} when Graph can't be asked at all: no connection, a refused credential, throttling.
 */
export async function probeEntra(graph: GraphHttp, baseUrl: string, signal: AbortSignal | undefined): Promise<Abilities> {
  const call = { vendor: 'Microsoft Graph', action: 'answer the connector test', writes: false };
  const readUsers = await probe('readUsers', async () => {
    const page = await graph.pages(call, '/users', { $select: userFields, $top: '1' }, graphUser, signal).next();
    if (page.done !== true) page.value.items.forEach((user) => toProviderUser(call, user));
  });
  const readGroups = await probe('readGroups', async () => {
    await graph.pages(call, '/groups', { $select: groupFields, $top: '1' }, graphGroup, signal).next();
  });
  const manageMembers = await probe('manageMembers', async () => {
    try {
      await graph.postReference(call, `/groups/${nowhere}/members/$ref`, { '@odata.id': `${baseUrl}/directoryObjects/${nowhere}` }, signal);
    } catch (error) {
      if (!(error instanceof ProviderFailure) || ![400, 404].includes(error.more.status ?? 0)) throw error;
    }
  });
  return [readUsers, readGroups, manageMembers];
}

async function probe(ability: Ability, run: () => Promise<void>): Promise<Abilities[number]> {
  try {
    await run();
    return { ability, ok: true };
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind === 'forbidden') {
      return { ability, ok: false, detail: `Microsoft Graph refuses it (${error.more.providerCode ?? 'HTTP 403'}); the application needs ${needs[ability]}.`, documentation: pages[ability] };
    }
    throw error;
  }
}
