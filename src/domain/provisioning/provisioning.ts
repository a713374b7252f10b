/** Membership converges (DESIGN): pure rules about what to ask of the provider next and what its answer means. */
export type Desired = 'present' | 'absent';
export type Observed = 'present' | 'absent' | 'unknown';
export const JOB_STATUSES = ['queued', 'running', 'retrying', 'succeeded', 'manual', 'deadLetter', 'superseded'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export const JOB_KINDS = ['provision', 'deprovision', 'check'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** `superseded`: another decision made the job pointless. Nothing leaves a finished job; manual and dead letter go on by retry or by a person. */
export const JOB_TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  queued: ['running', 'manual', 'succeeded', 'superseded'],
  running: ['retrying', 'succeeded', 'manual', 'deadLetter', 'superseded', 'queued'],
  retrying: ['running', 'manual', 'succeeded', 'deadLetter', 'superseded', 'queued'],
  manual: ['queued', 'running', 'retrying', 'succeeded', 'superseded'],
  deadLetter: ['queued', 'succeeded', 'superseded'],
  succeeded: [],
  superseded: [],
};

/** What the core worker says about one converge or check. Plain JSON: it crosses the engine. */
export interface ConvergeResult {
  readonly status:
    /** The provider was read after all writes; `observed` is what it said. */
    | 'observed'
    /** Try again after `retryAfterMs` or the back-off. */
    | 'retryable'
    /** People must look: credential, permission, deleted person or group. */
    | 'manual'
    /** The fence, the deadline or a cancellation stopped it before a write. */
    | 'notAttempted';
  readonly observed: Observed;
  readonly readAt: string | null;
  /** Whether a write of this attempt reached the provider. */
  readonly write: 'none' | 'changed' | 'unchanged' | 'unknown';
  readonly code: string;
  readonly detail: string;
  readonly retryAfterMs: number | null;
  readonly providerRequestId: string | null;
}

/** Attempts after which adding is given up and shown to people as a dead letter. Removing never gives up (SPEC F8). */
export const MAX_PROVISION_ATTEMPTS = 10;
/** Removal attempts after which people are told, while the attempts go on. */
export const ESCALATE_REMOVAL_AFTER = 3;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15 * 60_000;

/** Exponential back-off that never undercuts what the provider asked for (SPEC F6). `attempts` counts the one that just failed. Milliseconds. */
export function retryDelayMs(attempts: number, retryAfterMs: number | null): number {
  const backOff = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(20, Math.max(0, attempts - 1)));
  return Math.max(backOff, retryAfterMs ?? 0);
}

export type JobStep =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly escalate: boolean }
  | { readonly kind: 'manual' }
  | { readonly kind: 'deadLetter' };

export interface StepFacts {
  readonly jobKind: JobKind;
  /** Including the attempt just made. */
  readonly attempts: number;
  readonly desired: Desired;
  readonly result: ConvergeResult;
  /** Milliseconds until every older intent is past its deadline and the provider's lag; 0 when all have ended. */
  readonly olderIntentsMs: number;
}

/** What an attempt's result means for its job. A grant becomes active, or ends, only on `succeeded` (SPEC F8, N3). */
export function nextJobStep(facts: StepFacts): JobStep {
  const { result, desired, jobKind, attempts } = facts;
  if (result.status === 'observed' && result.observed === desired) {
    // Absence counts only when read after every older intent has ended (N6): a write that lands late is found by the read that follows.
    return desired === 'absent' && facts.olderIntentsMs > 0 ? { kind: 'retry', delayMs: facts.olderIntentsMs, escalate: false } : { kind: 'succeeded' };
  }
  if (result.status === 'notAttempted') return { kind: 'retry', delayMs: Math.max(100, result.retryAfterMs ?? 0), escalate: false };
  const delayMs = retryDelayMs(attempts, result.retryAfterMs);
  if (jobKind === 'deprovision') return { kind: 'retry', delayMs, escalate: result.status === 'manual' || attempts >= ESCALATE_REMOVAL_AFTER };
  if (result.status === 'manual') return { kind: 'manual' };
  return attempts >= MAX_PROVISION_ATTEMPTS ? { kind: 'deadLetter' } : { kind: 'retry', delayMs, escalate: false };
}

/** How an intent ended (N4): exactly one of these is recorded for each. */
export function intentOutcome(result: ConvergeResult): 'changed' | 'unchanged' | 'notWritten' | 'unknown' {
  switch (result.write) {
    case 'changed': return 'changed';
    case 'unchanged': return 'unchanged';
    case 'none': return result.status === 'observed' ? 'unchanged' : 'notWritten';
    case 'unknown': return 'unknown';
  }
}

/** How long a write may still land after its intent's deadline: the providers' documented replication lag, generously. Milliseconds. */
export const PROVIDER_LAG_MS = 5_000;
/** How long an intent lasts; an add needs an allow committed at most this long before (N9). Milliseconds. */
export const INTENT_LIFE_MS = 30_000;
