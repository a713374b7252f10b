import { AccessModel } from '../../../test/decisions/access-model.js';

const approver = { accountId: 'bob', isAdmin: false };
const SECOND = 1_000;

async function approved(who = 'ann'): Promise<{ readonly model: AccessModel; readonly requestId: string }> {
  const model = new AccessModel();
  await model.ask(who, 'chatgpt', 30, []);
  const [requestId = ''] = model.requests;
  await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
  return { model, requestId };
}
const map = (model: AccessModel, identities: Readonly<Record<string, string>>): void => { model.record.premises.identities = identities; };
const open = (model: AccessModel): readonly string[] => [...model.record.tables.manualActions.values()].filter(({ status }) => status === 'open').map(({ reason }) => reason);

describe('a mapping that an admin adds or corrects while provisioning waits (SPEC F5, F6)', () => {
  it('resolves the manual action for a missing one by itself, with an event', async () => {
    const { model, requestId } = await approved('zoe');
    expect(open(model)).toEqual(['mapping.missing']);
    map(model, { zoe: 'ext-zoe' });
    await model.load(requestId);
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId)?.status, [...model.members], open(model)]).toEqual(['active', ['ext-zoe'], []]);
    expect(model.record.tables.audits.filter(({ action }) => action === 'manual_action.obsoleted' || action === 'job.retried').map(({ data }) => data)).toEqual([
      { kind: 'provision', reason: 'mapping.missing' }, { kind: 'provision', code: 'obstacle.gone', obstacle: 'mapping.missing' },
    ]);
  });

  it('reaches a job that failed with the old identity', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'isRefused');
    expect(open(model)).toEqual(['provider.forbidden']);
    await model.load(requestId);
    expect(model.underWay.size).toBe(0);
    map(model, { ann: 'ext-ann-2' });
    await model.load(requestId);
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId)?.status, [...model.members], open(model)]).toEqual(['active', ['ext-ann-2'], []]);
    expect([...model.record.tables.memberships.values()].map(({ externalIdentityId, desired }) => [externalIdentityId, desired])).toEqual([['ext-ann', 'absent'], ['ext-ann-2', 'present']]);
  });

  it('first takes the old identity out again where an add may have got through', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'losesTheAnswer');
    expect([...model.members]).toEqual(['ext-ann']);
    map(model, { ann: 'ext-ann-2' });
    for (let turn = 0; turn < 4; turn += 1) {
      await model.pass(40 * SECOND);
      await model.attempt(requestId, 'works');
    }
    expect([model.record.grantOf(requestId)?.status, [...model.members]]).toEqual(['active', ['ext-ann-2']]);
  });

  it('gives nothing to an identity whose mapping was deleted before the retry', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'isAway');
    map(model, {});
    await model.pass(10 * SECOND);
    expect([open(model), model.underWay.size, model.members.size]).toEqual([['mapping.missing'], 0, 0]);
  });

  it('keeps taking the old identity out again however often that fails, and asks people once', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'losesTheAnswer');
    map(model, { ann: 'ext-ann-2' });
    for (let turn = 0; turn < 14; turn += 1) {
      await model.pass(16 * 60 * SECOND);
      await model.attempt(requestId, 'isRefused');
    }
    expect([open(model), [...model.record.tables.jobs.values()].map(({ kind, status }) => [kind, status])]).toEqual([['provider.forbidden'], [['provision', 'retrying']]]);
    expect(model.record.tables.audits.filter(({ action }) => action === 'manual_action.opened')).toHaveLength(1);
    await model.pass(16 * 60 * SECOND);
    await model.attempt(requestId, 'works');
    await model.attempt(requestId, 'works');
    expect([model.record.grantOf(requestId)?.status, [...model.members], open(model)]).toEqual(['active', ['ext-ann-2'], []]);
  });

  it('does not try the removal of the old identity again at once after a refusal', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'losesTheAnswer');
    map(model, { ann: 'ext-ann-2' });
    await model.pass(40 * SECOND);
    await model.attempt(requestId, 'isRefused');
    await model.load(requestId);
    expect(model.underWay.size).toBe(0);
  });

  it('activates nothing on the word that the old identity is in the group', async () => {
    const { model, requestId } = await approved();
    await model.attempt(requestId, 'losesTheAnswer');
    map(model, { ann: 'ext-ann-2' });
    for (let turn = 0; turn < 4; turn += 1) {
      await model.pass(16 * 60 * SECOND);
      await model.attempt(requestId, 'isRefused');
    }
    const [action] = [...model.record.tables.manualActions.values()].filter(({ status }) => status === 'open');
    const refused = await model.send(requestId, { operation: 'completeManualAction', caller: approver, manualActionId: action?.id ?? '', outcome: 'fulfilled', note: null });
    expect([refused, model.record.grantOf(requestId)?.status]).toEqual(['mapping.missing', 'pendingProvision']);
  });
});

