import { AccessModel } from '../../../test/decisions/access-model.js';

const approver = { accountId: 'bob', isAdmin: false };
const approve = { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null } as const;
const open = (model: AccessModel): readonly string[] => [...model.record.tables.manualActions.values()].filter(({ status }) => status === 'open').map(({ reason }) => reason);

describe('a licence that lapses (SPEC F12)', () => {
  it('makes additions a manual action, sends nothing, and lets them go on when it is active again', async () => {
    const model = new AccessModel();
    await model.ask('ann', 'chatgpt', 30, []);
    const [requestId = ''] = model.requests;
    model.record.siteLicence = 'inactive';
    await model.send(requestId, approve);
    await model.load(requestId);
    expect([open(model), model.underWay.size, model.members.size]).toEqual([['licence.inactive'], 0, 0]);
    model.record.siteLicence = 'active';
    await model.load(requestId);
    await model.attempt(requestId, 'works');
    expect([open(model), model.record.grantOf(requestId)?.status, [...model.members]]).toEqual([[], 'active', ['ext-ann']]);
  });

  it('is looked at before each attempt, and stops no removal', async () => {
    const model = new AccessModel();
    await model.ask('ann', 'chatgpt', 30, []);
    await model.ask('eve', 'chatgpt', 30, []);
    const [ann = '', eve = ''] = model.requests;
    await model.send(ann, approve);
    await model.attempt(ann, 'works');
    await model.send(eve, approve);
    await model.attempt(eve, 'isAway');
    model.record.siteLicence = 'inactive';
    await model.pass(60_000);
    expect([open(model), model.underWay.size]).toEqual([['licence.inactive'], 0]);
    await model.send(ann, { operation: 'revoke', caller: approver, comment: null });
    await model.attempt(ann, 'works');
    expect([model.record.grantOf(ann)?.status, model.members.size]).toEqual(['revoked', 0]);
  });
});
