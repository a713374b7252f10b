import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { bootstrapDatabase } from '../../src/persistence/bootstrap.js';
import type { DatabaseUrls, RolePasswords } from '../../src/persistence/bootstrap.js';
import { runServer } from './run-servers.js';

/** Roles belong to the whole server, so all test files of a run use the same ones. */
export const TEST_PASSWORDS: RolePasswords = { owner: 'test-owner', api: 'test-api', governance: 'test-governance', core: 'test-core', sealer: 'test-sealer', keeper: 'test-keeper' };
const TEMPLATE = 'migrated_template';
/** Serialises the making of the template between Jest's worker processes. */
const TEMPLATE_LOCK = 4299;

export interface TestDatabase extends DatabaseUrls {
  readonly name: string;
  /** The superuser, connected to this database: for looking at and breaking what the product may not. */
  readonly superuserUrl: string;
  /** Cuts all sessions and drops the database. */
  drop(): Promise<void>;
}

/** A fresh, migrated database of this test's own, copied from a template that is made once in a run (about 50 ms). */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = runServer('TEST_POSTGRES_URL');
  const name = `t_${randomBytes(8).toString('hex')}`;
  const urls = await withSuperuser(async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    try {
      await ensureTemplate(client, server);
      await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER aic_owner STRATEGY file_copy`);
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
    }
    return urlsFor(server, name);
  });
  return { ...urls, name, drop: () => withSuperuser((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)).then(() => undefined) };
}

/** The mark "is a template" is set last: a run that died while migrating leaves none, and the next caller migrates on. */
async function ensureTemplate(client: pg.Client, server: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate', [TEMPLATE]);
  if (rowCount === 1) return;
  await bootstrapDatabase({ superuserUrl: server, database: TEMPLATE, passwords: TEST_PASSWORDS });
  await client.query(`ALTER DATABASE ${TEMPLATE} IS_TEMPLATE true`);
}

/** An empty database without any table, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<{ readonly name: string; readonly superuserUrl: string; drop(): Promise<void> }> {
  const name = `e_${randomBytes(8).toString('hex')}`;
  await withSuperuser((client) => client.query(`CREATE DATABASE ${name}`));
  return { name, superuserUrl: inDatabase(runServer('TEST_POSTGRES_URL'), name), drop: () => withSuperuser((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)).then(() => undefined) };
}

/** Runs one statement and gives its rows; for arranging and asserting, not for speed. */
export async function queryOnce(url: string, sql: string, parameters: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, [...parameters]);
    return rows;
  } finally {
    await client.end();
  }
}

async function withSuperuser<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: runServer('TEST_POSTGRES_URL') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlsFor(server: string, database: string): DatabaseUrls & { readonly superuserUrl: string } {
  const as = (role: string, password: string): string => {
    const url = new URL(inDatabase(server, database));
    url.username = role;
    url.password = password;
    return url.toString();
  };
  return {
    superuserUrl: inDatabase(server, database),
    migrationUrl: as('aic_owner', TEST_PASSWORDS.owner),
    apiUrl: as('aic_api', TEST_PASSWORDS.api),
    governanceUrl: as('aic_governance', TEST_PASSWORDS.governance),
    coreUrl: as('aic_core', TEST_PASSWORDS.core),
    sealerUrl: as('aic_sealer', TEST_PASSWORDS.sealer),
    keeperUrl: as('aic_keeper', TEST_PASSWORDS.keeper),
  };
}

function inDatabase(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.toString();
}
