import { randomUUID } from 'node:crypto';
import type { MicrosoftSandbox } from '../../../src/sandbox/microsoft/microsoft-sandbox.js';
import { sampled } from '../../support/bounds.js';
import { entraDirectory, oktaDirectory, type ConnectedTool, type Directory, type Person } from '../../support/directories.js';
import { inParallel } from '../../support/in-parallel.js';
import type { TestProduct } from '../../support/product.js';
import { ordersFor, type Fault } from './faults.js';
import type { GrantWatch } from './grant-watch.js';
import { insist } from './insist.js';
import { allowedFor, CALLS, faultsOf, type Direction, type Kind, type ProviderCall, type ProviderFault } from './provider-calls.js';
import { trailOf, type TrailEvent } from './trail.js';

export interface ProviderPair {
  readonly call: ProviderCall;
  readonly name: ProviderFault['name'];
  readonly fault: Fault;
  readonly directory: Directory;
  readonly tenant: string;
  readonly person: Person;
  readonly tool: ConnectedTool;
}
export const named = ({ call, name }: ProviderPair): string => `${call.direction}: ${call.name}, ${name}`;

/** Pairs by sample, or all of them, each with the directory that `directoryFor` gives it and a person, a tool and a group of its own. */
async function pairsOf(provider: 'okta' | 'entra', directoryFor: (call: ProviderCall, fault: ProviderFault['name']) => Promise<{ readonly directory: Directory; readonly tenant: string }>): Promise<readonly ProviderPair[]> {
  const all = CALLS[provider].flatMap((call) => faultsOf(provider, call).map(({ name, fault }) => ({ call, name, fault })));
  const chosen = sampled(`calls to ${provider}`, all, 20, ({ call }) => call);
  return inParallel(8, chosen, async (pair) => {
    const { directory, tenant } = await directoryFor(pair.call, pair.name);
    return { ...pair, directory, tenant, person: await directory.person(), tool: await directory.tool() };
  });
}

export function oktaPairs(product: TestProduct): Promise<readonly ProviderPair[]> {
  const directory = oktaDirectory(product);
  return pairsOf('okta', () => Promise.resolve({ directory, tenant: '' }));
}

/** A token serves all calls of a connector, and a pause that Graph asks for (429, 503) holds for all calls of a tenant, so a pair about either has its own. */
export async function entraPairs(product: TestProduct, microsoft: MicrosoftSandbox): Promise<readonly ProviderPair[]> {
  const shared = { directory: await entraDirectory(product, microsoft), tenant: microsoft.tenantId };
  return pairsOf('entra', async ({ kind }, fault) => {
    if (kind !== 'token' && !/^(429|503)/.test(fault)) return shared;
    const name = `c-${randomUUID().slice(0, 8)}`;
    const tenant = `${name}.acme.example`;
    return { directory: await entraDirectory(product, microsoft, { connectorId: name, tenantId: tenant }), tenant };
  });
}

export async function arm({ call, fault, directory, tenant, person, tool }: ProviderPair): Promise<void> {
  await directory.control.fault(ordersFor({ name: call.name, ...call.at({ externalId: person.externalId, groupId: tool.groupId, tenant }) }, fault));
}

/** Asks, approves, and sees the grant through to active; what the product leaves to people is tried again by hand once the reason is there. */
export async function walkIn(product: TestProduct, watch: GrantWatch, pair: ProviderPair): Promise<string> {
  const requestId = await product.ask(pair.person.accountId, pair.tool.toolKey);
  await insist(product, requestId, { operation: 'decide', caller: { accountId: product.approver, isAdmin: false }, decision: 'approve', comment: null, durationDays: null });
  for (let byHand = 0; byHand < 5; byHand += 1) {
    const grant = await watch.until(`${named(pair)}: active or with people`, requestId, ({ status, manual_kind }) => status === 'active' || (status === 'pendingProvision' && manual_kind === 'provision'));
    if (grant.status === 'active') return requestId;
    const handled = grant.manual_id;
    await insist(product, requestId, { operation: 'retryProvisioning', caller: { accountId: product.approver, isAdmin: false }, jobId: grant.job_id ?? '' });
    await watch.until('the manual action is taken', requestId, ({ manual_id }) => manual_id !== handled);
  }
  throw new Error(`${named(pair)}: people were asked five times`);
}

/** Waiting, not another fault: a read that says what was wanted while an older write may still land, and a turn that did not come because the org told another call to pause. */
const WAITS = new Set(['readBack', 'already', 'provider.paced']);
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

export const isAllowed = ({ call, name }: ProviderPair, kind: Kind): boolean => allowedFor(name, call.kind).includes(kind);
