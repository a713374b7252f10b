import type { AuditActor } from '../../../domain/audit/entry.js';
import { err, ok } from '../../../domain/kernel/result.js';
import { refusal } from '../../../domain/refusal.js';
import { endGrant, heldBy } from '../end-grant.js';
import { actorOfCommand, done, type ApplyCommand, type CommandPayload } from './command-types.js';

type Drift = Extract<CommandPayload, { operation: 'revokeDrifted' | 'removeAgain' }>;
const PROVIDER: AuditActor = { kind: 'provider', name: 'identity-provider' };
const outOfDate = (detail: string) => err(refusal('finding.out_of_date', detail));

/** A removal made at the provider is a revocation and is not undone (SPEC D2). Refused when the grant or its membership moved on since it was seen. */
export const revokeDrifted: ApplyCommand<Drift> = async (c, payload) => {
  const { grant, membership } = c;
  if (grant?.status !== 'active' || membership === null) return outOfDate(`This grant is ${grant?.status ?? 'not there'}`);
  if (membership.desired !== 'present' || membership.readBackGeneration !== membership.generation) return outOfDate('The membership was decided on anew meanwhile');
  await c.patchMembership(membership, { observed: 'absent', lastReadAt: c.now });
  await endGrant(c, grant, 'revoked', PROVIDER, `The membership was removed at the identity provider (finding ${payload.findingId})`);
  return ok(done({ findingId: payload.findingId }));
};

/** Who is in the group although the access is over is removed again, and the grant says so until absence is read back (SPEC D1, N3). */
export const removeAgain: ApplyCommand<Drift> = async (c, payload) => {
  const { grant, membership } = c;
  if (grant === null || (grant.status !== 'expired' && grant.status !== 'revoked')) return outOfDate(`This grant is ${grant?.status ?? 'not there'}`);
  // What held it may be gone with its acceptance: then it is still wanted, and by nobody.
  if (membership === null || (await heldBy(c, grant)) !== null) return outOfDate('Another grant or accepted baseline access holds the membership now');
  await c.patchMembership(membership, { desired: 'absent', generation: membership.generation + 1, observed: 'present', lastReadAt: c.now });
  const removing = await c.patchGrant(grant, { status: 'removing', endedAt: null, endEvidence: null });
  const eventId = await c.audit('grant.found_present', actorOfCommand(payload.operation, payload.caller.accountId), { findingId: payload.findingId, membershipId: membership.id });
  await c.comment(['The identity provider was read: the person is in the group although the access is over. The membership is being removed.'], eventId);
  await c.addJob('deprovision', removing);
  return ok(done({ findingId: payload.findingId }));
};
