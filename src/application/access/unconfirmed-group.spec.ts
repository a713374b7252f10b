import { AccessModel, type Attempt } from '../../../test/decisions/access-model.js';
import { DAY_MS } from '../../domain/grant/grant.js';

const approver = { accountId: 'bob', isAdmin: false };

describe('a group whose assignment nobody has confirmed (SPEC F4, G3)', () => {
  /** Access that has expired, and whose tool got another group since. */
  async function expired(): Promise<{ readonly model: AccessModel; readonly requestId: string; readonly attempt: (how: Attempt) => Promise<void> }> {
    const model = new AccessModel();
    await model.ask('ann', 'chatgpt', 30, []);
    const [requestId = ''] = model.requests;
    await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
    await model.attempt(requestId, 'works');
    await model.pass(30 * DAY_MS);
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId)?.status, model.members.size]).toEqual(['expired', 0]);
    return { model, requestId, attempt: (how) => model.attempt(requestId, how) };
  }
  function bindAnother(model: AccessModel, confirmed: boolean): void {
    const { tools } = model.record.premises;
    const { chatgpt } = tools;
    if (chatgpt === undefined) throw new Error('the model has that tool');
    model.record.premises.tools = { ...tools, chatgpt: { ...chatgpt, fulfilment: { ...chatgpt.fulfilment, group: { connectorId: 'con', externalGroupId: 'another', confirmed } } } };
  }
  const open = (model: AccessModel): readonly string[] => [...model.record.tables.manualActions.values()].filter(({ status }) => status === 'open').map(({ reason }) => reason);

  it('gets nobody by an extension that opens access again, until an admin confirms it', async () => {
    const { model, requestId, attempt } = await expired();
    bindAnother(model, false);
    expect(await model.send(requestId, { operation: 'extend', caller: approver, durationDays: 5, reason: 'still needed' })).toBeNull();
    await attempt('works');
    expect([open(model), model.underWay.size, model.members.size, model.record.grantOf(requestId)?.status]).toEqual([['group.unconfirmed'], 0, 0, 'pendingProvision']);

    bindAnother(model, true);
    await model.load(requestId);
    await attempt('works');
    expect([open(model), [...model.members], model.record.grantOf(requestId)?.status, model.record.grantOf(requestId)?.externalGroupId]).toEqual([[], ['ext-ann'], 'active', 'another']);
  });
});
