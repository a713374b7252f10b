import { sampled } from '../../support/bounds.js';
import { inParallel } from '../../support/in-parallel.js';
import type { TestProduct } from '../../support/product.js';
import type { GrantWatch } from './grant-watch.js';
import { FAULTS, ordersFor, type Call, type Fault, type FaultName } from './faults.js';
import { insist } from './insist.js';
import { trailOf, type TrailEvent } from './trail.js';

export type Direction = 'add' | 'remove';
export interface OktaPair {
  readonly direction: Direction;
  readonly call: string;
  readonly fault: Fault & { readonly name: FaultName };
  readonly accountId: string;
  readonly oktaId: string;
  readonly groupId: string;
  readonly toolKey: string;
}

/** Every call that converge makes on the way in and on the way out (src/application/core/converge.ts). */
const CALLS: readonly { readonly direction: Direction; readonly name: string; readonly at: (ids: { readonly oktaId: string; readonly groupId: string }) => Omit<Call, 'name'> }[] = [
  { direction: 'add', name: 'read the person', at: ({ oktaId }) => ({ method: 'GET', path: `/api/v1/users/${oktaId}$` }) },
  { direction: 'add', name: "read the person's groups", at: ({ oktaId }) => ({ method: 'GET', path: `/api/v1/users/${oktaId}/groups$` }) },
  { direction: 'add', name: 'read the group', at: ({ groupId }) => ({ method: 'GET', path: `/api/v1/groups/${groupId}$` }) },
  { direction: 'add', name: 'add the member', at: ({ oktaId }) => ({ method: 'PUT', path: `/users/${oktaId}$` }) },
  { direction: 'add', name: 'read back', at: ({ oktaId }) => ({ method: 'GET', path: `/api/v1/users/${oktaId}/groups$`, skip: 1 }) },
  { direction: 'remove', name: "read the person's groups", at: ({ oktaId }) => ({ method: 'GET', path: `/api/v1/users/${oktaId}/groups$` }) },
  { direction: 'remove', name: 'remove the member', at: ({ oktaId }) => ({ method: 'DELETE', path: `/users/${oktaId}$` }) },
  { direction: 'remove', name: 'read back', at: ({ oktaId }) => ({ method: 'GET', path: `/api/v1/users/${oktaId}/groups$`, skip: 1 }) },
  { direction: 'remove', name: 'read the group after it', at: ({ groupId }) => ({ method: 'GET', path: `/api/v1/groups/${groupId}$` }) },
];

/** One person, one tool and one group for each (call, fault). */
export async function oktaPairs(product: TestProduct): Promise<readonly OktaPair[]> {
  const all = CALLS.flatMap(({ direction, name }) => FAULTS.map((fault) => ({ direction, call: name, fault })));
  const chosen = sampled('calls to the identity provider', all, 36, ({ direction, call }) => `${direction} ${call}`);
  return inParallel(8, chosen, async (pair) => ({ ...pair, ...(await product.person()), ...(await product.tool()) }));
}

export async function arm(product: TestProduct, pair: OktaPair): Promise<void> {
  const call = CALLS.find(({ direction, name }) => direction === pair.direction && name === pair.call);
  if (call === undefined) throw new Error(`there is no call ${pair.call}`);
  await product.oktaControl.fault(ordersFor({ name: call.name, ...call.at(pair) }, pair.fault));
}

/** Asks, approves, and sees the grant through to active; what the product leaves to people is tried again by hand once the reason is there. */
export async function walkIn(product: TestProduct, watch: GrantWatch, pair: OktaPair): Promise<string> {
  const requestId = await product.ask(pair.accountId, pair.toolKey);
  await insist(product, requestId, { operation: 'decide', caller: { accountId: product.approver, isAdmin: false }, decision: 'approve', comment: null, durationDays: null });
  for (let byHand = 0; byHand < 5; byHand += 1) {
    const grant = await watch.until(`${pair.call}, ${pair.fault.name}: active or with people`, requestId, ({ status, manual_kind }) => status === 'active' || (status === 'pendingProvision' && manual_kind === 'provision'));
    if (grant.status === 'active') return requestId;
    const handled = grant.manual_id;
    await insist(product, requestId, { operation: 'retryProvisioning', caller: { accountId: product.approver, isAdmin: false }, jobId: grant.job_id ?? '' });
    await watch.until('the manual action is taken', requestId, ({ manual_id }) => manual_id !== handled);
  }
  throw new Error(`${pair.call}, ${pair.fault.name}: people were asked five times`);
}

