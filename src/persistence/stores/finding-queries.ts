import { randomUUID } from 'node:crypto';
import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import type { ClosedFinding, FindingRow, NewFinding, ReconciliationStore } from '../../application/ports/reconciliation-store.port.js';
import { fromRow, insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';

/** What a dismissed finding says is not said again while it lasts. */
export async function openFinding(tx: PgSiteTx, finding: NewFinding): ReturnType<ReconciliationStore['openFinding']> {
  const key = [tx.siteId, finding.kind, finding.subjectKey];
  const [known] = await tx.query<{ id: string; state: FindingRow['state'] }>(
    `UPDATE finding SET last_seen_at = $4, record_id = COALESCE($5, record_id) WHERE id = (
       SELECT id FROM finding WHERE site_id = $1 AND kind = $2 AND subject_key = $3 AND (state = 'open' OR (state = 'dismissed' AND gone_at IS NULL)) ORDER BY state = 'open' DESC, seen_at DESC LIMIT 1)
     RETURNING id, state`, [...key, tx.now, finding.recordId]);
  if (known !== undefined) return { ...known, isNew: false };
  const { sql, values } = insertInto('finding', { ...finding, siteId: tx.siteId, seenAt: tx.now, lastSeenAt: tx.now });
  const rows = await tx.query(`${sql} ON CONFLICT (site_id, kind, subject_key) WHERE state = 'open' DO NOTHING RETURNING id`, values);
  if (rows.length === 1) return { id: finding.id, state: 'open', isNew: true };
  const [other] = await tx.query<{ id: string }>("SELECT id FROM finding WHERE site_id = $1 AND kind = $2 AND subject_key = $3 AND state = 'open'", key);
  if (other === undefined) throw new Error('an open finding vanished while it was looked for');
  return { id: other.id, state: 'open', isNew: false };
}

export async function lockStanding(tx: PgSiteTx, kind: FindingRow['kind'], subjectKey: string): Promise<FindingRow | null> {
  const [row] = await tx.query<Record<string, unknown>>(
    "SELECT * FROM finding WHERE site_id = $1 AND kind = $2 AND subject_key = $3 AND (state = 'open' OR (state = 'dismissed' AND gone_at IS NULL)) ORDER BY state = 'open' DESC, seen_at DESC LIMIT 1 FOR UPDATE", [tx.siteId, kind, subjectKey]);
  return row === undefined ? null : fromRow<FindingRow>(row);
}
export async function supersedeFinding(tx: PgSiteTx, id: string): Promise<void> {
  await tx.query("UPDATE finding SET resolved_by = CASE WHEN state = 'open' THEN 'reconciliation' ELSE resolved_by END, state = 'dismissed', resolved_at = COALESCE(resolved_at, $3), gone_at = $3 WHERE site_id = $1 AND id = $2", [tx.siteId, id, tx.now]);
}

export const findFinding = (tx: PgSiteTx, id: string): Promise<FindingRow | null> => byId(tx, id, '');
export const lockFinding = (tx: PgSiteTx, id: string): Promise<FindingRow | null> => byId(tx, id, 'FOR UPDATE');
async function byId(tx: PgSiteTx, id: string, lock: '' | 'FOR UPDATE'): Promise<FindingRow | null> {
  const [row] = await tx.query<Record<string, unknown>>(`SELECT * FROM finding WHERE site_id = $1 AND id = $2 ${lock}`, [tx.siteId, id]);
  return row === undefined ? null : fromRow<FindingRow>(row);
}
export async function closeFinding(tx: PgSiteTx, id: string, patch: Parameters<ReconciliationStore['closeFinding']>[2]): Promise<boolean> {
  const { state, resolvedBy, note, gone } = patch;
  const closed = await tx.query("UPDATE finding SET state = $3, resolved_at = $4, resolved_by = COALESCE(resolved_by, $5), note = COALESCE($6, note), gone_at = CASE WHEN $7 THEN $4::timestamptz ELSE gone_at END WHERE site_id = $1 AND id = $2 AND state = 'open' RETURNING id", [tx.siteId, id, state, tx.now, resolvedBy, note, gone]);
  if (closed.length === 0 && gone) await tx.query("UPDATE finding SET gone_at = $3 WHERE site_id = $1 AND id = $2 AND state = 'dismissed' AND gone_at IS NULL", [tx.siteId, id, tx.now]);
  return closed.length > 0;
}
export async function keepApps(tx: PgSiteTx, connectorId: string, externalGroupId: string, apps: readonly GroupApp[]): Promise<readonly (readonly GroupApp[])[]> {
  const rows = await tx.query<{ confirmed: GroupApp[] | null }>(
    `UPDATE entitlement_group SET apps = $4, apps_read_at = $5, confirmed_apps = CASE WHEN assignment_confirmed_at IS NULL THEN NULL ELSE coalesce(confirmed_apps, $4) END
     WHERE site_id = $1 AND connector_id = $2 AND external_group_id = $3 RETURNING confirmed_apps AS confirmed`, [tx.siteId, connectorId, externalGroupId, JSON.stringify(apps), tx.now]);
  return rows.flatMap(({ confirmed }) => (confirmed === null ? [] : [confirmed]));
}
export async function acceptApps(tx: PgSiteTx, connectorId: string, externalGroupId: string): Promise<void> {
  await tx.query('UPDATE entitlement_group SET confirmed_apps = apps WHERE site_id = $1 AND connector_id = $2 AND external_group_id = $3 AND assignment_confirmed_at IS NOT NULL', [tx.siteId, connectorId, externalGroupId]);
}
/** What is over with something of the connector itself, and not with a group of it; the ids of those that were open. */
export async function closeOfConnector(tx: PgSiteTx, connectorId: string, kind: FindingRow['kind'], by: string): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }>("UPDATE finding SET state = 'repaired', resolved_at = $3, resolved_by = COALESCE(resolved_by, $4), gone_at = $3 WHERE site_id = $1 AND connector_id = $2 AND kind = $5 AND state = 'open' RETURNING id", [tx.siteId, connectorId, tx.now, by, kind]);
  return rows.map(({ id }) => id);
}
/** Findings outlive their connector. */
export async function forgetConnector(tx: PgSiteTx, connectorId: string, kind: FindingRow['kind']): Promise<void> {
  await tx.query('UPDATE finding SET connector_id = NULL WHERE site_id = $1 AND connector_id = $2 AND kind = $3', [tx.siteId, connectorId, kind]);
}
export async function updateFinding(tx: PgSiteTx, id: string, patch: Parameters<ReconciliationStore['updateFinding']>[2]): Promise<void> {
  const set = setList({ ...patch }, 3);
  if (set.sql !== '') await tx.query(`UPDATE finding SET ${set.sql} WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...set.values]);
}

/**
 * In the groups that this run compared as a whole: what it did not find again is over. A person whom it doubted and could not read is not judged, whatever the doubt. Reported findings are closed by themselves, also those about ended access
 * and about groups; a quarantined one and a removal wait for a person's word.
 */
export async function closeGone(tx: PgSiteTx, runId: string, connectorId: string): Promise<ClosedFinding[]> {
  const over = `f.site_id = $1 AND f.kind <> 'groupAppsChanged' AND f.connector_id = $3 AND f.gone_at IS NULL AND EXISTS (
      SELECT 1 FROM reconciliation_group g WHERE g.record_id = $2 AND g.external_group_id = f.external_group_id AND g.state IN ('listed', 'deleted')
        AND (f.kind NOT IN ('massChange', 'groupDeleted') OR g.held IS NULL))
    AND NOT EXISTS (SELECT 1 FROM reconciliation_difference d WHERE d.record_id = $2 AND d.external_group_id = f.external_group_id AND d.identity_hash = f.identity_hash
      AND (d.kind = f.kind AND d.state <> 'vanished' OR d.state IN ('unreadable', 'held')))`;
  const values = [tx.siteId, runId, connectorId, tx.now];
  await tx.query(`UPDATE finding f SET gone_at = $4 WHERE ${over} AND f.state = 'dismissed'`, values);
  return tx.query<ClosedFinding>(
    `UPDATE finding f SET state = 'repaired', resolved_at = $4, resolved_by = COALESCE(f.resolved_by, 'reconciliation'), gone_at = $4 WHERE ${over} AND f.state = 'open'
       AND (f.kind IN ('expiredPresent', 'lateLanding', 'massChange', 'groupDeleted') OR (f.kind IN ('outOfBandAdd', 'unknownMember') AND f.response <> 'quarantine'))
     RETURNING f.id, f.kind, f.tool_key AS "toolKey", f.account_id AS "accountId"`, values);
}

/** Members of a first listing, as proposals for each tool that was bound to the group (SPEC K4). */
export async function proposeBaseline(tx: PgSiteTx, runId: string, connectorId: string, externalGroupId: string): Promise<number> {
  const groups = await tx.query<{ id: string }>('UPDATE entitlement_group SET baseline_recorded_at = $4 WHERE site_id = $1 AND connector_id = $2 AND external_group_id = $3 AND baseline_recorded_at IS NULL RETURNING id', [tx.siteId, connectorId, externalGroupId, tx.now]);
  const rows = await tx.query(
    `INSERT INTO baseline_access (id, site_id, entitlement_group_id, kind, reference_hash, label)
     SELECT 'bas_' || gen_random_uuid(), $1, e.id, CASE WHEN d.is_person THEN 'member' ELSE 'group' END, d.identity_hash, COALESCE(i.login_hint, d.identity_hash)
     FROM reconciliation_difference d CROSS JOIN unnest($4::text[]) AS e (id) LEFT JOIN external_identity i ON i.site_id = $1 AND i.connector_id = $5 AND i.identity_hash = d.identity_hash
     WHERE d.site_id = $1 AND d.record_id = $2 AND d.external_group_id = $3 AND d.kind = 'baselineMember'
     ON CONFLICT (site_id, entitlement_group_id, kind, reference_hash) DO NOTHING RETURNING reference_hash`,
    [tx.siteId, runId, externalGroupId, groups.map(({ id }) => id), connectorId]);
  return rows.length;
}
/** Accepted for every tool of the group: it is one group, whoever is in it has them all. */
export async function acceptBaseline(tx: PgSiteTx, where: Parameters<ReconciliationStore['acceptBaseline']>[1]): Promise<void> {
  const groups = await tx.query<{ id: string }>('SELECT id FROM entitlement_group WHERE site_id = $1 AND connector_id = $2 AND external_group_id = $3', [tx.siteId, where.connectorId, where.externalGroupId]);
  for (const { id } of groups) {
    await tx.query(
      `INSERT INTO baseline_access (id, site_id, entitlement_group_id, kind, reference_hash, label, accepted_by, accepted_at) VALUES ($1, $2, $3, 'member', $4, $5, $6, $7)
       ON CONFLICT (site_id, entitlement_group_id, kind, reference_hash) DO UPDATE SET accepted_by = excluded.accepted_by, accepted_at = excluded.accepted_at`,
      [`bas_${randomUUID()}`, tx.siteId, id, where.identityHash, where.label, where.by, tx.now]);
  }
}
export async function acceptProposals(tx: PgSiteTx, { toolKey, ids, by }: Parameters<ReconciliationStore['acceptProposals']>[1]): Promise<number> {
  const rows = await tx.query(
    `UPDATE baseline_access b SET accepted_by = $4, accepted_at = $5 FROM entitlement_group e JOIN tool t ON t.id = e.tool_id
     WHERE b.site_id = $1 AND e.id = b.entitlement_group_id AND t.key = $2 AND b.accepted_at IS NULL AND ($3::text[] IS NULL OR b.id = ANY($3)) RETURNING b.id`, [tx.siteId, toolKey, ids, by, tx.now]);
  return rows.length;
}
export async function requestRepair(tx: PgSiteTx, runId: string, wanted: Parameters<ReconciliationStore['requestRepair']>[2]): Promise<void> {
  const { sql, values } = insertInto('reconciliation_difference', { ...wanted, siteId: tx.siteId, recordId: runId });
  await tx.query(`${sql} ON CONFLICT ON CONSTRAINT reconciliation_difference_once DO UPDATE SET state = excluded.state, effect = excluded.effect, finding_id = excluded.finding_id, attempts = 0`, values);
}
