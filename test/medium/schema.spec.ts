import 'reflect-metadata';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/persistence/data-source.js';
import { ENTITIES } from '../../src/persistence/entities/index.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/postgres.js';

/** TypeORM reads a schema with many statements at once on one connection, which node-postgres will no longer queue for it: here they take turns. */
function oneByOne(dataSource: DataSource): DataSource {
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode);
    const query = runner.query.bind(runner);
    let last: Promise<unknown> = Promise.resolve();
    return Object.assign(runner, { query: (...call: Parameters<typeof runner.query>) => (last = last.then(() => query(...call))) });
  };
  return dataSource;
}

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
    dataSource = await oneByOne(createDataSource({ url: database.migrationUrl, poolSize: 1, applicationName: 'schema-test' })).initialize();
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
    const other = await oneByOne(createDataSource({ url: drifted.migrationUrl, poolSize: 1, applicationName: 'schema-test' })).initialize();
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
