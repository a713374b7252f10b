import { keptOr, readDefaults, readGuardrails, readSetting, type DeploymentDefaults } from '../../contracts/setting-documents.js';
import type { Principal } from '../../application/ports/api-commands.port.js';
import type { GovernanceQueries, ListQuery, Rows } from '../../application/ports/api-queries.port.js';
import type { ApprovalPolicyListQuery, ApprovalPolicyView, GuardrailsView, PolicyDefaultsView, ProjectListQuery, ProjectView, SettingsName, SettingsView } from '../../application/ports/api-views.js';
import type { SettingDocument, StoredSetting } from '../../application/ports/governance-store.port.js';
import { PgSettingStore } from '../stores/setting.store.js';
import type { PgUnitOfWork } from '../unit-of-work.js';
import { POLICY_SELECT, PROJECT_SELECT, toPolicyView, toProjectView, type PolicyViewRow, type ProjectViewRow } from './governance-views.js';
import { ListFilter, rowsOf, sortText } from './list-query.js';

/** A document that was never saved is the product's default at version 0. */
const revisionOf = (stored: StoredSetting | null): { readonly version: number; readonly updatedAt: string | null } => ({ version: stored?.version ?? 0, updatedAt: stored?.updatedAt.toISOString() ?? null });

export class PgGovernanceQueries implements GovernanceQueries {
  private readonly documents = new PgSettingStore();
  constructor(private readonly uow: PgUnitOfWork, private readonly deployment: DeploymentDefaults) {}

  listApprovalPolicies({ siteId }: Principal, query: ListQuery<ApprovalPolicyListQuery>): Promise<Rows<ApprovalPolicyView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('p', siteId).equals('p.project_key', query.projectKey);
      if (query.toolKey !== undefined) filter.and(`(p.tool_keys IS NULL OR EXISTS (SELECT 1 FROM unnest(p.tool_keys) k WHERE split_part(k, '/', 1) = ${filter.param(query.toolKey)}))`);
      filter.after(query.after, { sort: 'p.created_at', cast: 'timestamptz', id: 'p.id' }, 'DESC');
      const rows = await tx.query<PolicyViewRow & { readonly sort: string }>(`SELECT q.*, ${sortText('q."createdAt"')} FROM (${POLICY_SELECT} ${filter.where} ORDER BY p.created_at DESC, p.id DESC LIMIT ${query.limit + 1}) q ORDER BY q."createdAt" DESC, q.id DESC`, filter.values);
      return rowsOf(rows, query.limit, ({ sort: _sort, ...row }) => toPolicyView(row));
    });
  }
  findApprovalPolicy({ siteId }: Principal, policyId: string): Promise<ApprovalPolicyView | null> {
    return this.uow.run(siteId, async (tx) => {
      const [row] = await tx.query<PolicyViewRow>(`${POLICY_SELECT} WHERE p.site_id = $1 AND p.id = $2`, [siteId, policyId]);
      return row === undefined ? null : toPolicyView(row);
    });
  }

  async guardrails({ siteId }: Principal): Promise<GuardrailsView> {
    const stored = await this.stored(siteId, 'guardrails');
    const { maxDurationDaysByRisk, ...flags } = readGuardrails(stored);
    return { ...flags, maxDurationDaysByRisk: { ...maxDurationDaysByRisk }, ...revisionOf(stored) };
  }
  async defaults({ siteId }: Principal): Promise<PolicyDefaultsView> {
    const stored = await this.stored(siteId, 'defaults');
    return { outcomeByRisk: { ...readDefaults(stored).outcomeByRisk }, ...revisionOf(stored) };
  }

  listProjects({ siteId }: Principal, query: ListQuery<ProjectListQuery>): Promise<Rows<ProjectView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('p', siteId).after(query.after, { sort: 'p.key', cast: 'text', id: 'p.key' }, 'ASC');
      const rows = await tx.query<ProjectViewRow>(`${PROJECT_SELECT} ${filter.where} ORDER BY p.key LIMIT ${query.limit + 1}`, filter.values);
      return rowsOf(rows.map((row) => ({ row, sort: row.key, id: row.key })), query.limit, ({ row }) => toProjectView(row));
    });
  }
  findProject({ siteId }: Principal, key: string): Promise<ProjectView | null> {
    return this.uow.run(siteId, async (tx) => {
      const [row] = await tx.query<ProjectViewRow>(`${PROJECT_SELECT} WHERE p.site_id = $1 AND p.key = $2`, [siteId, key]);
      return row === undefined ? null : toProjectView(row);
    });
  }

  async settings<N extends SettingsName>({ siteId }: Principal, name: N): Promise<SettingsView<N>> {
    const stored = await this.stored(siteId, name);
    return { ...readSetting(name, keptOr(name, stored, this.deployment)), ...revisionOf(stored) };
  }

  private stored(siteId: string, name: SettingDocument): Promise<StoredSetting | null> {
    return this.uow.run(siteId, (tx) => this.documents.find(tx, name));
  }
}
