import { AccessApi } from '../../../../test/decisions/access-api.js';

describe('a refused attempt (SPEC E1)', () => {
  it('leaves one event that is named after what was tried', async () => {
    const api = new AccessApi();
    const refusedOf = async (attempt: Promise<{ readonly ok: boolean }>): Promise<readonly string[]> => {
      const before = api.record.tables.audits.length;
      expect((await attempt).ok).toBe(false);
      return api.record.tables.audits.slice(before).map(({ action }) => action).filter((action) => action.endsWith('.refused'));
    };
    expect(await refusedOf(api.requestCommands.submit(api.context('ann'), { toolKey: 'manual', roleKey: null, businessUse: 'x', dataClasses: ['public'], durationDays: 1, accountId: 'eve' }))).toEqual(['request.refused']);
    await api.ask('eve', 'manual', 30, []);
    const [requestId = ''] = api.requests;
    expect(await refusedOf(api.requestCommands.decide(api.context('eve'), { requestId, decision: 'approve' }))).toEqual(['decision.refused']);
    await api.requestCommands.decide(api.context('bob'), { requestId, decision: 'approve' });
    const [action] = api.record.tables.manualActions.values();
    expect(await refusedOf(api.jobCommands.completeManualAction(api.context('bob'), { manualActionId: action?.id ?? '', outcome: 'verified', note: 'seen' }))).toEqual(['manual_action.refused']);
    expect(await refusedOf(api.requestCommands.withdraw(api.context('bob'), { requestId }))).toEqual(['command.refused']);
  });
});
