import type { GroupOutcome, HoldReason, Waiver } from '../../domain/reconciliation/breaker.js';
import type { MembershipFacts } from '../../domain/reconciliation/compare.js';
import type { DriftResponse, Effect, FindingKind, FindingState, MemberDrift } from '../../domain/reconciliation/finding.js';
import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import type { Provider } from './identity-provider.port.js';
import type { SiteTx } from './unit-of-work.port.js';

export interface RunConnector { readonly id: string; readonly provider: Provider; readonly sealedConfig: string }
export type RunStatus = 'running' | 'done' | 'stopped' | 'failed';
export type RunTrigger = 'schedule' | 'admin' | 'bind' | 'finding';
/** What the step that is out asks for, so that its answer can be understood. */
export type Doing =
  | { readonly kind: 'list' | 'lookAtGroup' | 'confirm'; readonly externalGroupId: string }
  /** `members`: how many were on the page that waits for names. */
  | { readonly kind: 'describe'; readonly externalGroupId: string; readonly members: number }
  | { readonly kind: 'remove'; readonly differenceId: string; readonly intentId: string; readonly membershipId: string }
  | { readonly kind: 'deliver' | 'wait' }
  | { readonly kind: 'settle'; readonly tries: number };
export const RUN_COUNTS = [
  'groups', 'pages', 'members',
  /** Suspicions; those that a fresh read confirmed, and those that it did not. */
  'differences', 'confirmed', 'vanished', 'unreadable',
  'held', 'findings', 'revoked', 'removed', 'failed', 'baseline',
] as const;
export type RunCount = (typeof RUN_COUNTS)[number];
export type RunCounts = { readonly [Name in RunCount]?: number };
export interface RunRow {
  readonly id: string; readonly connectorId: string; readonly status: RunStatus; readonly trigger: RunTrigger; readonly step: number; readonly doing: Doing | null;
  readonly counts: RunCounts; readonly judged: boolean; readonly failure: string | null;
  /** When the step that is out was handed out. Real time, by Postgres. */
  readonly steppedAt: Date;
}
export type GroupState = 'pending' | 'listing' | 'listed' | 'deleted' | 'failed';
export interface GroupRow {
  readonly externalGroupId: string; readonly state: GroupState; readonly isBaseline: boolean; readonly held: HoldReason | null;
  /** Real time. */
  readonly listedFrom: Date | null;
  readonly cursor: string | null; readonly nextCursor: string | null; readonly pages: number; readonly members: number; readonly expected: number; readonly error: string | null;
  /** The most pages that a listing of this group got to; it outlives a listing that has to begin anew. */
  readonly furthest: number;
  /** Calls in a row that brought no page beyond `furthest`. */
  readonly attempts: number;
}
export type DifferenceState = 'suspected' | 'held' | 'vanished' | 'unreadable' | 'said' | 'toDeliver' | 'toRevert' | 'delivered' | 'removed' | 'failed';
export interface DifferenceRow {
  readonly id: string; readonly externalGroupId: string; readonly identityHash: string; readonly kind: MemberDrift | 'baselineMember'; readonly effect: Effect; readonly state: DifferenceState;
  readonly isPerson: boolean; readonly findingId: string | null; readonly attempts: number;
}
/** One person and one group as the record sees them now; listing and settling are added by who asks. */
export interface RecordedMember {
  readonly identityHash: string; readonly externalIdentityId: string | null; readonly loginHint: string | null;
  /** Accounts mapped to the identity, sorted. */
  readonly accountIds: readonly string[];
  readonly baseline: boolean;
  /** An open grant of a mapped account for a tool of this group that no membership belongs to: people fulfil it by hand. */
  readonly grantedByHand: boolean;
  readonly settled: boolean;
  readonly membershipId: string | null; readonly membership: MembershipFacts | null;
  /** Requests whose grant is active on the membership, and the last one whose grant is over. */
  readonly activeRequests: readonly { readonly requestId: string; readonly grantId: string; readonly toolKey: string }[];
  readonly endedRequest: { readonly requestId: string; readonly grantId: string; readonly toolKey: string } | null;
}
export interface NewFinding {
  readonly id: string; readonly kind: FindingKind; readonly subjectKey: string; readonly response: DriftResponse; readonly toolKey: string | null; readonly connectorId: string | null;
  readonly externalGroupId: string | null; readonly identityHash: string | null; readonly accountId: string | null; readonly loginHint: string | null; readonly recordId: string | null;
  readonly evidence: Readonly<Record<string, unknown>>;
}
export interface FindingRow extends NewFinding { readonly state: FindingState; readonly seenAt: Date }
export interface ClosedFinding { readonly id: string; readonly kind: string; readonly toolKey: string | null; readonly accountId: string | null }
/** The tools of a group and what they want done (SPEC D1). */
export interface GroupTool { readonly toolKey: string; readonly response: DriftResponse }

