import { err, ok, type Result } from '../../../domain/kernel/result.js';
import { blockedBy } from '../../../domain/policy/block.js';
import type { ConvergeResult } from '../../../domain/provisioning/provisioning.js';
import { refusal, type Refusal } from '../../../domain/refusal.js';
import type { GrantRow, ManualActionRow } from '../../ports/record.port.js';
import { type AccessCase, person, POLICY } from '../access-case.js';
import { readOrder } from '../attempt.js';
import { endGrant, finishGrant } from '../end-grant.js';
import { activate, claimMembership } from '../open-grant.js';
import { auditPolicy, stillAllowed } from '../policy-step.js';
import { olderIntentsMs } from '../record-attempt.js';
import { done, type Applied, type ApplyCommand, type CommandPayload } from './command-types.js';
import { mayManage, voterOf } from './decide.js';

type Complete = Extract<CommandPayload, { operation: 'completeManualAction' }>;

/** Mark fulfilled, deprovisioned or verified (SPEC F7, P10): where a provider can be asked, what it says decides; otherwise the person's word is kept as attested. */
export const completeManualAction: ApplyCommand<Complete> = async (c, payload, read) => {
  const action = c.manualActions.find((open) => open.id === payload.manualActionId);
  if (action === undefined) return err(refusal('manual_action.already_done', 'This manual action is not open any more'));
  const voter = await voterOf(c, payload.caller);
  if (c.grant === null || !(await mayManage(c, voter))) return err(refusal('review.not_approver', 'Only an approver or an admin other than the holder completes a manual action'));
  const wrong = refuseOutcome(action, payload);
  if (wrong) return err(wrong);
  if (c.grant.fulfilment === 'connector') {
    const unreadable = await claimForRead(c, c.grant, payload);
    if (unreadable) return err(unreadable);
    const order = read === null ? await readOrder(c, action.jobId ?? action.id) : null;
    if (order !== null) return ok({ kind: 'needsRead', order });
  }
  return payload.outcome === 'fulfilled' ? fulfilled(c, c.grant, action, payload, read) : gone(c, c.grant, action, payload, read);
};

/**
 * Sees to it that there is a membership to read, or says why there is none. Without a mapping nobody can be read; and that the identity of an earlier one is in the group,
 * who may be somebody else, says nothing about the requester (SPEC F7). Where no attempt was made, as with a connector that is off, the membership is claimed for the read:
 * people may have given what it will see.
 */
async function claimForRead(c: AccessCase, grant: GrantRow, { outcome }: Complete): Promise<Refusal | null> {
  const { membership } = c;
  if (outcome !== 'fulfilled') return membership === null ? UNMAPPED : null;
  const connectorId = membership?.connectorId ?? grant.connectorId;
  const mapped = connectorId === null ? null : await c.store.mappedIdentity(c.tx, grant.accountId, connectorId);
  if (mapped === null) return UNMAPPED;
  if (membership === null) return (await claimMembership(c, grant, mapped.externalIdentityId)) === null ? refusal('membership.not_read_back', 'The tool has no entitlement group that could be read') : null;
  if (membership.desired === 'present' && mapped.externalIdentityId === membership.externalIdentityId) return null;
  return refusal('mapping.missing', 'The requester is not mapped to the identity of this attempt any more: provisioning goes on with the one of today');
}
const UNMAPPED = refusal('mapping.missing', 'Without a mapped identity nobody can say whether the person is in the group: add the mapping');

function refuseOutcome(action: ManualActionRow, payload: Complete): Refusal | null {
  const expected = { provision: 'fulfilled', deprovision: 'deprovisioned', check: 'verified' } as const;
  return payload.outcome === expected[action.kind] ? null : refusal('manual_action.wrong_outcome', `This manual action is completed as "${expected[action.kind]}"`, 'outcome');
}

