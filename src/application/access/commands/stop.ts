import { isOpen } from '../../../domain/grant/grant.js';
import { err, ok } from '../../../domain/kernel/result.js';
import type { BlockSource } from '../../../domain/policy/block.js';
import { refusal } from '../../../domain/refusal.js';
import type { AuditActor } from '../../../domain/audit/entry.js';
import { type AccessCase } from '../access-case.js';
import { endGrant } from '../end-grant.js';
import { done, type ApplyCommand, type CommandPayload } from './command-types.js';

export const massActor = (source: BlockSource): AuditActor => ({ kind: 'system', name: source === 'leaver' ? 'leaver' : 'kill-switch' });
const CLOSED_WORDS: Readonly<Record<BlockSource, string>> = { killSwitch: 'Denied: access is stopped by a kill switch.', leaver: 'Denied: the requester has left.' };

/** One item of a mass action (SPEC G6, G8): a request that nobody decided is denied, an open grant is ended. What is over already stays as it is. */
export const stop: ApplyCommand<Extract<CommandPayload, { operation: 'stop' }>> = async (c, { massActionId }) => {
  const item = await c.store.lockMassActionItem(c.tx, massActionId, c.request.id);
  if (item === null || !item.inForce || item.outcome === 'spared') return err(refusal('mass_action.not_in_force', 'This mass action is not in force any more'));
  c.massActionId = massActionId;
  const stopped = await stopItem(c, item);
  await c.store.settleMassActionItem(c.tx, massActionId, c.request.id, { outcome: stopped ? 'stopped' : 'alreadyOver' });
  return ok(done({ stopped }));
};

async function stopItem(c: AccessCase, { source, reason }: { readonly source: BlockSource; readonly reason: string }): Promise<boolean> {
  if (c.request.decision === 'pending') {
    await c.patchRequest({ decision: 'denied', decisionSource: source, decidedAt: c.now, pendingStage: null });
    const eventId = await c.audit('request.denied', massActor(source), {}, { source });
    await c.comment([CLOSED_WORDS[source]], eventId);
    await c.transition('deny', eventId);
    return true;
  }
  if (c.grant === null || !isOpen(c.grant.status)) return false;
  await endGrant(c, c.grant, source, massActor(source), reason);
  return true;
}
