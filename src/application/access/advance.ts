import { entitlementName } from '../../domain/catalog/entitlement.js';
import { DAY_MS } from '../../domain/grant/grant.js';
import { deadlines, phaseOf, type Due, type Phase, type Plan } from '../../domain/plan/plan.js';
import type { GrantRow, JobRow, ManualActionRow } from '../ports/record.port.js';
import { type AccessCase, POLICY, SYSTEM } from './access-case.js';
import { beginAttempt, orderOf } from './attempt.js';
import { endGrant, finishGrant, heldBy } from './end-grant.js';
import { isObstacle, readinessOf } from './readiness.js';

/** While a provider or ticket step is under way, the poller looks this often whether its workflow is still there. Milliseconds. */
const LOOK_AGAIN_MS = 60_000;
/** A ticket that waits longer than this goes out beside a provider step that takes long. */
const TICKET_PATIENCE_MS = 5_000;

/** Takes every step that is due, in the order of the deadlines, and says what the workflow does next. Writes `nextDueAt` in the same transaction. */
export async function advance(c: AccessCase): Promise<Plan> {
  await takeDue(c);
  return conclude(c);
}

/** Every step that is due, without a plan: more is about to happen in this transaction. */
export async function takeDue(c: AccessCase): Promise<void> {
  for (let steps = 0; steps < 20; steps += 1) {
    await settleWithoutProvider(c);
    const due = upcoming(c).find((deadline) => deadline.inMs <= 0);
    if (due === undefined) return;
    await take(c, due);
  }
  throw new Error(`request ${c.request.id} does not come to rest`);
}

const dueJob = (c: AccessCase): JobRow | null =>
  c.jobs.find((job) => (job.status === 'queued' || job.status === 'retrying') && job.nextAttemptAt !== null) ?? null;

/** The open manual action that is called overdue first. */
const firstAlarm = (c: AccessCase): ManualActionRow | null =>
  c.manualActions.filter(({ alarmAt }) => alarmAt !== null).sort((a, b) => (a.alarmAt?.getTime() ?? 0) - (b.alarmAt?.getTime() ?? 0))[0] ?? null;

function upcoming(c: AccessCase): readonly Due[] {
  return deadlines({ ...c.request, grant: c.grant, jobDueAt: dueJob(c)?.nextAttemptAt ?? null, actionAlarmAt: firstAlarm(c)?.alarmAt ?? null }, c.now, c.realNow);
}

/** What others changed since the last step: a mapping was added, a group or connector came back, another grant took over the membership. */
async function settleWithoutProvider(c: AccessCase): Promise<void> {
  const { grant } = c;
  if (grant === null) return;
  if (grant.status === 'removing' && grant.fulfilment === 'connector' && !c.jobs.some((job) => job.status === 'running')) {
    const held = await heldBy(c, grant);
    if (held !== null) return finishGrant(c, grant, held);
  }
  await retryEndedAttempt(c);
  if (grant.status === 'active') await followMapping(c, grant);
  const waiting = (grant.status === 'pendingProvision' || grant.status === 'active') && grant.fulfilment === 'connector' ? c.jobs.find((job) => job.status === 'manual' || job.status === 'deadLetter') : undefined;
  if (waiting !== undefined && (await obstacleGone(c, grant, waiting))) {
    await c.closeManualActions('obsolete', ['provision']);
    await c.patchJob(waiting, { status: 'queued', attempts: 0, nextAttemptAt: c.realNow, lastErrorCode: null, lastError: null });
    await c.audit('job.retried', SYSTEM, { jobId: waiting.id }, { kind: waiting.kind, code: 'obstacle.gone', obstacle: waiting.lastErrorCode });
  }
}
/**
 * An admin mapped the holder to somebody else since access was given: whoever is in the group may be a stranger whom a slip of the mapping put there. The access moves (SPEC F5): the job
 * takes the earlier identity out, which is read back, and adds the one of today, as for a request that waits; policy is asked again before that (N9).
 */
