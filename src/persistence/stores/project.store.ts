import type { ProjectView } from '../../application/ports/api-views.js';
import type { ProjectFields, ProjectStore } from '../../application/ports/governance-store.port.js';
import { PROJECT_SELECT, toProjectView, type ProjectViewRow } from '../read-models/governance-views.js';
import { insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';

const columnsOf = ({ approvers, securityReviewers, enabled, adminFallback, approveTransitions, denyTransitions }: ProjectFields): Record<string, unknown> =>
  ({ enabled, adminFallback, approveTransitions, denyTransitions, approverAccountIds: approvers, securityReviewerAccountIds: securityReviewers });

export class PgProjectStore implements ProjectStore {
  async findView(tx: PgSiteTx, key: string): Promise<ProjectView | null> {
    const [row] = await tx.query<ProjectViewRow>(`${PROJECT_SELECT} WHERE p.site_id = $1 AND p.key = $2`, [tx.siteId, key]);
    return row === undefined ? null : toProjectView(row);
  }

  async lock(tx: PgSiteTx, key: string): Promise<(ProjectFields & { readonly id: string; readonly rowVersion: number }) | null> {
    const [row] = await tx.query<ProjectFields & { readonly id: string; readonly rowVersion: number }>(
      `SELECT id, enabled, approver_account_ids AS approvers, security_reviewer_account_ids AS "securityReviewers", admin_fallback AS "adminFallback",
         approve_transitions AS "approveTransitions", deny_transitions AS "denyTransitions", row_version AS "rowVersion"
       FROM project_registry WHERE site_id = $1 AND key = $2 FOR UPDATE`,
      [tx.siteId, key],
    );
    return row ?? null;
  }

  async insert(tx: PgSiteTx, { id, key, ...fields }: ProjectFields & { readonly id: string; readonly key: string }): Promise<boolean> {
    const { sql, values } = insertInto('project_registry', { id, siteId: tx.siteId, key, ...columnsOf(fields) });
    return (await tx.query(`${sql} ON CONFLICT (site_id, key) DO NOTHING RETURNING id`, values)).length === 1;
  }

  async update(tx: PgSiteTx, id: string, fields: ProjectFields): Promise<void> {
    const { sql, values } = setList(columnsOf(fields), 3);
    await tx.query(`UPDATE project_registry SET ${sql}, row_version = row_version + 1, updated_at = clock_timestamp() WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...values]);
  }

  async remove(tx: PgSiteTx, id: string): Promise<void> {
    await tx.query('DELETE FROM project_registry WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  }

  async listEnabledKeys(tx: PgSiteTx): Promise<readonly string[]> {
    const rows = await tx.query<{ key: string }>('SELECT key FROM project_registry WHERE site_id = $1 AND enabled ORDER BY key', [tx.siteId]);
    return rows.map(({ key }) => key);
  }
}
