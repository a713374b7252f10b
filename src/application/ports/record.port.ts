import type { SettingsName, SettingsOf } from '../../contracts/project.contract.js';
import type { Licence } from '../../domain/connector/licence.js';
import type { PolicyDecision, PolicyFacts, Stage } from '../../domain/policy/policy.js';
import type { EndReason, Fulfilment, GrantStatus } from '../../domain/grant/grant.js';
import type { Desired, JobKind, JobStatus, Observed } from '../../domain/provisioning/provisioning.js';
import type { ItemOutcome } from '../../domain/mass-action/mass-action.js';
import type { BlockSource } from '../../domain/policy/block.js';
import type { Entitlement } from '../../domain/catalog/entitlement.js';
import type { DecisionSource, DecisionStatus } from '../../domain/request/request.js';
import type { Routing } from '../../domain/approval/routing.js';
import type { SiteTx } from './unit-of-work.port.js';

/** Rows of the record as the steps see them. Times are instants; `next_attempt_at` and intents are real time, everything else domain time. */
export interface RequestRow {
  readonly id: string; readonly siteId: string; readonly issueId: string | null; readonly issueKey: string | null; readonly projectKey: string; readonly toolKey: string; readonly roleKey: string | null;
  readonly requester: string; readonly submittedBy: string; readonly businessUse: string; readonly dataClasses: readonly string[]; readonly durationDays: number;
  readonly contentHash: string; readonly jiraGroups: readonly string[]; readonly groupsReadAt: Date | null; readonly decision: DecisionStatus; readonly decisionSource: DecisionSource | null;
  readonly decidedBy: string | null; readonly decidedAt: Date | null; readonly decidedDurationDays: number | null; readonly policy: PolicyDecision;
  readonly stages: readonly Stage[]; readonly pendingStage: Stage | null; readonly remindAt: Date | null; readonly remindedAt: Date | null;
  readonly breachAt: Date | null; readonly breachedAt: Date | null; readonly lapseAt: Date | null; readonly startedAt: Date | null;
  readonly closedAt: Date | null; readonly nextDueAt: Date | null; readonly rowVersion: number; readonly createdAt: Date;
}
export interface GrantRow {
  readonly id: string; readonly requestId: string; readonly accountId: string; readonly toolKey: string; readonly roleKey: string | null; readonly status: GrantStatus; readonly fulfilment: Fulfilment;
  readonly membershipId: string | null; readonly connectorId: string | null; readonly externalGroupId: string | null; readonly durationDays: number;
  readonly firstStartedAt: Date | null; readonly startsAt: Date | null; readonly expiresAt: Date; readonly endReason: EndReason | null; readonly endedBy: string | null;
  readonly endingAt: Date | null; readonly endedAt: Date | null; readonly endEvidence: EndEvidence | null; readonly startEvidence: StartEvidence | null; readonly createdAt: Date;
}
export type EndEvidence = 'readBack' | 'attested' | 'heldByOtherGrant' | 'heldByBaseline' | 'neverProvisioned' | 'noConnector';
export type StartEvidence = 'readBack' | 'attested' | 'noConnector';
export interface MembershipRow {
  readonly id: string; readonly connectorId: string; readonly externalGroupId: string; readonly externalIdentityId: string; readonly desired: Desired;
  readonly generation: number; readonly observed: Observed; readonly readBackGeneration: number | null; readonly lastReadAt: Date | null;
}
export interface JobRow {
  readonly id: string; readonly requestId: string; readonly grantId: string; readonly kind: JobKind; readonly status: JobStatus; readonly attempts: number;
  readonly nextAttemptAt: Date | null; readonly lastError: string | null; readonly lastErrorCode: string | null; readonly intentId: string | null; readonly createdAt: Date;
}
export interface IntentRow {
  /** Grant and job are null for an intent that a finding owns (a member without any grant, SPEC D1). */
  readonly id: string; readonly membershipId: string; readonly grantId: string | null; readonly jobId: string | null; readonly generation: number; readonly desired: Desired;
  readonly committedAt: Date; readonly deadlineAt: Date; readonly endedAt: Date | null; readonly outcome: string | null;
}
export interface ManualActionRow {
  readonly id: string; readonly requestId: string; readonly grantId: string; readonly jobId: string | null; readonly kind: JobKind; readonly reason: string;
  readonly status: 'open' | 'done' | 'obsolete'; readonly dueAt: Date | null;
  /** When it is called overdue (again); null: not any more. */
  readonly alarmAt: Date | null;
}
export interface ReviewRow {
  readonly accountId: string; readonly stage: Stage; readonly vote: 'approve' | 'deny'; readonly comment: string | null; readonly durationDays: number | null;
  readonly contentHash: string; readonly at: Date;
}
/** How what is asked for is fulfilled as it is set up now; of a role, by the role's own group. `name`: as people read it. */
export interface ToolFulfilment {
  readonly name: string; readonly provider: 'none' | 'okta' | 'entra'; readonly risk: string; readonly fulfilment: 'automatic' | 'manual'; readonly fulfilmentOwner: string | null; readonly fulfilmentHours: number | null;
  readonly group: { readonly connectorId: string; readonly externalGroupId: string; readonly confirmed: boolean } | null;
  readonly connector: { readonly id: string; readonly name: string; readonly enabled: boolean } | null;
}
export interface CommandRow {
  readonly id: string; readonly actor: string; readonly operation: string; readonly requestId: string | null; readonly payload: Readonly<Record<string, unknown>>;
  readonly status: number | null; readonly result: unknown;
}

