import type { AuditAction } from '../../domain/audit/actions.js';
import type { AuditActor } from '../../domain/audit/entry.js';
import { INTENT_LIFE_MS, intentOutcome, retryDelayMs, type ConvergeResult } from '../../domain/provisioning/provisioning.js';
import { resolveOlderIntents } from '../access/older-intents.js';
import { untriedPauseMs } from '../core/paced.js';
import type { DifferenceRow, Doing, FindingRow, RecordedMember } from '../ports/reconciliation-store.port.js';
import { type RunCase, RECONCILIATION } from './run-case.js';
import type { ReconciliationStep } from './step.js';

const PATIENCE = 4;
const PROVIDER: AuditActor = { kind: 'provider', name: 'identity-provider' };

/**
 * Removes a member whom nobody granted, by converge like everything else (SPEC D1, revert): under the membership's lock a new generation wants absence, and the
 * intent is the finding's, since there is no request that could own it. Null when none is left.
 */
export async function removeNext(c: RunCase): Promise<ReconciliationStep | null> {
  const { runs, store, newId } = c.deps;
  for (;;) {
    const [next] = await runs.nextDifferences(c.tx, c.run.id, 'toRevert', 1);
    if (next === undefined) return null;
    const [member] = await runs.recordedMembers(c.tx, { connectorId: c.connector.id, externalGroupId: next.externalGroupId, hashes: [next.identityHash], since: c.run.steppedAt, onlySuspicious: false });
    const finding = next.findingId === null ? null : await runs.lockFinding(c.tx, next.findingId);
    const spared = spare(finding, member);
    if (spared !== null || finding === null || member?.externalIdentityId == null) {
      await leave(c, next, spared ?? 'failed');
      continue;
    }
    const membership = await store.lockMembership(c.tx, { connectorId: c.connector.id, externalGroupId: next.externalGroupId, externalIdentityId: member.externalIdentityId });
    // Granted since it was found: the membership belongs to a request now.
    if (membership.desired === 'present') {
      await runs.updateDifferences(c.tx, [next.id], { state: 'vanished' });
      continue;
    }
    const generation = membership.generation + 1;
    await store.updateMembership(c.tx, membership.id, { desired: 'absent', generation });
    const intent = await store.insertIntent(c.tx, { id: `int_${newId()}`, membershipId: membership.id, grantId: null, jobId: null, findingId: finding.id, generation, desired: 'absent', allowedBy: null, lifeMs: INTENT_LIFE_MS });
    const sealed = await store.sealedOrder(c.tx, membership.id);
    if (sealed === null) throw new Error(`membership ${membership.id} has no connector or identity`);
    await c.audit('membership.intent_committed', { membershipId: membership.id, intentId: intent.id, findingId: finding.id }, { desired: 'absent', generation });
    const handed = await c.handOut({ kind: 'remove', differenceId: next.id, intentId: intent.id, membershipId: membership.id });
    return {
      kind: 'converge', ...handed,
      order: { siteId: c.tx.siteId, requestId: finding.id, jobId: finding.id, intentId: intent.id, membershipId: membership.id, mode: 'converge', desired: 'absent', generation, mayAdd: false, deadlineAt: intent.deadlineAt.toISOString(), ...sealed },
    };
  }
}

/** Why a removal that waited for its turn is not made any more, as the state of its difference. */
function spare(finding: FindingRow | null, member: RecordedMember | undefined): 'said' | 'vanished' | null {
  if (finding === null) return 'vanished';
  // Accepted or dismissed meanwhile: an admin's word holds.
  if (finding.state !== 'open') return 'said';
  return member?.baseline === true || member?.grantedByHand === true ? 'vanished' : null;
}
/** `failed`: a mapping that was deleted meanwhile took the identity with it. The person may well be in the group still: nothing is over, and the run says so. */
async function leave(c: RunCase, { id }: DifferenceRow, state: 'said' | 'vanished' | 'failed'): Promise<void> {
  if (state === 'failed') c.count('failed');
  await c.deps.runs.updateDifferences(c.tx, [id], { state, ...(state === 'failed' ? { detail: 'Who this member is at the provider is not known any more' } : {}) });
}

type Removing = Doing & { readonly kind: 'remove' };
type SaidDifference = DifferenceRow & { readonly findingId: string };

