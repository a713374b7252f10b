import { ProviderFailure, type FailureKind, type IdentityProviderPort } from '../ports/identity-provider.port.js';
import { externalIdentityContext, loginBatchContext, type IdentityHash, type Sealer, type Unsealer } from '../ports/sealing.port.js';
import { loginHint, type CoreCallOrder, type CoreCallResult, type ResolvedPlace } from './core-call.js';

interface Deps { readonly sealing: Sealer & Unsealer; readonly identityHash: IdentityHash }
type Order = Extract<CoreCallOrder, { readonly kind: 'resolveIdentities' }>;
/** Asked of the provider at once; the tenant's budget paces them beyond that (docs/adr/0017). */
const AT_ONCE = 4;
/** What is not looked up by then is asked for again: well below the time-out of the step. Milliseconds. */
const ENOUGH_MS = 30_000;
/** The fault of one login, which asking again can't mend: the row carries it, and the rest of the file goes on. An invalid answer is none: it may be a proxy's page, which says nothing of any login. */
const OF_ONE_LOGIN: ReadonlySet<FailureKind> = new Set(['userNotFound', 'rejected']);

/**
 * Looks up the wanted logins of a batch. Whatever stands in the way of all of them ends the round with what is known so far.
 * @throws ProviderFailure when it stood in the way of the very first; SealingFailure
 */
export async function resolveIdentities(deps: Deps, provider: IdentityProviderPort, order: Order, now: () => number, signal?: AbortSignal): Promise<CoreCallResult> {
  const logins: unknown = JSON.parse(await deps.sealing.open(loginBatchContext(order.siteId, order.connectorId), order.sealedLogins));
  const identities: ResolvedPlace[] = [];
  const until = now() + ENOUGH_MS;
  for (let at = 0; at < order.places.length && now() < until; at += AT_ONCE) {
    const answers = await Promise.all(order.places.slice(at, at + AT_ONCE).map((place) => resolveOne(deps, provider, order, place, loginAt(logins, place), signal)));
    for (const answer of answers) if (!(answer instanceof ProviderFailure)) identities.push(answer);
    const failure = answers.find((answer) => answer instanceof ProviderFailure);
    if (failure === undefined) continue;
    if (identities.length === 0) throw failure;
    return { kind: 'identities', identities, retryAfterMs: failure.more.retryAfterMs ?? null };
  }
  return { kind: 'identities', identities, retryAfterMs: null };
}

async function resolveOne(deps: Deps, provider: IdentityProviderPort, { siteId, connectorId, provider: name }: Order, place: number, login: string, signal?: AbortSignal): Promise<ResolvedPlace | ProviderFailure> {
  try {
    const user = await provider.getUser(login, signal);
    const sealed = await deps.sealing.seal(externalIdentityContext(siteId, connectorId), user.externalId);
    return { place, identity: { identityHash: deps.identityHash(siteId, name, user.externalId), sealed, loginHint: loginHint(user.login), state: user.state }, failure: null };
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    return OF_ONE_LOGIN.has(error.kind) ? { place, identity: null, failure: { kind: error.kind, detail: error.detail } } : error;
  }
}

function loginAt(logins: unknown, place: number): string {
  const login: unknown = Array.isArray(logins) ? logins[place] : undefined;
  if (typeof login === 'string') return login;
  throw new Error(`a batch of logins has none at place ${place}`);
}
