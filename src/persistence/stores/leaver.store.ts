import type { DataSource } from 'typeorm';
import type { Provider } from '../../application/ports/identity-provider.port.js';
import type { EventHook, EventHookStore, HintState, LeaverHint, LeaverStore, NewHint } from '../../application/ports/leaver-store.port.js';
import { fromRow } from '../rows.js';
import { sameTenant } from '../tenant-sql.js';
import type { PgSiteTx } from '../unit-of-work.js';

/** Open grants and requests that wait for a decision; `$1` is the site. */
const HOLDERS = `SELECT account_id FROM access_grant WHERE site_id = $1 AND status IN ('pendingProvision', 'active', 'suspended')
  UNION SELECT requester FROM request WHERE site_id = $1 AND decision = 'pending'`;

/** A case that is not through, is being restored, or is held until an admin says so. */
const OPEN_CASE = `(m.status = 'running' OR m.restore_status = 'running' OR (m.status = 'stopped' AND m.restore_status = 'none'))`;

/** Also what a step of a request writes when the provider says that its person is gone (record.store.ts). */
export async function insertLeaverHint(tx: PgSiteTx, { id, cause, connectorId, sealedIdentity, externalIdentityId, accountId, eventKey }: NewHint): Promise<boolean> {
  const rows = await tx.keyed(
    `INSERT INTO leaver_hint (id, site_id, cause, connector_id, sealed_identity, external_identity_id, account_id, event_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (site_id, event_key) DO NOTHING RETURNING id`,
    [id, tx.siteId, cause, connectorId, sealedIdentity, externalIdentityId, accountId, eventKey],
  );
  return rows.length > 0;
}

export class PgLeaverStore implements LeaverStore<PgSiteTx> {
  hint = insertLeaverHint;

  async lockHint(tx: PgSiteTx, id: string): Promise<LeaverHint | null> {
    const [row] = await tx.keyed<Record<string, unknown>>('SELECT id, cause, connector_id, sealed_identity, external_identity_id, account_id, state, attempts FROM leaver_hint WHERE site_id = $1 AND id = $2 FOR UPDATE', [tx.siteId, id]);
    return row === undefined ? null : fromRow(row);
  }
  /** The sealed id has done its work. */
  async settleHint(tx: PgSiteTx, id: string, state: HintState, accounts: readonly string[] = []): Promise<void> {
    await tx.keyed(
      `UPDATE leaver_hint SET state = $3, next_attempt_at = NULL, sealed_identity = NULL, finished_at = clock_timestamp(),
         case_ids = ARRAY(SELECT m.id FROM mass_action m WHERE m.site_id = $1 AND m.source = 'leaver' AND m.key = ANY($4) AND ${OPEN_CASE}) WHERE site_id = $1 AND id = $2`, [tx.siteId, id, state, accounts]);
  }
  async pruneHints(tx: PgSiteTx, olderThanDays: number): Promise<number> {
    const rows = await tx.query(
      `DELETE FROM leaver_hint h WHERE h.site_id = $1 AND h.state <> 'pending' AND h.finished_at < clock_timestamp() - make_interval(days => $2)
         AND NOT EXISTS (SELECT 1 FROM mass_action m WHERE m.id = ANY(h.case_ids) AND ${OPEN_CASE}) RETURNING h.id`, [tx.siteId, olderThanDays]);
    return rows.length;
  }
  async delayHint(tx: PgSiteTx, id: string, { retryInMs, tries }: Parameters<LeaverStore['delayHint']>[2]): Promise<void> {
    await tx.keyed('UPDATE leaver_hint SET attempts = attempts + $4, next_attempt_at = clock_timestamp() + make_interval(secs => $3 / 1000.0) WHERE site_id = $1 AND id = $2', [tx.siteId, id, retryInMs, tries]);
  }
  async dueHints(tx: PgSiteTx, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>("SELECT id FROM leaver_hint WHERE site_id = $1 AND state = 'pending' AND next_attempt_at <= clock_timestamp() ORDER BY next_attempt_at LIMIT $2", [tx.siteId, limit]);
    return rows.map(({ id }) => id);
  }

