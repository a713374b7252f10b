import type { ToolRoleView } from '../../application/ports/api-views.js';
import type { ToolRoleFields, ToolRoleRow, ToolRoleStore } from '../../application/ports/tool-role-store.port.js';
import { ROLE_SELECT, toRoleView, type RoleViewRow } from '../read-models/catalog-views.js';
import { insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';
import { lockedGroup, readLockedGroup, removeGroupsWhere } from './tool.store.js';

export class PgToolRoleStore implements ToolRoleStore {
  async find(tx: PgSiteTx, toolId: string, key: string): Promise<ToolRoleRow | null> {
    const [row] = await tx.query<ToolRoleRow>(
      `SELECT o.id, o.tool_id AS "toolId", o.key, o.name, o.summary, o.risk, o.max_duration_days AS "maxDurationDays", o.requestable, o.row_version AS "rowVersion", ${lockedGroup('g.role_id = o.id')}
       FROM tool_role o WHERE o.site_id = $1 AND o.tool_id = $2 AND o.key = $3`, [tx.siteId, toolId, key]);
    return row === undefined ? null : { ...row, group: readLockedGroup(row.group) };
  }
  async findView(tx: PgSiteTx, toolId: string, key: string): Promise<ToolRoleView | null> {
    const [row] = await tx.query<RoleViewRow>(`${ROLE_SELECT} WHERE o.site_id = $1 AND o.tool_id = $2 AND o.key = $3`, [tx.siteId, toolId, key]);
    return row === undefined ? null : toRoleView(row);
  }
  async count(tx: PgSiteTx, toolId: string): Promise<number> {
    const [row] = await tx.query<{ count: number }>('SELECT count(*)::int AS count FROM tool_role WHERE site_id = $1 AND tool_id = $2', [tx.siteId, toolId]);
    return row?.count ?? 0;
  }

  async insert(tx: PgSiteTx, role: ToolRoleFields & { readonly id: string; readonly toolId: string; readonly key: string }): Promise<boolean> {
    const { sql, values } = insertInto('tool_role', { ...role, siteId: tx.siteId });
    return (await tx.query(`${sql} ON CONFLICT (tool_id, key) DO NOTHING RETURNING id`, values)).length === 1;
  }
  async update(tx: PgSiteTx, id: string, patch: Partial<ToolRoleFields>): Promise<void> {
    const { sql, values } = setList({ ...patch }, 3);
    await tx.query(`UPDATE tool_role SET ${sql === '' ? '' : `${sql}, `}row_version = row_version + 1, updated_at = clock_timestamp() WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...values]);
  }
  async remove(tx: PgSiteTx, id: string): Promise<void> {
    await removeGroupsWhere(tx, 'site_id = $1 AND role_id = $2', [tx.siteId, id]);
    await tx.query('DELETE FROM tool_role WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  }

  async isGroupOfOtherRole(tx: PgSiteTx, { toolId, roleId, connectorId, externalGroupId }: { readonly toolId: string; readonly roleId: string; readonly connectorId: string; readonly externalGroupId: string }): Promise<boolean> {
    const rows = await tx.query('SELECT 1 FROM entitlement_group WHERE site_id = $1 AND tool_id = $2 AND role_id <> $3 AND connector_id = $4 AND external_group_id = $5 LIMIT 1', [tx.siteId, toolId, roleId, connectorId, externalGroupId]);
    return rows.length > 0;
  }
}
