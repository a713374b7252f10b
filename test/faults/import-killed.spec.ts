import pg from 'pg';
import { mappingImportIdOf } from '../../src/workflows/mapping-import/messages.js';
import { peopleToMap, startMappingImport } from '../support/mapping-imports.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

const ROWS = 300;

/** Worker processes that die by kill -9 in the middle of an import of identity mappings: once they are started again, it ends as without (docs/adr/0019). */
describe('an import whose workers are killed', () => {
  let product: TestProduct;
  let workers: { core: WorkerProcess; governance: WorkerProcess | null };
  const startOf = (role: 'governance' | 'core'): WorkerProcess => startWorkerProcess(role, product.workerEnvironment[role]);
  const numberOf = async (sql: string, importId: string): Promise<number> => Number((await product.sql(sql, [importId]))[0]?.['n']);

  beforeAll(async () => {
    product = await startTestProduct({ workers: 'none' });
    workers = { core: startOf('core'), governance: null };
  }, 60_000);
  afterAll(async () => {
    await Promise.all([workers.core.stop(), workers.governance?.stop()]);
    await product.stop();
  }, 60_000);

  it('decides each row once, maps nobody twice, and tells the trail once', async () => {
    // Every third person is unknown to the provider, so that refusals are told once too.
    const people = (await peopleToMap(product, Array.from({ length: ROWS }, (_none, n) => `p${n}`))).map(({ accountId, login }, n) => ({ accountId, login: n % 3 === 2 ? `nobody-${login}` : login }));
    const importId = await startMappingImport(product, people);
    const checked = (): Promise<number> => numberOf('SELECT count(*)::int AS n FROM mapping_import_row WHERE import_id = $1 AND fate IS NOT NULL', importId);

    // Both die, as their machine does, in the middle of the second batch, which another transaction holds up at its twenty-sixth row.
    const holder = new pg.Client({ connectionString: product.database.superuserUrl });
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT 1 FROM mapping_import_row WHERE import_id = $1 AND line = 77 FOR UPDATE', [importId]);
      workers.governance = startOf('governance');
      await until('the batch waits', async () => (await product.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'aiclearance-governance' AND query LIKE 'UPDATE mapping_import_row%'")).length > 0, { timeoutMs: 60_000, everyMs: 5 });
      await Promise.all([workers.core.kill(), workers.governance.kill()]);
    } finally {
      await holder.end();
    }
    expect(await checked()).toBe(50);
    workers = { core: startOf('core'), governance: startOf('governance') };
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
