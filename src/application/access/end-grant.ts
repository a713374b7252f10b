import type { AuditActor } from '../../domain/audit/entry.js';
import { endStatus, isOpen, type EndReason } from '../../domain/grant/grant.js';
import type { EndEvidence, GrantRow } from '../ports/record.port.js';
import { type AccessCase, SYSTEM } from './access-case.js';
import { askPeople } from './open-grant.js';

const ACTION = { expired: 'grant.expired', returned: 'grant.returned', revoked: 'grant.revoked', policy: 'grant.revoked', leaver: 'grant.revoked', killSwitch: 'grant.revoked' } as const;

/** Ends an open grant by decision or by time. It is over only when nobody is left in the group: confirmed, held by another grant, or never provisioned. */
export async function endGrant(c: AccessCase, grant: GrantRow, reason: EndReason, actor: AuditActor, why: string | null): Promise<void> {
  const eventId = await c.audit(ACTION[reason], actor, {}, { reason, ...(why === null ? {} : { comment: why }) });
  for (const job of c.jobs.filter((open) => open.kind !== 'deprovision')) await c.patchJob(job, { status: 'superseded', nextAttemptAt: null });
  await c.closeManualActions('obsolete', ['provision', 'check']);
  const ending = await c.patchGrant(grant, { status: 'removing', endReason: reason, endedBy: actor.accountId ?? actor.name ?? null, endingAt: c.now });
  await c.comment([END_WORDS[reason]], eventId);
  await beginRemoval(c, ending);
}

const END_WORDS: Readonly<Record<EndReason, string>> = {
  expired: 'The access has expired.', returned: 'The access was given back.', revoked: 'The access was revoked.',
  policy: 'Policy no longer allows this access.', leaver: 'The person has left.', killSwitch: 'The access was revoked by a kill switch.',
};

async function beginRemoval(c: AccessCase, grant: GrantRow): Promise<void> {
  switch (grant.fulfilment) {
    case 'none': return finishGrant(c, grant, 'noConnector');
    case 'manual': {
      if (grant.startsAt === null) return finishGrant(c, grant, 'neverProvisioned');
      const tool = await c.store.toolFulfilment(c.tx, grant);
      const job = await c.addJob('deprovision', grant);
      await c.patchJob(job, { status: 'manual', nextAttemptAt: null });
      return askPeople(c, grant, { jobId: job.id, kind: 'deprovision', reason: 'fulfilment.manual', detail: `Take ${tool?.name ?? grant.toolKey} away by hand`, tool });
    }
    case 'connector': return removeMembership(c, grant);
  }
}

/** Under the membership's lock: what is desired follows from all grants on it, so two ends at once can't each leave it to the other (DESIGN, converge). */
async function removeMembership(c: AccessCase, grant: GrantRow): Promise<void> {
  // Who was read in the group has been there, also where people had put them there and nothing was ever sent.
  if (c.membership === null || (grant.startEvidence !== 'readBack' && !(await c.store.hadIntent(c.tx, grant.id)))) return releaseUnprovisioned(c, grant);
  const held = await heldBy(c, grant);
  if (held !== null) return finishGrant(c, grant, held);
  await c.patchMembership(c.membership, { desired: 'absent', generation: c.membership.generation + 1 });
  if (c.openJob('deprovision') === null) await c.addJob('deprovision', grant); // one deprovision job, none added when one is open (SPEC G4)
}

/** Nothing was ever sent for this grant: there is nothing of ours to remove. Where the person is in the group for another reason it says so, instead of that nothing was given. */
async function releaseUnprovisioned(c: AccessCase, grant: GrantRow): Promise<void> {
  const held = await heldBy(c, grant);
  if (held !== null) return finishGrant(c, grant, held);
  if (c.membership?.desired === 'present') await c.patchMembership(c.membership, { desired: 'absent', generation: c.membership.generation + 1 });
  // One that moves to another identity is between the two: the earlier one was read out of the group.
  await finishGrant(c, grant, grant.startEvidence === 'readBack' ? 'readBack' : 'neverProvisioned');
}

/** Why the membership stays when the grant ends: another open grant needs it (SPEC F10, N7), or it is accepted baseline access, which no grant's end removes (SPEC K4). Null where nothing holds it. */
export async function heldBy(c: AccessCase, grant: GrantRow): Promise<'heldByOtherGrant' | 'heldByBaseline' | null> {
  if (grant.membershipId === null) return null;
  const others = await c.store.otherGrantsOn(c.tx, grant.membershipId, grant.id);
  if (others.some((other) => isOpen(other.status))) return 'heldByOtherGrant';
  return (await c.store.isAcceptedBaseline(c.tx, grant.membershipId)) ? 'heldByBaseline' : null;
}

const EVIDENCE_WORDS: Readonly<Record<EndEvidence, string>> = {
  readBack: 'The identity provider was read: the person is no longer in the group.',
  attested: 'A person confirmed that the access is gone.',
  heldByOtherGrant: 'The group membership stays, because another open grant needs it.',
  heldByBaseline: 'The person stays in the group: an admin accepted that as baseline access, without a request.',
  neverProvisioned: 'It had never been provisioned.',
  noConnector: 'No identity provider is involved.',
};

/** The access is over and there is evidence for it: the grant's last state (SPEC F8). */
export async function finishGrant(c: AccessCase, grant: GrantRow, endEvidence: EndEvidence): Promise<void> {
  for (const job of [...c.jobs]) await c.patchJob(job, { status: job.kind === 'deprovision' ? 'succeeded' : 'superseded', nextAttemptAt: null });
  await c.closeManualActions('obsolete');
  await c.patchGrant(grant, { status: endStatus(grant.endReason ?? 'revoked'), endedAt: c.now, endEvidence });
  const eventId = await c.audit(endEvidence === 'heldByOtherGrant' || endEvidence === 'heldByBaseline' ? 'grant.held' : 'grant.ended', SYSTEM, {}, { evidence: endEvidence });
  await c.comment([`Access ended. ${EVIDENCE_WORDS[endEvidence]}`], eventId);
}
