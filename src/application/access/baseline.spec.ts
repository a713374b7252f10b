import { AccessModel } from '../../../test/decisions/access-model.js';

const approver = { accountId: 'bob', isAdmin: false };

async function approved(): Promise<{ readonly model: AccessModel; readonly requestId: string }> {
  const model = new AccessModel();
  await model.ask('ann', 'chatgpt', 30, []);
  const [requestId = ''] = model.requests;
  await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
  return { model, requestId };
}
const revoke = (model: AccessModel, requestId: string): Promise<unknown> => model.send(requestId, { operation: 'revoke', caller: approver, comment: null });
const commented = (model: AccessModel): string => JSON.stringify(model.record.tables.tickets.map(({ content }) => content));

describe('a grant of a person whose place in the group an admin accepted as baseline access (SPEC K4)', () => {
  it('ends with the evidence that the person stays, and nobody is told that they were removed', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'works');
    model.record.baseline.add('ext-ann');
    await revoke(model, requestId);
    expect(model.record.grantOf(requestId)).toMatchObject({ status: 'revoked', endEvidence: 'heldByBaseline' });
    expect([...model.members]).toEqual(['ext-ann']);
    expect(model.record.tables.audits.filter(({ action }) => action === 'grant.held' || action === 'grant.ended').map(({ action, data }) => [action, data])).toEqual([['grant.held', { evidence: 'heldByBaseline' }]]);
    expect(commented(model)).not.toContain('no longer in the group');
  });

  it('ends with that evidence also when its own provisioning had not begun', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'isAway');
    model.record.tables.intents.clear(); // as if nothing had been sent yet
    model.record.baseline.add('ext-ann');
    await revoke(model, requestId);
    expect(model.record.grantOf(requestId)).toMatchObject({ status: 'revoked', endEvidence: 'heldByBaseline' });
  });

  it('ends with it when the acceptance comes while the removal is under way', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'works');
    await revoke(model, requestId);
    await model.attempt(requestId, 'isAway');
    expect(model.record.grantOf(requestId)?.status).toBe('removing');
    model.record.baseline.add('ext-ann');
    await model.load(requestId);
    expect(model.record.grantOf(requestId)).toMatchObject({ status: 'revoked', endEvidence: 'heldByBaseline' });
    expect([...model.members]).toEqual(['ext-ann']);
  });

  it('is taken away when the person is found there after the acceptance is gone, as when another group was bound', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'works');
    model.record.baseline.add('ext-ann');
    await revoke(model, requestId);
    const found = (): Promise<string | null> => model.send(requestId, { operation: 'removeAgain', caller: { accountId: 'reconciliation', isAdmin: false }, findingId: 'fnd-1' });
    expect([await found(), [...model.members]]).toEqual(['finding.out_of_date', ['ext-ann']]);
    model.record.baseline.clear();
    expect(await found()).toBeNull();
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId), [...model.members]]).toMatchObject([{ status: 'revoked', endEvidence: 'readBack' }, []]);
  });
});