describe('a mapping that an admin corrects while access is active (SPEC F5)', () => {
  const active = async (): Promise<{ readonly model: AccessModel; readonly requestId: string }> => {
    const begun = await approved();
    await begun.model.attempt(begun.requestId, 'works');
    expect([...begun.model.members]).toEqual(['ext-ann']);
    return begun;
  };
  const grant = (model: AccessModel, requestId: string) => model.record.grantOf(requestId);

  it('moves the access: the earlier identity is read out of the group before the one of today is added, and the end stays', async () => {
    const { model, requestId } = await active();
    const before = grant(model, requestId);
    map(model, { ann: 'ext-ann-2' });
    await model.load(requestId);
    await model.attempt(requestId, 'works');
    expect([...model.members]).toEqual([]);
    await model.attempt(requestId, 'works');
    expect([...model.members]).toEqual(['ext-ann-2']);
    expect(grant(model, requestId)).toMatchObject({ status: 'active', startsAt: before?.startsAt, expiresAt: before?.expiresAt });
    expect([...model.record.tables.memberships.values()].map(({ externalIdentityId, desired, observed }) => [externalIdentityId, desired, observed])).toEqual([['ext-ann', 'absent', 'absent'], ['ext-ann-2', 'present', 'present']]);
    expect(model.record.tables.audits.filter(({ action }) => action === 'membership.remapped')).toHaveLength(1);
    await model.load(requestId);
    expect(model.underWay.size).toBe(0);
  });

  it('asks policy first, and ends the access that it would not give today', async () => {
    const { model, requestId } = await active();
    const { chatgpt } = model.record.premises.tools;
    if (chatgpt !== undefined) model.record.premises.tools = { ...model.record.premises.tools, chatgpt: { ...chatgpt, policy: { ...chatgpt.policy, status: 'blocked' } } };
    map(model, { ann: 'ext-ann-2' });
    await model.load(requestId);
    await model.attempt(requestId, 'works');
    expect([grant(model, requestId)?.status, grant(model, requestId)?.endReason, [...model.members]]).toEqual(['revoked', 'policy', []]);
  });

  it('leaves an account that is mapped nowhere any more as it is', async () => {
    const { model, requestId } = await active();
    map(model, {});
    await model.load(requestId);
    expect([grant(model, requestId)?.status, model.underWay.size, [...model.members]]).toEqual(['active', 0, ['ext-ann']]);
  });

  it('ends verified when it is revoked half-way, wherever the move is', async () => {
    for (const attempts of [0, 1, 2]) {
      const { model, requestId } = await active();
      map(model, { ann: 'ext-ann-2' });
      await model.load(requestId);
      for (let turn = 0; turn < attempts; turn += 1) await model.attempt(requestId, 'works');
      await model.send(requestId, { operation: 'revoke', caller: approver, comment: null });
      for (let turn = 0; turn < 3; turn += 1) {
        await model.attempt(requestId, 'works');
        await model.pass(60 * SECOND);
      }
      expect([attempts, grant(model, requestId)?.status, grant(model, requestId)?.endEvidence, [...model.members]]).toEqual([attempts, 'revoked', 'readBack', []]);
    }
  });

  it('asks people where the new identity can not be added, without a second job', async () => {
    const { model, requestId } = await active();
    map(model, { ann: 'ext-ann-2' });
    await model.load(requestId);
    await model.attempt(requestId, 'works');
    await model.attempt(requestId, 'isRefused');
    await model.load(requestId);
    expect([open(model), [...model.record.tables.jobs.values()].filter(({ status }) => status === 'manual').map(({ kind }) => kind), grant(model, requestId)?.status]).toEqual([['provider.forbidden'], ['provision'], 'active']);
  });
});
