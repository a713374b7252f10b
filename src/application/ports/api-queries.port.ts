import type { Licence } from '../../domain/connector/licence.js';
import type { AuditEventView, AuditListQuery, AuditVerification } from '../../contracts/audit.contract.js';
import type { ConnectorListQuery, ConnectorView } from '../../contracts/connector.contract.js';
import type { GrantListQuery, GrantView } from '../../contracts/grant.contract.js';
import type { IdentityMappingListQuery, IdentityMappingView } from '../../contracts/identity-mapping.contract.js';
import type { JobListQuery, JobView, ManualActionListQuery, ManualActionView } from '../../contracts/job.contract.js';
import type { MeView } from '../../contracts/me.contract.js';
import type { ApprovalPolicyListQuery, ApprovalPolicyView, GuardrailsView, PolicyDefaultsView } from '../../contracts/policy.contract.js';
import type { PortalContext, PortalContextQuery } from '../../contracts/portal.contract.js';
import type { ProjectListQuery, ProjectView, SettingsName, SettingsView } from '../../contracts/project.contract.js';
import type { RequestListQuery, RequestView, TimelineEntry } from '../../contracts/request.contract.js';
import type { ToolListQuery, ToolView } from '../../contracts/tool.contract.js';
import type { ToolRoleListQuery, ToolRoleView } from '../../contracts/tool-role.contract.js';
import type { RoleEntitlement } from '../../domain/catalog/entitlement.js';
import type { Principal } from './api-commands.port.js';

/** Where a page goes on: the sort value and the id of the last row seen. Checked in shape by the edge; `sort` is what the store put there. */
export interface Keyset { readonly sort: string; readonly id: string }
/** `next` is null on the last page. */
export interface Rows<T> { readonly items: readonly T[]; readonly next: Keyset | null }
/** A list query as the store gets it: the filters of the contract, and the place to go on from instead of the opaque cursor. */
export type ListQuery<Query extends { readonly limit: number; readonly cursor?: string | undefined }> = Omit<Query, 'cursor'> & { readonly after: Keyset | null };

/**
 * Read models, one call per screen or answer. Everything is scoped to the principal's site; somebody else's or another site's object is null, which the
 * edge answers with 404 (API.md). None of them writes.
 * @throws DatabaseUnavailable
 */
