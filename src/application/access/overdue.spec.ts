import { AccessModel } from '../../../test/decisions/access-model.js';

const HOUR = 3_600_000;
const approver = { accountId: 'bob', isAdmin: false };
const breaches = (model: AccessModel): readonly unknown[] => model.record.tables.audits.filter(({ action }) => action === 'manual_action.breached').map(({ data }) => data['kind']);
const overdueComments = (model: AccessModel): number => model.record.tables.tickets.filter(({ kind, content }) => kind === 'comment' && JSON.stringify(content).includes('overdue')).length;

async function approved(toolKey: string): Promise<{ readonly model: AccessModel; readonly requestId: string }> {
  const model = new AccessModel();
  await model.ask('ann', toolKey, 30, []);
  const [requestId = ''] = model.requests;
  await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
  return { model, requestId };
}
async function complete(model: AccessModel, outcome: 'fulfilled' | 'deprovisioned'): Promise<string | null> {
  const action = [...model.record.tables.manualActions.values()].find(({ status }) => status === 'open');
  return model.send(action?.requestId ?? '', { operation: 'completeManualAction', caller: approver, manualActionId: action?.id ?? '', outcome, note: null });
}

describe('what people were asked to do and did not in time (SPEC F8, F11)', () => {
  it('is called overdue once where access is waited for, in audit and ticket', async () => {
    const { model } = await approved('manual');
    await model.pass(7 * HOUR);
    expect(breaches(model)).toEqual([]);
    await model.pass(2 * HOUR);
    await model.pass(48 * HOUR);
    expect([breaches(model), overdueComments(model)]).toEqual([['provision'], 1]);
  });

  it('is called overdue every day where access should be gone, until it is', async () => {
    const { model, requestId } = await approved('manual');
    await complete(model, 'fulfilled');
    await model.send(requestId, { operation: 'revoke', caller: approver, comment: null });
    await model.pass(9 * HOUR);
    for (let day = 0; day < 3; day += 1) await model.pass(24 * HOUR);
    expect([breaches(model), overdueComments(model)]).toEqual([['deprovision', 'deprovision', 'deprovision', 'deprovision'], 4]);
    expect(await complete(model, 'deprovisioned')).toBeNull();
    await model.pass(48 * HOUR);
    expect(breaches(model)).toHaveLength(4);
  });

  it('has a deadline and the approver\'s name where an identity provider failed, and only the deadline where an admin must act', async () => {
    const { model, requestId } = await approved('chatgpt');
    await model.attempt(requestId, 'isRefused');
    await model.ask('zoe', 'codex', 30, []);
    await model.send(model.requests[1] ?? '', { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
    const due = new Date(model.nowMs + 48 * HOUR);
    expect([...model.record.tables.manualActions.values()].map(({ reason, dueAt }) => [reason, dueAt])).toEqual([['provider.forbidden', due], ['mapping.missing', due]]);
    expect(model.record.assignees).toEqual(['bob', null]);
  });
});