  async identity(tx: PgSiteTx, externalIdentityId: string): Promise<{ readonly connectorId: string; readonly sealed: string } | null> {
    const [row] = await tx.keyed<{ connectorId: string; sealed: string }>('SELECT connector_id AS "connectorId", sealed FROM external_identity WHERE site_id = $1 AND id = $2', [tx.siteId, externalIdentityId]);
    return row ?? null;
  }
  async connector(tx: PgSiteTx, connectorId: string): Promise<{ readonly provider: Provider; readonly sealedConfig: string } | null> {
    const [row] = await tx.keyed<{ provider: Provider; sealedConfig: string }>('SELECT provider, sealed_config AS "sealedConfig" FROM connector WHERE site_id = $1 AND id = $2', [tx.siteId, connectorId]);
    return row ?? null;
  }
  /** Whom the identity is mapped to; and who holds access that was given to it and is mapped to nobody there any more, since a mapping that was deleted is no reason to keep access. */
  async accountsOf(tx: PgSiteTx, identityHash: string, connectorId: string): Promise<readonly string[]> {
    const rows = await tx.keyed<{ account_id: string }>(
      `SELECT DISTINCT m.account_id FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id
         JOIN connector own ON own.id = i.connector_id JOIN connector read ON read.site_id = m.site_id AND read.id = $3
       WHERE m.site_id = $1 AND i.identity_hash = $2 AND ${sameTenant('own', 'read')}
       UNION SELECT g.account_id FROM access_grant g JOIN membership s ON s.id = g.membership_id JOIN connector own ON own.id = s.connector_id JOIN connector read ON read.site_id = g.site_id AND read.id = $3
       WHERE g.site_id = $1 AND s.identity_hash = $2 AND g.status IN ('pendingProvision', 'active', 'suspended') AND ${sameTenant('own', 'read')}
         AND NOT EXISTS (SELECT 1 FROM site_identity_mapping n JOIN connector other ON other.id = n.connector_id WHERE n.site_id = $1 AND n.account_id = g.account_id AND ${sameTenant('other', 'read')})
       ORDER BY 1`, [tx.siteId, identityHash, connectorId],
    );
    return rows.map((row) => row.account_id);
  }

  async holders(tx: PgSiteTx, after: string, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ account_id: string }>(`SELECT account_id FROM (${HOLDERS}) h WHERE account_id > $2 ORDER BY account_id LIMIT $3`, [tx.siteId, after, limit]);
    return rows.map((row) => row.account_id);
  }
  async countHolders(tx: PgSiteTx): Promise<number> {
    const [row] = await tx.query<{ count: number }>(`SELECT count(*) AS count FROM (${HOLDERS}) h`, [tx.siteId]);
    return row?.count ?? 0;
  }
  async hasAccess(tx: PgSiteTx, accountId: string): Promise<boolean> {
    return (await tx.query(`SELECT 1 FROM (${HOLDERS}) h WHERE account_id = $2`, [tx.siteId, accountId])).length > 0;
  }
  async countCases(tx: PgSiteTx, since: Date): Promise<{ readonly all: number; readonly held: number }> {
    const [row] = await tx.query<{ all: number; held: number }>(`SELECT count(*) AS "all", count(*) FILTER (WHERE status = 'stopped') AS held FROM mass_action WHERE site_id = $1 AND source = 'leaver' AND created_at > $2`, [tx.siteId, since]);
    return row ?? { all: 0, held: 0 };
  }
  async hasHeldCase(tx: PgSiteTx, accountId: string): Promise<boolean> {
    return (await tx.query("SELECT 1 FROM mass_action WHERE site_id = $1 AND source = 'leaver' AND key = $2 AND status = 'stopped' AND restore_status = 'none'", [tx.siteId, accountId])).length > 0;
  }
}

/** An event hook names a connector and no site: these rows alone are looked up across sites, by the API only. */
export const createEventHookStore = (dataSource: DataSource): EventHookStore => ({
  async find(connectorId) {
    const rows: EventHook[] = await dataSource.query('SELECT site_id AS "siteId", connector_id AS "connectorId", secret_hash AS "secretHash" FROM event_hook WHERE connector_id = $1', [connectorId]);
    return rows[0] ?? null;
  },
  async put(tx: PgSiteTx, { connectorId, secretHash, createdBy }) {
    await tx.query(
      `INSERT INTO event_hook (connector_id, site_id, secret_hash, created_by) VALUES ($1, $2, $3, $4)
       ON CONFLICT (connector_id) DO UPDATE SET secret_hash = excluded.secret_hash, created_by = excluded.created_by, created_at = clock_timestamp()`,
      [connectorId, tx.siteId, secretHash, createdBy],
    );
  },
});
