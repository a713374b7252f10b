import type { AuditVerification } from '../../contracts/audit.contract.js';
import type { ConformanceBody, ConnectorConformance, ConnectorTest, ConnectorView, CreateConnectorBody, PatchConnectorBody } from '../../contracts/connector.contract.js';
import type { ExtendBody, GrantView, ReturnBody, RevokeBody } from '../../contracts/grant.contract.js';
import type { CreateIdentityMappingBody, IdentityMappingView, PatchIdentityMappingBody } from '../../contracts/identity-mapping.contract.js';
import type { IntakeAnswer, IssueCreated } from '../../contracts/intake.contract.js';
import type { CompleteManualActionBody, JobView, ManualActionAnswer } from '../../contracts/job.contract.js';
import type { ApprovalPolicyView, CreateApprovalPolicyBody, Guardrails, GuardrailsView, PatchApprovalPolicyBody, PolicyDefaults, PolicyDefaultsView } from '../../contracts/policy.contract.js';
import type { CreateProjectBody, PatchProjectBody, ProjectView, SettingsName, SettingsOf, SettingsView } from '../../contracts/project.contract.js';
import type { ApiRefusal } from '../../contracts/refusal-status.js';
import type { BulkDecisionBody, BulkDecisionAnswer, DecisionBody, RequestView, SubmitRequestBody, WithdrawBody } from '../../contracts/request.contract.js';
import type { AdvanceClockAnswer, PortalRequestAnswer, PortalRequestBody } from '../../contracts/sandbox.contract.js';
import type { ConfirmAssignmentBody, EntitlementGroupView, EntitlementGroupBody, GroupAppsAnswer } from '../../contracts/entitlement-group.contract.js';
import type { CreateToolBody, PatchToolBody, SeedCatalogAnswer, ToolView } from '../../contracts/tool.contract.js';
import type { CreateToolRoleBody, PatchToolRoleBody, ToolRoleView } from '../../contracts/tool-role.contract.js';
import type { Entitlement, RoleEntitlement } from '../../domain/catalog/entitlement.js';

