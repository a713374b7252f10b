import { AccessModel } from '../../../test/decisions/access-model.js';
import { role } from '../../../test/decisions/facts.js';

const approver = { accountId: 'bob', isAdmin: false };

async function approved(): Promise<{ readonly model: AccessModel; readonly requestId: string }> {
  const model = new AccessModel();
  await model.ask('ann', 'chatgpt', 30, []);
  const [requestId = ''] = model.requests;
  await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
  return { model, requestId };
}
function addFirstRole(model: AccessModel): void {
  const { chatgpt } = model.record.premises.tools;
  if (chatgpt === undefined) throw new Error('the model has no connected tool');
  model.record.premises.tools = { ...model.record.premises.tools, chatgpt: { ...chatgpt, roles: { user: { policy: role({ key: 'user' }), fulfilment: chatgpt.fulfilment } } } };
}

describe('a tool that gets its first role (SPEC K3)', () => {
  it('goes on giving what was approved without one', async () => {
    const { model, requestId } = await approved();
    addFirstRole(model);
    await model.attempt(requestId, 'isAway');
    await model.pass(60_000);
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId)?.status, [...model.members]]).toEqual(['active', ['ext-ann']]);
  });

  it('extends no access without one, and denies what is still pending', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'works');
    await model.ask('eve', 'chatgpt', 30, []);
    addFirstRole(model);
    expect(await model.send(requestId, { operation: 'extend', caller: approver, durationDays: 30, reason: 'more' })).toBe('policy.denied');
    const [, pending = ''] = model.requests;
    await model.send(pending, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
    expect([model.record.request(pending).decision, model.record.request(pending).decisionSource]).toEqual(['denied', 'policyDeny']);
  });
});