export interface MassActionItemState {
  readonly source: BlockSource; readonly reason: string; readonly remainingMs: number | null; readonly outcome: ItemOutcome | null;
  /** Its block has not been ended. */
  readonly inForce: boolean;
  /** The mass action is being restored and this item, which it stopped, has not been. */
  readonly restoring: boolean;
}

/** One request with everything its steps decide on, locked in the order request, grant, membership (DESIGN, converge). */
export interface CaseRows {
  readonly request: RequestRow;
  readonly grant: GrantRow | null;
  readonly membership: MembershipRow | null;
  readonly jobs: readonly JobRow[];
  readonly manualActions: readonly ManualActionRow[];
  readonly reviews: readonly ReviewRow[];
}

export type Patch<Row> = { readonly [Field in keyof Row]?: Row[Field] };

export interface RecordStore<Tx extends SiteTx = SiteTx> {
  /** Null when the site has no such request. Locks until the transaction ends. */
  lockCase(tx: Tx, requestId: string): Promise<CaseRows | null>;
  insertRequest(tx: Tx, row: RequestRow): Promise<void>;
  updateRequest(tx: Tx, id: string, patch: Patch<RequestRow>): Promise<void>;
  findRequestIdByIssue(tx: Tx, issueId: string): Promise<string | null>;
  insertReview(tx: Tx, requestId: string, review: ReviewRow): Promise<void>;
  insertGrant(tx: Tx, row: GrantRow): Promise<void>;
  updateGrant(tx: Tx, id: string, patch: Patch<GrantRow>): Promise<void>;
  /** Whatever its role: a person has a tool once (SPEC A4). */
  hasOpenGrant(tx: Tx, accountId: string, toolKey: string, exceptGrantId: string | null): Promise<boolean>;
  /** Creates the row or locks the one there is. */
  lockMembership(tx: Tx, key: { readonly connectorId: string; readonly externalGroupId: string; readonly externalIdentityId: string }): Promise<MembershipRow>;
  updateMembership(tx: Tx, id: string, patch: Patch<MembershipRow>): Promise<void>;
  /** Grants on this membership besides the given one: who else holds it open, and whose removal waits on it. */
  otherGrantsOn(tx: Tx, membershipId: string, exceptGrantId: string): Promise<readonly { readonly id: string; readonly requestId: string; readonly status: GrantStatus }[]>;
  /** Whether an admin accepted this person in this group as baseline access (SPEC K4). */
  isAcceptedBaseline(tx: Tx, membershipId: string): Promise<boolean>;
  insertJob(tx: Tx, row: JobRow): Promise<void>;
  updateJob(tx: Tx, id: string, patch: Patch<JobRow> & { readonly finishedAt?: Date | null }): Promise<void>;
  insertIntent(tx: Tx, intent: { readonly id: string; readonly membershipId: string; readonly grantId: string | null; readonly jobId: string | null; readonly findingId?: string; readonly generation: number; readonly desired: Desired; readonly allowedBy: PolicyDecision | null; readonly lifeMs: number }): Promise<IntentRow>;
  findIntent(tx: Tx, id: string): Promise<IntentRow | null>;
  /** Intents without an end; `isUnderWay`: an open job still waits for this one's result. */
  openIntents(tx: Tx, membershipId: string): Promise<readonly (IntentRow & { readonly isUnderWay: boolean })[]>;
  endIntent(tx: Tx, id: string, outcome: string): Promise<void>;
  /** Nobody knows what it did: it stays open, and is called unknown. */
  markUnknown(tx: Tx, id: string): Promise<void>;
  hadIntent(tx: Tx, grantId: string): Promise<boolean>;
  /** Whether an add of this grant on this membership was sent, or may have been. */
  mayHaveAdded(tx: Tx, grantId: string, membershipId: string): Promise<boolean>;
  /** False when one of this kind is open for the grant already. */
  openManualAction(tx: Tx, action: { readonly id: string; readonly requestId: string; readonly grantId: string; readonly jobId: string | null; readonly kind: JobKind; readonly reason: string; readonly detail: string; readonly assignee: string | null; readonly dueAt: Date | null }): Promise<boolean>;
  alarmManualAction(tx: Tx, id: string, alarmAt: Date | null): Promise<void>;
  closeManualAction(tx: Tx, id: string, patch: { readonly status: 'done' | 'obsolete'; readonly outcome: string | null; readonly completedBy: string | null; readonly note: string | null; readonly readBack: unknown }): Promise<void>;
  queueTicket(tx: Tx, ticket: { readonly requestId: string; readonly issueKey: string; readonly kind: 'comment' | 'transition'; readonly content: unknown; readonly auditEventId: string | null }): Promise<void>;
  hasQueuedTickets(tx: Tx, requestId: string): Promise<{ readonly any: boolean; readonly oldestAgeMs: number }>;

