import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { ENTITIES } from './entities/index.js';
import { Initial0001 } from './migrations/0001-initial.js';

export const MIGRATIONS = [Initial0001] as const;

/** A pool for one process and one role. Never synchronises: the schema comes from migrations only. */
export function createDataSource(options: { readonly url: string; readonly poolSize: number; readonly applicationName: string }): DataSource {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    poolSize: options.poolSize,
    applicationName: options.applicationName,
    entities: [...ENTITIES],
    migrations: [...MIGRATIONS],
    migrationsTableName: 'schema_migration',
    synchronize: false,
    logging: false,
    connectTimeoutMS: 8_000,
    // Statements that nobody waits between travel together (unit-of-work.ts).
    extra: { keepAlive: true, idleTimeoutMillis: 60_000, pipeline: true },
    poolErrorHandler: () => undefined, // an idle connection that Postgres closed is replaced on the next use
  });
}