/** Records how it ended: the intent's one outcome, what was read, and whether the finding is over (N4). */
export async function takeRemoval(c: RunCase, doing: Removing, result: ConvergeResult): Promise<void> {
  const difference = await c.deps.runs.findDifference(c.tx, doing.differenceId);
  const intent = await c.deps.store.findIntent(c.tx, doing.intentId);
  if (difference === null || !isSaid(difference) || intent === null || intent.endedAt !== null) return;
  await endIntent(c, doing, difference.findingId, result);
  // Fenced off, or without a turn in the tenant's budget: nothing was tried. What is to be done is decided anew.
  if (result.status === 'notAttempted') return c.pause(untriedPauseMs(result.retryAfterMs));
  if (result.status === 'observed' && result.observed !== 'unknown' && await takeRead(c, doing, difference, result)) return;
  const attempts = difference.attempts + 1;
  if (attempts >= PATIENCE) {
    c.count('failed');
    // The finding stays open and the next run tries again.
    return c.deps.runs.updateDifferences(c.tx, [difference.id], { state: 'failed', attempts, detail: result.code });
  }
  await c.deps.runs.updateDifferences(c.tx, [difference.id], { attempts, detail: result.code });
  await c.pause(Math.min(60_000, retryDelayMs(attempts, result.retryAfterMs)));
}
const isSaid = (difference: DifferenceRow): difference is SaidDifference => difference.findingId !== null;

/** False when the person is still there. */
async function takeRead(c: RunCase, doing: Removing, difference: SaidDifference, { observed, readAt, write }: ConvergeResult): Promise<boolean> {
  const { runs, store } = c.deps;
  await store.updateMembership(c.tx, doing.membershipId, { observed, lastReadAt: c.tx.now });
  const unsettledMs = await olderIntentsMs(c, doing.membershipId);
  if (observed !== 'absent') return false;
  // An attempt whose answer was lost may still land: absence counts when it is read after that (N6).
  if (unsettledMs > 0) {
    await c.pause(unsettledMs);
    return true;
  }
  c.count('removed');
  await runs.updateDifferences(c.tx, [difference.id], { state: 'removed', observed: 'absent', ...(readAt === null ? {} : { readAt: new Date(readAt) }) });
  const closed = await runs.closeFinding(c.tx, difference.findingId, { state: 'repaired', resolvedBy: 'reconciliation', note: null, gone: true });
  if (closed) await c.audit('finding.repaired', { findingId: difference.findingId, membershipId: doing.membershipId }, { observed: 'absent', readAt, write });
  return true;
}

/** Attempts whose answer got lost, of this run, an earlier one, or a request: the read just made resolves those that can no longer land. */
async function olderIntentsMs(c: RunCase, membershipId: string): Promise<number> {
  const { runs, store } = c.deps;
  return resolveOlderIntents({ store, tx: c.tx, realNow: await runs.realNow(c.tx), resolved: (subject, data) => c.audit('membership.outcome_resolved', subject, data) }, membershipId);
}

async function endIntent(c: RunCase, doing: Removing, findingId: string, result: ConvergeResult): Promise<void> {
  const outcome = intentOutcome(result);
  const isOpen = outcome === 'unknown' && result.status !== 'observed';
  if (!isOpen) await c.deps.store.endIntent(c.tx, doing.intentId, outcome === 'unknown' ? 'resolved' : outcome);
  const data = { recordId: c.run.id, desired: 'absent', observed: result.observed, code: result.code, ...(result.providerRequestId === null ? {} : { providerRequestId: result.providerRequestId }) };
  await c.tx.audit({ action: actionOf(outcome, result), actor: isOpen ? PROVIDER : RECONCILIATION, subject: { connectorId: c.connector.id, membershipId: doing.membershipId, intentId: doing.intentId, findingId }, data });
}
function actionOf(outcome: ReturnType<typeof intentOutcome>, { status }: ConvergeResult): AuditAction {
  switch (outcome) {
    case 'changed': return 'membership.removed';
    case 'unchanged': return 'membership.unchanged';
    case 'unknown': return status === 'observed' ? 'membership.outcome_resolved' : 'membership.outcome_unknown';
    case 'notWritten': return status === 'notAttempted' ? 'membership.refused' : 'membership.read';
  }
}
