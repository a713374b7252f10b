import { workflowIdOf } from '../../src/workflows/access-request/messages.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { aroundEach } from '../support/wrap-activities.js';

/** More often than the quick attempts of a database step: from then on an ordinary activity waits for the database, for as long as it takes. */
const FAILURES = 4;

describe('a database step that fails more often than it is tried quickly', () => {
  const left = new Map<string, number>();
  let product: TestProduct;
  beforeAll(async () => {
    product = await startTestProduct({
      pollMs: 60_000, // nobody else may start the run again
      wrapActivities: aroundEach((name, _args, run) => {
        const failures = left.get(name) ?? 0;
        if (failures === 0) return run();
        left.set(name, failures - 1);
        return Promise.reject(new Error('the database is away'));
      }),
    });
  });
  afterAll(() => product.stop());

  it.each(['loadRequest', 'applyCommand', 'recordProviderResult'])('fails neither the run nor the command that waits for it: %s', async (name) => {
    const { accountId, oktaId } = await product.person();
    left.set(name, FAILURES);
    const requestId = await product.ask(accountId);
    expect(await product.decide(requestId, 'approve')).toMatchObject({ stored: { ok: true } });
    await until('active', async () => (await product.sql("SELECT 1 FROM access_grant WHERE request_id = $1 AND status = 'active'", [requestId])).length === 1);
    expect(await product.inGroup(oktaId)).toBe(true);
    expect(left.get(name)).toBe(0);
    const handle = product.client.workflow.getHandle(workflowIdOf(SITE, requestId));
    const { events } = await handle.fetchHistory();
    expect((events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name)).toContain(name);
    expect((await handle.describe()).status.name).toBe('RUNNING');
  });
});
