import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { issueCreated, type IntakeDeps } from '../../../src/application/access/submit/issue-created.js';
import { intakeStore } from '../../../src/persistence/stores/intake.store.js';
import { sampled } from '../../support/bounds.js';
import { inParallel } from '../../support/in-parallel.js';
import { SITE, type TestProduct } from '../../support/product.js';
import { until } from '../../support/until.js';
import { FAULTS, ordersFor, type Call, type Fault, type FaultName } from './faults.js';
import { insist } from './insist.js';

export interface JiraPair {
  readonly call: (typeof CALLS)[number]['name'];
  readonly fault: Fault & { readonly name: FaultName };
  readonly issueKey: string;
  readonly issueId: string;
}

/** Every call to Jira on the way of a request, and when its faults are put in place. */
const CALLS = [
  { name: 'read the issue', when: 'intake', at: (issue: string) => ({ method: 'GET', path: `/rest/api/3/issue/${issue}$` }) },
  { name: 'read the snapshot', when: 'intake', at: (issue: string) => ({ method: 'GET', path: `/rest/api/3/issue/${issue}/properties/` }) },
  { name: 'add a comment', when: 'decision', at: (issue: string) => ({ method: 'POST', path: `/rest/api/3/issue/${issue}/comment$` }) },
  // Looked for only after an answer was lost.
  { name: 'look for a comment', when: 'decision', at: (issue: string) => ({ method: 'GET', path: `/rest/api/3/issue/${issue}/comment$` }), before: { method: 'POST', effect: { hangUp: 'after' } } },
  { name: 'list the transitions', when: 'decision', at: (issue: string) => ({ method: 'GET', path: `/rest/api/3/issue/${issue}/transitions$` }) },
  { name: 'make the transition', when: 'decision', at: (issue: string) => ({ method: 'POST', path: `/rest/api/3/issue/${issue}/transitions$` }) },
] as const;
/** A credential that is wrong for longer than one delivery's reads last: the poller has to take the event up again. */
const LONGER_THAN_A_DELIVERY = 20;

const stateShape = z.object({ issues: z.array(z.object({ id: z.string(), key: z.string(), status: z.string() })) });
export const jiraIssues = async (product: TestProduct): Promise<z.infer<typeof stateShape>['issues']> => stateShape.parse(await product.jiraControl.send('GET', 'state')).issues;

/** One issue with a filled-in form for each (call, fault). */
export async function jiraPairs(product: TestProduct): Promise<readonly JiraPair[]> {
  const all = sampled('calls to Jira', CALLS.flatMap(({ name }) => FAULTS.map((fault) => ({ call: name, fault }))), 18, ({ call }) => call);
  const keys = await inParallel(8, all, async () => {
    const accountId = `acc-${randomUUID()}`;
    await product.jiraControl.send('PUT', 'users', { accountId });
    return product.jira.createPortalRequest({ accountId, snapshot: { toolKey: 'claude-team', businessUse: 'test', dataClasses: ['internal'], durationDays: 30 } }).issueKey;
  });
  const ids = new Map((await jiraIssues(product)).map(({ id, key }) => [key, id]));
  return all.map((pair, at) => ({ ...pair, issueKey: keys[at] ?? '', issueId: ids.get(keys[at] ?? '') ?? '' }));
}

async function arm(product: TestProduct, pair: JiraPair, when: 'intake' | 'decision'): Promise<void> {
  const call = CALLS.find(({ name }) => name === pair.call);
  if (call?.when !== when) return;
  const at: Call = { name: call.name, ...call.at(`(${pair.issueKey}|${pair.issueId})`) };
  if ('before' in call) await product.jiraControl.fault({ path: at.path, ...call.before });
  const fault = when === 'intake' && pair.fault.name.startsWith('40') ? { ...pair.fault, times: LONGER_THAN_A_DELIVERY } : pair.fault;
  await product.jiraControl.fault(ordersFor(at, fault));
}

/** Whether nothing waits to be written to the ticket. */
const written = (product: TestProduct, requestId: string): Promise<boolean> =>
  until(`the ticket of ${requestId} is written`, async () => (await product.sql(`SELECT 1 FROM ticket_outbox WHERE request_id = $1 AND status = 'queued'`, [requestId])).length === 0, { timeoutMs: 60_000, everyMs: 250 });

export interface Walked { readonly requestId: string; readonly intake: 'started' | 'accepted'; readonly decidedInMs: number }
/** Delivers the event, approves, revokes; the grant must follow at once, whatever happens to the ticket. */
export async function walk(product: TestProduct, pair: JiraPair): Promise<Walked> {
  const deps: IntakeDeps = { ...product.deps, intake: intakeStore, pause: (ms) => sleep(ms) };
  await arm(product, pair, 'intake');
  const delivered = await issueCreated(deps, SITE, { issueKey: pair.issueKey, issueId: null });
  const outcome = delivered.ok ? delivered.body.outcome : 'refused';
  if (outcome !== 'started' && outcome !== 'accepted') throw new Error(`the delivery was ${outcome}`);
  const requestId = await until(`the request of ${pair.issueKey}`, async () => {
    const [row] = await product.sql('SELECT id FROM request WHERE issue_id = $1 AND started_at IS NOT NULL', [pair.issueId]);
    return row === undefined ? undefined : String(row['id']);
  }, { timeoutMs: 60_000, everyMs: 250 });
  await arm(product, pair, 'decision');
  const begun = performance.now();
  await insist(product, requestId, { operation: 'decide', caller: { accountId: product.approver, isAdmin: false }, decision: 'approve', comment: null, durationDays: null });
  const decidedInMs = performance.now() - begun;
  const [grant] = await product.sql('SELECT status FROM access_grant WHERE request_id = $1', [requestId]);
  if (grant?.['status'] !== 'active') throw new Error(`the grant is ${String(grant?.['status'])} after the approval`);
  await written(product, requestId);
  await insist(product, requestId, { operation: 'revoke', caller: { accountId: product.approver, isAdmin: false }, comment: null });
  await written(product, requestId);
  return { requestId, intake: outcome, decidedInMs };
}

const rowShape = z.object({ kind: z.enum(['comment', 'transition']), status: z.string(), attempts: z.coerce.number(), last_error: z.string().nullable(), content: z.looseObject({ lines: z.array(z.string()).optional() }), seq: z.coerce.number().nullable() });
export type TicketEntry = z.infer<typeof rowShape>;
export const ticketOf = async (product: TestProduct, requestId: string): Promise<readonly TicketEntry[]> => z.array(rowShape).parse(await product.sql(
  `SELECT t.kind, t.status, t.attempts, t.last_error, t.content, e.seq FROM ticket_outbox t LEFT JOIN audit_event e ON e.event_id = t.audit_event_id WHERE t.request_id = $1 ORDER BY t.id`, [requestId]));

/** How the ticket fared, in the record's words. */
export function wordsFor({ intake }: Walked, ticket: readonly TicketEntry[]): string {
  const failed = ticket.filter(({ status }) => status === 'failed').map(({ kind }) => kind);
  const ways = [
    intake === 'accepted' ? 'delivery kept and taken up by the poller' : null,
    failed.length > 0 ? `${failed.join(', ')} refused for good: kept as failed, audited` : null,
    ticket.some(({ attempts, status }) => attempts > 1 && status === 'done') ? 'written by a later attempt' : null,
  ].filter((way) => way !== null);
  return `${ways.length === 0 ? 'written at once' : ways.join('; ')}; decision and grant unaffected`;
}