async function fulfilled(c: AccessCase, grant: GrantRow, action: ManualActionRow, payload: Complete, read: ConvergeResult | null): Promise<Result<Applied, Refusal>> {
  const { allowed, policy } = await stillAllowed(c);
  await auditPolicy(c, 'fulfilment', policy, { manualActionId: action.id });
  if (!allowed) {
    await endGrant(c, grant, blockedBy(policy.rules) ?? 'policy', POLICY, 'policy no longer allows this access');
    return ok(done({ ...saw(read), granted: false, code: 'policy.denied' }));
  }
  // "Fulfilled" never activates a connected grant without a positive read-back (SPEC F7).
  if (grant.fulfilment === 'connector' && read?.observed !== 'present') return err(refusal('membership.not_read_back', notSeen(read, 'in')));
  await close(c, action, payload, read);
  await seen(c, read);
  for (const job of c.jobs.filter((open) => open.kind !== 'deprovision')) await c.patchJob(job, { status: 'succeeded', nextAttemptAt: null });
  await activate(c, grant, grant.fulfilment === 'connector' ? 'readBack' : 'attested');
  return ok(done({ ...saw(read), granted: true }));
}

async function gone(c: AccessCase, grant: GrantRow, action: ManualActionRow, payload: Complete, read: ConvergeResult | null): Promise<Result<Applied, Refusal>> {
  if (read?.observed === 'present') return err(refusal('membership.still_present', notSeen(read, 'out of')));
  // What is still out may land after this read (N6): absence counts once nothing can.
  const unsettledMs = c.membership === null ? 0 : await olderIntentsMs(c, c.membership, read?.observed === 'absent');
  if (unsettledMs > 0) return err(refusal('membership.still_present', `An earlier attempt may still take effect; try again in ${Math.ceil(unsettledMs / 1_000)} s`));
  await close(c, action, payload, read);
  await seen(c, read);
  // A person's word replaces a reading that can't be made: the last one is no longer claimed.
  if (c.membership !== null && read?.observed !== 'absent') await c.patchMembership(c.membership, { observed: 'unknown' });
  // A read that could not be made leaves the person's word (SPEC F8); the answer and the record say which of the two it was.
  if (grant.status === 'removing') await finishGrant(c, grant, read?.observed === 'absent' ? 'readBack' : 'attested');
  return ok(done({ ...saw(read), granted: false }));
}

/** What the provider said, for the answer: nulls where it could not be asked. */
const saw = (read: ConvergeResult | null): { readonly observed: string | null; readonly readAt: string | null } => ({ observed: read?.observed ?? null, readAt: read?.readAt ?? null });
const notSeen = (read: ConvergeResult | null, where: string): string =>
  read === null || read.observed === 'unknown' ? `The provider could not be read (${read?.code ?? 'not asked'}), so nothing was changed` : `The provider was read just now: the person is ${read.observed === 'present' ? 'in' : 'not in'} the group, so it can't be marked as ${where} it`;

async function close(c: AccessCase, action: ManualActionRow, payload: Complete, read: ConvergeResult | null): Promise<void> {
  await c.store.closeManualAction(c.tx, action.id, { status: 'done', outcome: payload.outcome, completedBy: payload.caller.accountId, note: payload.note, readBack: read === null ? null : { observed: read.observed, readAt: read.readAt, code: read.code } });
  c.manualActions = c.manualActions.filter((open) => open.id !== action.id);
  await c.audit('manual_action.completed', person(payload.caller.accountId), { manualActionId: action.id }, { outcome: payload.outcome, observed: read?.observed ?? 'notRead' });
}
async function seen(c: AccessCase, read: ConvergeResult | null): Promise<void> {
  if (c.membership === null || read === null || read.observed === 'unknown') return;
  await c.patchMembership(c.membership, { observed: read.observed, lastReadAt: c.now, ...(read.observed === 'present' && c.membership.desired === 'present' ? { readBackGeneration: c.membership.generation } : {}) });
}

/** Again, now, without a new approval (SPEC F6). */
export const retryProvisioning: ApplyCommand<Extract<CommandPayload, { operation: 'retryProvisioning' }>> = async (c, payload) => {
  const voter = await voterOf(c, payload.caller);
  if (c.grant === null || !(await mayManage(c, voter))) return err(refusal('review.not_approver', 'Only an approver or an admin other than the holder retries a job'));
  const job = c.jobs.find((open) => open.id === payload.jobId);
  if (job === undefined || job.status === 'running' || c.grant.fulfilment !== 'connector') return err(refusal('job.not_retryable', job === undefined ? 'This job is finished' : 'This job is being worked on'));
  await c.closeManualActions('obsolete', [job.kind]);
  await c.patchJob(job, { status: 'queued', attempts: 0, nextAttemptAt: c.realNow });
  await c.audit('job.retried', person(payload.caller.accountId), { jobId: job.id }, { kind: job.kind, onDemand: true });
  return ok(done({ jobId: job.id }));
};
