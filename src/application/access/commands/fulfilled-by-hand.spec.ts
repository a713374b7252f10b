import { AccessModel } from '../../../../test/decisions/access-model.js';

const approver = { accountId: 'bob', isAdmin: false };

/** Ann's access is approved, and the connector of her tool is off. */
async function waiting(): Promise<{ readonly model: AccessModel; readonly requestId: string; readonly fulfil: () => Promise<string | null> }> {
  const model = new AccessModel();
  switchConnector(model, false);
  await model.ask('ann', 'chatgpt', 30, []);
  const [requestId = ''] = model.requests;
  await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
  const fulfil = (): Promise<string | null> => {
    const [action] = [...model.record.tables.manualActions.values()].filter(({ status }) => status === 'open');
    return model.send(requestId, { operation: 'completeManualAction', caller: approver, manualActionId: action?.id ?? '', outcome: 'fulfilled', note: null });
  };
  return { model, requestId, fulfil };
}
function switchConnector({ record: { premises } }: AccessModel, enabled: boolean): void {
  const { chatgpt } = premises.tools;
  if (chatgpt?.fulfilment.connector == null) throw new Error('the model has no such tool');
  premises.tools = { ...premises.tools, chatgpt: { ...chatgpt, fulfilment: { ...chatgpt.fulfilment, connector: { ...chatgpt.fulfilment.connector, enabled } } } };
}

describe('an addition that people make while its connector is off (SPEC F7, F13)', () => {
  it('is active once the provider was read and shows the person, and is taken away when it ends', async () => {
    const { model, requestId, fulfil } = await waiting();
    model.outside('ext-ann', true);
    expect([await fulfil(), model.record.grantOf(requestId)?.status, model.record.grantOf(requestId)?.startEvidence]).toEqual([null, 'active', 'readBack']);
    await model.send(requestId, { operation: 'revoke', caller: approver, comment: null });
    expect(model.record.grantOf(requestId)?.status).toBe('removing');
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId)?.status, model.record.grantOf(requestId)?.endEvidence, [...model.members]]).toEqual(['revoked', 'readBack', []]);
  });

  it('is not active on a word alone, and goes on by itself when the connector is on again', async () => {
    const { model, requestId, fulfil } = await waiting();
    expect([await fulfil(), model.record.grantOf(requestId)?.status]).toEqual(['membership.not_read_back', 'pendingProvision']);
    switchConnector(model, true);
    await model.load(requestId);
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId)?.status, [...model.members]]).toEqual(['active', ['ext-ann']]);
  });

  it('is refused for want of a mapping only where there is none', async () => {
    const { model, fulfil } = await waiting();
    model.record.premises.identities = {};
    expect(await fulfil()).toBe('mapping.missing');
  });
});
