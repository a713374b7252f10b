import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import { ProviderFailure, type IdentityProviderPort, type MemberPage } from '../ports/identity-provider.port.js';
import { externalIdentityContext, memberPageContext, SealingFailure, type IdentityHash, type Sealer, type Unsealer } from '../ports/sealing.port.js';
import { loginHint, type CoreCallOrder, type CoreCallResult, type MemberRead, type SealedPerson } from './core-call.js';
import { goneForGood } from './gone-for-good.js';

export interface MemberPageDeps { readonly sealing: Sealer & Unsealer; readonly identityHash: IdentityHash }
type Order<K extends CoreCallOrder['kind']> = Extract<CoreCallOrder, { readonly kind: K }>;

/** One page and no more: what is in memory is one page, whatever the size of the group (SPEC D4). @throws ProviderFailure, `groupNotFound` among them */
export async function listMembers(deps: MemberPageDeps, provider: IdentityProviderPort, order: Order<'listMembers'>, signal?: AbortSignal): Promise<CoreCallResult> {
  const page = await firstPage(provider, order, signal);
  const sealedPage = await deps.sealing.seal(memberPageContext(order.siteId, order.connectorId), JSON.stringify(page.members.map(({ externalId, login }) => [externalId, loginHint(login)])));
  const placesOf = (wanted: (member: MemberPage['members'][number]) => boolean): number[] => page.members.flatMap((member, place) => (wanted(member) ? [place] : []));
  const apps = order.cursor === null ? await appsOf(provider, order.externalGroupId, signal) : null;
  return {
    ...(apps === null ? {} : { apps }),
    kind: 'members', hashes: page.members.map(({ externalId }) => deps.identityHash(order.siteId, order.provider, externalId)),
    deactivated: placesOf(({ kind, state }) => kind === 'user' && state === 'deactivated'), others: placesOf(({ kind }) => kind !== 'user'), sealedPage, next: page.next,
  };
}

async function firstPage(provider: IdentityProviderPort, { externalGroupId, cursor }: Order<'listMembers'>, signal?: AbortSignal): Promise<MemberPage> {
  for await (const page of provider.listMembers(externalGroupId, { signal, ...(cursor === null ? {} : { cursor }) })) return page;
  return { members: [], next: null };
}

/** Beside the listing, which must not fail for it: the provider may not tell, or not now. */
async function appsOf(provider: IdentityProviderPort, groupId: string, signal?: AbortSignal): Promise<readonly GroupApp[] | null> {
  try {
    return await provider.listGroupApps(groupId, signal);
  } catch (error) {
    if (error instanceof ProviderFailure) return null;
    throw error;
  }
}

/** @throws ProviderFailure; a missing permission is an answer */
export async function listGroupApps(provider: IdentityProviderPort, groupId: string, signal?: AbortSignal): Promise<CoreCallResult> {
  try {
    return { kind: 'groupApps', apps: await provider.listGroupApps(groupId, signal), untold: null };
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind === 'forbidden') return { kind: 'groupApps', apps: null, untold: `The provider does not tell: ${error.detail}` };
    throw error;
  }
}

/** Opens what {@link listMembers} sealed and seals each wanted person alone, to be kept as an external identity. @throws SealingFailure */
export async function describeMembers(deps: MemberPageDeps, order: Order<'describeMembers'>): Promise<CoreCallResult> {
  const page: unknown = JSON.parse(await deps.sealing.open(memberPageContext(order.siteId, order.connectorId), order.sealedPage));
  const context = externalIdentityContext(order.siteId, order.connectorId);
  const identities = await Promise.all(order.indexes.map(async (index) => {
    const [externalId, hint] = memberOf(page, index);
    return { identityHash: deps.identityHash(order.siteId, order.provider, externalId), sealed: await deps.sealing.seal(context, externalId), loginHint: hint };
  }));
  return { kind: 'described', identities };
}
function memberOf(page: unknown, index: number): readonly [string, string] {
  const entry: unknown = Array.isArray(page) ? page[index] : undefined;
  if (Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string') return [entry[0], entry[1]];
  throw new Error(`a sealed page of members has nobody at place ${index}`);
}

/** What one read costs the provider is unknown, so they go one after the other; a pause that it asks for ends the round. */
export async function readMembers(deps: MemberPageDeps, provider: IdentityProviderPort, order: Order<'readMembers'>, signal?: AbortSignal): Promise<CoreCallResult> {
  const reads: MemberRead[] = [];
  for (const person of order.people) {
    const { identityHash } = person;
    const read = await readOne(deps, provider, order, person, signal);
    if (read instanceof ProviderFailure && read.kind === 'retryable' && read.more.retryAfterMs !== undefined) {
      return { kind: 'memberReads', reads, retryAfterMs: read.more.retryAfterMs, ...(read.more.paced === undefined ? {} : { paced: read.more.paced }) };
    }
    reads.push(read instanceof ProviderFailure ? { identityHash, observed: 'unknown', readAt: null, code: read.kind } : { identityHash, ...read });
  }
  return { kind: 'memberReads', reads, retryAfterMs: null };
}

async function readOne(deps: MemberPageDeps, provider: IdentityProviderPort, order: Order<'readMembers'>, person: SealedPerson, signal?: AbortSignal): Promise<Omit<MemberRead, 'identityHash'> | ProviderFailure> {
  try {
    const userId = await deps.sealing.open(externalIdentityContext(order.siteId, person.identityConnectorId), person.sealedIdentity);
    return await readOrGone(provider, order.externalGroupId, userId, signal);
  } catch (error) {
    if (error instanceof SealingFailure) return { observed: 'unknown', readAt: null, code: 'connector.unreadable' };
    if (error instanceof ProviderFailure) return error;
    throw error;
  }
}

async function readOrGone(provider: IdentityProviderPort, groupId: string, userId: string, signal?: AbortSignal): Promise<Omit<MemberRead, 'identityHash'>> {
  try {
    const { observed, readAt } = await provider.readMembership(groupId, userId, signal);
    return { observed, readAt, code: 'read' };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const gone = await goneForGood(provider, groupId, userId, error);
    if (gone === null) throw error;
    return { observed: 'absent', readAt: new Date().toISOString(), code: gone.code };
  }
}