export interface RequestQueries {
  list(principal: Principal, query: ListQuery<RequestListQuery>): Promise<Rows<RequestView>>;
  find(principal: Principal, requestId: string): Promise<RequestView | null>;
  /** In the order in which things happened; complete, not paged. */
  timeline(principal: Principal, requestId: string): Promise<readonly TimelineEntry[] | null>;
}
export interface GrantQueries {
  list(principal: Principal, query: ListQuery<GrantListQuery>): Promise<Rows<GrantView>>;
  find(principal: Principal, grantId: string): Promise<GrantView | null>;
}
type OwnQuery = { readonly limit: number; readonly after: Keyset | null };
export interface MeQueries {
  me(principal: Principal): Promise<MeView>;
  /** Active, pendingProvision and suspended grants, and expired ones until the grace ends and absence is verified (SPEC G10). */
  access(principal: Principal, query: OwnQuery): Promise<Rows<GrantView>>;
  requests(principal: Principal, query: OwnQuery): Promise<Rows<RequestView>>;
  /** Pending requests that this person may decide now. */
  approvals(principal: Principal, query: OwnQuery): Promise<Rows<RequestView>>;
  manualActions(principal: Principal, query: OwnQuery): Promise<Rows<ManualActionView>>;
}
export interface JobQueries {
  listJobs(principal: Principal, query: ListQuery<JobListQuery>): Promise<Rows<JobView>>;
  listManualActions(principal: Principal, query: ListQuery<ManualActionListQuery>): Promise<Rows<ManualActionView>>;
}
export interface CatalogQueries {
  listTools(principal: Principal, query: ListQuery<ToolListQuery>): Promise<Rows<ToolView>>;
  /** Of one tool; none where there is no such tool. */
  listToolRoles(principal: Principal, toolKey: string, query: ListQuery<ToolRoleListQuery>): Promise<Rows<ToolRoleView>>;
  findToolRole(principal: Principal, of: RoleEntitlement): Promise<ToolRoleView | null>;
  findTool(principal: Principal, key: string): Promise<ToolView | null>;
  listConnectors(principal: Principal, query: ListQuery<ConnectorListQuery>): Promise<Rows<ConnectorView>>;
  findConnector(principal: Principal, connectorId: string): Promise<ConnectorView | null>;
  listMappings(principal: Principal, query: ListQuery<IdentityMappingListQuery>): Promise<Rows<IdentityMappingView>>;
  findMapping(principal: Principal, mappingId: string): Promise<IdentityMappingView | null>;
}
export interface GovernanceQueries {
  listApprovalPolicies(principal: Principal, query: ListQuery<ApprovalPolicyListQuery>): Promise<Rows<ApprovalPolicyView>>;
  findApprovalPolicy(principal: Principal, policyId: string): Promise<ApprovalPolicyView | null>;
  guardrails(principal: Principal): Promise<GuardrailsView>;
  defaults(principal: Principal): Promise<PolicyDefaultsView>;
  listProjects(principal: Principal, query: ListQuery<ProjectListQuery>): Promise<Rows<ProjectView>>;
  findProject(principal: Principal, key: string): Promise<ProjectView | null>;
  settings<N extends SettingsName>(principal: Principal, name: N): Promise<SettingsView<N>>;
}
export interface AuditQueries {
  listEvents(principal: Principal, query: ListQuery<AuditListQuery>): Promise<Rows<AuditEventView>>;
  findEvent(principal: Principal, seq: number): Promise<AuditEventView | null>;
  latestVerification(principal: Principal): Promise<AuditVerification | null>;
}
export interface PortalQueries {
  /** For everybody, customers and unlicensed people too (SPEC I7). */
  context(principal: Principal, query: PortalContextQuery): Promise<PortalContext>;
}

/** Which site a proven token belongs to. Answers may be a minute old. @throws DatabaseUnavailable */
export interface SiteDirectory {
  exists(siteId: string): Promise<boolean>;
  /** By installation id first; the cloud id stays the same when the app is installed again. */
  findByInstallation(installationId: string, cloudId: string | null): Promise<{ readonly siteId: string; readonly licence: Licence } | null>;
  /** What a token said of the site's licence: kept with an event where it is news, and waiting additions look again (SPEC F3, F12). */
  reportLicence(siteId: string, licence: Exclude<Licence, 'notReported'>): Promise<void>;
}
/** Whether a person holds Jira's ADMINISTER permission now (SPEC U7). @throws JiraUnavailable */
export interface Administrators {
  isAdministrator(siteId: string, accountId: string): Promise<boolean>;
}
/** One cheap round trip each; the caller bounds the time. Rejecting means away. */
export interface HealthProbe {
  database(): Promise<void>;
  engine(): Promise<void>;
  /** Who was heard of lately; kept in Postgres, so it is true while the engine is away. */
  workers(): Promise<WorkersSeen>;
}
/** Number of worker processes of each kind that live, and of those whose Temporal worker runs. */
export interface WorkersSeen { readonly governance: { readonly alive: number; readonly polling: number }; readonly core: { readonly alive: number; readonly polling: number } }
/** A payload as Temporal's remote codec protocol carries it: metadata and data in base64. */
export interface EncodedPayload { readonly metadata?: Readonly<Record<string, string>> | undefined; readonly data?: string | undefined }
/** Opens encrypted payloads for the engine's Web UI. Decoding only: there is no encode. Payloads that are not ours come back as they are. */
export interface PayloadDecoder {
  decode(payloads: readonly EncodedPayload[]): Promise<readonly EncodedPayload[]>;
}
