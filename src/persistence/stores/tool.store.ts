import type { EntitlementGroupView, ToolView } from '../../application/ports/api-views.js';
import type { Entitlement } from '../../domain/catalog/entitlement.js';
import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import type { GroupOwner, GroupRow, ToolFields, ToolRow, ToolStore } from '../../application/ports/tool-store.port.js';
import { TOOL_SELECT, toGroupView, toToolView, type GroupViewRow, type ToolViewRow } from '../read-models/catalog-views.js';
import { insertInto, setList } from '../rows.js';
import { sameTenant } from '../tenant-sql.js';
import type { PgSiteTx } from '../unit-of-work.js';

/** Whether anybody has access that is not over yet, or waits for a decision; `its` says whose rows. */
const LIVE_GRANT = (its: string): string => `EXISTS (SELECT 1 FROM access_grant WHERE ${its} AND status NOT IN ('expired', 'revoked'))`;
const IN_USE = (its: string): string => `${LIVE_GRANT(its)} OR EXISTS (SELECT 1 FROM request WHERE ${its} AND decision = 'pending')`;
/** Of the tool with all its roles, and of one entitlement. Parameters: $1 site, $2 tool, $3 role. */
const OF_TOOL = 'site_id = $1 AND tool_key = $2';
const OF_ENTITLEMENT = `${OF_TOOL} AND role_key IS NOT DISTINCT FROM $3`;
async function holds(tx: PgSiteTx, condition: string, values: readonly unknown[]): Promise<boolean> {
  const [row] = await tx.query<{ holds: boolean }>(`SELECT ${condition} AS holds`, [tx.siteId, ...values]);
  return row?.holds ?? true;
}
/** Parameters: $1 site, $2 tool, $3 role. */
const OWNED = 'site_id = $1 AND tool_id = $2 AND role_id IS NOT DISTINCT FROM $3';
/** A group of the row that `owner` says, as {@link GroupRow} before its instants are read. */
export const lockedGroup = (owner: string): string =>
  `(SELECT json_build_object('id', g.id, 'connectorId', g.connector_id, 'externalGroupId', g.external_group_id, 'confirmedAt', g.assignment_confirmed_at) FROM entitlement_group g WHERE ${owner}) AS "group"`;
export const readLockedGroup = (group: GroupRow | null): GroupRow | null => (group === null ? null : { ...group, confirmedAt: group.confirmedAt === null ? null : new Date(group.confirmedAt) });

export class PgToolStore implements ToolStore {
  async findView(tx: PgSiteTx, key: string): Promise<ToolView | null> {
    const [row] = await tx.query<ToolViewRow>(`${TOOL_SELECT} WHERE t.site_id = $1 AND t.key = $2`, [tx.siteId, key]);
    return row === undefined ? null : toToolView(row);
  }

  async lock(tx: PgSiteTx, key: string): Promise<ToolRow | null> {
    const [row] = await tx.query<ToolRow>(
      `SELECT t.id, t.key, t.name, t.vendor, t.status, t.risk, t.max_duration_days AS "maxDurationDays", t.provider, t.connector_id AS "connectorId", t.summary, t.owner,
         t.pilot_groups AS "pilotGroups", t.data_classes AS "dataClasses", t.fulfilment, t.fulfilment_owner AS "fulfilmentOwner", t.fulfilment_hours AS "fulfilmentHours", t.drift_response AS "driftResponse", t.category, t.entitlement_attestation AS "entitlementAttestation", t.row_version AS "rowVersion",
         ${lockedGroup('g.tool_id = t.id AND g.role_id IS NULL')}
       FROM tool t WHERE t.site_id = $1 AND t.key = $2 FOR UPDATE`,
      [tx.siteId, key],
    );
    return row === undefined ? null : { ...row, group: readLockedGroup(row.group) };
  }

  async insert(tx: PgSiteTx, tool: ToolFields & { readonly id: string; readonly key: string; readonly seededVersion: number | null }): Promise<boolean> {
    const { sql, values } = insertInto('tool', { ...tool, siteId: tx.siteId });
    return (await tx.query(`${sql} ON CONFLICT (site_id, key) DO NOTHING RETURNING id`, values)).length === 1;
  }

