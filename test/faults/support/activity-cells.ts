import { startSoon } from '../../../src/application/access/api/request-commands.js';
import { workflowIdOf } from '../../../src/workflows/access-request/messages.js';
import { EngineUnavailable } from '../../../src/application/ports/api-commands.port.js';
import { SITE, type TestProduct } from '../../support/product.js';
import { sampled } from '../../support/bounds.js';
import { until } from '../../support/until.js';
import { AT_MOST_ONCE, REPEATED, type ActivityFault, type ActivityFaults } from './activity-faults.js';
import { insist } from './insist.js';
import { ticketOf } from './jira-pairs.js';
import { trailOf } from './trail.js';

type When = 'start' | 'approval' | 'byHand' | 'revocation' | 'expiry';
interface Stage { readonly name: string; readonly activity: string; readonly when: When; readonly faults: readonly ActivityFault[] }

/** Every activity of a request's life, at each place where it means something else. */
const STAGES: readonly Stage[] = [
  { name: 'load a new request', activity: 'loadRequest', when: 'start', faults: REPEATED },
  { name: 'apply the approval', activity: 'applyCommand', when: 'approval', faults: REPEATED },
  { name: 'add to the group', activity: 'convergeMembership', when: 'approval', faults: AT_MOST_ONCE },
  { name: 'record the addition', activity: 'recordProviderResult', when: 'approval', faults: REPEATED },
  { name: 'write the ticket', activity: 'updateTicket', when: 'approval', faults: AT_MOST_ONCE },
  { name: 'read for a person', activity: 'readMembership', when: 'byHand', faults: AT_MOST_ONCE },
  { name: 'apply the revocation', activity: 'applyCommand', when: 'revocation', faults: REPEATED },
  { name: 'load at the end of the time', activity: 'loadRequest', when: 'expiry', faults: REPEATED },
  { name: 'remove from the group', activity: 'convergeMembership', when: 'revocation', faults: AT_MOST_ONCE },
  { name: 'record the removal', activity: 'recordProviderResult', when: 'revocation', faults: REPEATED },
];

export interface ActivityCell { readonly stage: Stage; readonly fault: ActivityFault }
export const activityCells = (): readonly ActivityCell[] => sampled('activities', STAGES.flatMap((stage) => stage.faults.map((fault) => ({ stage, fault }))), 16, ({ stage }) => stage);
export const nameOf = ({ stage, fault }: ActivityCell): string => `${stage.activity} (${stage.name}): ${fault.name}`;

export interface ActivityLife { readonly requestId: string; readonly oktaId: string; readonly issueKey: string; /** Codes that people were refused with, and repeated. */ readonly told: readonly string[] }

const person = { accountId: 'acc-approver', isAdmin: false } as const;
const approve = { operation: 'decide', caller: person, decision: 'approve', comment: null, durationDays: null } as const;

/** Asks, approves, sees the grant active, and revokes unless the cell is about the end of the time. */
export async function live(product: TestProduct, faults: ActivityFaults, cell: ActivityCell): Promise<ActivityLife> {
  const { stage, fault } = cell;
  const { accountId, oktaId } = await product.person();
  const issueKey = await product.issue(accountId);
  const requestId = await product.record(accountId, 'chatgpt-enterprise', { issueKey });
  const arm = (when: When): void => { if (stage.when === when) faults.arm(stage.activity, requestId, fault); };
  arm('start');
  await startSoon(product.deps, SITE, requestId);
  await until(`${nameOf(cell)}: started`, async () => (await product.sql('SELECT 1 FROM request WHERE id = $1 AND started_at IS NOT NULL', [requestId])).length > 0, { timeoutMs: 30_000, everyMs: 100 });
  arm('approval');
  if (stage.when === 'byHand') await product.fault({ method: 'PUT', path: `/users/${oktaId}$`, effect: { status: 403 } });
  await insist(product, requestId, approve);
  const told = stage.when === 'byHand' ? await byHand(product, requestId, accountId, () => arm('byHand')) : [];
  await grantIs(product, requestId, 'active');
  if (stage.when !== 'expiry') {
    arm('revocation');
    await insist(product, requestId, { operation: 'revoke', caller: person, comment: null });
  } else arm('expiry');
  return { requestId, oktaId, issueKey, told };
}

/** The provider forbids the write, an administrator of the provider makes it, and an approver says so until the product has read it. */
async function byHand(product: TestProduct, requestId: string, accountId: string, armed: () => void): Promise<readonly string[]> {
  const manualActionId = await until('a manual action', async () => {
    const [row] = await product.sql("SELECT id FROM manual_action WHERE request_id = $1 AND status = 'open'", [requestId]);
    return row === undefined ? undefined : String(row['id']);
  }, { timeoutMs: 30_000, everyMs: 100 });
  await product.oktaControl.send('POST', 'members', { group: product.groupId, user: `${accountId}@acme.example` });
  armed();
  const told: string[] = [];
  for (let times = 0; times < 5; times += 1) {
    try {
      const outcome = await product.command(requestId, { operation: 'completeManualAction', caller: person, manualActionId, outcome: 'fulfilled', note: 'added by hand' });
      if ('stored' in outcome && outcome.stored.ok) return told;
      told.push('stored' in outcome && !outcome.stored.ok ? outcome.stored.refusal.code : 'refused');
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      told.push('engine.unavailable');
    }
  }
  throw new Error(`an approver said five times that it was done, and was told ${told.join(', ')}`);
}

export async function grantIs(product: TestProduct, requestId: string, status: string): Promise<Readonly<Record<string, unknown>>> {
  let seen: Readonly<Record<string, unknown>> = {};
  return until(`the grant of ${requestId} ${status}`, async () => {
    seen = (await product.sql('SELECT g.status, g.start_evidence, g.end_evidence, m.observed FROM access_grant g LEFT JOIN membership m ON m.id = g.membership_id WHERE g.request_id = $1', [requestId]))[0] ?? {};
    return seen['status'] === status ? seen : undefined;
  }, { timeoutMs: 100_000, everyMs: 200 }).catch((error: unknown) => {
    throw new Error(`the grant of ${requestId} is ${JSON.stringify(seen)} instead of ${status}`, { cause: error });
  });
}

/** How it ended, in the words of the trail, of the engine's history and of the ticket. */
export async function wordsFor(product: TestProduct, { stage }: ActivityCell, { requestId, told }: ActivityLife, status: string): Promise<string> {
  const trail = await trailOf(product, requestId);
  const codes = [...new Set(trail.filter(({ action }) => action === 'job.retried').map(({ body }) => String(body.data['code'])))];
  const { events } = await product.client.workflow.getHandle(workflowIdOf(SITE, requestId)).fetchHistory();
  const patient = (events ?? []).some((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === stage.activity && stage.faults === REPEATED);
  const rewritten = stage.activity === 'updateTicket' && (await ticketOf(product, requestId)).some(({ attempts }) => attempts > 1);
  const ways = [
    told.length > 0 ? `the person is told (${told.join(', ')}) and repeats` : null,
    codes.length > 0 ? `a new attempt (${codes.join(', ')})` : null,
    patient ? 'taken over by the patient activity' : null,
    rewritten ? 'written by a later attempt' : null,
  ].filter((way) => way !== null);
  return `${ways.length === 0 ? 'goes on by itself' : ways.join('; ')}; active, then ${status}, absence read back; one change each way`;
}
