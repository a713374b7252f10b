import { randomUUID } from 'node:crypto';
import { blockedBy } from '../../domain/policy/block.js';
import type { ConvergeOrder } from '../../domain/plan/plan.js';
import { INTENT_LIFE_MS } from '../../domain/provisioning/provisioning.js';
import type { GrantRow, JobRow, MembershipRow } from '../ports/record.port.js';
import { type AccessCase, POLICY, SYSTEM } from './access-case.js';
import { endGrant, finishGrant, heldBy } from './end-grant.js';
import { askPeople, claimMembership } from './open-grant.js';
import { auditPolicy, stillAllowed } from './policy-step.js';
import { readinessOf, type Obstacle, type ReadyGroup } from './readiness.js';

/** Begins one attempt of a due job: policy again before an add (SPEC P4, N9), then an intent that is committed before anything is sent (E2, N4). */
export async function beginAttempt(c: AccessCase, job: JobRow, grant: GrantRow): Promise<void> {
  if (job.kind === 'deprovision') return beginRemovalAttempt(c, job, grant);
  const { allowed, policy } = await stillAllowed(c);
  // Nobody but the groups approved this: without them there is nothing to go by (SPEC P4).
  if (c.onLastKnownGroups && c.request.decisionSource === 'autoPolicy' && c.reviews.length === 0 && blockedBy(policy.rules) === null) return waitForGroups(c, job);
  await auditPolicy(c, 'provisioning', policy, { jobId: job.id });
  if (!allowed) return endGrant(c, grant, blockedBy(policy.rules) ?? 'policy', POLICY, policy.rules.map((rule) => rule.detail).join('; ') || 'a review that is required now has not been given');
  const membership = await readyMembership(c, job, grant);
  if (membership !== null) await commitIntent(c, job, grant, membership, policy);
}

const GROUPS_UNREADABLE = 'jira.groups_unreadable';
const GROUPS_RETRY_MS = 60_000;
async function waitForGroups(c: AccessCase, job: JobRow): Promise<void> {
  await c.patchJob(job, { nextAttemptAt: new Date(c.realNow.getTime() + GROUPS_RETRY_MS), lastErrorCode: GROUPS_UNREADABLE, lastError: 'Jira does not say which groups the requester is in, and the approval rests on them' });
  if (job.lastErrorCode !== GROUPS_UNREADABLE) await c.audit('job.retried', SYSTEM, { jobId: job.id }, { kind: job.kind, code: GROUPS_UNREADABLE, delayMs: GROUPS_RETRY_MS });
}

async function beginRemovalAttempt(c: AccessCase, job: JobRow, grant: GrantRow): Promise<void> {
  if (c.membership === null) return finishGrant(c, grant, 'neverProvisioned');
  const held = await heldBy(c, grant);
  if (held !== null) return finishGrant(c, grant, held);
  await commitIntent(c, job, grant, c.membership, null);
}

/** The membership to provision, or null after handing the case to people: the person has no mapping, or what `readinessOf` names is in the way (SPEC F5). Never an activation. */
async function readyMembership(c: AccessCase, job: JobRow, grant: GrantRow): Promise<MembershipRow | null> {
  const readiness = await readinessOf(c, grant);
  if (!readiness.ready) return toPeople(c, job, grant, readiness.obstacle, readiness.detail);
  const { connectorId, externalGroupId } = readiness.group;
  if (grant.externalGroupId === null || grant.connectorId === null) await c.patchGrant(grant, { connectorId, externalGroupId });
  return membershipOfToday(c, job, c.grant ?? grant, readiness.group);
}

/** The one of the identity that the person is mapped to now, where the grant's connector leads. */
async function membershipOfToday(c: AccessCase, job: JobRow, grant: GrantRow, at: ReadyGroup): Promise<MembershipRow | null> {
  const mapping = await c.store.mappedIdentity(c.tx, grant.accountId, grant.connectorId ?? at.connectorId);
  if (mapping === null) return toPeople(c, job, grant, 'mapping.missing', `An admin has to map the requester's account to ${at.provider === 'okta' ? 'Okta' : 'Entra'} at the connector "${at.connectorName}"`);
  if (c.membership?.externalIdentityId === mapping.externalIdentityId) return c.membership;
  if (c.membership !== null && !(await leaveMembership(c, job, grant, c.membership))) return null;
  return claimMembership(c, c.grant ?? grant, mapping.externalIdentityId);
}

