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
});