  async update(tx: PgSiteTx, id: string, patch: Partial<ToolFields>): Promise<void> {
    const { sql, values } = setList({ ...patch }, 3);
    await tx.query(`UPDATE tool SET ${sql === '' ? '' : `${sql}, `}row_version = row_version + 1, updated_at = clock_timestamp() WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...values]);
  }

  async remove(tx: PgSiteTx, id: string): Promise<void> {
    await this.removeGroups(tx, id);
    await tx.query('DELETE FROM tool_role WHERE site_id = $1 AND tool_id = $2', [tx.siteId, id]);
    await tx.query('DELETE FROM tool WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  }

  isInUse = (tx: PgSiteTx, toolKey: string): Promise<boolean> => holds(tx, IN_USE(OF_TOOL), [toolKey]);
  hasLiveGrants = (tx: PgSiteTx, toolKey: string): Promise<boolean> => holds(tx, LIVE_GRANT(OF_TOOL), [toolKey]);
  isEntitlementInUse = (tx: PgSiteTx, { toolKey, roleKey }: Entitlement): Promise<boolean> => holds(tx, IN_USE(OF_ENTITLEMENT), [toolKey, roleKey]);
  hasLiveGrantsOf = (tx: PgSiteTx, { toolKey, roleKey }: Entitlement): Promise<boolean> => holds(tx, LIVE_GRANT(OF_ENTITLEMENT), [toolKey, roleKey]);

  async findGroup(tx: PgSiteTx, { toolId, roleId }: GroupOwner): Promise<EntitlementGroupView | null> {
    const [row] = await tx.query<GroupViewRow>(
      `SELECT external_group_id AS "externalGroupId", name, origin, assignment_confirmed_at AS "confirmedAt", assignment_confirmed_by AS "confirmedBy", apps, apps_read_at AS "appsReadAt" FROM entitlement_group WHERE ${OWNED}`,
      [tx.siteId, toolId, roleId],
    );
    return row === undefined ? null : toGroupView(row);
  }
  async putGroup(tx: PgSiteTx, g: GroupOwner & { readonly id: string; readonly connectorId: string; readonly externalGroupId: string; readonly name: string; readonly origin: 'created' | 'bound' }): Promise<void> {
    // The same group again: what was accepted of its members stays, and all else is as with a new one.
    const again = await tx.query(
      `UPDATE entitlement_group SET name = $6, origin = $7, assignment_confirmed_at = NULL, assignment_confirmed_by = NULL, apps = NULL, apps_read_at = NULL, confirmed_apps = NULL, baseline_recorded_at = NULL, created_at = clock_timestamp()
       WHERE ${OWNED} AND connector_id = $4 AND external_group_id = $5 RETURNING id`, [tx.siteId, g.toolId, g.roleId, g.connectorId, g.externalGroupId, g.name, g.origin]);
    if (again.length > 0) return;
    await removeGroupsWhere(tx, OWNED, [tx.siteId, g.toolId, g.roleId]);
    const { sql, values } = insertInto('entitlement_group', { ...g, siteId: tx.siteId });
    await tx.query(sql, values);
  }
  async isHeldByOtherConnector(tx: PgSiteTx, { connectorId, externalGroupId }: { readonly connectorId: string; readonly externalGroupId: string }): Promise<boolean> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtext('group.bind'), hashtext($1 || '/' || $2))", [tx.siteId, externalGroupId]);
    const rows = await tx.query(
      `SELECT 1 FROM entitlement_group g JOIN connector own ON own.id = g.connector_id JOIN connector wanted ON wanted.site_id = g.site_id AND wanted.id = $2
       WHERE g.site_id = $1 AND g.external_group_id = $3 AND own.id <> wanted.id AND (${sameTenant('own', 'wanted')} OR (own.provider = 'entra' AND wanted.provider = 'entra')) LIMIT 1`, [tx.siteId, connectorId, externalGroupId]);
    return rows.length > 0;
  }
  async isFulfilledOtherwise(tx: PgSiteTx, { toolId, fulfilment, group }: Parameters<ToolStore['isFulfilledOtherwise']>[1]): Promise<boolean> {
    const rows = await tx.query(
      `SELECT 1 FROM entitlement_group o JOIN tool t ON t.id = o.tool_id WHERE o.site_id = $1 AND t.id <> $2 AND t.fulfilment <> $3
         AND (o.connector_id, o.external_group_id) IN (SELECT connector_id, external_group_id FROM entitlement_group WHERE site_id = $1 AND tool_id = $2 UNION ALL SELECT $4, $5) LIMIT 1`,
      [tx.siteId, toolId, fulfilment, group?.connectorId ?? null, group?.externalGroupId ?? null]);
    return rows.length > 0;
  }
  removeGroups = (tx: PgSiteTx, toolId: string): Promise<void> => removeGroupsWhere(tx, 'site_id = $1 AND tool_id = $2', [tx.siteId, toolId]);
  async keepApps(tx: PgSiteTx, { toolId, roleId }: GroupOwner, apps: readonly GroupApp[]): Promise<void> {
    await tx.query(`UPDATE entitlement_group SET apps = $4, apps_read_at = $5 WHERE ${OWNED}`, [tx.siteId, toolId, roleId, JSON.stringify(apps), tx.now]);
  }
  async confirmGroup(tx: PgSiteTx, { toolId, roleId }: GroupOwner, by: string): Promise<void> {
    await tx.query(`UPDATE entitlement_group SET assignment_confirmed_at = $4, assignment_confirmed_by = $5, confirmed_apps = CASE WHEN apps_read_at > $4::timestamptz - interval '15 minutes' THEN apps END WHERE ${OWNED}`, [tx.siteId, toolId, roleId, tx.now, by]);
  }

  async raisePolicyVersion(tx: PgSiteTx): Promise<number> {
    const [row] = await tx.query<{ version: number }>('UPDATE site SET policy_version = policy_version + 1 WHERE id = $1 RETURNING policy_version AS version', [tx.siteId]);
    if (row === undefined) throw new Error(`site ${tx.siteId} is not registered`);
    return row.version;
  }
}

/** Groups of a tool or a role, with what was accepted of them. */
export async function removeGroupsWhere(tx: PgSiteTx, where: string, values: readonly unknown[]): Promise<void> {
  await tx.query(`DELETE FROM baseline_access WHERE site_id = $1 AND entitlement_group_id IN (SELECT id FROM entitlement_group WHERE ${where})`, [...values]);
  await tx.query(`DELETE FROM entitlement_group WHERE ${where}`, [...values]);
}
