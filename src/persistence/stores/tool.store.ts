import type { EntitlementGroupView, ToolView } from '../../application/ports/api-views.js';
import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import type { ToolFields, ToolRow, ToolStore } from '../../application/ports/tool-store.port.js';
import { TOOL_SELECT, toGroupView, toToolView, type GroupRow, type ToolViewRow } from '../read-models/catalog-views.js';
import { insertInto, setList } from '../rows.js';
import { sameTenant } from '../tenant-sql.js';
import type { PgSiteTx } from '../unit-of-work.js';

const LIVE_GRANT = "EXISTS (SELECT 1 FROM access_grant WHERE site_id = $1 AND tool_key = $2 AND status NOT IN ('expired', 'revoked'))";

export class PgToolStore implements ToolStore {
  async findView(tx: PgSiteTx, key: string): Promise<ToolView | null> {
    const [row] = await tx.query<ToolViewRow>(`${TOOL_SELECT} WHERE t.site_id = $1 AND t.key = $2`, [tx.siteId, key]);
    return row === undefined ? null : toToolView(row);
  }

  async lock(tx: PgSiteTx, key: string): Promise<ToolRow | null> {
    const [row] = await tx.query<ToolRow>(
      `SELECT t.id, t.key, t.name, t.vendor, t.status, t.risk, t.max_duration_days AS "maxDurationDays", t.provider, t.connector_id AS "connectorId", t.summary, t.owner,
         t.pilot_groups AS "pilotGroups", t.data_classes AS "dataClasses", t.fulfilment, t.fulfilment_owner AS "fulfilmentOwner", t.fulfilment_hours AS "fulfilmentHours", t.drift_response AS "driftResponse", t.category, t.entitlement_attestation AS "entitlementAttestation", t.row_version AS "rowVersion",
         (SELECT json_build_object('id', g.id, 'connectorId', g.connector_id, 'externalGroupId', g.external_group_id, 'confirmedAt', g.assignment_confirmed_at) FROM entitlement_group g WHERE g.tool_id = t.id) AS "group"
       FROM tool t WHERE t.site_id = $1 AND t.key = $2 FOR UPDATE`,
      [tx.siteId, key],
    );
    if (row === undefined) return null;
    const { group } = row;
    return { ...row, group: group === null ? null : { ...group, confirmedAt: group.confirmedAt === null ? null : new Date(group.confirmedAt) } };
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
    await this.removeGroup(tx, id);
    await tx.query('DELETE FROM tool WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  }

  async isInUse(tx: PgSiteTx, key: string): Promise<boolean> {
    const [row] = await tx.query<{ used: boolean }>(`SELECT ${LIVE_GRANT} OR EXISTS (SELECT 1 FROM request WHERE site_id = $1 AND tool_key = $2 AND decision = 'pending') AS used`, [tx.siteId, key]);
    return row?.used ?? true;
  }
  async hasLiveGrants(tx: PgSiteTx, key: string): Promise<boolean> {
    const [row] = await tx.query<{ used: boolean }>(`SELECT ${LIVE_GRANT} AS used`, [tx.siteId, key]);
    return row?.used ?? true;
  }

  async findGroup(tx: PgSiteTx, toolId: string): Promise<EntitlementGroupView | null> {
    const [row] = await tx.query<GroupRow>(
      `SELECT external_group_id AS "externalGroupId", name, origin, assignment_confirmed_at AS "confirmedAt", assignment_confirmed_by AS "confirmedBy", apps, apps_read_at AS "appsReadAt" FROM entitlement_group WHERE site_id = $1 AND tool_id = $2`,
      [tx.siteId, toolId],
    );
    return row === undefined ? null : toGroupView(row);
  }
  async putGroup(tx: PgSiteTx, g: { readonly id: string; readonly toolId: string; readonly connectorId: string; readonly externalGroupId: string; readonly name: string; readonly origin: 'created' | 'bound' }): Promise<void> {
    await this.removeGroup(tx, g.toolId);
    const { sql, values } = insertInto('entitlement_group', { ...g, siteId: tx.siteId });
    await tx.query(sql, values);
  }
  async isHeldByOtherConnector(tx: PgSiteTx, { connectorId, externalGroupId }: { readonly connectorId: string; readonly externalGroupId: string }): Promise<boolean> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtext('group.bind'), hashtext($1 || '/' || $2))", [tx.siteId, externalGroupId]);
    const rows = await tx.query(
      `SELECT 1 FROM entitlement_group g JOIN connector own ON own.id = g.connector_id JOIN connector wanted ON wanted.site_id = g.site_id AND wanted.id = $2
       WHERE g.site_id = $1 AND g.external_group_id = $3 AND own.id <> wanted.id AND ${sameTenant('own', 'wanted')} LIMIT 1`, [tx.siteId, connectorId, externalGroupId]);
    return rows.length > 0;
  }
  async removeGroup(tx: PgSiteTx, toolId: string): Promise<void> {
    await tx.query('DELETE FROM baseline_access WHERE site_id = $1 AND entitlement_group_id IN (SELECT id FROM entitlement_group WHERE site_id = $1 AND tool_id = $2)', [tx.siteId, toolId]);
    await tx.query('DELETE FROM entitlement_group WHERE site_id = $1 AND tool_id = $2', [tx.siteId, toolId]);
  }
  async keepApps(tx: PgSiteTx, toolId: string, apps: readonly GroupApp[]): Promise<void> {
    await tx.query('UPDATE entitlement_group SET apps = $3, apps_read_at = $4 WHERE site_id = $1 AND tool_id = $2', [tx.siteId, toolId, JSON.stringify(apps), tx.now]);
  }
  async confirmGroup(tx: PgSiteTx, toolId: string, by: string): Promise<void> {
    await tx.query("UPDATE entitlement_group SET assignment_confirmed_at = $3, assignment_confirmed_by = $4, confirmed_apps = CASE WHEN apps_read_at > $3::timestamptz - interval '15 minutes' THEN apps END WHERE site_id = $1 AND tool_id = $2", [tx.siteId, toolId, tx.now, by]);
  }

  async raisePolicyVersion(tx: PgSiteTx): Promise<number> {
    const [row] = await tx.query<{ version: number }>('UPDATE site SET policy_version = policy_version + 1 WHERE id = $1 RETURNING policy_version AS version', [tx.siteId]);
    if (row === undefined) throw new Error(`site ${tx.siteId} is not registered`);
    return row.version;
  }
}
