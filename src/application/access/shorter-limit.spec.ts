import { AccessModel } from '../../../test/decisions/access-model.js';
import { DAY_MS } from '../../domain/grant/grant.js';

const approver = { accountId: 'bob', isAdmin: false };

function limit(model: AccessModel, maxDurationDays: number): void {
  const { tools } = model.record.premises;
  const { chatgpt } = tools;
  if (chatgpt === undefined) throw new Error('the model has that tool');
  model.record.premises.tools = { ...tools, chatgpt: { ...chatgpt, policy: { ...chatgpt.policy, maxDurationDays } } };
}

describe('a limit that was made shorter after the approval (SPEC G3, K3)', () => {
  it.each([
    [5, null, 'active'],
    [7, null, 'active'],
    [8, 'policy.denied', 'expired'],
  ])('is kept by an extension in the grace, whatever was approved at first: of %i days', async (durationDays, refused, status) => {
    const model = new AccessModel();
    await model.ask('ann', 'chatgpt', 30, []);
    const [requestId = ''] = model.requests;
    await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
    await model.attempt(requestId, 'works');
    await model.pass(30 * DAY_MS);
    await model.attempt(requestId, 'works');
    limit(model, 7);

    expect(await model.send(requestId, { operation: 'extend', caller: approver, durationDays, reason: 'still needed' })).toBe(refused);
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId)?.status, model.record.grantOf(requestId)?.endReason]).toEqual([status, status === 'active' ? null : 'expired']);
  });

  it.each([[30, null, 'active'], [29, 'policy.denied', 'revoked']])('is of the days at a time, not of what extensions added up to: under %i days, what a restore is refused for is %s', async (days, refused, status) => {
    const model = new AccessModel();
    await model.ask('ann', 'chatgpt', 30, []);
    const [requestId = ''] = model.requests;
    limit(model, 30);
    await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
    await model.attempt(requestId, 'works');
    expect(await model.send(requestId, { operation: 'extend', caller: approver, durationDays: 30, reason: 'still needed' })).toBeNull();
    model.record.massActionItems.set(`mass/${requestId}`, { source: 'killSwitch', reason: 'incident', inForce: true, outcome: null, restoring: true, remainingMs: 60 * DAY_MS });
    await model.send(requestId, { operation: 'stop', caller: { accountId: 'kill-switch', isAdmin: true }, massActionId: 'mass' });
    await model.attempt(requestId, 'works');
    limit(model, days);
    expect(await model.send(requestId, { operation: 'restore', caller: { accountId: 'kill-switch', isAdmin: true }, massActionId: 'mass' })).toBe(refused);
    await model.attempt(requestId, 'works');
    expect(model.record.grantOf(requestId)?.status).toBe(status);
  });
});
