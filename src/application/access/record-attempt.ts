import type { AuditAction } from '../../domain/audit/actions.js';
import type { AuditActor, AuditSubject } from '../../domain/audit/entry.js';
import type { JsonObject } from '../../domain/audit/json.js';
import type { ConvergeResult, JobStep } from '../../domain/provisioning/provisioning.js';
import { intentOutcome, nextJobStep } from '../../domain/provisioning/provisioning.js';
import type { GrantRow, IntentRow, JobRow, MembershipRow } from '../ports/record.port.js';
import { type AccessCase, SYSTEM } from './access-case.js';
import { leave } from './attempt.js';
import { finishGrant } from './end-grant.js';
import { jobOf, resolveOlderIntents } from './older-intents.js';
import { activate, askPeople } from './open-grant.js';

const PROVIDER: AuditActor = { kind: 'provider', name: 'identity-provider' };

/** The provider knows no such user, or would not add them, which is also how it speaks of somebody deactivated (SPEC G6). */
const PERSON_MAY_BE_GONE = new Set(['provider.user_not_found', 'provider.user_deactivated', 'provider.rejected', 'user.deleted']);

/** Records how an attempt ended: the intent's one outcome, what was read, and what follows for job and grant (N4, F8). A repeat changes nothing. */
export async function recordAttempt(c: AccessCase, intentId: string, result: ConvergeResult): Promise<void> {
  const intent = await c.store.findIntent(c.tx, intentId);
  if (intent === null || intent.endedAt !== null) return;
  await endIntent(c, intent, result);
  const membership = await recordRead(c, intent, result);
  const job = c.jobs.find((open) => open.intentId === intentId && open.status === 'running');
  if (job === undefined || c.grant === null || membership === null) return;
  const current = intent.generation === membership.generation && intent.desired === membership.desired;
  // The generation moved on while this attempt was out: whatever it saw, the job is decided anew.
  const olderMs = result.status === 'observed' ? await olderIntentsMs(c, membership) : 0;
  const step: JobStep = current ? nextJobStep({ jobKind: kindOf(job, intent), attempts: job.attempts + 1, desired: intent.desired, result, olderIntentsMs: olderMs }) : { kind: 'retry', delayMs: 0, escalate: false };
  if (step.kind === 'succeeded' && job.kind !== 'deprovision' && intent.desired === 'absent') return nowForNewIdentity(c, job, c.grant);
  await takeJobStep(c, job, c.grant, step, result);
}
/** Taking an earlier identity out is a removal whichever job it is part of: it never gives up and ends in no dead letter (SPEC F8). */
const kindOf = (job: JobRow, intent: IntentRow): JobRow['kind'] => (intent.desired === 'absent' ? 'deprovision' : job.kind);

/** The identity that the person was mapped to before is out of the group: the job goes on with the one of today. */
async function nowForNewIdentity(c: AccessCase, job: JobRow, grant: GrantRow): Promise<void> {
  await leave(c, grant);
  await c.closeManualActions('obsolete', ['provision']);
  await c.patchJob(job, { status: 'queued', attempts: 0, intentId: null, nextAttemptAt: c.realNow, lastError: null, lastErrorCode: null });
  await c.audit('job.retried', SYSTEM, { jobId: job.id }, { kind: job.kind, code: 'mapping.changed', delayMs: 0 });
}

