import 'reflect-metadata';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { CommandContext, Principal, TokenRole } from '../../src/application/ports/api-commands.port.js';
import { registerSite } from '../../src/persistence/bootstrap.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { PgUnitOfWork } from '../../src/persistence/unit-of-work.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/postgres.js';

export const SITE = 'acme';
export const OTHER_SITE = 'globex';

/** A database with two sites, reached as the API's own role. */
export class Fixture {
  private constructor(readonly database: TestDatabase, readonly dataSource: DataSource, readonly uow: PgUnitOfWork) {}

  static async start(): Promise<Fixture> {
    const database = await createTestDatabase();
    for (const id of [SITE, OTHER_SITE]) await registerSite(database.migrationUrl, { id, name: id, timeZone: 'UTC' });
    const dataSource = await createDataSource({ url: database.apiUrl, poolSize: 4, applicationName: 'admin-test' }).initialize();
    return new Fixture(database, dataSource, new PgUnitOfWork(dataSource));
  }
  async stop(): Promise<void> {
    await this.dataSource.destroy();
    await this.database.drop();
  }

  /** Looks at the record past every fence. */
  rows(sql: string, parameters: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    return queryOnce(this.database.superuserUrl, sql, parameters);
  }
  /** Actions that wait to be sealed, oldest first. */
  async auditActions(site = SITE): Promise<readonly string[]> {
    const rows = await this.rows('SELECT draft::json ->> \'action\' AS action FROM audit_outbox WHERE site_id = $1 ORDER BY id', [site]);
    return rows.map((row) => String(row['action']));
  }
}

export const person = (accountId: string, roles: readonly TokenRole[] = ['requester'], siteId = SITE): Principal => ({ siteId, accountId, kind: 'person', roles: new Set(roles) });
export const admin = (siteId = SITE): Principal => person('admin-1', ['requester', 'admin'], siteId);

/** A command's context; the body stands for what was sent, so that one key with two bodies is told apart. */
export function context(options: { readonly principal?: Principal; readonly key?: string | null; readonly path?: string; readonly body?: unknown } = {}): CommandContext {
  return {
    principal: options.principal ?? admin(),
    idempotencyKey: options.key === undefined ? randomUUID() : options.key,
    methodAndPath: options.path ?? 'POST /api/v1/things',
    bodyHash: createHash('sha256').update(JSON.stringify(options.body ?? {})).digest('hex'),
    correlationId: randomUUID(),
  };
}
export const randomKey = (): string => randomBytes(32).toString('base64url');
