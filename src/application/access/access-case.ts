import { randomUUID } from 'node:crypto';
import type { AuditAction } from '../../domain/audit/actions.js';
import type { AuditActor, AuditSubject } from '../../domain/audit/entry.js';
import type { JsonObject } from '../../domain/audit/json.js';
import { entitlementSubject } from '../../domain/catalog/entitlement.js';
import { GRANT_TRANSITIONS } from '../../domain/grant/grant.js';
import { JOB_TRANSITIONS } from '../../domain/provisioning/provisioning.js';
import { DECISION_TRANSITIONS } from '../../domain/request/request.js';
import type { CaseRows, GrantRow, JobRow, ManualActionRow, MembershipRow, Patch, RecordStore, RequestRow, ReviewRow } from '../ports/record.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

export const SYSTEM: AuditActor = { kind: 'system', name: 'access-request' };
export const POLICY: AuditActor = { kind: 'policy', name: 'policy' };
export const person = (accountId: string): AuditActor => ({ kind: 'person', accountId });

/** The tables of the core are the only way from one state to another; a step that tries another way is a bug, and its transaction is undone. */
function refuseIllegal<S extends string>(what: string, table: Readonly<Record<S, readonly S[]>>, from: S, to: S | undefined): void {
  if (to !== undefined && to !== from && !table[from].includes(to)) throw new Error(`a ${what} can't go from ${from} to ${to}`);
}

/** Which of the requester's groups policy may go by: recently read ones only, or the last known ones because Jira does not answer. */
export type GroupsToUse = 'fresh' | 'lastKnown';

/**
 * One locked request inside one transaction: the working copy that the steps read, and the only way they write. Every change goes to the database and to the
 * copy at once, so that the plan at the end is computed from what will be committed.
 */
export class AccessCase {
  request: RequestRow;
  grant: GrantRow | null;
  membership: MembershipRow | null;
  jobs: JobRow[];
  manualActions: ManualActionRow[];
  reviews: ReviewRow[];
  /** Other requests whose situation this step changed: woken after the commit, found by the poller if that is lost. */
  readonly wakeOthers = new Set<string>();
  /** The last policy decision went by groups that Jira would not confirm. */
  onLastKnownGroups = false;
  /** Named in every event of a step that a mass action asked for. */
  massActionId: string | null = null;

  constructor(readonly tx: SiteTx, readonly store: RecordStore, rows: CaseRows, readonly groups: GroupsToUse = 'fresh') {
    this.request = rows.request;
    this.grant = rows.grant;
    this.membership = rows.membership;
    this.jobs = [...rows.jobs];
    this.manualActions = [...rows.manualActions];
    this.reviews = [...rows.reviews];
  }

  get now(): Date { return this.tx.now; }
  /** Retry delays and intents run on real time (DESIGN, time). */
  get realNow(): Date { return new Date(this.tx.now.getTime() - this.tx.offsetMs); }

