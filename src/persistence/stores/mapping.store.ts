import type { IdentityMappingView } from '../../application/ports/api-views.js';
import type { MappingRow, MappingStore } from '../../application/ports/mapping-store.port.js';
import { MAPPING_SELECT, toMappingView, type MappingViewRow } from '../read-models/catalog-views.js';
import type { PgSiteTx } from '../unit-of-work.js';

type Provider = 'okta' | 'entra';
const SELECT = `SELECT m.id, m.account_id AS "accountId", m.provider, m.external_identity_id AS "externalIdentityId", i.identity_hash AS "identityHash", m.connector_id AS "connectorId", m.row_version AS "rowVersion"
  FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id`;

export class PgMappingStore implements MappingStore {
  async findView(tx: PgSiteTx, id: string): Promise<IdentityMappingView | null> {
    const [row] = await tx.query<MappingViewRow>(`${MAPPING_SELECT} WHERE m.site_id = $1 AND m.id = $2`, [tx.siteId, id]);
    return row === undefined ? null : toMappingView(row);
  }

  async lock(tx: PgSiteTx, id: string): Promise<MappingRow | null> {
    const [row] = await tx.query<MappingRow>(`${SELECT} WHERE m.site_id = $1 AND m.id = $2 FOR UPDATE OF m`, [tx.siteId, id]);
    return row ?? null;
  }
  async lockByAccount(tx: PgSiteTx, accountId: string, connectorId: string): Promise<MappingRow | null> {
    const [row] = await tx.query<MappingRow>(`${SELECT} WHERE m.site_id = $1 AND m.account_id = $2 AND m.connector_id = $3 FOR UPDATE OF m`, [tx.siteId, accountId, connectorId]);
    return row ?? null;
  }

  async holdIdentity(tx: PgSiteTx, identityHash: string): Promise<void> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtext('mapping.identity'), hashtext($1 || '/' || $2))", [tx.siteId, identityHash]);
  }

  async putIdentity(tx: PgSiteTx, i: { readonly id: string; readonly provider: Provider; readonly connectorId: string; readonly identityHash: string; readonly sealed: string; readonly loginHint: string }): Promise<{ readonly id: string }> {
    const [row] = await tx.query<{ id: string }>(
      `INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (site_id, connector_id, identity_hash) DO UPDATE SET sealed = excluded.sealed, login_hint = excluded.login_hint RETURNING id`,
      [i.id, tx.siteId, i.provider, i.connectorId, i.identityHash, i.sealed, i.loginHint],
    );
    if (row === undefined) throw new Error('an external identity was not written');
    return row;
  }

  async insert(tx: PgSiteTx, m: { readonly id: string; readonly accountId: string; readonly provider: Provider; readonly connectorId: string; readonly externalIdentityId: string; readonly createdBy: string }): Promise<boolean> {
    const rows = await tx.query(
      `INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (site_id, account_id, connector_id) DO NOTHING RETURNING id`,
      [m.id, tx.siteId, m.accountId, m.provider, m.connectorId, m.externalIdentityId, m.createdBy],
    );
    return rows.length === 1;
  }

  async update(tx: PgSiteTx, id: string, externalIdentityId: string): Promise<void> {
    const [old] = await tx.query<{ id: string }>('SELECT external_identity_id AS id FROM site_identity_mapping WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
    await tx.query('UPDATE site_identity_mapping SET external_identity_id = $3, row_version = row_version + 1, updated_at = clock_timestamp() WHERE site_id = $1 AND id = $2', [tx.siteId, id, externalIdentityId]);
    if (old !== undefined) await this.removeOrphan(tx, old.id);
  }

  async remove(tx: PgSiteTx, id: string): Promise<void> {
    const [old] = await tx.query<{ id: string }>('DELETE FROM site_identity_mapping WHERE site_id = $1 AND id = $2 RETURNING external_identity_id AS id', [tx.siteId, id]);
    if (old !== undefined) await this.removeOrphan(tx, old.id);
  }

  /** Two statements: the second one sees what those did who held the requests until then. */
  async hastenRequests(tx: PgSiteTx, accountIds: readonly string[], identityHashes: readonly string[]): Promise<readonly string[]> {
    if (accountIds.length === 0) return [];
    const open = await tx.query<{ id: string }>('SELECT id FROM request WHERE site_id = $1 AND requester = ANY($2) AND closed_at IS NULL ORDER BY id FOR NO KEY UPDATE', [tx.siteId, accountIds]);
    if (open.length === 0) return [];
    const due = await tx.query<{ id: string }>(
      `UPDATE request r SET next_due_at = LEAST(r.next_due_at, $3) FROM access_grant g LEFT JOIN membership m ON m.id = g.membership_id
       WHERE r.site_id = $1 AND r.id = ANY($2) AND g.site_id = r.site_id AND g.request_id = r.id AND (g.status = 'pendingProvision' OR (g.status = 'active' AND m.identity_hash <> ALL ($4))) RETURNING r.id`,
      [tx.siteId, open.map(({ id }) => id), tx.now, identityHashes],
    );
    return due.map(({ id }) => id);
  }

  async countOthersOn(tx: PgSiteTx, identityHash: string, exceptAccountId: string): Promise<number> {
    const rows = await tx.query('SELECT DISTINCT m.account_id FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id WHERE i.site_id = $1 AND i.identity_hash = $2 AND m.account_id <> $3', [tx.siteId, identityHash, exceptAccountId]);
    return rows.length;
  }

  /**
   * A membership still needs its identity: whoever was mapped to it may have to be removed from a group. The identity is held first, by a statement of its own: who is
   * about to refer to it holds it too, and only a later statement sees what they wrote.
   */
  private async removeOrphan(tx: PgSiteTx, externalIdentityId: string): Promise<void> {
    await tx.query('SELECT id FROM external_identity WHERE site_id = $1 AND id = $2 FOR UPDATE', [tx.siteId, externalIdentityId]);
    await tx.query(
      `DELETE FROM external_identity i WHERE i.site_id = $1 AND i.id = $2
         AND NOT EXISTS (SELECT 1 FROM site_identity_mapping m WHERE m.site_id = $1 AND m.external_identity_id = i.id)
         AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.site_id = $1 AND m.external_identity_id = i.id)`,
      [tx.siteId, externalIdentityId],
    );
  }
}