export interface ReconciliationStore<Tx extends SiteTx = SiteTx> {
  /** Real time, by Postgres. */
  realNow(tx: Tx): Promise<Date>;
  /** Without a lock: requests insert rows that name the connector, and must not wait for a page. */
  connector(tx: Tx, id: string): Promise<RunConnector | null>;
  /** The connector's run that is under way, locked; where there is none, nobody opens one before this transaction ends. Before a finding's lock, never behind it (ADR 0015). */
  lockRunning(tx: Tx, connectorId: string): Promise<RunRow | null>;
  /** False when the connector has a run under way already. */
  insertRun(tx: Tx, run: { readonly id: string; readonly connectorId: string; readonly trigger: RunTrigger; readonly askedBy: string | null }): Promise<boolean>;
  updateRun(tx: Tx, id: string, patch: { readonly status?: RunStatus; readonly step?: number; readonly doing?: Doing | null; readonly counts?: RunCounts; readonly judged?: boolean; readonly failure?: string | null; readonly endedAt?: Date }): Promise<void>;
  /** Groups to be compared, distinct although several tools share one; with those that people are in although no tool has them any more. */
  managedGroups(tx: Tx, connectorId: string, toolKey: string | null): Promise<readonly { readonly externalGroupId: string; readonly isBaseline: boolean }[]>;
  /** Adds groups that the run does not have, and takes up again those that it held or gave up and that come with a waiver. How many are to be judged. */
  addGroups(tx: Tx, runId: string, groups: readonly { readonly externalGroupId: string; readonly isBaseline: boolean; readonly waiver: Waiver | null }[]): Promise<number>;
  /** The group that is being listed, else one that waits. */
  nextGroup(tx: Tx, runId: string): Promise<GroupRow | null>;
  findGroup(tx: Tx, runId: string, externalGroupId: string): Promise<GroupRow | null>;
  updateGroup(tx: Tx, runId: string, externalGroupId: string, patch: Partial<Omit<GroupRow, 'externalGroupId'>>): Promise<void>;
  /** Finished groups with what the breaker needs. */
  outcomes(tx: Tx, runId: string): Promise<readonly (GroupOutcome & { readonly state: GroupState; readonly held: HoldReason | null })[]>;
  /** Keeps what the group opens now; answers with what it opened when its assignment was confirmed, for each tool of it that is. A confirmation without a look gets this one. */
  keepApps(tx: Tx, connectorId: string, externalGroupId: string, apps: readonly GroupApp[]): Promise<readonly (readonly GroupApp[])[]>;
  /** What it opens now is what an admin accepts. */
  acceptApps(tx: Tx, connectorId: string, externalGroupId: string): Promise<void>;
  groupTools(tx: Tx, connectorId: string, externalGroupId: string): Promise<readonly GroupTool[]>;

