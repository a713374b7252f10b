import type { ApprovalPolicyView } from '../../application/ports/api-views.js';
import type { PolicyFields, PolicyStore } from '../../application/ports/governance-store.port.js';
import type { AutoApprovalPolicy } from '../../domain/policy/policy.js';
import { POLICY_SELECT, toPolicyView, type PolicyViewRow } from '../read-models/governance-views.js';
import { insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';

const columnsOf = ({ toolKeys, ...fields }: PolicyFields): Record<string, unknown> => ({ ...fields, toolKeys: toolKeys === 'all' ? null : toolKeys });

export class PgPolicyStore implements PolicyStore {
  async findView(tx: PgSiteTx, id: string): Promise<ApprovalPolicyView | null> {
    const [row] = await tx.query<PolicyViewRow>(`${POLICY_SELECT} WHERE p.site_id = $1 AND p.id = $2`, [tx.siteId, id]);
    return row === undefined ? null : toPolicyView(row);
  }

  async lock(tx: PgSiteTx, id: string): Promise<(AutoApprovalPolicy & { readonly rowVersion: number }) | null> {
    const [row] = await tx.query<PolicyViewRow>(`${POLICY_SELECT} WHERE p.site_id = $1 AND p.id = $2 FOR UPDATE`, [tx.siteId, id]);
    if (row === undefined) return null;
    const { name, projectKey, toolKeys, autoApprove, jiraGroups, maxDurationDays, enabled, version } = row;
    return { id, name, projectKey, toolKeys, autoApprove, jiraGroups, maxDurationDays, enabled, rowVersion: version };
  }

  async isNameTaken(tx: PgSiteTx, name: string, exceptId: string | null): Promise<boolean> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtext('approval_policy.name'), hashtext($1))", [tx.siteId]);
    return (await tx.query('SELECT 1 FROM approval_policy WHERE site_id = $1 AND name = $2 AND id IS DISTINCT FROM $3', [tx.siteId, name, exceptId])).length > 0;
  }

  async isNamed(tx: PgSiteTx, entitlement: string): Promise<boolean> {
    return (await tx.query('SELECT 1 FROM approval_policy WHERE site_id = $1 AND $2 = ANY (tool_keys) LIMIT 1', [tx.siteId, entitlement])).length > 0;
  }

  async insert(tx: PgSiteTx, { id, ...fields }: AutoApprovalPolicy): Promise<void> {
    const { sql, values } = insertInto('approval_policy', { id, siteId: tx.siteId, ...columnsOf(fields) });
    await tx.query(sql, values);
  }

  async update(tx: PgSiteTx, id: string, fields: PolicyFields): Promise<void> {
    const { sql, values } = setList(columnsOf(fields), 3);
    await tx.query(`UPDATE approval_policy SET ${sql}, row_version = row_version + 1, updated_at = clock_timestamp() WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...values]);
  }

  async remove(tx: PgSiteTx, id: string): Promise<void> {
    await tx.query('DELETE FROM approval_policy WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  }
}
