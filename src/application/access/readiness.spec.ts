import { AccessModel, type Attempt } from '../../../test/decisions/access-model.js';
import { DAY_MS } from '../../domain/grant/grant.js';

const approver = { accountId: 'bob', isAdmin: false };

describe('a group that is missing, or whose assignment nobody has confirmed (SPEC F4, G3)', () => {
  /** Access that has expired, before its tool's group changes. */
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
  const another = (confirmed: boolean) => ({ connectorId: 'con', externalGroupId: 'another', confirmed });
  function setGroup(model: AccessModel, group: ReturnType<typeof another> | null): void {
    const { tools } = model.record.premises;
    const { chatgpt } = tools;
    if (chatgpt === undefined) throw new Error('the model has that tool');
    model.record.premises.tools = { ...tools, chatgpt: { ...chatgpt, fulfilment: { ...chatgpt.fulfilment, group } } };
  }
  const open = (model: AccessModel): readonly string[] => [...model.record.tables.manualActions.values()].filter(({ status }) => status === 'open').map(({ reason }) => reason);

  it.each([['group.unconfirmed', another(false)], ['group.missing', null]] as const)('gets nobody by an extension that opens access again, until an admin has mended it: %s', async (reason, group) => {
    const { model, requestId, attempt } = await expired();
    setGroup(model, group);
    expect(await model.send(requestId, { operation: 'extend', caller: approver, durationDays: 5, reason: 'still needed' })).toBeNull();
    await attempt('works');
    expect([open(model), model.underWay.size, model.members.size, model.record.grantOf(requestId)?.status]).toEqual([[reason], 0, 0, 'pendingProvision']);

    setGroup(model, another(true));
    await model.load(requestId);
    await attempt('works');
    expect([open(model), [...model.members], model.record.grantOf(requestId)?.status, model.record.grantOf(requestId)?.externalGroupId]).toEqual([[], ['ext-ann'], 'active', 'another']);
  });
});