async function followMapping(c: AccessCase, grant: GrantRow): Promise<void> {
  const { membership } = c;
  if (membership === null || grant.fulfilment !== 'connector' || c.openJob('provision') !== null) return;
  const mapped = await c.store.mappedIdentity(c.tx, grant.accountId, membership.connectorId);
  if (mapped === null || mapped.externalIdentityId === membership.externalIdentityId || (await c.store.isSameIdentity(c.tx, mapped.externalIdentityId, membership.externalIdentityId))) return;
  const job = await c.addJob('provision', grant);
  const eventId = await c.audit('membership.remapped', SYSTEM, { membershipId: membership.id, jobId: job.id }, { code: 'mapping.changed' });
  await c.comment(['The requester is mapped to another account at the identity provider now: the access moves there.'], eventId);
}
/** A job whose attempt has ended without it: it goes on with a new one instead of waiting for a result that was recorded. */
async function retryEndedAttempt(c: AccessCase): Promise<void> {
  const job = c.jobs.find((open) => open.status === 'running');
  if (job?.intentId == null) return;
  const intent = await c.store.findIntent(c.tx, job.intentId);
  if (intent === null || intent.endedAt !== null) await c.patchJob(job, { status: 'retrying', intentId: null, nextAttemptAt: c.realNow });
}

async function obstacleGone(c: AccessCase, grant: GrantRow, job: JobRow): Promise<boolean> {
  const readiness = await readinessOf(c, grant);
  if (!readiness.ready) return false;
  const mapped = await c.store.mappedIdentity(c.tx, grant.accountId, grant.connectorId ?? readiness.group.connectorId);
  if (isObstacle(job.lastErrorCode)) return job.lastErrorCode !== 'mapping.missing' || mapped !== null;
  // What was tried with an identity that the person is no longer mapped to says nothing about the one of today.
  return mapped !== null && c.membership !== null && c.membership.externalIdentityId !== mapped.externalIdentityId;
}

async function take(c: AccessCase, due: Due): Promise<void> {
  switch (due.kind) {
    case 'remind': return remind(c);
    case 'breach': return breach(c);
    case 'lapse': return lapse(c);
    case 'manualOverdue': return manualOverdue(c);
    case 'expire': return c.grant === null ? undefined : endGrant(c, c.grant, 'expired', SYSTEM, null);
    case 'attempt': {
      const job = dueJob(c);
      if (job !== null && c.grant !== null) await beginAttempt(c, job, c.grant);
    }
  }
}

async function remind(c: AccessCase): Promise<void> {
  await c.patchRequest({ remindedAt: c.now });
  const eventId = await c.audit('approval.reminded', SYSTEM, {}, { stage: c.request.pendingStage ?? '' });
  await c.comment([`This request is waiting for a decision (stage: ${c.request.pendingStage ?? 'none'}).`], eventId);
}
async function breach(c: AccessCase): Promise<void> {
  await c.patchRequest({ breachedAt: c.now });
  await c.audit('approval.breached', SYSTEM, {}, { stage: c.request.pendingStage ?? '', breachAt: c.request.breachAt?.toISOString() ?? '' });
  const eventId = await c.audit('approval.escalated', SYSTEM, {}, { stage: c.request.pendingStage ?? '' });
  await c.comment([`The time for a decision is over its limit (stage: ${c.request.pendingStage ?? 'none'}). Please decide or reassign.`], eventId);
}
/** Nobody did in time what a person was asked for: said in audit and ticket; of a removal every day, because access is still there (SPEC F8, F11). */
async function manualOverdue(c: AccessCase): Promise<void> {
  const action = firstAlarm(c);
  if (action === null) return;
  await c.alarmManualAction(action, action.kind === 'deprovision' ? new Date(c.now.getTime() + DAY_MS) : null);
  const dueAt = action.dueAt?.toISOString() ?? '';
  const eventId = await c.audit('manual_action.breached', SYSTEM, { manualActionId: action.id, ...(action.jobId === null ? {} : { jobId: action.jobId }) }, { kind: action.kind, reason: action.reason, dueAt });
  await c.comment([`A manual action is overdue: ${OVERDUE_WORDS[action.kind]} It was due ${dueAt.slice(0, 16).replace('T', ' ')} UTC.`], eventId);
}
const OVERDUE_WORDS: Readonly<Record<ManualActionRow['kind'], string>> = {
  provision: 'the access has not been given yet.', deprovision: 'the access has not been confirmed as taken away, and may still be there.', check: 'the access has not been verified yet.',
};
/** Nobody decided in time: the request ends without access (SPEC A6). */
async function lapse(c: AccessCase): Promise<void> {
  await c.patchRequest({ decision: 'lapsed', decisionSource: 'lapse', decidedAt: c.now, pendingStage: null });
  const eventId = await c.audit('request.lapsed', POLICY, {}, { lapseAt: c.request.lapseAt?.toISOString() ?? '' });
  await c.comment(['Nobody decided in time, so this request has lapsed. Make a new one if the access is still needed.'], eventId);
  await c.transition('deny', eventId);
}

