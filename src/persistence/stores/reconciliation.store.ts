import type {
  DifferenceRow, DifferenceState, GroupRow, GroupTool, ReconciliationStore, RecordedMember, RunConnector, RunRow,
} from '../../application/ports/reconciliation-store.port.js';
import type { Waiver } from '../../domain/reconciliation/breaker.js';
import { fromRow, insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';
import { acceptApps, acceptBaseline, acceptProposals, closeFinding, closeGone, keepApps, findFinding, lockFinding, lockStanding, openFinding, proposeBaseline, requestRepair, supersedeFinding, updateFinding } from './finding-queries.js';
import { EXPECTED, RECORDED_MEMBERS, SUSPICIOUS } from './reconciliation-sql.js';

type Raw = Record<string, unknown>;
const all = async <Row>(tx: PgSiteTx, sql: string, values: readonly unknown[]): Promise<Row[]> => (await tx.query<Raw>(sql, values)).map((row) => fromRow<Row>(row));
/** Also held while there is no run whose row could be locked: one that somebody opens meanwhile would come behind other locks. */
const TURN = "SELECT pg_advisory_xact_lock(hashtext('reconciliation.run'), hashtext($1 || '/' || $2))";
const RUN = "SELECT * FROM reconciliation_record WHERE site_id = $1 AND connector_id = $2 AND status = 'running' FOR UPDATE";

/** A run's state in Postgres. Every statement names the site besides the row-level fence. */
export class PgReconciliationStore implements ReconciliationStore<PgSiteTx> {
  async realNow(tx: PgSiteTx): Promise<Date> {
    const [row] = await tx.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    if (row === undefined) throw new Error('Postgres did not tell its time');
    return row.now;
  }
  async connector(tx: PgSiteTx, id: string): Promise<RunConnector | null> {
    return (await all<RunConnector>(tx, 'SELECT id, provider, sealed_config FROM connector WHERE site_id = $1 AND id = $2', [tx.siteId, id]))[0] ?? null;
  }
  async lockRunning(tx: PgSiteTx, connectorId: string): Promise<RunRow | null> {
    const [, [run]] = await Promise.all([tx.query(TURN, [tx.siteId, connectorId]), all<RunRow>(tx, RUN, [tx.siteId, connectorId])]);
    return run ?? null;
  }
  async insertRun(tx: PgSiteTx, run: Parameters<ReconciliationStore['insertRun']>[1]): Promise<boolean> {
    const { sql, values } = insertInto('reconciliation_record', { ...run, siteId: tx.siteId, startedAt: tx.now });
    return (await tx.query(`${sql} ON CONFLICT (site_id, connector_id) WHERE status = 'running' DO NOTHING RETURNING id`, values)).length === 1;
  }
  async updateRun(tx: PgSiteTx, id: string, patch: Parameters<ReconciliationStore['updateRun']>[2]): Promise<void> {
    const set = setList({ ...patch }, 3);
    await tx.query(`UPDATE reconciliation_record SET ${set.sql === '' ? '' : `${set.sql}, `}stepped_at = clock_timestamp() WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...set.values]);
  }

  async managedGroups(tx: PgSiteTx, connectorId: string, toolKey: string | null): Promise<{ externalGroupId: string; isBaseline: boolean }[]> {
    return all(tx,
      `SELECT external_group_id, bool_or(is_baseline) AS is_baseline FROM (
         SELECT e.external_group_id, t.key AS tool_key, e.origin = 'bound' AND e.baseline_recorded_at IS NULL AND e.created_at > clock_timestamp() - interval '1 hour' AS is_baseline
           FROM entitlement_group e JOIN tool t ON t.id = e.tool_id WHERE e.site_id = $1 AND e.connector_id = $2
         UNION ALL
         SELECT m.external_group_id, a.tool_key, false FROM membership m JOIN access_grant a ON a.membership_id = m.id WHERE m.site_id = $1 AND m.connector_id = $2 AND m.desired = 'present'
       ) g WHERE $3::text IS NULL OR tool_key = $3 GROUP BY 1 ORDER BY 1`,
      [tx.siteId, connectorId, toolKey]);
  }
  async addGroups(tx: PgSiteTx, runId: string, groups: readonly { readonly externalGroupId: string; readonly isBaseline: boolean; readonly waiver: Waiver | null }[]): Promise<number> {
    let added = 0;
    for (const group of groups) {
      const rows = await tx.query(
        `INSERT INTO reconciliation_group AS g (record_id, external_group_id, site_id, is_baseline, waived_reason, waived_changes) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (record_id, external_group_id) DO UPDATE SET state = CASE WHEN g.state = 'listing' THEN 'listing' ELSE 'pending' END, waived_reason = excluded.waived_reason, waived_changes = excluded.waived_changes, held = NULL
           WHERE excluded.waived_reason IS NOT NULL RETURNING 1`,
        [runId, group.externalGroupId, tx.siteId, group.isBaseline, group.waiver?.reason ?? null, group.waiver?.changes ?? null]);
      added += rows.length;
    }
    return added;
  }
  async nextGroup(tx: PgSiteTx, runId: string): Promise<GroupRow | null> {
    return (await all<GroupRow>(tx, "SELECT * FROM reconciliation_group WHERE site_id = $1 AND record_id = $2 AND state IN ('pending', 'listing') ORDER BY state = 'pending', external_group_id LIMIT 1", [tx.siteId, runId]))[0] ?? null;
  }
  async findGroup(tx: PgSiteTx, runId: string, externalGroupId: string): Promise<GroupRow | null> {
    return (await all<GroupRow>(tx, 'SELECT * FROM reconciliation_group WHERE site_id = $1 AND record_id = $2 AND external_group_id = $3', [tx.siteId, runId, externalGroupId]))[0] ?? null;
  }
  async updateGroup(tx: PgSiteTx, runId: string, externalGroupId: string, patch: Partial<GroupRow>): Promise<void> {
    const set = setList({ ...patch }, 4);
    if (set.sql !== '') await tx.query(`UPDATE reconciliation_group SET ${set.sql} WHERE site_id = $1 AND record_id = $2 AND external_group_id = $3`, [tx.siteId, runId, externalGroupId, ...set.values]);
  }
  async outcomes(tx: PgSiteTx, runId: string): ReturnType<ReconciliationStore['outcomes']> {
    return tx.query(
      `SELECT g.external_group_id AS "externalGroupId", g.state, g.held, g.state = 'deleted' AS deleted, g.members AS listed, g.expected,
         CASE WHEN g.waived_reason IS NOT NULL THEN json_build_object('reason', g.waived_reason, 'changes', g.waived_changes) END AS waiver,
         (SELECT count(*)::int FROM reconciliation_difference d WHERE d.site_id = $1 AND d.record_id = $2 AND d.external_group_id = g.external_group_id AND d.state = 'suspected' AND d.effect IN ('revert', 'revokeGrants')) AS changes
       FROM reconciliation_group g WHERE g.site_id = $1 AND g.record_id = $2 ORDER BY 1`, [tx.siteId, runId]);
  }
  async groupTools(tx: PgSiteTx, connectorId: string, externalGroupId: string): Promise<GroupTool[]> {
    return tx.query('SELECT DISTINCT t.key AS "toolKey", t.drift_response AS response FROM entitlement_group e JOIN tool t ON t.id = e.tool_id WHERE e.site_id = $1 AND e.connector_id = $2 AND e.external_group_id = $3 ORDER BY t.key', [tx.siteId, connectorId, externalGroupId]);
  }

  async sight(tx: PgSiteTx, runId: string, externalGroupId: string, hashes: readonly string[]): Promise<void> {
    await tx.query('INSERT INTO reconciliation_sighting (record_id, external_group_id, identity_hash, site_id) SELECT $2, $3, h, $1 FROM unnest($4::text[]) AS s (h) ON CONFLICT DO NOTHING', [tx.siteId, runId, externalGroupId, hashes]);
  }
  async forgetListing(tx: PgSiteTx, runId: string, externalGroupId: string): Promise<number> {
    await this.forgetSightings(tx, runId, externalGroupId);
    const forgotten = await tx.query<{ state: string }>("DELETE FROM reconciliation_difference WHERE site_id = $1 AND record_id = $2 AND external_group_id = $3 AND (state IN ('suspected', 'held') OR kind = 'baselineMember') RETURNING state", [tx.siteId, runId, externalGroupId]);
    return forgotten.filter(({ state }) => state === 'suspected').length;
  }
  async forgetSightings(tx: PgSiteTx, runId: string, externalGroupId: string): Promise<void> {
    await tx.query('DELETE FROM reconciliation_sighting WHERE site_id = $1 AND record_id = $2 AND external_group_id = $3', [tx.siteId, runId, externalGroupId]);
  }
  async recordedMembers(tx: PgSiteTx, { connectorId, externalGroupId, hashes, since, onlySuspicious }: Parameters<ReconciliationStore['recordedMembers']>[1]): Promise<RecordedMember[]> {
    if (hashes.length === 0) return [];
    return (await tx.query<MemberSqlRow>(`${RECORDED_MEMBERS} ${onlySuspicious ? SUSPICIOUS : ''}`, [tx.siteId, connectorId, externalGroupId, hashes, since])).map(toMember);
  }
  async unseenMembers(tx: PgSiteTx, { runId, connectorId, externalGroupId, limit }: Parameters<ReconciliationStore['unseenMembers']>[1]): Promise<string[]> {
    const rows = await tx.query<{ hash: string }>(
      `SELECT DISTINCT i.identity_hash AS hash ${EXPECTED}
         AND NOT EXISTS (SELECT 1 FROM reconciliation_sighting s WHERE s.record_id = $4 AND s.external_group_id = $3 AND s.identity_hash = i.identity_hash)
         AND NOT EXISTS (SELECT 1 FROM reconciliation_difference d WHERE d.record_id = $4 AND d.external_group_id = $3 AND d.identity_hash = i.identity_hash)
       ORDER BY 1 LIMIT $5`, [tx.siteId, connectorId, externalGroupId, runId, limit]);
    return rows.map(({ hash }) => hash);
  }
  async countExpected(tx: PgSiteTx, connectorId: string, externalGroupId: string): Promise<number> {
    return (await tx.query<{ count: number }>(`SELECT count(*)::int AS count ${EXPECTED}`, [tx.siteId, connectorId, externalGroupId]))[0]?.count ?? 0;
  }
  async putIdentities(tx: PgSiteTx, connectorId: string, identities: Parameters<ReconciliationStore['putIdentities']>[2]): Promise<void> {
    for (const { id, identityHash, sealed, loginHint } of identities) {
      await tx.keyed(
        `INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) SELECT $3, $1, c.provider, c.id, $4, $5, $6 FROM connector c WHERE c.site_id = $1 AND c.id = $2
         ON CONFLICT (site_id, connector_id, identity_hash) DO NOTHING`, [tx.siteId, connectorId, id, identityHash, sealed, loginHint]);
    }
  }

  async insertDifferences(tx: PgSiteTx, runId: string, differences: readonly Omit<DifferenceRow, 'attempts'>[]): Promise<number> {
    let inserted = 0;
    for (const difference of differences) {
      const { sql, values } = insertInto('reconciliation_difference', { ...difference, siteId: tx.siteId, recordId: runId });
      inserted += (await tx.keyed(`${sql} ON CONFLICT ON CONSTRAINT reconciliation_difference_once DO NOTHING RETURNING id`, values)).length;
    }
    return inserted;
  }
  async nextDifferences(tx: PgSiteTx, runId: string, state: DifferenceState, limit: number): Promise<DifferenceRow[]> {
    return all(tx,
      `SELECT d.* FROM reconciliation_difference d WHERE d.site_id = $1 AND d.record_id = $2 AND d.state = $3 AND d.external_group_id =
         (SELECT f.external_group_id FROM reconciliation_difference f WHERE f.site_id = $1 AND f.record_id = $2 AND f.state = $3 ORDER BY f.attempts, f.external_group_id LIMIT 1)
       ORDER BY d.attempts, d.created_at, d.id LIMIT $4`, [tx.siteId, runId, state, limit]);
  }
  async findDifference(tx: PgSiteTx, id: string): Promise<DifferenceRow | null> {
    return (await all<DifferenceRow>(tx, 'SELECT * FROM reconciliation_difference WHERE site_id = $1 AND id = $2', [tx.siteId, id]))[0] ?? null;
  }
  async updateDifferences(tx: PgSiteTx, ids: readonly string[], patch: Parameters<ReconciliationStore['updateDifferences']>[2]): Promise<void> {
    const set = setList({ ...patch }, 3);
    await tx.query(`UPDATE reconciliation_difference SET ${set.sql} WHERE site_id = $1 AND id = ANY($2)`, [tx.siteId, ids, ...set.values]);
  }
  async holdChanges(tx: PgSiteTx, runId: string, externalGroupId: string): Promise<number> {
    return (await tx.query("UPDATE reconciliation_difference SET state = 'held' WHERE site_id = $1 AND record_id = $2 AND external_group_id = $3 AND state = 'suspected' AND effect IN ('revert', 'revokeGrants') RETURNING 1", [tx.siteId, runId, externalGroupId])).length;
  }
  async settleRemovals(tx: PgSiteTx, runId: string): Promise<{ open: number; findings: string[] }> {
    const where = `d.site_id = $1 AND d.record_id = $2 AND d.state = 'delivered' AND d.effect = 'removeEnded'`;
    const rows = await tx.query<{ id: string }>(
      `UPDATE reconciliation_difference d SET state = 'removed' FROM external_identity i, membership m WHERE ${where} AND i.site_id = $1 AND i.identity_hash = d.identity_hash
         AND m.external_identity_id = i.id AND m.external_group_id = d.external_group_id AND m.connector_id = (SELECT connector_id FROM reconciliation_record WHERE id = $2) AND m.observed = 'absent'
         AND NOT EXISTS (SELECT 1 FROM access_grant a WHERE a.site_id = $1 AND a.membership_id = m.id AND a.status = 'removing') RETURNING d.finding_id AS id`, [tx.siteId, runId]);
    const [open] = await tx.query<{ count: number }>(`SELECT count(*)::int AS count FROM reconciliation_difference d WHERE ${where}`, [tx.siteId, runId]);
    return { open: open?.count ?? 0, findings: rows.map(({ id }) => id) };
  }
  async leftOver(tx: PgSiteTx, runId: string): Promise<{ unreadable: number; failed: number }> {
    const [row] = await tx.query<{ unreadable: number; failed: number }>(
      "SELECT count(*) FILTER (WHERE state = 'unreadable')::int AS unreadable, count(*) FILTER (WHERE state = 'failed')::int AS failed FROM reconciliation_difference WHERE site_id = $1 AND record_id = $2", [tx.siteId, runId]);
    return row ?? { unreadable: 0, failed: 0 };
  }
  async sealedIdentities(tx: PgSiteTx, connectorId: string, hashes: readonly string[]): Promise<{ identityHash: string; sealedIdentity: string; identityConnectorId: string }[]> {
    return tx.query(
      `SELECT DISTINCT ON (identity_hash) identity_hash AS "identityHash", sealed AS "sealedIdentity", connector_id AS "identityConnectorId" FROM external_identity WHERE site_id = $1 AND identity_hash = ANY($3)
       ORDER BY identity_hash, connector_id = $2 DESC, id`, [tx.siteId, connectorId, hashes]);
  }

  async stalled(tx: PgSiteTx, olderThanMs: number): Promise<string[]> {
    return (await tx.query<{ id: string }>("SELECT connector_id AS id FROM reconciliation_record WHERE site_id = $1 AND status = 'running' AND stepped_at < clock_timestamp() - make_interval(secs => $2 / 1000.0)", [tx.siteId, olderThanMs])).map(({ id }) => id);
  }
  async enabledConnectors(tx: PgSiteTx): Promise<string[]> {
    return (await tx.query<{ id: string }>("SELECT id FROM connector WHERE site_id = $1 AND status = 'enabled' ORDER BY id", [tx.siteId])).map(({ id }) => id);
  }
  keepApps = keepApps;
  acceptApps = acceptApps;
  proposeBaseline = proposeBaseline;
  openFinding = openFinding;
  lockStanding = lockStanding;
  supersedeFinding = supersedeFinding;
  findFinding = findFinding;
  lockFinding = lockFinding;
  closeFinding = closeFinding;
  updateFinding = updateFinding;
  closeGone = closeGone;
  acceptBaseline = acceptBaseline;
  acceptProposals = acceptProposals;
  requestRepair = requestRepair;
}

interface MemberSqlRow extends Omit<RecordedMember, 'membership' | 'settled'> {
  readonly desired: 'present' | 'absent' | null; readonly readBack: boolean | null; readonly settled: boolean; readonly addUnresolved: boolean; readonly grants: number;
  readonly openGrants: number; readonly activeGrants: number; readonly removingGrants: number;
}
function toMember(row: MemberSqlRow): RecordedMember {
  const { identityHash, externalIdentityId, loginHint, accountIds, baseline, grantedByHand, settled, membershipId, activeRequests, endedRequest } = row;
  const membership = row.desired === null || row.grants === 0 ? null
    : { desired: row.desired, readBack: row.readBack === true, openGrants: row.openGrants, activeGrants: row.activeGrants, removingGrants: row.removingGrants, addUnresolved: row.addUnresolved };
  return { identityHash, externalIdentityId, loginHint, accountIds, baseline, grantedByHand, settled, membershipId, membership, activeRequests, endedRequest };
}