  sight(tx: Tx, runId: string, externalGroupId: string, hashes: readonly string[]): Promise<void>;
  /** Forgets what a listing that has to begin anew had seen; how many suspicions went with it. */
  forgetListing(tx: Tx, runId: string, externalGroupId: string): Promise<number>;
  forgetSightings(tx: Tx, runId: string, externalGroupId: string): Promise<void>;
  /** `since`: rows touched after it, less the lag, are not settled. `onlySuspicious` leaves out those whom an open grant explains. */
  recordedMembers(tx: Tx, where: { readonly connectorId: string; readonly externalGroupId: string; readonly hashes: readonly string[]; readonly since: Date; readonly onlySuspicious: boolean }): Promise<readonly RecordedMember[]>;
  /** Members by an active, read-back grant whom no page showed and who are no difference yet. */
  unseenMembers(tx: Tx, where: { readonly runId: string; readonly connectorId: string; readonly externalGroupId: string; readonly limit: number }): Promise<readonly string[]>;
  countExpected(tx: Tx, connectorId: string, externalGroupId: string): Promise<number>;
  putIdentities(tx: Tx, connectorId: string, identities: readonly { readonly id: string; readonly identityHash: string; readonly sealed: string; readonly loginHint: string }[]): Promise<void>;
  insertDifferences(tx: Tx, runId: string, differences: readonly Omit<DifferenceRow, 'attempts'>[]): Promise<number>;
  /** Of one group, so many, in the order in which they were seen. */
  nextDifferences(tx: Tx, runId: string, state: DifferenceState, limit: number): Promise<readonly DifferenceRow[]>;
  findDifference(tx: Tx, id: string): Promise<DifferenceRow | null>;
  updateDifferences(tx: Tx, ids: readonly string[], patch: { readonly state?: DifferenceState; readonly kind?: MemberDrift; readonly effect?: Effect; readonly findingId?: string; readonly attempts?: number; readonly observed?: 'present' | 'absent' | 'unknown'; readonly readAt?: Date; readonly detail?: string }): Promise<void>;
  holdChanges(tx: Tx, runId: string, externalGroupId: string): Promise<number>;
  /** Delivered removals of ended access that are not verified yet, and marks those that are. */
  settleRemovals(tx: Tx, runId: string): Promise<{ readonly open: number; readonly findings: readonly string[] }>;
  /** Differences that the run could not confirm, and those that it could not act on. */
  leftOver(tx: Tx, runId: string): Promise<{ readonly unreadable: number; readonly failed: number }>;
  sealedIdentities(tx: Tx, connectorId: string, hashes: readonly string[]): Promise<readonly { readonly identityHash: string; readonly sealedIdentity: string; readonly identityConnectorId: string }[]>;
  proposeBaseline(tx: Tx, runId: string, connectorId: string, externalGroupId: string): Promise<number>;

  /** Opens a finding, or finds the one that says the same: open, or dismissed and never gone since. */
  openFinding(tx: Tx, finding: NewFinding): Promise<{ readonly id: string; readonly state: FindingState; readonly isNew: boolean }>;
  /** What is said of the subject already, locked: the open finding, or a dismissed one that was never gone. */
  lockStanding(tx: Tx, kind: FindingKind, subjectKey: string): Promise<FindingRow | null>;
  /** Something else is to be said in its place: it no longer stands, whoever had resolved it. */
  supersedeFinding(tx: Tx, id: string): Promise<void>;
  findFinding(tx: Tx, id: string): Promise<FindingRow | null>;
  lockFinding(tx: Tx, id: string): Promise<FindingRow | null>;
  /** False when it is not open any more: whoever spoke first is left standing. What it said is `gone` either way, so it may be said again. */
  closeFinding(tx: Tx, id: string, patch: { readonly state: Exclude<FindingState, 'open'>; readonly resolvedBy: string; readonly note: string | null; readonly gone: boolean }): Promise<boolean>;
  updateFinding(tx: Tx, id: string, patch: { readonly resolvedBy?: string; readonly note?: string | null }): Promise<void>;
  /** Findings of the run's groups that it did not find again: reported ones are closed, dismissed ones may speak again. */
  closeGone(tx: Tx, runId: string, connectorId: string): Promise<readonly ClosedFinding[]>;
  acceptBaseline(tx: Tx, where: { readonly connectorId: string; readonly externalGroupId: string; readonly identityHash: string; readonly label: string; readonly by: string; readonly id: string }): Promise<void>;
  acceptProposals(tx: Tx, where: { readonly toolKey: string; readonly ids: readonly string[] | null; readonly by: string }): Promise<number>;
  /** What an admin asks for: a difference of the run that needs no listing any more. */
  requestRepair(tx: Tx, runId: string, wanted: { readonly id: string; readonly externalGroupId: string; readonly identityHash: string; readonly kind: FindingKind; readonly effect: Effect; readonly findingId: string; readonly state: 'toRevert' | 'toDeliver' }): Promise<void>;
  /** Runs of every site whose last step is older: their workflow may be gone. */
  stalled(tx: Tx, olderThanMs: number): Promise<readonly string[]>;
  enabledConnectors(tx: Tx): Promise<readonly string[]>;
}