  /** An item of a mass action, locked; null where the mass action has none for this request. */
  lockMassActionItem(tx: Tx, massActionId: string, requestId: string): Promise<MassActionItemState | null>;
  /** `restoreOutcome` null: another block refused the restore; it stays to be done, as a command of its own, when that one is lifted. */
  settleMassActionItem(tx: Tx, massActionId: string, requestId: string, patch: { readonly outcome: 'stopped' | 'alreadyOver' } | { readonly restoreOutcome: string | null }): Promise<void>;

  /** The provider said that this person is gone: looked at once an hour at most, by a fresh read (SPEC G6). */
  hintLeaver(tx: Tx, externalIdentityId: string): Promise<void>;

  lockCommand(tx: Tx, commandId: string): Promise<CommandRow | null>;
  storeCommandResult(tx: Tx, commandId: string, status: number, result: unknown): Promise<void>;

  /** A block that is being committed is waited for, and one that comes later waits for this transaction: no decision and no block miss each other (ADR 0012). */
  policyFacts(tx: Tx, of: Entitlement & { readonly accountId: string; readonly connectorId: string | null }): Promise<Omit<PolicyFacts, 'asked'>>;
  toolFulfilment(tx: Tx, of: Entitlement): Promise<ToolFulfilment | null>;
  /** Of the site, as the marketplace last reported it; read for each job (SPEC F12). */
  licence(tx: Tx): Promise<Licence>;
  /** `spent`: the requester and who voted already; those listed who are one of them are told. */
  routing(tx: Tx, projectKey: string, spent: readonly string[]): Promise<Routing>;
  /** Overrides of the transition names, lower case, per project (SPEC A5). */
  transitionNames(tx: Tx, projectKey: string): Promise<{ readonly approve: readonly string[]; readonly deny: readonly string[] }>;
  /** Who the account is where this connector leads. */
  mappedIdentity(tx: Tx, accountId: string, connectorId: string): Promise<{ readonly externalIdentityId: string } | null>;
  /** Two identities, resolved through whichever connectors, that are one person at the provider. */
  isSameIdentity(tx: Tx, a: string, b: string): Promise<boolean>;
  /** Two accounts are one person when any mapping of theirs, at whatever connector, leads to the same external identity (SPEC A7). */
  sharesIdentity(tx: Tx, accountA: string, accountB: string): Promise<boolean>;
  /** A settings document as it counts now: what is stored, else the default. */
  setting<N extends SettingsName>(tx: Tx, name: N): Promise<SettingsOf<N>>;
  /** What the core worker needs for one converge: sealed, opened nowhere else. */
  sealedOrder(tx: Tx, membershipId: string): Promise<{ readonly provider: 'okta' | 'entra'; readonly connectorId: string; readonly sealedConfig: string; readonly externalGroupId: string; readonly sealedIdentity: string; readonly identityConnectorId: string } | null>;
}