  async patchRequest(patch: Patch<RequestRow>): Promise<void> {
    refuseIllegal('request', DECISION_TRANSITIONS, this.request.decision, patch.decision);
    await this.store.updateRequest(this.tx, this.request.id, patch);
    this.request = { ...this.request, ...patch, rowVersion: this.request.rowVersion + 1 };
  }
  async patchGrant(grant: GrantRow, patch: Patch<GrantRow>): Promise<GrantRow> {
    refuseIllegal('grant', GRANT_TRANSITIONS, grant.status, patch.status);
    await this.store.updateGrant(this.tx, grant.id, patch);
    this.grant = { ...grant, ...patch };
    return this.grant;
  }
  async patchMembership(membership: MembershipRow, patch: Patch<MembershipRow>): Promise<MembershipRow> {
    await this.store.updateMembership(this.tx, membership.id, patch);
    this.membership = { ...membership, ...patch };
    return this.membership;
  }
  async patchJob(job: JobRow, patch: Patch<JobRow>): Promise<JobRow> {
    refuseIllegal('job', JOB_TRANSITIONS, job.status, patch.status);
    const finished = patch.status === 'succeeded' || patch.status === 'superseded';
    await this.store.updateJob(this.tx, job.id, finished ? { ...patch, finishedAt: this.realNow } : patch);
    const next = { ...job, ...patch };
    if (finished) await this.audit(patch.status === 'succeeded' ? 'job.succeeded' : 'job.superseded', SYSTEM, { jobId: job.id }, { kind: job.kind, attempts: next.attempts });
    this.jobs = finished ? this.jobs.filter((other) => other.id !== job.id) : this.jobs.map((other) => (other.id === job.id ? next : other));
    return next;
  }
  async addJob(kind: JobRow['kind'], grant: GrantRow): Promise<JobRow> {
    const job: JobRow = {
      id: `job_${randomUUID()}`, requestId: this.request.id, grantId: grant.id, kind, status: 'queued', attempts: 0,
      nextAttemptAt: this.realNow, lastError: null, lastErrorCode: null, intentId: null, createdAt: this.now,
    };
    await this.store.insertJob(this.tx, job);
    this.jobs.push(job);
    await this.audit('job.queued', SYSTEM, { jobId: job.id }, { kind });
    return job;
  }
  openJob(kind: JobRow['kind']): JobRow | null { return this.jobs.find((job) => job.kind === kind) ?? null; }

  /** What was asked of people and is no longer needed. */
  async closeManualActions(status: 'done' | 'obsolete', kinds?: readonly ManualActionRow['kind'][]): Promise<void> {
    for (const action of this.manualActions.filter((open) => kinds === undefined || kinds.includes(open.kind))) {
      await this.store.closeManualAction(this.tx, action.id, { status, outcome: null, completedBy: null, note: null, readBack: null });
      this.manualActions = this.manualActions.filter((open) => open.id !== action.id);
      if (status === 'obsolete') await this.audit('manual_action.obsoleted', SYSTEM, { manualActionId: action.id, ...(action.jobId === null ? {} : { jobId: action.jobId }) }, { kind: action.kind, reason: action.reason });
    }
  }

  async alarmManualAction(action: ManualActionRow, alarmAt: Date | null): Promise<void> {
    await this.store.alarmManualAction(this.tx, action.id, alarmAt);
    this.manualActions = this.manualActions.map((open) => (open.id === action.id ? { ...open, alarmAt } : open));
  }

  /** Returns the event's id; a comment made of it names the `seq` that the sealer gives it (SPEC A13). */
  audit(action: AuditAction, actor: AuditActor, subject: AuditSubject = {}, data: JsonObject = {}): Promise<string> {
    const own: AuditSubject = {
      requestId: this.request.id, ...entitlementSubject(this.request),
      ...(this.request.issueKey === null ? {} : { issueKey: this.request.issueKey }),
      ...(this.grant === null ? {} : { grantId: this.grant.id }),
      ...(this.massActionId === null ? {} : { massActionId: this.massActionId }),
    };
    return this.tx.audit({ action, actor, subject: { ...own, ...subject }, data });
  }

  /** Queues a comment with the ticket, if there is one; written by the ticket step, never by a decision (SPEC A5). */
  async comment(lines: readonly string[], auditEventId: string): Promise<void> {
    if (this.request.issueKey === null) return;
    await this.store.queueTicket(this.tx, { requestId: this.request.id, issueKey: this.request.issueId ?? this.request.issueKey, kind: 'comment', content: { lines }, auditEventId });
  }
  async transition(decision: 'approve' | 'deny', auditEventId: string): Promise<void> {
    if (this.request.issueKey === null) return;
    const names = await this.store.transitionNames(this.tx, this.request.projectKey);
    await this.store.queueTicket(this.tx, {
      requestId: this.request.id, issueKey: this.request.issueId ?? this.request.issueKey, kind: 'transition', auditEventId,
      content: { decision, names: decision === 'approve' ? names.approve : names.deny },
    });
  }
}
