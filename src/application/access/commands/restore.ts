import { decideRestore } from '../../../domain/grant/restore.js';
import { err, ok } from '../../../domain/kernel/result.js';
import { refusal } from '../../../domain/refusal.js';
import { provision } from '../open-grant.js';
import { auditPolicy, stillAllowed } from '../policy-step.js';
import { done, type ApplyCommand, type CommandPayload } from './command-types.js';
import { reopen } from './extend.js';
import { massActor } from './stop.js';

/**
 * Gives a survivor of a mass action its remaining time (SPEC G8): under the policy of now, provisioned and read back like a new grant. A refusal is the item's outcome, unless another block
 * refused: then it stays to be restored when that one is lifted.
 */
export const restore: ApplyCommand<Extract<CommandPayload, { operation: 'restore' }>> = async (c, { massActionId }) => {
  const item = await c.store.lockMassActionItem(c.tx, massActionId, c.request.id);
  const { grant } = c;
  if (item?.restoring !== true || item.remainingMs === null || grant === null) return err(refusal('restore.not_ours', 'There is nothing of this mass action to restore here'));
  c.massActionId = massActionId;
  const { allowed, policy } = await stillAllowed(c, item.remainingMs);
  await auditPolicy(c, 'restore', policy);
  const duplicateOpenGrant = await c.store.hasOpenGrant(c.tx, grant.accountId, grant.toolKey, grant.id);
  const decided = decideRestore({ grant, source: item.source, remainingMs: item.remainingMs, policy, allowed, duplicateOpenGrant, now: c.now });
  if (!decided.ok) {
    await c.store.settleMassActionItem(c.tx, massActionId, c.request.id, { restoreOutcome: decided.error.code === 'access.blocked' ? null : decided.error.code });
    return err(decided.error);
  }
  const { expiresAt } = decided.value;
  const reopened = await reopen(c, grant, expiresAt);
  const eventId = await c.audit('grant.restored', massActor(item.source), {}, { expiresAt: expiresAt.toISOString(), remainingMs: item.remainingMs });
  await c.comment([`The access is given back for the time that was left, until ${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`], eventId);
  await c.store.settleMassActionItem(c.tx, massActionId, c.request.id, { restoreOutcome: 'restored' });
  await provision(c, reopened, await c.store.toolFulfilment(c.tx, grant));
  return ok(done({ expiresAt: expiresAt.toISOString() }));
};