async function endIntent(c: AccessCase, intent: IntentRow, result: ConvergeResult): Promise<void> {
  const outcome = intentOutcome(result);
  const subject = { membershipId: intent.membershipId, intentId: intent.id, ...jobOf(intent) };
  const data = { desired: intent.desired, generation: intent.generation, observed: result.observed, code: result.code, ...(result.providerRequestId === null ? {} : { providerRequestId: result.providerRequestId }) };
  // An unknown outcome stays open: its write may still land until its deadline and the provider's lag are over (N6).
  if (outcome === 'unknown' && result.status !== 'observed') {
    if (intent.outcome === 'unknown') return; // said before: the step was taken twice
    await c.store.markUnknown(c.tx, intent.id);
    await c.audit('membership.outcome_unknown', PROVIDER, subject, data);
    return;
  }
  await c.store.endIntent(c.tx, intent.id, outcome === 'unknown' ? 'resolved' : outcome);
  await c.audit(outcomeAction(intent, outcome, result), PROVIDER, subject, data);
}
function outcomeAction(intent: IntentRow, outcome: ReturnType<typeof intentOutcome>, result: ConvergeResult): AuditAction {
  switch (outcome) {
    case 'changed': return intent.desired === 'present' ? 'membership.added' : 'membership.removed';
    case 'unchanged': return 'membership.unchanged';
    case 'unknown': return 'membership.outcome_resolved';
    case 'notWritten': return result.status === 'notAttempted' ? 'membership.refused' : 'membership.read';
  }
}

async function recordRead(c: AccessCase, intent: IntentRow, result: ConvergeResult): Promise<MembershipRow | null> {
  const { membership } = c;
  if (membership !== null && PERSON_MAY_BE_GONE.has(result.code)) await c.store.hintLeaver(c.tx, membership.externalIdentityId);
  if (membership === null || result.status !== 'observed' || result.readAt === null) return membership;
  const readBack = result.observed === 'present' && intent.desired === 'present' ? { readBackGeneration: intent.generation } : {};
  return c.patchMembership(membership, { observed: result.observed, lastReadAt: c.now, ...readBack });
}

/** {@link resolveOlderIntents} for a request's membership; `wasRead`: whether there is a read that resolves them. */
export const olderIntentsMs = (c: AccessCase, membership: MembershipRow, wasRead = true): Promise<number> => {
  const resolved = (subject: AuditSubject, data: JsonObject): Promise<string> => c.audit('membership.outcome_resolved', SYSTEM, subject, data);
  return resolveOlderIntents({ store: c.store, tx: c.tx, realNow: c.realNow, resolved: wasRead ? resolved : null }, membership.id);
};

async function takeJobStep(c: AccessCase, job: JobRow, grant: GrantRow, step: JobStep, result: ConvergeResult): Promise<void> {
  const attempts = result.status === 'notAttempted' ? job.attempts : job.attempts + 1;
  switch (step.kind) {
    case 'succeeded': {
      await c.patchJob(job, { status: 'succeeded', attempts, nextAttemptAt: null, lastError: null, lastErrorCode: null });
      return job.kind === 'deprovision' ? finishGrant(c, grant, 'readBack') : activateOnce(c, grant);
    }
    case 'retry': {
      await c.patchJob(job, { status: 'retrying', attempts, intentId: null, nextAttemptAt: new Date(c.realNow.getTime() + step.delayMs), lastError: result.detail, lastErrorCode: result.code });
      await c.audit('job.retried', SYSTEM, { jobId: job.id }, { kind: job.kind, attempts, code: result.code, delayMs: step.delayMs });
      if (step.escalate) await askPeople(c, grant, { jobId: job.id, kind: job.kind, reason: result.code, detail: `Removing the membership has not been confirmed after ${attempts} attempts and goes on: ${result.detail}` });
      return;
    }
    case 'manual': {
      await c.patchJob(job, { status: 'manual', attempts, intentId: null, nextAttemptAt: null, lastError: result.detail, lastErrorCode: result.code });
      return askPeople(c, grant, { jobId: job.id, kind: job.kind, reason: result.code, detail: result.detail });
    }
    case 'deadLetter': {
      await c.patchJob(job, { status: 'deadLetter', attempts, intentId: null, nextAttemptAt: null, lastError: result.detail, lastErrorCode: result.code });
      await c.audit('job.dead_lettered', SYSTEM, { jobId: job.id }, { kind: job.kind, attempts, code: result.code });
      return askPeople(c, grant, { jobId: job.id, kind: job.kind, reason: 'job.dead_lettered', detail: `Provisioning was tried ${attempts} times: ${result.detail}` });
    }
  }
}
async function activateOnce(c: AccessCase, grant: GrantRow): Promise<void> {
  if (grant.status === 'pendingProvision') await activate(c, grant, 'readBack');
}