type Kind = 'straight' | 'retried' | 'people';
/** A read that says what was wanted while an older write may still land: waiting, not another fault. */
const WAITS = new Set(['readBack', 'already']);
/** The engine gave a step to a worker and the worker never saw it, which happens on an overloaded machine and is no fault of the vendor's. */
const ENGINE = 'core.lost';

/** How one direction went, in the record's own words; repeats count once, because their number is a matter of time. */
export async function outcomeOf(product: TestProduct, requestId: string, direction: Direction): Promise<{ readonly kind: Kind; readonly words: string }> {
  const kind = direction === 'add' ? 'provision' : 'deprovision';
  const of = (trail: readonly TrailEvent[], action: string, field: string): string[] => [...new Set(trail.filter((event) => event.action === action && event.body.data['kind'] === kind && event.body.data['onDemand'] !== true).map(({ body }) => String(body.data[field])))];
  const trail = await trailOf(product, requestId);
  const codes = of(trail, 'job.retried', 'code').filter((code) => code !== ENGINE);
  const retries = codes.filter((code) => !WAITS.has(code));
  const people = of(trail, 'manual_action.opened', 'reason').filter((reason) => reason !== ENGINE && !WAITS.has(reason));
  const waited = retries.includes('write.outcome_unknown') && codes.length > retries.length ? 'read again when the lost write could no longer land; ' : '';
  const end = direction === 'add' ? 'active' : 'ended, absence read back';
  if (people.length > 0) return { kind: 'people', words: direction === 'add' ? `manual action (${people.join(', ')}); ${end} after a retry by hand` : `people told (${people.join(', ')}); tried on by itself; ${end}` };
  return retries.length > 0 ? { kind: 'retried', words: `tried again (${retries.join(', ')}); ${waited}${end}` } : { kind: 'straight', words: `${end} at once` };
}

/** What each fault at a read, and at a write, may lead to; everything else is a finding. */
const ALLOWED: Readonly<Record<FaultName, { readonly read: readonly Kind[]; readonly write: readonly Kind[] }>> = {
  '500': { read: ['retried'], write: ['retried'] },
  '503': { read: ['retried'], write: ['retried'] },
  '429, Retry-After in seconds': { read: ['retried'], write: ['retried'] },
  '429, Retry-After as a date': { read: ['retried'], write: ['retried'] },
  '429, Retry-After: 0': { read: ['retried'], write: ['retried'] },
  '429, X-Rate-Limit-Reset': { read: ['retried'], write: ['retried'] },
  '401, twice': { read: ['people'], write: ['people'] },
  '403, twice': { read: ['people'], write: ['people'] },
  // A write that is refused as "not found" is looked into: both are there, so it is tried again.
  "404 in the vendor's words": { read: ['people'], write: ['retried'] },
  '404 of somebody else': { read: ['retried'], write: ['retried'] },
  'a slow answer': { read: ['straight'], write: ['straight'] },
  'an answer after the time-out': { read: ['retried'], write: ['straight'] },
  'done after the time-out': { read: ['retried'], write: ['straight', 'retried'] },
  'hang-up before the effect': { read: ['retried'], write: ['retried'] },
  'hang-up after the effect': { read: ['retried'], write: ['straight'] },
  '200 with text': { read: ['retried'], write: ['retried'] },
  '200 with other JSON': { read: ['retried'], write: ['retried'] },
};
export const isAllowed = (pair: OktaPair, kind: Kind): boolean => ALLOWED[pair.fault.name][pair.call === 'add the member' || pair.call === 'remove the member' ? 'write' : 'read'].includes(kind);
