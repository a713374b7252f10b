import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { EngineUnavailable } from '../../src/application/ports/api-commands.port.js';
import { stateQuery, workflowIdOf, type StateView } from '../../src/workflows/access-request/messages.js';
import { rebuildRequests } from '../support/bounds.js';
import { inParallel } from '../support/in-parallel.js';
import { startOwnEngine, type OwnEngine } from '../support/own-engine.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { aroundEach } from '../support/wrap-activities.js';
import { insist } from './support/insist.js';

const dueShape = z.array(z.object({ id: z.string(), remind_at: z.date().nullable(), breach_at: z.date().nullable(), lapse_at: z.date().nullable(), next_due_at: z.date(), expires_at: z.date().nullable() }));

/**
 * The engine is killed and all it knew is gone, at the moment in which an approval was committed and the run that took it has not heard of it
 * (DESIGN, sweeps; SPEC §12). Postgres has the record: every open request gets one run again, with its deadlines, and what was begun is finished once.
 */
describe('an engine that dies with its data', () => {
  const count = rebuildRequests();
  let own: OwnEngine;
  let product: TestProduct;
  let approved = '';
  let isDying = false;
  const requests: { readonly requestId: string; readonly oktaId: string }[] = [];
  const active = (): typeof requests => requests.slice(0, Math.floor(count * 0.4));
  const pending = (): typeof requests => requests.slice(Math.floor(count * 0.4));
  const approve = { operation: 'decide', caller: { accountId: 'acc-approver', isAdmin: false }, decision: 'approve', comment: null, durationDays: null } as const;
  const key = randomUUID();

  beforeAll(async () => {
    own = await startOwnEngine();
    product = await startTestProduct({
      engine: own.engine,
      wrapActivities: aroundEach(async (name, args, run) => {
        const result = await run();
        if (name === 'applyCommand' && !isDying && approved !== '' && (await product.sql('SELECT 1 FROM command WHERE id = $1 AND request_id = $2', [args[1], approved])).length > 0) {
          isDying = true;
          await own.kill();
        }
        return result;
      }),
    });
    await until('the Schedules, by which a wiped namespace is told', async () => (await product.client.schedule.getHandle('aiclearance-job-runner').describe()).scheduleId);
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    await own.stop();
  }, 60_000);

  const statuses = async (): Promise<ReadonlyMap<string, string>> => new Map((await product.sql('SELECT request_id, status FROM access_grant')).map((row) => [String(row['request_id']), String(row['status'])]));
  const allAre = (which: typeof requests, status: string): Promise<boolean> => until(`all are ${status}`, async () => {
    const seen = await statuses();
    return which.every(({ requestId }) => seen.get(requestId) === status);
  }, { timeoutMs: 60_000, everyMs: 200 });
  const stateOf = (requestId: string): Promise<StateView | null> => product.client.workflow.getHandle(workflowIdOf(SITE, requestId)).query(stateQuery).catch(() => null);
  const deadlines = async (): Promise<z.infer<typeof dueShape>> => dueShape.parse(await product.sql(
    'SELECT r.id, r.remind_at, r.breach_at, r.lapse_at, r.next_due_at, g.expires_at FROM request r LEFT JOIN access_grant g ON g.request_id = r.id WHERE r.id <> $1 ORDER BY r.id', [approved]));
  const promised = async (): Promise<unknown> => (await deadlines()).map(({ next_due_at: _, ...kept }) => kept);

  it(`gives ${count} open requests their runs again within 60 s, and finishes the approval that was just committed`, async () => {
    requests.push(...await inParallel(8, Array.from({ length: count }), async () => {
      const { accountId, oktaId } = await product.person();
      return { requestId: await product.ask(accountId), oktaId };
    }));
    await inParallel(8, active(), ({ requestId }) => insist(product, requestId, approve));
    await allAre(active(), 'active');
    approved = pending()[0]?.requestId ?? '';
    const before = await promised();

    const answered = product.command(approved, approve);
    await until('the engine to be gone', () => isDying);
    // Another one is recorded, and can't be applied: its caller is told to repeat.
    await expect(product.command(pending()[1]?.requestId ?? '', approve, { key })).rejects.toThrow(EngineUnavailable);
    // The first one's answer is in the command's row, although the engine never gave it.
    expect(await answered).toMatchObject({ stored: { ok: true } });

    await own.startEmpty();
    const up = Date.now();
    await inParallel(16, requests, ({ requestId }) => until(`a run of ${requestId}`, async () => (await stateOf(requestId)) !== null, { timeoutMs: 60_000, everyMs: 500 }));
    await allAre(pending().slice(0, 1), 'active');
    const tookMs = Date.now() - up;
    process.stdout.write(`${count} open requests went on ${(tookMs / 1_000).toFixed(1)} s after an empty engine was up\n`);
    expect(tookMs).toBeLessThan(60_000);

    expect(await promised()).toEqual(before);
    for (const { id, next_due_at: due } of await deadlines()) {
      const waitMs = (await stateOf(id))?.nextInMs ?? null;
      // Counted from its load, which was after the engine was up.
      expect([id, waitMs !== null && waitMs <= due.getTime() - up + 1_000 && waitMs >= due.getTime() - Date.now() - 1_000]).toEqual([id, true]);
    }
  }, 240_000);

  it('starts one run for each, and one approval gives one grant and one changed call', async () => {
    await insist(product, pending()[1]?.requestId ?? '', approve, key);
    await inParallel(8, pending().slice(2), ({ requestId }) => insist(product, requestId, approve));
    await allAre(requests, 'active');
    const runs: string[] = [];
    for await (const { workflowId } of product.client.workflow.list({ query: "WorkflowType = 'accessRequest'" })) runs.push(workflowId);
    expect(runs.sort()).toEqual(requests.map(({ requestId }) => workflowIdOf(SITE, requestId)).sort());
    expect(await product.sql('SELECT request_id FROM access_grant GROUP BY 1 HAVING count(*) > 1')).toEqual([]);
    const adds = (await product.oktaCalls()).filter((call) => call.changed && call.method === 'PUT').map(({ path }) => path.split('/').at(-1));
    expect(adds.sort()).toEqual(requests.map(({ oktaId }) => oktaId).sort());
  }, 240_000);

  it('goes on to the end of each access, in a trail without a double entry', async () => {
    await product.advanceHours(31 * 24);
    await allAre(requests, 'expired');
    expect((await product.oktaCalls()).filter((call) => call.changed && call.method === 'DELETE')).toHaveLength(count);
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
    expect(await product.sql(`SELECT request_id, action FROM audit_event WHERE action IN ('request.approved', 'grant.activated', 'membership.added', 'membership.removed', 'grant.ended') GROUP BY 1, 2 HAVING count(*) > 1`)).toEqual([]);
    expect(await product.sql(`SELECT count(*)::int AS runs FROM audit_event WHERE action = 'grant.ended'`)).toEqual([{ runs: count }]);
    expect(Number((await product.sql(`SELECT count(*) AS times FROM audit_event WHERE action = 'engine.rebuilt'`))[0]?.['times'])).toBe(1);
  }, 240_000);
});
