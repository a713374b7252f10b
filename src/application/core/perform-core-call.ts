import { setTimeout as sleep } from 'node:timers/promises';
import { ProviderFailure, type IdentityProviderFactory, type IdentityProviderPort } from '../ports/identity-provider.port.js';
import { connectorConfigContext, externalIdentityContext, externalLoginContext, SealingFailure, type IdentityHash, type Sealer, type Unsealer } from '../ports/sealing.port.js';
import { runConformance } from './conformance.js';
import { loginHint, type CoreCallOrder, type CoreCallResult } from './core-call.js';
import { describeMembers, listGroupApps, listMembers, readMembers } from './member-pages.js';
import { readProviderConnection } from './provider-connection.js';
import { resolveIdentities } from './resolve-identities.js';

export interface CoreCallDeps {
  readonly sealing: Sealer & Unsealer;
  readonly identityHash: IdentityHash;
  readonly providers: IdentityProviderFactory;
}

/**
 * Runs in the core worker: opens the configuration, asks the provider once, and says what came of it. What the provider refuses is a result, not a
 * throw, so that the admin who waits reads it; a repeat is a new command.
 * @throws whatever is neither the provider's nor a seal's: the engine tries again.
 */
export async function performCoreCall(deps: CoreCallDeps, order: CoreCallOrder, signal?: AbortSignal): Promise<CoreCallResult> {
  try {
    const provider = await connect(deps, order);
    return provider === null ? unreadable : await perform(deps, provider, order, signal);
  } catch (error) {
    if (error instanceof ProviderFailure) return failed(error);
    if (error instanceof SealingFailure) return unreadable;
    throw error;
  }
}

const failed = ({ kind, detail, more: { retryAfterMs, paced } }: ProviderFailure): CoreCallResult =>
  ({ kind: 'failed', failure: kind, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(paced === undefined ? {} : { paced }) });
const unreadable: CoreCallResult = { kind: 'failed', failure: 'configurationUnreadable', detail: "The core worker can't open this connector's configuration; enter its credential again" };

/** An admin waits for these; tests, listings, and identities by the hundred thousand come after all that people's access depends on. */
const AWAITED: ReadonlySet<CoreCallOrder['kind']> = new Set(['createGroup', 'bindGroup', 'listGroupApps', 'runConformance']);

async function connect({ sealing, providers }: CoreCallDeps, order: CoreCallOrder): Promise<IdentityProviderPort | null> {
  const opened = await sealing.open(connectorConfigContext(order.siteId, order.connectorId), order.sealedConfig);
  const connection = readProviderConnection(opened, order.provider);
  return connection === null ? null : providers(connection, AWAITED.has(order.kind) ? 'addition' : 'read');
}

async function perform(deps: CoreCallDeps, provider: IdentityProviderPort, order: CoreCallOrder, signal?: AbortSignal): Promise<CoreCallResult> {
  switch (order.kind) {
    case 'testConnector': return { kind: 'tested', abilities: [...await provider.test(signal)] };
    case 'createGroup': return createGroup(provider, order, signal);
    case 'bindGroup': {
      const { externalId, name, unmanageable } = await provider.getGroup(order.externalGroupId, signal);
      return { kind: 'group', externalGroupId: externalId, name, unmanageable };
    }
    case 'listGroupApps': return listGroupApps(provider, order.externalGroupId, signal);
    case 'readIdentity': return readIdentity(deps, provider, order, signal);
    case 'resolveIdentity': return resolveIdentity(deps, provider, order, signal);
    case 'resolveIdentities': return resolveIdentities(deps, provider, order, Date.now, signal);
    case 'listMembers': return listMembers(deps, provider, order, signal);
    case 'describeMembers': return describeMembers(deps, order);
    case 'readMembers': return readMembers(deps, provider, order, signal);
    case 'runConformance': {
      const login = await deps.sealing.open(externalLoginContext(order.siteId, order.connectorId), order.sealedLogin);
      return { kind: 'conformance', report: await runConformance(provider, { login, groupName: order.groupName }, { now: Date.now, pause: (ms) => sleep(ms, undefined, signal === undefined ? {} : { signal }) }) };
    }
  }
}

/** Names are not unique at the providers: a second group of the name would leave people guessing which one is assigned to the app (SPEC F4). */
async function createGroup(provider: IdentityProviderPort, order: { readonly name: string; readonly description: string }, signal?: AbortSignal): Promise<CoreCallResult> {
  const [taken] = await provider.findGroupsByName(order.name, signal);
  if (taken !== undefined) return { kind: 'groupNameTaken', externalGroupId: taken.externalId };
  const created = await createOnce(provider, order, signal);
  return { kind: 'group', externalGroupId: created.externalId, name: created.name, unmanageable: created.unmanageable };
}

/** When the answer was lost, the group that appeared since the look above is ours. */
async function createOnce(provider: IdentityProviderPort, order: { readonly name: string; readonly description: string }, signal?: AbortSignal): ReturnType<IdentityProviderPort['createGroup']> {
  try {
    return await provider.createGroup(order.name, order.description, signal);
  } catch (error) {
    if (!(error instanceof ProviderFailure) || error.kind !== 'unknownOutcome') throw error;
    const [found, second] = await provider.findGroupsByName(order.name, signal);
    if (found === undefined || second !== undefined) throw error;
    return found;
  }
}

/** A fresh read; only the provider's own word for "no such user" reads as deleted. */
async function readIdentity(deps: CoreCallDeps, provider: IdentityProviderPort, order: CoreCallOrder & { readonly sealedIdentity: string }, signal?: AbortSignal): Promise<CoreCallResult> {
  const externalId = await deps.sealing.open(externalIdentityContext(order.siteId, order.connectorId), order.sealedIdentity);
  const identityHash = deps.identityHash(order.siteId, order.provider, externalId);
  for await (const states of provider.readUserStates([externalId], { signal })) for (const { state } of states) return { kind: 'identityState', state, identityHash };
  return { kind: 'failed', failure: 'invalidAnswer', detail: 'The provider did not say whether the person is active' };
}

async function resolveIdentity(deps: CoreCallDeps, provider: IdentityProviderPort, order: CoreCallOrder & { readonly sealedLogin: string }, signal?: AbortSignal): Promise<CoreCallResult> {
  const login = await deps.sealing.open(externalLoginContext(order.siteId, order.connectorId), order.sealedLogin);
  const user = await provider.getUser(login, signal);
  return {
    kind: 'identity',
    externalId: user.externalId,
    identityHash: deps.identityHash(order.siteId, order.provider, user.externalId),
    sealed: await deps.sealing.seal(externalIdentityContext(order.siteId, order.connectorId), user.externalId),
    loginHint: loginHint(user.login),
    state: user.state,
  };
}
