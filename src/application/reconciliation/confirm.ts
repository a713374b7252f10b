import { compareMember } from '../../domain/reconciliation/compare.js';
import { confirmedBy, effectOf, isChange, sharedResponse, type Effect, type MemberDrift } from '../../domain/reconciliation/finding.js';
import { PROVIDER_LAG_MS, retryDelayMs } from '../../domain/provisioning/provisioning.js';
import type { CoreCallResult, MemberRead } from '../core/core-call.js';
import { pacedPauseMs } from '../core/paced.js';
import type { DifferenceRow, DifferenceState } from '../ports/reconciliation-store.port.js';
import type { RunCase } from './run-case.js';
import { sayMember } from './say-finding.js';
import type { ReconciliationStep } from './step.js';

/** Reads of one round: few enough that a round ends well within a step's time at a slow provider. */
const READS = 10;
/** A member whom the provider would not show this often is left to the next run. */
const PATIENCE = 4;

/** A fresh read of the members whom the listing made suspicious; null when none is left. */
export async function askForReads(c: RunCase): Promise<ReconciliationStep | null> {
  const { runs } = c.deps;
  for (;;) {
    const suspects = await runs.nextDifferences(c.tx, c.run.id, 'suspected', READS);
    const [first] = suspects;
    if (first === undefined) return null;
    const sealed = await runs.sealedIdentities(c.tx, c.connector.id, suspects.map(({ identityHash }) => identityHash));
    const unread = suspects.filter((one) => !sealed.some(({ identityHash }) => identityHash === one.identityHash));
    for (const one of unread) await (one.isPerson ? leave(c, one, 'Nobody told their sealed id') : sayWithoutRead(c, one));
    if (sealed.length > 0) return c.ask({ kind: 'confirm', externalGroupId: first.externalGroupId }, { kind: 'readMembers', externalGroupId: first.externalGroupId, people: sealed }, `Confirm ${sealed.length} differences by fresh reads`);
  }
}

/** The run says at its end that it left somebody (finish.ts), and its export says whom and why. */
async function leave(c: RunCase, { id }: DifferenceRow, why: string): Promise<void> {
  c.count('unreadable');
  await c.deps.runs.updateDifferences(c.tx, [id], { state: 'unreadable', detail: why });
}

/** Takes the answers of a round. Whoever got none is asked again later; it counts as a try unless nobody asked. */
export async function takeReads(c: RunCase, externalGroupId: string, result: CoreCallResult): Promise<void> {
  const suspects = (await c.deps.runs.nextDifferences(c.tx, c.run.id, 'suspected', READS)).filter((one) => one.externalGroupId === externalGroupId);
  const reads = result.kind === 'memberReads' ? result.reads : [];
  const pacedMs = pacedPauseMs(result);
  let moving = false;
  for (const suspect of suspects) {
    const read = reads.find(({ identityHash }) => identityHash === suspect.identityHash);
    if (read === undefined && pacedMs !== null) continue;
    if (read === undefined) await askAgain(c, suspect, result.kind === 'failed' ? result.detail : 'The provider asked for a pause');
    else if (read.observed === 'unknown') await askAgain(c, suspect, read.code);
    else if (await settle(c, suspect, read) === 'moving') {
      moving = true;
      await askAgain(c, suspect, 'Other changes to this membership were under way');
    }
  }
  const pauseMs = Math.max(moving ? PROVIDER_LAG_MS + 500 : 0, pacedMs ?? pauseOf(result, Math.max(0, ...suspects.map(({ attempts }) => attempts))));
  if (pauseMs > 0) await c.pause(pauseMs);
}

function pauseOf(result: CoreCallResult, attempts: number): number {
  if (result.kind === 'failed') return Math.min(60_000, retryDelayMs(attempts + 1, result.retryAfterMs ?? null));
  if (result.kind !== 'memberReads') return 0;
  if (result.retryAfterMs !== null) return Math.min(60_000, result.retryAfterMs);
  return result.reads.some(({ observed }) => observed === 'unknown') ? retryDelayMs(attempts + 1, null) : 0;
}

async function askAgain(c: RunCase, suspect: DifferenceRow, why: string): Promise<void> {
  const attempts = suspect.attempts + 1;
  if (attempts >= PATIENCE) return leave(c, suspect, why);
  await c.deps.runs.updateDifferences(c.tx, [suspect.id], { attempts, detail: why });
}

/** Judged anew from what the record says at this moment: whatever moved between the listing and the read is no drift (DESIGN, converge). */
async function settle(c: RunCase, suspect: DifferenceRow, read: MemberRead): Promise<'moving' | 'settled'> {
  const { runs } = c.deps;
  const readAt = new Date(read.readAt ?? c.tx.now);
  const [member] = await runs.recordedMembers(c.tx, { connectorId: c.connector.id, externalGroupId: suspect.externalGroupId, hashes: [suspect.identityHash], since: c.run.steppedAt, onlySuspicious: false });
  const kind = member === undefined ? null : compareMember({ listed: read.observed === 'present', settled: true, mapped: member.accountIds.length > 0, baseline: member.baseline, grantedByHand: member.grantedByHand, membership: member.membership });
  const seen = { observed: read.observed, readAt };
  if (member === undefined || kind === null || confirmedBy(kind) !== read.observed || isEscalated(kind, suspect)) {
    c.count('vanished');
    await runs.updateDifferences(c.tx, [suspect.id], { state: 'vanished', ...seen });
    return 'settled';
  }
  // Touched a moment ago: what the provider shows may be what it was before. Read again once that is over.
  if (!member.settled) return 'moving';
  c.count('confirmed');
  const effect = effectOf(kind, sharedResponse((await runs.groupTools(c.tx, c.connector.id, suspect.externalGroupId)).map((tool) => tool.response)));
  const said = await sayMember(c, suspect.externalGroupId, { kind, effect, member, evidence: { observed: read.observed, readAt: readAt.toISOString(), code: read.code } });
  await runs.updateDifferences(c.tx, [suspect.id], { kind, effect, findingId: said.id, state: stateAfter(effect, said.state !== 'open'), ...seen });
  return 'settled';
}

/** The breaker let pass what it was shown: a difference that has meanwhile become a change is left to the next run. */
const isEscalated = (kind: MemberDrift, suspect: DifferenceRow): boolean => kind !== suspect.kind && isChange(effectOf(kind, 'revert')) && !isChange(suspect.effect);

function stateAfter(effect: Effect, isSilenced: boolean): DifferenceState {
  if (effect === 'revokeGrants' || effect === 'removeEnded') return 'toDeliver';
  return effect === 'revert' && !isSilenced ? 'toRevert' : 'said';
}

/** A group or a device inside the group opens it to others and can't be read singly: a second listing is all the proof there is (the next run's). */
async function sayWithoutRead(c: RunCase, suspect: DifferenceRow): Promise<void> {
  const [member] = await c.deps.runs.recordedMembers(c.tx, { connectorId: c.connector.id, externalGroupId: suspect.externalGroupId, hashes: [suspect.identityHash], since: c.run.steppedAt, onlySuspicious: false });
  if (member === undefined || member.baseline) return c.deps.runs.updateDifferences(c.tx, [suspect.id], { state: 'vanished' });
  const said = await sayMember(c, suspect.externalGroupId, { kind: 'unknownMember', effect: 'quarantine', member, evidence: { observed: 'listed', notAPerson: true } });
  await c.deps.runs.updateDifferences(c.tx, [suspect.id], { state: 'said', findingId: said.id });
}
