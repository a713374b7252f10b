import { AccessModel } from '../../../../test/decisions/access-model.js';

const approver = { accountId: 'bob', isAdmin: false };
const DAY = 86_400_000;

describe('an extension of access that has not begun', () => {
  it('never makes it longer than 180 days, however long it has waited', async () => {
    const model = new AccessModel();
    await model.ask('zoe', 'manual', 90, []);
    const [requestId = ''] = model.requests;
    await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
    await model.pass(10 * DAY);
    const extend = (durationDays: number): Promise<string | null> => model.send(requestId, { operation: 'extend', caller: approver, durationDays, reason: 'more' });
    expect(await extend(80)).toBeNull();
    expect(await extend(20)).toBe('extension.life_exceeded');
    expect(model.record.grantOf(requestId)?.durationDays).toBe(170);
  });
});
