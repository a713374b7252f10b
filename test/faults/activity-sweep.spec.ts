import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { workflowIdOf } from '../../src/workflows/access-request/messages.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { inParallel } from '../support/in-parallel.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { activityCells, grantIs, live, nameOf, wordsFor, type ActivityCell, type ActivityLife } from './support/activity-cells.js';
import { ActivityFaults, ANY, AT_MOST_ONCE, REPEATED } from './support/activity-faults.js';
import { ticketOf } from './support/jira-pairs.js';
import { report, type Outcome } from './support/report.js';
import { intentFaults, trailOf } from './support/trail.js';

/** What is not on the way of a request; each has tests of its own. A new activity is swept here or named here. */
const BESIDE_THE_MAIN_PATH = new Set(['advanceMappingImport', 'advanceMassAction', 'advanceReconciliation', 'beginLeaverCheck', 'deliverFindings', 'finishLeaverCheck', 'runLeaverSweep', 'startScheduledReconciliation']);

/** Every activity failed before it does anything, failed after its effect, and repeated, one at a time: each life ends as without the fault. */
describe('a fault at any activity', () => {
  const faults = new ActivityFaults();
  const cells = activityCells();
  const lives = new Map<ActivityCell, ActivityLife>();
  const rows: Outcome[] = [];
  let product: TestProduct;
  let api: TestApi;
  const lifeOf = (cell: ActivityCell): ActivityLife => lives.get(cell) ?? { requestId: '', oktaId: '', issueKey: '', told: [] };
  const endOf = (cell: ActivityCell): string => (cell.stage.when === 'expiry' ? 'expired' : 'revoked');
  const admin = { accountId: 'acc-admin', roles: ['admin'] };

  beforeAll(async () => {
    product = await startTestProduct({ wrapActivities: faults.wrap });
    faults.product = product;
    api = await startTestApi(product);
  }, 60_000);
  afterAll(async () => {
    await api.stop();
    await product.stop();
  }, 30_000);

  it('lets every request on to active, and out again with its absence read back', async () => {
    await inParallel(16, cells, async (cell) => { lives.set(cell, await live(product, faults, cell)); });
    const expiring = cells.filter(({ stage }) => stage.when === 'expiry');
    await inParallel(16, cells.filter((cell) => !expiring.includes(cell)), (cell) => grantIs(product, lifeOf(cell).requestId, 'revoked'));
    await product.advanceHours(31 * 24);
    for (const cell of cells) expect([nameOf(cell), await grantIs(product, lifeOf(cell).requestId, endOf(cell))]).toEqual([nameOf(cell), { status: endOf(cell), start_evidence: 'readBack', end_evidence: 'readBack', observed: 'absent' }]);
    for (const cell of cells) expect([nameOf(cell), await product.inGroup(lifeOf(cell).oktaId)]).toEqual([nameOf(cell), false]);
    expect(faults.waiting).toEqual([]);
  }, 200_000);

  it('makes each change once, at the provider, in the record and in the trail', async () => {
    const calls = (await product.oktaCalls()).filter(({ changed }) => changed);
    for (const cell of cells) {
      const { requestId, oktaId } = lifeOf(cell);
      const changes = calls.filter(({ path }) => path.includes(oktaId)).map(({ method }) => method);
      expect([nameOf(cell), changes]).toEqual([nameOf(cell), cell.stage.when === 'byHand' ? ['DELETE'] : ['PUT', 'DELETE']]);
      const trail = await trailOf(product, requestId);
      const once = trail.map(({ action }) => action).filter((action) => /^(request\.(created|approved)|review\.recorded|grant\.(created|activated|revoked|expired|ended)|membership\.(added|removed))$/.test(action));
      expect([nameOf(cell), once]).toEqual([nameOf(cell), [...new Set(once)]]);
      expect([nameOf(cell), intentFaults(trail)]).toEqual([nameOf(cell), []]);
    }
    expect(await product.sql('SELECT request_id FROM access_grant GROUP BY 1 HAVING count(*) > 1')).toEqual([]);
    expect(await product.sql('SELECT id FROM membership_intent WHERE ended_at IS NULL OR outcome IS NULL')).toEqual([]);
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
  }, 60_000);

  it('writes each ticket once, in order', async () => {
    for (const cell of cells) {
      const { requestId, issueKey } = lifeOf(cell);
      const wanted = await until(`${nameOf(cell)}: the ticket is written`, async () => {
        const ticket = await ticketOf(product, requestId);
        return ticket.some(({ status }) => status !== 'done') ? undefined : ticket.filter(({ kind }) => kind === 'comment').map(({ content, seq }) => [...(content.lines ?? []), `Audit entry ${seq ?? '-'}.`].join(' '));
      }, { timeoutMs: 30_000 });
      expect([nameOf(cell), await product.comments(issueKey)]).toEqual([nameOf(cell), wanted]);
    }
  }, 60_000);

  it('leaves no run behind that another worker could not take over', async () => {
    for (const cell of cells.filter((one) => endOf(one) === 'revoked')) {
      await until(`${nameOf(cell)}: the run is over`, async () => (await product.client.workflow.getHandle(workflowIdOf(SITE, lifeOf(cell).requestId)).describe()).status.name === 'COMPLETED', { timeoutMs: 30_000 });
    }
    expect((await product.replayAll(16)).stuck).toEqual([]);
    for (const cell of cells) rows.push({ call: `${cell.stage.activity}: ${cell.stage.name}`, fault: cell.fault.name, outcome: await wordsFor(product, cell, lifeOf(cell), endOf(cell)) });
  }, 60_000);

  it('gives an admin the group that was asked for, once, or says what there is to bind', async () => {
    expect(await api.send(admin, 'POST', '/connectors/con/test', {})).toMatchObject({ status: 200, body: { ok: true, failure: null } });
    for (const [activity, kinds] of [['beginCoreCall', REPEATED], ['performCoreCall', AT_MOST_ONCE], ['finishCoreCall', REPEATED]] as const) {
      for (const fault of kinds) {
        const { toolKey } = await product.tool();
        const name = `AI Clearance - ${toolKey} - made`;
        faults.arm(activity, ANY, fault);
        const asked = { mode: 'create', name };
        const answers = [await api.send(admin, 'POST', `/tools/${toolKey}/entitlement-group`, asked)];
        if (answers[0]?.status !== 200) answers.push(await api.send(admin, 'POST', `/tools/${toolKey}/entitlement-group`, asked));
        const made = groupsNamed(name, await product.oktaControl.send('GET', 'state'));
        if (answers.at(-1)?.code === 'entitlement_group.name_taken') answers.push(await api.send(admin, 'POST', `/tools/${toolKey}/entitlement-group`, { mode: 'bind', externalGroupId: made[0] }));
        const of = `${activity}: ${fault.name}`;
        expect([of, made.length, answers.at(-1)?.status, answers.at(-1)?.code]).toEqual([of, 1, 200, null]);
        expect([of, await product.sql(`SELECT external_group_id FROM entitlement_group g JOIN tool t ON t.id = g.tool_id WHERE t.key = $1`, [toolKey])]).toEqual([of, [{ external_group_id: made[0] }]]);
        expect([of, (await product.sql(`SELECT draft FROM audit_outbox WHERE draft::text LIKE $1 AND draft::text ~ 'group\\.(created|bound)' UNION ALL SELECT body FROM audit_event WHERE action IN ('group.created', 'group.bound') AND body LIKE $1`, [`%${toolKey}%`])).length]).toEqual([of, 1]);
        const told = answers.slice(0, -1).map(({ status, code }) => code ?? String(status));
        rows.push({ call: `${activity}: create a tool's group`, fault: fault.name, outcome: `${told.length === 0 ? 'goes on by itself' : `the admin is told (${told.join(', ')}) and ${told.includes('entitlement_group.name_taken') ? 'binds what is there' : 'repeats'}`}; one group, bound` });
      }
    }
  }, 120_000);

  it('runs every sweep to its end', async () => {
    await inParallel(2, SWEEPS, async ({ activity, schedule, prepare, isDone, outcome }) => {
      for (const fault of AT_MOST_ONCE) {
        const id = await prepare(product);
        faults.arm(activity, ANY, fault);
        await product.client.schedule.getHandle(schedule).trigger('BUFFER_ALL');
        await until(`${activity}, ${fault.name}: ${outcome}`, () => isDone(product, id), { timeoutMs: 60_000 });
        await until(`${activity}, ${fault.name}: met`, () => !faults.waiting.some((one) => one.startsWith(activity)), { timeoutMs: 60_000 });
        rows.push({ call: `${activity}: the hourly sweep`, fault: fault.name, outcome });
      }
    });
    expect(await product.sql(`SELECT request_id FROM audit_event WHERE action = 'approval.reminded' GROUP BY 1 HAVING count(*) > 1`)).toEqual([]);
  }, 120_000);

  it('has met every activity that the workers register, and tells how each fault ended', async () => {
    await report('activities', rows);
    expect([...faults.names].filter((name) => !rows.some(({ call }) => call.startsWith(`${name}:`)) && !BESIDE_THE_MAIN_PATH.has(name))).toEqual([]);
    expect(faults.waiting).toEqual([]);
  });
});