/**
 * The person was mapped to somebody else since the last attempt: true once the grant is off the old membership. Where an add may have got through for the old
 * identity, its removal is sent and read back first (N1); recordAttempt then goes on.
 */
async function leaveMembership(c: AccessCase, job: JobRow, grant: GrantRow, old: MembershipRow): Promise<boolean> {
  const held = (await heldBy(c, c.grant ?? grant)) !== null;
  if (!held && old.desired === 'present') await c.patchMembership(old, { desired: 'absent', generation: old.generation + 1 });
  if (held || !(await c.store.mayHaveAdded(c.tx, grant.id, old.id))) {
    await leave(c, c.grant ?? grant);
    return true;
  }
  await commitIntent(c, job, grant, c.membership ?? old, null);
  return false;
}
export async function leave(c: AccessCase, grant: GrantRow): Promise<void> {
  await c.patchGrant(grant, { membershipId: null });
  c.membership = null;
}

async function toPeople(c: AccessCase, job: JobRow, grant: GrantRow, reason: Obstacle, detail: string): Promise<null> {
  await c.patchJob(job, { status: 'manual', nextAttemptAt: null, lastErrorCode: reason, lastError: detail });
  await askPeople(c, grant, { jobId: job.id, kind: job.kind, reason, detail });
  return null;
}

async function commitIntent(c: AccessCase, job: JobRow, grant: GrantRow, membership: MembershipRow, policy: Awaited<ReturnType<typeof stillAllowed>>['policy'] | null): Promise<void> {
  const intent = await c.store.insertIntent(c.tx, {
    id: `int_${randomUUID()}`, membershipId: membership.id, grantId: grant.id, jobId: job.id, generation: membership.generation, desired: membership.desired, allowedBy: policy, lifeMs: INTENT_LIFE_MS,
  });
  await c.patchJob(job, { status: 'running', intentId: intent.id, nextAttemptAt: null });
  await c.audit('membership.intent_committed', SYSTEM, { membershipId: membership.id, intentId: intent.id, jobId: job.id }, {
    desired: membership.desired, generation: membership.generation, ...(policy === null ? {} : { policyHash: policy.policyHash, inputHash: policy.inputHash, contentHash: c.request.contentHash }),
  });
}

/** The order of the attempt that is under way, or null. Built from the record each time: a rebuilt workflow gets the same one. */
export async function orderOf(c: AccessCase, mode: ConvergeOrder['mode'] = 'converge'): Promise<ConvergeOrder | null> {
  const job = c.jobs.find((open) => open.status === 'running' && open.intentId !== null);
  if (job?.intentId == null || c.membership === null) return null;
  const [intent, sealed] = await Promise.all([c.store.findIntent(c.tx, job.intentId), c.store.sealedOrder(c.tx, c.membership.id)]);
  if (intent === null || sealed === null) return null;
  return {
    siteId: c.tx.siteId, requestId: c.request.id, jobId: job.id, intentId: intent.id, membershipId: c.membership.id, mode, desired: intent.desired, generation: intent.generation,
    mayAdd: intent.desired === 'present' && c.membership.readBackGeneration !== intent.generation, deadlineAt: intent.deadlineAt.toISOString(), ...sealed,
  };
}

/** An order that only reads, for a person who says that something was done (SPEC F7). Null where no provider can be asked. */
export async function readOrder(c: AccessCase, jobId: string): Promise<ConvergeOrder | null> {
  if (c.membership === null) return null;
  const sealed = await c.store.sealedOrder(c.tx, c.membership.id);
  if (sealed === null) return null;
  return {
    siteId: c.tx.siteId, requestId: c.request.id, jobId, intentId: `read_${randomUUID()}`, membershipId: c.membership.id, mode: 'read', desired: c.membership.desired,
    generation: c.membership.generation, mayAdd: false, deadlineAt: new Date(c.realNow.getTime() + INTENT_LIFE_MS).toISOString(), ...sealed,
  };
}
