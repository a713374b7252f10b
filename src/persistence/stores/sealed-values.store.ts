import type { DataSource } from 'typeorm';
import type { SealedPlace, SealedValue, SealedValues } from '../../application/ports/sealed-values.port.js';
import { connectorConfigContext, externalIdentityContext, jiraCredentialContext, loginBatchContext, recordedContext, type SealContext } from '../../application/ports/sealing.port.js';
import type { PgSiteTx } from '../unit-of-work.js';

interface Row { readonly id: string; readonly sealed: string; readonly boundTo: string }
interface Place { readonly table: string; readonly column: string; readonly boundTo: string; readonly site: string; readonly contextOf: (siteId: string, boundTo: string) => SealContext }

const PLACES: Readonly<Record<SealedPlace, Place>> = {
  'connector.sealed_config': { table: 'connector', column: 'sealed_config', boundTo: 'id', site: 'site_id', contextOf: connectorConfigContext },
  'external_identity.sealed': { table: 'external_identity', column: 'sealed', boundTo: 'connector_id', site: 'site_id', contextOf: externalIdentityContext },
  'leaver_hint.sealed_identity': { table: 'leaver_hint', column: 'sealed_identity', boundTo: 'connector_id', site: 'site_id', contextOf: externalIdentityContext },
  'mapping_import_batch.sealed_logins': { table: 'mapping_import_batch', column: 'sealed_logins', boundTo: 'connector_id', site: 'site_id', contextOf: loginBatchContext },
  'command.sealed': { table: 'command', column: 'sealed', boundTo: 'sealed_field', site: 'site_id', contextOf: recordedContext },
  'site.jira_auth_sealed': { table: 'site', column: 'jira_auth_sealed', boundTo: 'id', site: 'id', contextOf: jiraCredentialContext },
};

/** For role `aic_keeper`, which sees these columns only. */
export class PgSealedValues implements SealedValues {
  constructor(private readonly dataSource: DataSource) {}

  async siteIds(): Promise<readonly string[]> {
    const rows: { id: string }[] = await this.dataSource.query('SELECT id FROM site ORDER BY id');
    return rows.map(({ id }) => id);
  }

  async page(tx: PgSiteTx, place: SealedPlace, after: string, limit: number): Promise<readonly SealedValue[]> {
    const { table, column, boundTo, site, contextOf } = PLACES[place];
    const rows = await tx.query<Row>(`SELECT id, ${column} AS sealed, ${boundTo} AS "boundTo" FROM ${table} WHERE ${site} = $1 AND id > $2 AND ${column} IS NOT NULL ORDER BY id LIMIT $3`, [tx.siteId, after, limit]);
    return rows.map((row) => ({ id: row.id, sealed: row.sealed, context: contextOf(tx.siteId, row.boundTo) }));
  }

  /** The row's version stays: what the value says has not changed, and a test that is under way goes on counting. */
  async replace(tx: PgSiteTx, place: SealedPlace, value: SealedValue, next: string): Promise<boolean> {
    const { table, column, site } = PLACES[place];
    const rows = await tx.query(`UPDATE ${table} SET ${column} = $4 WHERE ${site} = $1 AND id = $2 AND ${column} = $3 RETURNING id`, [tx.siteId, value.id, value.sealed, next]);
    return rows.length === 1;
  }
}
