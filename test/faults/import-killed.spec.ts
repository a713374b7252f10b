import { mappingImportIdOf } from '../../src/workflows/mapping-import/messages.js';
import { peopleToMap, startMappingImport } from '../support/mapping-imports.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

const ROWS = 300;

/** Worker processes that die by kill -9 in the middle of an import of identity mappings: once more started, it ends as without (docs/adr/0019). */
describe('an import whose workers are killed', () => {
  let product: TestProduct;
  let workers: Record<'core' | 'governance', WorkerProcess>;
  const startOf = (role: 'governance' | 'core'): WorkerProcess => startWorkerProcess(role, product.workerEnvironment[role]);
  const numberOf = async (sql: string, importId: string): Promise<number> => Number((await product.sql(sql, [importId]))[0]?.['n']);

  beforeAll(async () => {
    product = await startTestProduct({ workers: 'none' });
    workers = { core: startOf('core'), governance: startOf('governance') };
  }, 60_000);
  afterAll(async () => {
    await Promise.all([workers.core.stop(), workers.governance.stop()]);
    await product.stop();
  }, 60_000);

  it('decides each row once, maps nobody twice, and tells the trail once', async () => {
    // Every third person is unknown to the provider, so that refusals are told once too.
    const people = (await peopleToMap(product, Array.from({ length: ROWS }, (_none, n) => `p${n}`))).map(({ accountId, login }, n) => ({ accountId, login: n % 3 === 2 ? `nobody-${login}` : login }));
    const importId = await startMappingImport(product, people);
    const checked = (): Promise<number> => numberOf('SELECT count(*)::int AS n FROM mapping_import_row WHERE import_id = $1 AND fate IS NOT NULL', importId);
    const decidedBeyond = (rows: number): Promise<unknown> => until(`more than ${rows} rows decided`, async () => (await checked()) > rows, { timeoutMs: 60_000, everyMs: 5 });

    // The governance worker in the middle of its batches, then the core worker in the middle of its lookups.
    await decidedBeyond(0);
    await workers.governance.kill();
    const first = await checked();
    workers.governance = startOf('governance');
    await decidedBeyond(first);
    await workers.core.kill();
    expect([first, await checked()].map((rows) => rows > 0 && rows < ROWS)).toEqual([true, true]);
    workers.core = startOf('core');
    expect(await product.client.workflow.getHandle(mappingImportIdOf(SITE, importId)).result()).toEqual({ status: 'done' });

    const fates = await product.sql('SELECT fate, count(*)::int AS n FROM mapping_import_row WHERE import_id = $1 GROUP BY fate ORDER BY fate', [importId]);
    expect(fates).toEqual([{ fate: 'add', n: 200 }, { fate: 'unresolved', n: 100 }]);
    const mapped = await product.sql('SELECT count(*)::int AS n, count(DISTINCT account_id)::int AS accounts, count(DISTINCT external_identity_id)::int AS identities FROM site_identity_mapping WHERE account_id = ANY($1)', [people.map(({ accountId }) => accountId)]);
    expect(mapped).toEqual([{ n: 200, accounts: 200, identities: 200 }]);
    expect(await product.sql('SELECT count(*)::int AS n FROM mapping_import_batch', [])).toEqual([{ n: 0 }]);

    expect(await product.verifyAudit()).toMatchObject({ ok: true });
    const told = await product.sql(
      `SELECT action, count(*)::int AS n, count(DISTINCT coalesce(body::json -> 'subject' ->> 'accountId', 'none'))::int AS accounts FROM audit_event WHERE site_id = $1 AND action LIKE 'mapping.%' GROUP BY 1 ORDER BY 1`, [SITE]);
    expect(told).toEqual([
      { action: 'mapping.created', n: 200, accounts: 200 }, { action: 'mapping.import_ended', n: 1, accounts: 1 }, { action: 'mapping.import_started', n: 1, accounts: 1 },
      { action: 'mapping.refused', n: 100, accounts: 100 }, { action: 'mapping.resolved', n: 200, accounts: 200 },
    ]);
  }, 180_000);
});
