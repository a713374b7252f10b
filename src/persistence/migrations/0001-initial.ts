import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AUDIT_DDL } from '../../audit/ddl.js';
import { CATALOG_DDL } from './ddl/catalog.js';
import { CONTROL_DDL } from './ddl/control.js';
import { CORE_DDL } from './ddl/core.js';
import { HEARTBEAT_DDL } from './ddl/heartbeat.js';
import { KEEPER_DDL } from './ddl/keeper.js';
import { MAPPING_IMPORT_DDL } from './ddl/mapping-import.js';
import { MASS_ACTION_DDL } from './ddl/mass-action.js';
import { RECONCILIATION_DDL } from './ddl/reconciliation.js';
import { RECORD_DDL } from './ddl/record.js';
import { fenceSites } from './ddl/row-level-security.js';
import { SIGNED_HTTP_DDL } from './ddl/signed-http.js';

/** The whole schema: one migration until the first release (CONTRIBUTING, how to add a migration). */
export class Initial0001 implements MigrationInterface {
  // TypeORM reads the order from the last 13 digits.
  readonly name = 'Initial0000000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const ddl of [CONTROL_DDL, CATALOG_DDL, MAPPING_IMPORT_DDL, RECORD_DDL, MASS_ACTION_DDL, RECONCILIATION_DDL, CORE_DDL, SIGNED_HTTP_DDL, AUDIT_DDL]) await runner.query(ddl);
    await runner.query(fenceSites());
    await runner.query(HEARTBEAT_DDL);
    await runner.query(KEEPER_DDL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public;');
  }
}
