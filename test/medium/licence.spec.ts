import 'reflect-metadata';
import type { DataSource } from 'typeorm';
import { registerSite } from '../../src/persistence/bootstrap.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { createSiteDirectory } from '../../src/persistence/stores/site-directory.store.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/postgres.js';

/** What the marketplace says of a site's licence, kept by the API's own role (SPEC F3, F12). */
describe('a reported licence', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    for (const id of ['acme', 'globex']) await registerSite(database.migrationUrl, { id, name: id, timeZone: 'UTC', jiraBaseUrl: 'http://127.0.0.1:1', jiraPropertyKey: 'p', jiraAuthSealed: 'sealed' });
    await queryOnce(database.superuserUrl, "UPDATE site SET installation_id = 'installation/' || id");
    dataSource = await createDataSource({ url: database.apiUrl, poolSize: 3, applicationName: 'licence-test' }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('is kept for its site alone, with one event for each change however many say it at once', async () => {
    const directory = createSiteDirectory(dataSource);
    await Promise.all([1, 2, 3].map(() => directory.reportLicence('acme', 'active')));
    await directory.reportLicence('acme', 'inactive');
    expect(await directory.findByInstallation('installation/acme', null)).toEqual({ siteId: 'acme', licence: 'inactive' });
    expect(await directory.findByInstallation('installation/globex', null)).toEqual({ siteId: 'globex', licence: 'notReported' });
    const events = await queryOnce(database.superuserUrl, 'SELECT draft FROM audit_outbox ORDER BY id');
    const told = events.map((row) => JSON.stringify(row)).filter((text) => text.includes('site.licence_reported'));
    expect(told).toHaveLength(2);
  });

  it('lets additions that wait look again, and nothing else', async () => {
    for (const [id, site, status] of [['waits', 'globex', 'pendingProvision'], ['holds', 'globex', 'active'], ['elsewhere', 'acme', 'pendingProvision']]) {
      await queryOnce(database.superuserUrl, `INSERT INTO request (id, site_id, project_key, tool_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, policy, created_at, next_due_at)
        VALUES ($1, $2, 'AI', 't', $1, $1, 'x', '{}', 1, 'h', 'pending', '{}', now(), now() + interval '1 day')`, [id, site]);
      await queryOnce(database.superuserUrl, `INSERT INTO access_grant (id, site_id, request_id, account_id, tool_key, status, fulfilment, duration_days, expires_at, created_at)
        VALUES ($1, $2, $1, $1, 't', $3, 'connector', 1, now() + interval '1 day', now())`, [id, site, status]);
    }
    await createSiteDirectory(dataSource).reportLicence('globex', 'active');
    expect(await queryOnce(database.superuserUrl, 'SELECT id FROM request WHERE next_due_at <= clock_timestamp()')).toEqual([{ id: 'waits' }]);
  });
});
