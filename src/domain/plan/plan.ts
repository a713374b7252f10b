/** What a workflow is told after each step: where the request is, what to do now, when to look again. Plain JSON; it crosses the engine. */
export const PHASES = ['pending', 'provisioning', 'active', 'suspended', 'removing', 'manual', 'closed'] as const;
export type Phase = (typeof PHASES)[number];

/** What the core worker is asked to do. Configuration and identity are sealed: only that worker opens them (SPEC F9). */
export interface ConvergeOrder {
  readonly siteId: string;
  readonly requestId: string;
  readonly jobId: string;
  readonly intentId: string;
  readonly membershipId: string;
  readonly mode: 'converge' | 'read';
  readonly desired: 'present' | 'absent';
  readonly generation: number;
  /** False once this generation has been read back present: a later absence is somebody's removal, never repaired by itself. */
  readonly mayAdd: boolean;
  /** Real time after which no write may start (N9). */
  readonly deadlineAt: string;
  readonly provider: 'okta' | 'entra';
  readonly connectorId: string;
  readonly sealedConfig: string;
  readonly externalGroupId: string;
  readonly sealedIdentity: string;
  /** The connector that the identity was resolved and sealed through: another one of the same org or tenant, or this one. Not in orders of earlier releases. */
  readonly identityConnectorId?: string;
}
export interface Plan {
  /** Grows with every step: of two plans the one with the higher version is the newer. */
  readonly rowVersion: number;
  readonly phase: Phase;
  /** Milliseconds until the next deadline; null when nothing is due by itself. The workflow never compares clocks. */
  readonly waitMs: number | null;
  /** Changes when the deadline or the clock moves: then, and only then, the alarm is set anew. */
  readonly alarmKey: string;
  /** What the alarm is for, in words for the Temporal UI. */
  readonly alarmFor: string;
  readonly ended: boolean;
  readonly act: ConvergeOrder | null;
  /** Idle: flush now. Overdue: flush beside a provider step that takes long. */
  readonly tickets: 'none' | 'idle' | 'overdue';
  readonly search: { readonly expiresAt: string | null; readonly approvalDueAt: string | null; readonly pendingStage: string | null; readonly needsManualAction: boolean };
  /** Markdown for an operator; ids, codes and times, no person (SPEC U6). */
  readonly details: string;
}

export interface DueFacts {
  readonly decision: string;
  readonly remindAt: Date | null; readonly remindedAt: Date | null;
  readonly breachAt: Date | null; readonly breachedAt: Date | null;
  readonly lapseAt: Date | null;
  readonly grant: { readonly status: string; readonly expiresAt: Date } | null;
  /** Real time. */
  readonly jobDueAt: Date | null;
  /** When the first open manual action is due, or is due to be called overdue again. */
  readonly actionAlarmAt: Date | null;
}
export type DueKind = 'remind' | 'breach' | 'lapse' | 'expire' | 'attempt' | 'manualOverdue';
export interface Due { readonly kind: DueKind; /** Milliseconds from now; zero or less: due. */ readonly inMs: number; readonly at: Date }

/** All deadlines of a request in the order in which they come due (DESIGN, time): steps are taken one by one, then the rest is waited for. */
export function deadlines(facts: DueFacts, now: Date, realNow: Date): readonly Due[] {
  const due: Due[] = [];
  const domain = (kind: DueKind, at: Date | null): void => { if (at !== null) due.push({ kind, at, inMs: at.getTime() - now.getTime() }); };
  if (facts.decision === 'pending') {
    if (facts.remindedAt === null) domain('remind', facts.remindAt);
    if (facts.breachedAt === null) domain('breach', facts.breachAt);
    domain('lapse', facts.lapseAt);
  }
  if (facts.grant !== null && (facts.grant.status === 'active' || facts.grant.status === 'pendingProvision')) domain('expire', facts.grant.expiresAt);
  domain('manualOverdue', facts.actionAlarmAt);
  if (facts.jobDueAt !== null) due.push({ kind: 'attempt', at: facts.jobDueAt, inMs: facts.jobDueAt.getTime() - realNow.getTime() });
  return due.sort((a, b) => a.inMs - b.inMs || a.kind.localeCompare(b.kind));
}

export interface PhaseFacts {
  readonly decision: string;
  readonly grantStatus: string | null;
  readonly openManualAction: boolean;
}
/** Display only: no code decides on it (DESIGN, search attributes). */
export function phaseOf({ decision, grantStatus, openManualAction }: PhaseFacts): Phase {
  if (decision === 'pending') return 'pending';
  switch (grantStatus) {
    case 'pendingProvision': return openManualAction ? 'manual' : 'provisioning';
    case 'removing': return openManualAction ? 'manual' : 'removing';
    case 'active': return 'active';
    case 'suspended': return 'suspended';
    case null:
    default: return 'closed';
  }
}