async function conclude(c: AccessCase): Promise<Plan> {
  const [next] = upcoming(c);
  const [act, tickets] = await Promise.all([orderOf(c), c.store.hasQueuedTickets(c.tx, c.request.id)]);
  const phase = phaseOf({ decision: c.request.decision, grantStatus: c.grant?.status ?? null, openManualAction: c.manualActions.length > 0 });
  await keepDue(c, phase === 'closed', next, act !== null || tickets.any);
  return {
    // A provider step ends by itself in bounded time and brings a new plan: no alarm beside it, which would cost two events each time.
    ...alarmOf(c, act === null ? next : undefined),
    rowVersion: c.request.rowVersion, phase, ended: phase === 'closed', act,
    tickets: tickets.any ? (tickets.oldestAgeMs > TICKET_PATIENCE_MS ? 'overdue' : 'idle') : 'none',
    search: searchOf(c, phase), details: describe(c, phase, next),
  };
}

/** When the poller looks, and whether the request is closed, in the transaction of the step (DESIGN, workflow). A closed one is looked at until its ticket is written. */
async function keepDue(c: AccessCase, ended: boolean, next: Due | undefined, underWay: boolean): Promise<void> {
  await c.patchRequest({ nextDueAt: soonest(c, next, underWay), closedAt: ended ? (c.request.closedAt ?? c.now) : null });
}

function alarmOf(c: AccessCase, next: Due | undefined): Pick<Plan, 'waitMs' | 'alarmKey' | 'alarmFor'> {
  if (next === undefined) return { waitMs: null, alarmKey: 'none', alarmFor: '' };
  return { waitMs: Math.max(1, Math.ceil(next.inMs)), alarmKey: `${next.kind}@${next.at.toISOString()}+${c.tx.offsetMs}`, alarmFor: `${ALARM_WORDS[next.kind]} ${next.at.toISOString()}` };
}

function searchOf(c: AccessCase, phase: Phase): Plan['search'] {
  return {
    expiresAt: c.grant === null || phase === 'closed' ? null : c.grant.expiresAt.toISOString(),
    approvalDueAt: c.request.decision === 'pending' ? (c.request.breachAt?.toISOString() ?? null) : null,
    pendingStage: c.request.pendingStage, needsManualAction: c.manualActions.length > 0,
  };
}
const ALARM_WORDS: Readonly<Record<Due['kind'], string>> = { remind: 'remind approvers', breach: 'approval overdue', lapse: 'request lapses', expire: 'access expires', attempt: 'next provider attempt', manualOverdue: 'manual action overdue' };

/** When the poller should look if no workflow did: the next deadline, or soon while a provider or ticket step is under way. Domain time. */
function soonest(c: AccessCase, next: Due | undefined, underWay: boolean): Date | null {
  const deadline = next === undefined ? null : c.now.getTime() + Math.max(0, next.inMs);
  const look = underWay ? c.now.getTime() + LOOK_AGAIN_MS : null;
  if (deadline === null) return look === null ? null : new Date(look);
  return new Date(look === null ? deadline : Math.min(deadline, look));
}
/** Markdown for the Temporal UI: what an operator wants to know, no person in it (SPEC U6). */
function describe(c: AccessCase, phase: string, next: Due | undefined): string {
  const job = c.jobs[0];
  return [
    `**${phase}** · tool \`${entitlementName(c.request)}\`${c.request.issueKey === null ? '' : ` · ticket \`${c.request.issueKey}\``}`,
    `| what | state |`, `|---|---|`,
    `| decision | ${c.request.decision}${c.request.pendingStage === null ? '' : `, waiting for stage ${c.request.pendingStage}`} |`,
    `| grant | ${c.grant === null ? 'none' : `${c.grant.status}, expires ${c.grant.expiresAt.toISOString()}`} |`,
    `| membership | ${c.membership === null ? 'none' : `wanted ${c.membership.desired}, last seen ${c.membership.observed}, generation ${c.membership.generation}`} |`,
    `| job | ${job === undefined ? 'none open' : `${job.kind} ${job.status}, attempt ${job.attempts}${job.lastErrorCode === null ? '' : `, last ${job.lastErrorCode}`}${job.nextAttemptAt === null ? '' : `, next ${job.nextAttemptAt.toISOString()}`}`} |`,
    `| manual actions | ${c.manualActions.length === 0 ? 'none' : c.manualActions.map((action) => `${action.kind}: ${action.reason}`).join(', ')} |`,
    `| next | ${next === undefined ? 'nothing is due by itself' : `${ALARM_WORDS[next.kind]} at ${next.at.toISOString()}`} |`,
  ].join('\n');
}
