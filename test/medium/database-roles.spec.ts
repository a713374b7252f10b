import pg from 'pg';
import { allowClockMoves, registerSite } from '../../src/persistence/bootstrap.js';
import { createNonceStore } from '../../src/persistence/stores/nonce.store.js';
import { PgRecordStore } from '../../src/persistence/stores/record.store.js';
import { createSiteDirectory } from '../../src/persistence/stores/site-directory.store.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { PgUnitOfWork } from '../../src/persistence/unit-of-work.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

const site = (id: string) => ({ id, name: id, timeZone: 'UTC', jiraBaseUrl: `https://${id}.example`, jiraPropertyKey: 'p', jiraAuthSealed: `sealed ${id}` });

describe('what the role of each process may do', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    for (const id of ['acme', 'globex']) await registerSite(database.migrationUrl, site(id));
  });
  afterAll(() => database.drop());

  it('keeps the Jira credentials from every role that is not working on that very site', async () => {
    const { apiUrl, governanceUrl, coreUrl, sealerUrl } = database;
    for (const url of [apiUrl, governanceUrl, coreUrl, sealerUrl]) {
      await expect(queryOnce(url, 'SELECT jira_auth_sealed FROM site')).rejects.toThrow('permission denied for table site');
      expect(await queryOnce(url, 'SELECT id FROM site ORDER BY id')).toEqual([{ id: 'acme' }, { id: 'globex' }]);
    }
    for (const url of [coreUrl, sealerUrl]) await expect(queryOnce(url, 'SELECT site_jira_auth_sealed()')).rejects.toThrow('permission denied for function');
    for (const url of [apiUrl, governanceUrl]) {
      expect(await queryOnce(url, 'SELECT site_jira_auth_sealed() AS sealed')).toEqual([{ sealed: null }]);
      const dataSource = await createDataSource({ url, poolSize: 1, applicationName: 'roles-test' }).initialize();
      try {
        const directory = createSiteDirectory(dataSource);
        expect(await directory.jiraOf('acme')).toEqual({ baseUrl: 'https://acme.example', propertyKey: 'p', authSealed: 'sealed acme' });
        expect(await directory.jiraOf('nobody')).toBeNull();
        expect([await directory.exists('globex'), await directory.exists('nobody')]).toEqual([true, false]);
      } finally {
        await dataSource.destroy();
      }
    }
  });

  it('lets nobody but the owner change how a site is reached', async () => {
    for (const url of [database.apiUrl, database.governanceUrl]) await expect(queryOnce(url, "UPDATE site SET jira_base_url = 'https://evil.example'")).rejects.toThrow('permission denied');
  });

  it('forces the fence on the owner too, wherever there is one', async () => {
    expect(await queryOnce(database.superuserUrl, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity AND NOT relforcerowsecurity")).toEqual([]);
    expect(await queryOnce(database.superuserUrl, "SELECT relforcerowsecurity AS forced FROM pg_class WHERE relname = 'site'")).toEqual([{ forced: true }]);
  });

  it('lets the API alone take note of its clients\' nonces: once each, in whatever process, until no signature that carries them is good any more', async () => {
    const open = () => createDataSource({ url: database.apiUrl, poolSize: 1, applicationName: 'nonces-test' }).initialize();
    const [one, another] = [await open(), await open()];
    try {
      const [here, there] = [createNonceStore(one, 'service_nonce', 600), createNonceStore(another, 'service_nonce', 600)];
      expect((await Promise.all([here.use('crm', 'n1'), there.use('crm', 'n1'), there.use('crm', 'n1')])).filter((isNew) => isNew)).toHaveLength(1);
      expect([await here.use('crm', 'n1'), await there.use('crm', 'n1')]).toEqual([false, false]);
      // Another client's nonce is another nonce.
      expect(await there.use('helpdesk', 'n1')).toBe(true);
      expect(await queryOnce(database.superuserUrl, "SELECT client_id FROM service_nonce WHERE nonce = 'n1' AND expires_at BETWEEN clock_timestamp() + interval '9 min' AND clock_timestamp() + interval '10 min' ORDER BY client_id")).toEqual([{ client_id: 'crm' }, { client_id: 'helpdesk' }]);
      // A process that starts prunes what is over and nothing else.
      await queryOnce(database.superuserUrl, "UPDATE service_nonce SET expires_at = clock_timestamp() - interval '1 s' WHERE client_id = 'crm'");
      expect(await createNonceStore(one, 'service_nonce', 600).use('crm', 'n2')).toBe(true);
      expect(await queryOnce(database.superuserUrl, 'SELECT client_id, nonce FROM service_nonce ORDER BY client_id')).toEqual([{ client_id: 'crm', nonce: 'n2' }, { client_id: 'helpdesk', nonce: 'n1' }]);
    } finally {
      await Promise.all([one.destroy(), another.destroy()]);
    }
    await expect(queryOnce(database.apiUrl, "UPDATE service_nonce SET expires_at = 'infinity'")).rejects.toThrow('permission denied for table service_nonce');
    for (const url of [database.governanceUrl, database.coreUrl, database.sealerUrl]) {
      await expect(queryOnce(url, 'SELECT 1 FROM service_nonce')).rejects.toThrow('permission denied for table service_nonce');
      await expect(queryOnce(url, "INSERT INTO service_nonce VALUES ('crm', 'n3', now())")).rejects.toThrow('permission denied for table service_nonce');
    }
    for (const url of [database.apiUrl, database.governanceUrl, database.sealerUrl]) await expect(queryOnce(url, 'SELECT 1 FROM core_nonce')).rejects.toThrow('permission denied for table core_nonce');
  });

  it('moves domain time for the API only where a sandbox allowed it', async () => {
    const move = (url: string): Promise<unknown> => queryOnce(url, 'UPDATE clock_offset SET offset_ms = offset_ms + 1');
    for (const url of [database.apiUrl, database.governanceUrl, database.coreUrl]) await expect(move(url)).rejects.toThrow('permission denied for table clock_offset');
    await allowClockMoves(database.migrationUrl);
    await move(database.apiUrl);
    expect(await queryOnce(database.apiUrl, 'SELECT offset_ms::int AS ms FROM clock_offset')).toEqual([{ ms: 1 }]);
    await expect(move(database.governanceUrl)).rejects.toThrow('permission denied for table clock_offset');
  });

  it('decides by the time at which it holds the request, not by that at which it began to wait', async () => {
    await queryOnce(database.superuserUrl, `INSERT INTO request (id, site_id, project_key, tool_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, policy, stages, pending_stage, breach_at, created_at)
      VALUES ('req', 'acme', 'AI', 'cursor', 'ann', 'ann', 'work', '{public}', 30, 'h', 'pending', '{}', '{project}', 'project', now(), now())`);
    const dataSource = await createDataSource({ url: database.apiUrl, poolSize: 1, applicationName: 'waiting-step' }).initialize();
    const holder = new pg.Client({ connectionString: database.superuserUrl });
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await holder.query("SELECT 1 FROM request WHERE id = 'req' FOR UPDATE");
      const times: Date[] = [];
      const step = new PgUnitOfWork(dataSource).run('acme', async (tx) => {
        times.push(tx.now);
        await new PgRecordStore().lockCase(tx, 'req');
        times.push(tx.now);
      });
      await until('the step to wait for the lock', async () => (await queryOnce(database.superuserUrl, "SELECT 1 FROM pg_stat_activity WHERE application_name = 'waiting-step' AND wait_event_type = 'Lock'")).length === 1);
      const { rows: [released] } = await holder.query<{ now: Date }>('SELECT domain_now() AS now');
      await holder.query('COMMIT');
      await step;
      const [began, held] = times.map((time) => time.getTime());
      expect(began).toBeLessThan(released?.now.getTime() ?? 0);
      expect(held).toBeGreaterThanOrEqual(released?.now.getTime() ?? Infinity);
    } finally {
      await holder.end();
      await dataSource.destroy();
    }
  });
});
