/** What the API answers, for the adapters that read it from the record: they know the ports and nothing of the HTTP contracts behind them. */
export type { AuditEventView, AuditListQuery, AuditVerification } from '../../contracts/audit.contract.js';
export type { ConnectorListQuery, ConnectorTest, ConnectorView } from '../../contracts/connector.contract.js';
export type { GrantListQuery, GrantSummary, GrantView, MembershipView } from '../../contracts/grant.contract.js';
export type { IdentityMappingListQuery, IdentityMappingView, ImportFate, MappingImportListItem, MappingImportListQuery, MappingImportRowQuery, MappingImportRowView, MappingImportView } from '../../contracts/identity-mapping.contract.js';
export type { JobListQuery, JobSummary, JobView, ManualActionListQuery, ManualActionView } from '../../contracts/job.contract.js';
export type { MeView } from '../../contracts/me.contract.js';
export type { ApprovalPolicyListQuery, ApprovalPolicyView, GuardrailsView, PolicyDefaultsView } from '../../contracts/policy.contract.js';
export type { PortalContext, PortalContextQuery } from '../../contracts/portal.contract.js';
export type { Ability } from '../../contracts/primitives.js';
export type { ProjectListQuery, ProjectView, SettingsName, SettingsOf, SettingsView } from '../../contracts/project.contract.js';
export type { BaselineListQuery, BaselineView, FindingListQuery, FindingView, ReconciliationListQuery, ReconciliationView } from '../../contracts/reconciliation.contract.js';
export type { RequestListQuery, RequestView, ReviewView, TimelineEntry } from '../../contracts/request.contract.js';
export type { EntitlementGroupView } from '../../contracts/entitlement-group.contract.js';
export type { ToolListQuery, ToolView } from '../../contracts/tool.contract.js';
export type { ToolRoleListQuery, ToolRoleView } from '../../contracts/tool-role.contract.js';
export { SNAPSHOT_FIELD } from '../../contracts/snapshot.contract.js';
export { FATE_OUTCOMES, ROWS_IN_ANSWER } from '../../contracts/identity-mapping.contract.js';
