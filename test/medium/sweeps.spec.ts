import { startTestProduct, SITE, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

/** The safety nets behind the timers (SPEC §12): what a lost timer or a lost run left behind is found and goes on. */
describe('the Schedules and the poller', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct(); });
  afterAll(() => product.stop());

  const requestOf = async (id: string): Promise<Record<string, unknown>> => (await product.sql('SELECT * FROM request WHERE id = $1', [id]))[0] ?? {};

  /** Runs a Schedule now and gives the result of the run that it started. */
  const trigger = async (scheduleId: string): Promise<unknown> => {
    const handle = product.client.schedule.getHandle(scheduleId);
    const before = (await until(`the Schedule ${scheduleId}`, () => handle.describe())).info.numActionsTaken;
    await handle.trigger();
    const action = await until('the run of the Schedule', async () => {
      const { info } = await handle.describe();
      return info.numActionsTaken > before ? info.recentActions.at(-1)?.action : undefined;
    });
    return product.client.workflow.getHandle(action.workflow.workflowId).result();
  };
  /** Takes a run away without its record knowing, as a wiped namespace would. */
  const terminate = (id: string) => product.client.workflow.getHandle(`access/${SITE}/${id}`).terminate('test: the run is lost');

  it('finds a breach and a lapse that no timer took, because their runs are gone', async () => {
    const id = await product.ask((await product.person()).accountId);
    await until('the first step', async () => (await requestOf(id))['started_at'] !== null);
    await terminate(id);
    await product.sql("UPDATE request SET remind_at = now() - interval '3 h', breach_at = now() - interval '2 h', lapse_at = now() - interval '1 h', next_due_at = NULL WHERE id = $1", [id]);
    expect(await trigger('aiclearance-escalation-sweep')).toMatchObject({ woken: 1 });
    const request = await until('the lapse', async () => {
      const row = await requestOf(id);
      return row['decision'] === 'lapsed' ? row : undefined;
    });
    expect(request).toMatchObject({ decision_source: 'lapse' });
    expect(request['reminded_at']).not.toBeNull();
    expect(request['breached_at']).not.toBeNull();
  });

  it('prunes old finished jobs, keeps the ones that evidence hangs on, and says how many', async () => {
    const id = await product.ask('acc-pruned', 'claude-team');
    await product.decide(id, 'approve');
    const [grant] = await product.sql('SELECT id FROM access_grant WHERE request_id = $1', [id]);
    await product.sql(`INSERT INTO provisioning_job (id, site_id, request_id, grant_id, kind, status, created_at, finished_at) VALUES
      ('job_old', $1, $2, $3, 'check', 'succeeded', now() - interval '200 days', now() - interval '200 days'), ('job_kept', $1, $2, $3, 'check', 'succeeded', now() - interval '100 days', now() - interval '100 days')`, [SITE, id, grant?.['id']]);
    await product.sql("INSERT INTO site_setting (site_id, name, value) VALUES ($1, 'retention', $2)", [SITE, JSON.stringify({ auditDays: 365, externalIdentityDays: null, jobDays: 150 })]);
    expect(await trigger('aiclearance-job-runner')).toMatchObject({ pruned: 1 });
    const left = (): Promise<unknown> => product.sql("SELECT id FROM provisioning_job WHERE id IN ('job_old', 'job_kept')");
    expect(await left()).toEqual([{ id: 'job_kept' }]);
    await product.sql("DELETE FROM site_setting WHERE name = 'retention'");
    expect(await trigger('aiclearance-job-runner')).toMatchObject({ pruned: 1 });
    expect(await left()).toEqual([]);
  });

  it('starts a run again whose step is overdue', async () => {
    const person = await product.person();
    const id = await product.ask(person.accountId);
    await product.decide(id, 'approve');
    await until('active', async () => (await product.sql("SELECT 1 FROM access_grant WHERE request_id = $1 AND status = 'active'", [id])).length === 1);
    await terminate(id);
    await product.sql("UPDATE access_grant SET expires_at = now() - interval '1 h' WHERE request_id = $1", [id]);
    await product.sql("UPDATE request SET next_due_at = now() - interval '1 h' WHERE id = $1", [id]);
    await until('expired', async () => (await product.sql("SELECT 1 FROM access_grant WHERE request_id = $1 AND status = 'expired' AND end_evidence = 'readBack'", [id])).length === 1, { timeoutMs: 30_000 });
    expect(await product.inGroup(person.oktaId)).toBe(false);
  });
});
