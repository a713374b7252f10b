import 'reflect-metadata';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/persistence/data-source.js';
import { ENTITIES } from '../../src/persistence/entities/index.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/postgres.js';

/** What `migration:generate` would write: nothing, as long as entities and migrations say the same. */
async function pendingChanges(dataSource: DataSource): Promise<readonly string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

describe('schema', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await createDataSource({ url: database.migrationUrl, poolSize: 1, applicationName: 'schema-test' }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('is the same in the entities and in the migrations', async () => {
    expect(await pendingChanges(dataSource)).toEqual([]);
  });

  it('has an entity for every table', async () => {
    const rows = await queryOnce(database.superuserUrl, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migration' ORDER BY 1");
    const stated = dataSource.entityMetadatas.map(({ tableName }) => tableName).sort();
    expect(stated).toEqual(rows.map(({ tablename }) => tablename));
    expect(stated).toHaveLength(ENTITIES.length);
  });

  it.each([
    ['a dropped index', 'DROP INDEX access_grant_one_open', /CREATE UNIQUE INDEX .*access_grant_one_open/],
    ['a widened column', 'ALTER TABLE review ALTER COLUMN content_hash DROP NOT NULL', /content_hash/],
    ['a missing foreign key', 'ALTER TABLE review DROP CONSTRAINT review_request_id_fkey', /review_request_id_fkey/],
  ])('notices %s', async (_what, change, expected) => {
    const drifted = await createTestDatabase();
    const other = await createDataSource({ url: drifted.migrationUrl, poolSize: 1, applicationName: 'schema-test' }).initialize();
    try {
      await queryOnce(drifted.superuserUrl, change);
      expect((await pendingChanges(other)).join('\n')).toMatch(expected);
    } finally {
      await other.destroy();
      await drifted.drop();
    }
  });

  it('fences every table with a site, and no role of a process bypasses the fence', async () => {
    const open = await queryOnce(database.superuserUrl, `SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site_id'
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`);
    expect(open).toEqual([]);
    const powerful = await queryOnce(database.superuserUrl, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'aic\\_%' AND (rolsuper OR rolbypassrls OR rolcreaterole)");
    expect(powerful).toEqual([]);
  });
});
