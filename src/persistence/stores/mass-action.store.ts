import type { Keyset, Rows } from '../../application/ports/api-queries.port.js';
import type { MassActionItemRow, MassActionRow, MassActionStore, MassActionWork } from '../../application/ports/mass-action-store.port.js';
import type { MassActionCounts, MassActionTarget } from '../../domain/mass-action/mass-action.js';
import { DAY_MS } from '../../domain/grant/grant.js';
import { ListFilter, rowsOf, sortText } from '../read-models/list-query.js';
import { stoppedWith } from '../routing-sql.js';
import { fromRow, insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';
import { blockStands, closeGate } from './premise.store.js';
import { RUN_COLUMNS, RUN_FROM, toOpenRequest, type OpenRequestRow } from './sweep.store.js';

type Raw = Record<string, unknown>;
const COLUMNS = 'm.id, m.source, m.scope, m.key, m.reason, m.mode, m.status, m.restore_status, m.requested_by, m.confirmed_by, m.restored_by, m.created_at, m.finished_at, m.restored_at';

/**
 * What a scope reaches, of a request `r` and its grant `g`; `$3` is the key, `$1` the site. A kill switch reaches the person under all their accounts. A leaver's case is one
 * account's: an identity that is gone opens one for each, and a closed Jira account says nothing of the person's other one.
 */
const inScope = ({ source, scope }: MassActionTarget): string => (scope === 'person' && source === 'killSwitch' ? `r.requester = ANY (${stoppedWith('$1', '$3')})` : IN_SCOPE[scope]);
const IN_SCOPE: Readonly<Record<MassActionTarget['scope'], string>> = {
  tool: 'r.tool_key = $3',
  person: 'r.requester = $3',
  connector: `(g.connector_id = $3 OR (g.connector_id IS NULL AND EXISTS (
    SELECT 1 FROM tool t LEFT JOIN entitlement_group e ON e.tool_id = t.id WHERE t.site_id = r.site_id AND t.key = r.tool_key AND coalesce(e.connector_id, t.connector_id) = $3)))`,
};
/**
 * Over, and nobody is left in the group: read, attested, never added, or taken out with the other grant that held it. What is open again after this mass action `m` was
 * through, was that then: another one has given it back.
 */
const ABSENT = `(i.restored_at IS NOT NULL OR (m.status = 'done' AND g.status IN ('pendingProvision', 'active', 'suspended')) OR (g.ended_at IS NOT NULL AND (g.end_evidence NOT IN ('heldByOtherGrant', 'heldByBaseline') OR (s.desired = 'absent' AND s.observed = 'absent'))))`;
const HELD = `(i.restored_at IS NULL AND g.ended_at IS NOT NULL AND g.end_evidence IN ('heldByOtherGrant', 'heldByBaseline') AND NOT (s.desired = 'absent' AND s.observed = 'absent'))`;
/** What this mass action stopped and nobody gave back or refused for good; `HELD_BACK`: another block is in force over it, so that its restore waits for that one's end. */
const UNRESTORED = "i.kind = 'grant' AND i.outcome = 'stopped' AND i.restore_outcome IS NULL";
const HELD_BACK = `EXISTS (SELECT 1 FROM access_block b WHERE ${blockStands('b', { tool: 'i.tool_key', person: 'i.account_id', connector: '(SELECT own.connector_id FROM access_grant own WHERE own.id = i.grant_id)' })})`;
const GRANTS = `i.kind <> 'request' AND i.outcome IS DISTINCT FROM 'spared'`;

/** Mass actions in Postgres: who is listed, and what is verified, are statements over the record itself. */
export class PgMassActionStore implements MassActionStore<PgSiteTx> {
  closeGate = closeGate;

  async insert(tx: PgSiteTx, row: MassActionRow): Promise<void> {
    const { sql, values } = insertInto('mass_action', { ...row, siteId: tx.siteId });
    await tx.keyed(sql, values);
  }
  find = (tx: PgSiteTx, id: string): Promise<MassActionRow | null> => this.one(tx, id, '');
  lock = (tx: PgSiteTx, id: string): Promise<MassActionRow | null> => this.one(tx, id, 'FOR UPDATE');
  async update(tx: PgSiteTx, id: string, patch: Parameters<MassActionStore['update']>[2]): Promise<void> {
    const set = setList({ ...patch }, 3);
    await tx.keyed(`UPDATE mass_action SET ${set.sql} WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...set.values]);
  }

  async inForce(tx: PgSiteTx, { source, scope, key }: MassActionTarget): Promise<boolean> {
    return (await tx.keyed('SELECT 1 FROM access_block WHERE site_id = $1 AND scope = $2 AND key = $3 AND source = $4 AND ended_at IS NULL', [tx.siteId, scope, key, source])).length > 0;
  }
  async insertBlock(tx: PgSiteTx, block: Parameters<MassActionStore['insertBlock']>[1]): Promise<void> {
    const { sql, values } = insertInto('access_block', { ...block, siteId: tx.siteId });
    await tx.keyed(sql, values);
  }
  async endBlock(tx: PgSiteTx, massActionId: string): Promise<void> {
    await tx.keyed('UPDATE access_block SET ended_at = $3 WHERE site_id = $1 AND mass_action_id = $2 AND ended_at IS NULL', [tx.siteId, massActionId, tx.now]);
  }

  async targetExists(tx: PgSiteTx, { scope, key }: MassActionTarget): Promise<boolean> {
    const known = { tool: 'SELECT 1 FROM tool WHERE site_id = $1 AND key = $2 UNION ALL SELECT 1 FROM request WHERE site_id = $1 AND tool_key = $2', connector: 'SELECT 1 FROM connector WHERE site_id = $1 AND id = $2', person: 'SELECT 1 FROM request WHERE site_id = $1 AND requester = $2 UNION ALL SELECT 1 FROM site_identity_mapping WHERE site_id = $1 AND account_id = $2' }[scope];
    return (await tx.query(`${known} LIMIT 1`, [tx.siteId, key])).length > 0;
  }

  async listItems(tx: PgSiteTx, { id, ...target }: MassActionTarget & { readonly id: string }): Promise<number> {
    const added = await tx.query(
      `INSERT INTO mass_action_item (mass_action_id, request_id, site_id, grant_id, kind, account_id, tool_key, remaining_ms)
       SELECT $2, r.id, r.site_id, g.id, CASE WHEN g.id IS NULL THEN 'request' WHEN g.status = 'removing' THEN 'ending' ELSE 'grant' END, r.requester, r.tool_key,
         CASE WHEN g.id IS NULL OR g.status = 'removing' THEN NULL WHEN g.starts_at IS NULL THEN g.duration_days::bigint * ${DAY_MS}
              ELSE greatest(0, (extract(epoch FROM g.expires_at - $4::timestamptz) * 1000)::bigint) END
       FROM request r LEFT JOIN access_grant g ON g.site_id = r.site_id AND g.request_id = r.id
       WHERE r.site_id = $1 AND ${inScope(target)} AND ((g.id IS NULL AND r.decision = 'pending') OR g.status IN ('pendingProvision', 'active', 'suspended', 'removing'))
       ON CONFLICT (mass_action_id, request_id) DO NOTHING RETURNING request_id`,
      [tx.siteId, id, target.key, tx.now],
    );
    return added.length;
  }

  async counts(tx: PgSiteTx, id: string): Promise<MassActionCounts> {
    const [row] = await tx.query<MassActionCounts>(
      `SELECT count(*) FILTER (WHERE ${GRANTS}) AS total, count(*) FILTER (WHERE ${GRANTS} AND ${ABSENT}) AS "verifiedAbsent", count(*) FILTER (WHERE ${GRANTS} AND ${HELD}) AS held,
         count(*) FILTER (WHERE ${GRANTS} AND NOT coalesce(${ABSENT}, false) AND NOT coalesce(${HELD}, false)) AS pending,
         count(*) FILTER (WHERE i.kind = 'request' AND i.outcome IS DISTINCT FROM 'spared') AS requests, count(*) FILTER (WHERE i.kind = 'request' AND i.outcome IN ('stopped', 'alreadyOver')) AS "requestsClosed",
         count(*) FILTER (WHERE i.restore_outcome = 'restored') AS restored, count(*) FILTER (WHERE i.restore_outcome <> 'restored') AS "restoreRefused",
         count(*) FILTER (WHERE m.restore_status <> 'none' AND ${UNRESTORED} AND ${HELD_BACK}) AS "restoreWaiting"
       FROM mass_action_item i JOIN mass_action m ON m.id = i.mass_action_id LEFT JOIN access_grant g ON g.id = i.grant_id LEFT JOIN membership s ON s.id = g.membership_id WHERE i.site_id = $1 AND i.mass_action_id = $2`,
      [tx.siteId, id],
    );
    if (row === undefined) throw new Error('a count without a row');
    return row;
  }

  toStop = (tx: PgSiteTx, id: string, after: string, limit: number): Promise<readonly MassActionWork[]> => this.work(tx, id, after, limit, "i.kind <> 'ending' AND i.outcome IS NULL");
  toEnd = (tx: PgSiteTx, id: string, after: string, limit: number): Promise<readonly MassActionWork[]> =>
    this.work(tx, id, after, limit, "i.outcome = 'stopped' AND EXISTS (SELECT 1 FROM access_grant g WHERE g.id = i.grant_id AND g.ended_at IS NULL)");
  toRestore = (tx: PgSiteTx, id: string, after: string, limit: number): Promise<readonly MassActionWork[]> =>
    this.work(tx, id, after, limit, `${UNRESTORED} AND NOT ${HELD_BACK} AND EXISTS (SELECT 1 FROM access_grant g WHERE g.id = i.grant_id AND g.ended_at IS NOT NULL)`);
  async unrestored(tx: PgSiteTx, id: string): Promise<number> {
    const [row] = await tx.query<{ count: number }>(`SELECT count(*) AS count FROM mass_action_item i WHERE i.site_id = $1 AND i.mass_action_id = $2 AND ${UNRESTORED} AND NOT ${HELD_BACK}`, [tx.siteId, id]);
    return row?.count ?? 0;
  }
  async spareRest(tx: PgSiteTx, id: string): Promise<number> {
    return (await tx.query("UPDATE mass_action_item SET outcome = 'spared' WHERE site_id = $1 AND mass_action_id = $2 AND kind <> 'ending' AND outcome IS NULL RETURNING request_id", [tx.siteId, id])).length;
  }
  async resumeRestores(tx: PgSiteTx): Promise<readonly MassActionRow[]> {
    // One that is about to be called done has not seen the end of the block: it is waited for, and the next statement sees what came of it.
    await tx.query("SELECT id FROM mass_action WHERE site_id = $1 AND restore_status = 'running' ORDER BY id FOR UPDATE", [tx.siteId]);
    const rows = await tx.query<Raw>(
      `UPDATE mass_action m SET restore_status = 'running' WHERE m.site_id = $1 AND m.restore_status = 'done'
         AND EXISTS (SELECT 1 FROM mass_action_item i WHERE i.mass_action_id = m.id AND ${UNRESTORED} AND NOT ${HELD_BACK}) RETURNING ${COLUMNS}`, [tx.siteId]);
    return rows.map((row) => fromRow<MassActionRow>(row));
  }
  open = (tx: PgSiteTx): Promise<readonly { readonly id: string; readonly source: MassActionTarget['source'] }[]> =>
    tx.query("SELECT id, source FROM mass_action WHERE site_id = $1 AND (status = 'running' OR restore_status = 'running') ORDER BY created_at, id", [tx.siteId]);

  async list(tx: PgSiteTx, query: Parameters<MassActionStore['list']>[1]): Promise<Rows<MassActionRow>> {
    const filter = new ListFilter('m', tx.siteId).equals('m.source', query.source).equals('m.status', query.status).equals('m.scope', query.scope).equals('m.key', query.key)
      .after(query.after, { sort: 'm.created_at', cast: 'timestamptz', id: 'm.id' }, 'DESC');
    const rows = await tx.query<Raw & { readonly sort: string; readonly id: string }>(`SELECT ${COLUMNS}, ${sortText('m.created_at')} FROM mass_action m ${filter.where} ORDER BY m.created_at DESC, m.id DESC LIMIT ${query.limit + 1}`, filter.values);
    return rowsOf(rows, query.limit, (row) => fromRow<MassActionRow>(row));
  }
  async items(tx: PgSiteTx, id: string, { limit, after }: { readonly limit: number; readonly after: Keyset | null }): Promise<Rows<MassActionItemRow>> {
    const filter = new ListFilter('i', tx.siteId).equals('i.mass_action_id', id).after(after, { sort: 'i.request_id', cast: 'text', id: 'i.request_id' }, 'ASC');
    const rows = await tx.query<Raw & { readonly sort: string; readonly id: string }>(
      `SELECT i.request_id AS "sort", i.request_id AS id, i.request_id, i.grant_id, i.kind, i.account_id, i.tool_key, i.remaining_ms, i.outcome, i.stopped_at, i.restore_outcome, i.restored_at, g.status AS grant_status, g.end_evidence, g.ended_at
       FROM mass_action_item i LEFT JOIN access_grant g ON g.id = i.grant_id ${filter.where} ORDER BY i.request_id LIMIT ${limit + 1}`, filter.values,
    );
    return rowsOf(rows, limit, (row) => fromRow<MassActionItemRow>(row));
  }

  private async one(tx: PgSiteTx, id: string, lock: '' | 'FOR UPDATE'): Promise<MassActionRow | null> {
    const [row] = await tx.keyed<Raw>(`SELECT ${COLUMNS} FROM mass_action m WHERE m.site_id = $1 AND m.id = $2 ${lock}`, [tx.siteId, id]);
    return row === undefined ? null : fromRow(row);
  }
  private async work(tx: PgSiteTx, id: string, after: string, limit: number, which: string): Promise<readonly MassActionWork[]> {
    const rows = await tx.query<OpenRequestRow & { readonly restores_blocked: number }>(
      `SELECT ${RUN_COLUMNS}, i.restores_blocked ${RUN_FROM} JOIN mass_action_item i ON i.request_id = r.id AND i.mass_action_id = $2 WHERE r.site_id = $1 AND i.request_id > $3 AND ${which} ORDER BY i.request_id LIMIT $4`,
      [tx.siteId, id, after, limit],
    );
    return rows.map((row) => ({ ...toOpenRequest(row), restoresBlocked: row.restores_blocked }));
  }
}
