import { decideEnd } from '../../../domain/grant/grant.js';
import { err, ok } from '../../../domain/kernel/result.js';
import { refusal } from '../../../domain/refusal.js';
import { person } from '../access-case.js';
import { endGrant } from '../end-grant.js';
import { done, type ApplyCommand, type CommandPayload } from './command-types.js';
import { mayManage, voterOf } from './decide.js';

/** The requester takes back what nobody has decided yet (SPEC A9). */
export const withdraw: ApplyCommand<Extract<CommandPayload, { operation: 'withdraw' }>> = async (c, payload) => {
  if (payload.caller.accountId !== c.request.requester) return err(refusal('request.not_requester', 'Only the requester withdraws a request'));
  if (c.request.decision !== 'pending') return err(refusal('request.already_decided', `This request is ${c.request.decision} already`));
  await c.patchRequest({ decision: 'withdrawn', decisionSource: 'requester', decidedBy: payload.caller.accountId, decidedAt: c.now, pendingStage: null });
  const eventId = await c.audit('request.withdrawn', person(payload.caller.accountId));
  await c.comment(['Withdrawn by the requester.'], eventId);
  await c.transition('deny', eventId);
  return ok(done({ decision: 'withdrawn' }));
};

/** Revoke by an approver or admin, or give back by the holder (SPEC A9, G4). */
export const endEarly: ApplyCommand<Extract<CommandPayload, { operation: 'revoke' | 'return' }>> = async (c, payload) => {
  if (c.grant === null) return err(refusal('grant.not_found', 'This request has no grant'));
  const voter = await voterOf(c, payload.caller);
  const decided = decideEnd({ status: c.grant.status, accountId: c.grant.accountId, actor: { accountId: voter.accountId, mayDecide: await mayManage(c, voter) }, operation: payload.operation });
  if (!decided.ok) return err(decided.error);
  await endGrant(c, c.grant, decided.value, person(payload.caller.accountId), payload.comment);
  return ok(done());
};