const stateShape = z.object({ groups: z.array(z.object({ id: z.string(), name: z.string() })) });
const groupsNamed = (name: string, state: unknown): readonly string[] => stateShape.parse(state).groups.filter((group) => group.name === name).map(({ id }) => id);

interface SweepCell { readonly activity: string; readonly schedule: string; readonly outcome: string; readonly prepare: (product: TestProduct) => Promise<string>; readonly isDone: (product: TestProduct, id: string) => Promise<boolean> }
/** What each sweep alone finds: nothing else prunes a job, and nothing else looks for a reminder of which no due step is written down. */
const SWEEPS: readonly SweepCell[] = [
  {
    activity: 'runJobSweep', schedule: 'aiclearance-job-runner', outcome: 'old jobs are pruned',
    prepare: async (product) => {
      const id = `job_${randomUUID()}`;
      await product.sql(`INSERT INTO provisioning_job (id, site_id, request_id, grant_id, kind, status, created_at, finished_at)
        SELECT $1, site_id, request_id, id, 'check', 'succeeded', now() - interval '900 days', now() - interval '900 days' FROM access_grant LIMIT 1`, [id]);
      return id;
    },
    isDone: async (product, id) => (await product.sql('SELECT 1 FROM provisioning_job WHERE id = $1', [id])).length === 0,
  },
  {
    activity: 'runEscalationSweep', schedule: 'aiclearance-escalation-sweep', outcome: 'a lost reminder is found and given once',
    prepare: async (product) => {
      const id = await product.ask((await product.person()).accountId, 'claude-team');
      await until('its first step', async () => (await product.sql('SELECT 1 FROM request WHERE id = $1 AND started_at IS NOT NULL', [id])).length > 0);
      await product.client.workflow.getHandle(workflowIdOf(SITE, id)).terminate('test: the run is lost');
      await product.sql(`UPDATE request SET remind_at = now() - interval '1 h', next_due_at = NULL WHERE id = $1`, [id]);
      return id;
    },
    isDone: async (product, id) => (await product.sql('SELECT 1 FROM request WHERE id = $1 AND reminded_at IS NOT NULL', [id])).length > 0,
  },
];