/** Roles that a token carries. `approver` is none of them: it is derived from routing, per project, by the server (API.md). */
export const TOKEN_ROLES = ['requester', 'admin', 'auditor'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** Who calls, as proven by a token; nothing in a body or a header adds to it. */
export interface Principal {
  readonly siteId: string;
  /** Jira account id of a person; the client id of a service; `app` or `unidentified` for Forge without a person. */
  readonly accountId: string;
  /** `forge`: the app itself (events, schedules) or an anonymous portal visitor; a Forge token with a person in it is a `person`. */
  readonly kind: 'person' | 'service' | 'forge';
  readonly roles: ReadonlySet<TokenRole>;
  /** The token was issued for a Forge module of the portal, which opens portal routes only. */
  readonly portalOnly?: boolean;
  readonly licence?: 'active' | 'inactive' | 'notReported';
  readonly displayName?: string;
}

/** What makes a command repeatable: the command row is unique by site, actor, method and path, and key (DESIGN, commands). */
export interface CommandContext {
  readonly principal: Principal;
  /** Null: the client sent none; the command gets a random one. */
  readonly idempotencyKey: string | null;
  /** `POST /api/v1/requests/abc/decisions`: the path as called, without its query. */
  readonly methodAndPath: string;
  /** SHA-256 of the body's canonical JSON, lower-case hexadecimal: the same key with another hash is refused (`idempotency.key_reused`). */
  readonly bodyHash: string;
  /** Correlates answer, log and audit entry of one HTTP request; not the id of an access request. */
  readonly correlationId: string;
}

/** What a command came to. `status` is the HTTP status of success; a refusal's status follows from its code. */
export type CommandOutcome<T> = { readonly ok: true; readonly status: 200 | 201 | 202; readonly body: T } | { readonly ok: false; readonly refusal: ApiRefusal };
export type DeleteOutcome = { readonly ok: true; readonly status: 204 } | { readonly ok: false; readonly refusal: ApiRefusal };

/** The workflow engine did not answer in time or at all: nothing is half-done, the caller repeats with the same idempotency key. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
}
/** Jira did not answer: a settings check or an intake that needs it can't be finished now. */
export class JiraUnavailable extends Error {
  override readonly name = 'JiraUnavailable';
}

/** The version that `If-Match` names; null for `*` (any version, but the object must exist). */
export interface Conditional { readonly expectedVersion: number | null }

/**
 * All methods: @throws DatabaseUnavailable, EngineUnavailable. Everything that a rule refuses is a returned refusal. Another site's or somebody
 * else's object is the `*.not_found` refusal of its kind.
 */
export interface RequestCommands {
  submit(context: CommandContext, input: SubmitRequestBody): Promise<CommandOutcome<RequestView>>;
  decide(context: CommandContext, input: DecisionBody & { readonly requestId: string }): Promise<CommandOutcome<RequestView>>;
  /** Per item what the single command would say; the rate limit is the edge's. */
  bulkDecide(context: CommandContext, input: BulkDecisionBody): Promise<CommandOutcome<BulkDecisionAnswer>>;
  withdraw(context: CommandContext, input: WithdrawBody & { readonly requestId: string }): Promise<CommandOutcome<RequestView>>;
}
export interface GrantCommands {
  revoke(context: CommandContext, input: RevokeBody & { readonly grantId: string }): Promise<CommandOutcome<GrantView>>;
  return(context: CommandContext, input: ReturnBody & { readonly grantId: string }): Promise<CommandOutcome<GrantView>>;
  extend(context: CommandContext, input: ExtendBody & { readonly grantId: string }): Promise<CommandOutcome<GrantView>>;
}
export interface JobCommands {
  retry(context: CommandContext, input: { readonly jobId: string }): Promise<CommandOutcome<JobView>>;
  completeManualAction(context: CommandContext, input: CompleteManualActionBody & { readonly manualActionId: string }): Promise<CommandOutcome<ManualActionAnswer>>;
}
export interface CatalogCommands {
  createTool(context: CommandContext, input: CreateToolBody): Promise<CommandOutcome<ToolView>>;
  updateTool(context: CommandContext, input: { readonly key: string; readonly patch: PatchToolBody } & Conditional): Promise<CommandOutcome<ToolView>>;
  deleteTool(context: CommandContext, input: { readonly key: string } & Conditional): Promise<DeleteOutcome>;
  /** Adds what is new in the starter catalog, never overwrites an edit (SPEC K2). */
  seedStarterCatalog(context: CommandContext): Promise<CommandOutcome<SeedCatalogAnswer>>;
  createToolRole(context: CommandContext, input: { readonly toolKey: string; readonly role: CreateToolRoleBody }): Promise<CommandOutcome<ToolRoleView>>;
  updateToolRole(context: CommandContext, input: { readonly of: RoleEntitlement; readonly patch: PatchToolRoleBody } & Conditional): Promise<CommandOutcome<ToolRoleView>>;
  deleteToolRole(context: CommandContext, input: { readonly of: RoleEntitlement } & Conditional): Promise<DeleteOutcome>;
  setEntitlementGroup(context: CommandContext, input: { readonly of: Entitlement; readonly group: EntitlementGroupBody }): Promise<CommandOutcome<EntitlementGroupView>>;
  /** Asked of the provider now (SPEC F15). */
  readGroupApps(context: CommandContext, input: { readonly of: Entitlement }): Promise<CommandOutcome<GroupAppsAnswer>>;
  confirmAssignment(context: CommandContext, input: ConfirmAssignmentBody & { readonly of: Entitlement }): Promise<CommandOutcome<EntitlementGroupView>>;
}
export interface ConnectorCommands {
  create(context: CommandContext, input: CreateConnectorBody): Promise<CommandOutcome<ConnectorView>>;
  update(context: CommandContext, input: { readonly connectorId: string; readonly patch: PatchConnectorBody } & Conditional): Promise<CommandOutcome<ConnectorView>>;
  delete(context: CommandContext, input: { readonly connectorId: string } & Conditional): Promise<DeleteOutcome>;
  /** A failed test is an answer (200, `ok: false`), not a refusal. */
  test(context: CommandContext, input: { readonly connectorId: string }): Promise<CommandOutcome<ConnectorTest>>;
  /** What the provider did, step by step; a report that differs is an answer, not a refusal. */
  conformance(context: CommandContext, input: { readonly connectorId: string; readonly run: ConformanceBody }): Promise<CommandOutcome<ConnectorConformance>>;
  enable(context: CommandContext, input: { readonly connectorId: string }): Promise<CommandOutcome<ConnectorView>>;
  disable(context: CommandContext, input: { readonly connectorId: string }): Promise<CommandOutcome<ConnectorView>>;
}
export interface MappingCommands {
  create(context: CommandContext, input: CreateIdentityMappingBody): Promise<CommandOutcome<IdentityMappingView>>;
  update(context: CommandContext, input: { readonly mappingId: string; readonly patch: PatchIdentityMappingBody } & Conditional): Promise<CommandOutcome<IdentityMappingView>>;
  delete(context: CommandContext, input: { readonly mappingId: string } & Conditional): Promise<DeleteOutcome>;
}
export interface GovernanceCommands {
  createApprovalPolicy(context: CommandContext, input: CreateApprovalPolicyBody): Promise<CommandOutcome<ApprovalPolicyView>>;
  updateApprovalPolicy(context: CommandContext, input: { readonly policyId: string; readonly patch: PatchApprovalPolicyBody } & Conditional): Promise<CommandOutcome<ApprovalPolicyView>>;
  deleteApprovalPolicy(context: CommandContext, input: { readonly policyId: string } & Conditional): Promise<DeleteOutcome>;
  /** Without `If-Match` (`expectedVersion` null) the last writer wins. */
  putGuardrails(context: CommandContext, input: { readonly value: Guardrails } & Conditional): Promise<CommandOutcome<GuardrailsView>>;
  putDefaults(context: CommandContext, input: { readonly value: PolicyDefaults } & Conditional): Promise<CommandOutcome<PolicyDefaultsView>>;
  createProject(context: CommandContext, input: CreateProjectBody): Promise<CommandOutcome<ProjectView>>;
  updateProject(context: CommandContext, input: { readonly key: string; readonly patch: PatchProjectBody } & Conditional): Promise<CommandOutcome<ProjectView>>;
  deleteProject(context: CommandContext, input: { readonly key: string } & Conditional): Promise<DeleteOutcome>;
  /** Intake, routing and recertification are checked in Jira first: `settings.check_failed` names what is missing (SPEC I8). */
  putSettings<N extends SettingsName>(context: CommandContext, input: { readonly name: N; readonly value: SettingsOf<N> } & Conditional): Promise<CommandOutcome<SettingsView<N>>>;
}
export interface AuditCommands {
  /** Runs, keeps and audits a verification of the site's chain (SPEC E5). */
  verify(context: CommandContext): Promise<CommandOutcome<AuditVerification>>;
}
export interface IntakeCommands {
  /** Commits the event row first; `accepted` when the snapshot can't be read within 2 s or the engine is away (API.md). */
  issueCreated(context: CommandContext, input: IssueCreated): Promise<CommandOutcome<IntakeAnswer>>;
}

/** An attempt that the edge refused before any use case saw it. */
export interface RefusedAttempt {
  readonly action: 'authorization.refused' | 'sign_in.refused';
  /** Null while nothing about the caller is proven: such attempts belong to no site's chain. */
  readonly principal: Principal | null;
  readonly code: string;
  /** Closed reason such as `token.expired` or `role.missing`; never a token's content. */
  readonly reason: string;
  /** Route template, never the path as called. */
  readonly route: string;
  readonly correlationId: string;
  /** Attempts of the same kind by the same caller that were counted and not recorded since the last record. */
  readonly suppressed: number;
}
/** Writes `authorization.refused` and `sign_in.refused` to the audit trail (SPEC E1). The edge bounds how often it is called. */
export interface RefusalAuditor {
  record(attempt: RefusedAttempt): Promise<void>;
}
/** Counts in Postgres, so that all API processes share one limit (SPEC A1, E8). @throws DatabaseUnavailable */
export interface RateLimiter {
  take(actor: { readonly siteId: string; readonly accountId: string }, kind: 'bulkDecision' | 'auditVerification', limit: number, windowSeconds: number): Promise<{ readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number }>;
}
/** Sandbox mode only. */
export interface SandboxControl {
  /** Plays the portal: creates the issue with its property in the sandbox Jira, which then delivers its event. */
  createPortalRequest(input: PortalRequestBody): Promise<PortalRequestAnswer>;
  /** Moves domain time forward for everything and wakes what became due. */
  advanceClock(advanceHours: number): Promise<AdvanceClockAnswer>;
}
