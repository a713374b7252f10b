import { createMappingImportWorker, type MappingImportWorker } from '../../src/worker/mapping-imports.js';
import { createSweepStore } from '../../src/persistence/stores/sweep.store.js';
import { mappingImportIdOf } from '../../src/workflows/mapping-import/messages.js';
import { cancelMappingImport, peopleToMap, startMappingImport } from '../support/mapping-imports.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

/** An import that lost its workflow half-way, as when a worker was killed with its engine or a namespace was wiped (docs/adr/0019). */
describe('an import whose run is lost', () => {
  let product: TestProduct;
  let worker: MappingImportWorker;
  beforeAll(async () => {
    product = await startTestProduct({ pollMs: 60_000 });
    const sweep = { sweeps: createSweepStore(product.governance.dataSource), engine: product.deps.engine, log: () => undefined };
    worker = createMappingImportWorker(product.uow, sweep, product.client, 'governance');
  });
  afterAll(() => product.stop());

  const fates = async (importId: string): Promise<readonly unknown[]> => (await product.sql('SELECT fate FROM mapping_import_row WHERE import_id = $1 ORDER BY line', [importId])).map(({ fate }) => fate);
  const statusOf = async (importId: string): Promise<unknown> => (await product.sql('SELECT status FROM mapping_import WHERE id = $1', [importId]))[0]?.['status'];
  const age = (importId: string, seconds: number): Promise<unknown> => product.sql('UPDATE mapping_import SET stepped_at = now() - make_interval(secs => $2) WHERE id = $1', [importId, seconds]);

  it('is found by its last step, and goes on with the rows that wait', async () => {
    // Four logins are looked up at once: the first four are in, and the fifth stays away.
    const rows = [...await peopleToMap(product, ['a', 'b', 'c', 'd']), ...await peopleToMap(product, ['late', 'late'])];
    await product.fault({ path: '/api/v1/users/late', times: 1_000, effect: { status: 503 } });
    const importId = await startMappingImport(product, rows);
    await until('the run that waits for the provider', async () => Number((await product.sql('SELECT attempts FROM mapping_import WHERE id = $1', [importId]))[0]?.['attempts']) >= 1);
    const lost = product.client.workflow.getHandle(mappingImportIdOf(SITE, importId));
    const { runId } = await lost.describe();
    await lost.terminate('test: the run is lost');
    await product.clearFaults();

    await age(importId, 50);
    await worker.startStalled();
    expect((await lost.describe()).runId).toBe(runId);
    expect(await fates(importId)).toEqual(['add', 'add', 'add', 'add', null, null]);

    await age(importId, 70);
    await worker.startStalled();
    expect(await lost.result()).toEqual({ status: 'done' });
    expect(await fates(importId)).toEqual(['add', 'add', 'add', 'add', 'add', 'add']);
    expect(await product.sql('SELECT count(*)::int AS n FROM site_identity_mapping WHERE account_id = ANY($1)', [rows.map(({ accountId }) => accountId)])).toEqual([{ n: 6 }]);

    await age(importId, 70);
    const after = (await lost.describe()).runId;
    await worker.startStalled();
    expect([await statusOf(importId), (await lost.describe()).runId]).toEqual(['done', after]);
  });

  it('wakes the requests that waited for a mapping, before any poll', async () => {
    const [person] = await peopleToMap(product, ['waits']);
    if (person === undefined) throw new Error('one person is expected');
    const requestId = await product.ask(person.accountId);
    await product.decide(requestId, 'approve');
    const statusOfGrant = async (): Promise<unknown> => (await product.sql('SELECT status FROM access_grant WHERE request_id = $1', [requestId]))[0]?.['status'];
    await until('the manual action for the mapping', async () => (await product.sql("SELECT id FROM manual_action WHERE request_id = $1 AND status = 'open'", [requestId])).length === 1);
    expect(await statusOfGrant()).toBe('pendingProvision');
    await startMappingImport(product, [person]);
    await until('access', async () => (await statusOfGrant()) === 'active', { timeoutMs: 10_000 });
  });

  it('is not given another run when it was cancelled; the one that waits ends at once', async () => {
    const rows = await peopleToMap(product, ['away', 'away']);
    await product.fault({ path: '/api/v1/users/away', times: 1_000, effect: { status: 503 } });
    const importId = await startMappingImport(product, rows);
    await until('the run that waits for the provider', async () => Number((await product.sql('SELECT attempts FROM mapping_import WHERE id = $1', [importId]))[0]?.['attempts']) >= 3);
    const run = product.client.workflow.getHandle(mappingImportIdOf(SITE, importId));
    const { runId } = await run.describe();

    expect(await cancelMappingImport(product, importId)).toMatchObject({ status: 'cancelled', checked: 0 });
    // Its next try would be four seconds away.
    await until('the end of the run', async () => (await run.describe()).status.name === 'CANCELLED', { timeoutMs: 3_000 });
    await product.clearFaults();
    await age(importId, 70);
    await worker.startStalled();
    expect([await statusOf(importId), (await run.describe()).runId, await fates(importId)]).toEqual(['cancelled', runId, [null, null]]);
    expect(await cancelMappingImport(product, importId)).toMatchObject({ status: 'cancelled' });
  });
});
