import { AccessApi } from '../../../../test/decisions/access-api.js';

async function anAccess(): Promise<{ readonly api: AccessApi; readonly requestId: string; readonly grantId: string }> {
  const api = new AccessApi();
  await api.ask('ann', 'inside', 30, ['engineers']);
  const [requestId = ''] = api.requests;
  return { api, requestId, grantId: api.record.grantOf(requestId)?.id ?? '' };
}
const codeOf = (outcome: { readonly ok: true } | { readonly ok: false; readonly refusal: { readonly code: string } }): string | null => (outcome.ok ? null : outcome.refusal.code);

describe('a command on somebody else\'s object (API.md: 404)', () => {
  it('says to a stranger that there is no such grant, whatever is asked of it', async () => {
    const { api, grantId } = await anAccess();
    const as = api.context('mallory');
    expect(codeOf(await api.grantCommands.return(as, { grantId }))).toBe('grant.not_found');
    expect(codeOf(await api.grantCommands.revoke(as, { grantId }))).toBe('grant.not_found');
    expect(codeOf(await api.grantCommands.extend(as, { grantId, durationDays: 1, reason: 'more' }))).toBe('grant.not_found');
    expect(api.record.grantOf(api.requests[0] ?? '')?.status).toBe('active');
  });

  it('says to a stranger that there is no such request, pending or decided', async () => {
    const { api, requestId } = await anAccess();
    await api.ask('ann', 'chatgpt', 30, []);
    for (const id of [requestId, api.requests[1] ?? '']) {
      expect(codeOf(await api.requestCommands.withdraw(api.context('mallory'), { requestId: id }))).toBe('request.not_found');
      expect(codeOf(await api.requestCommands.decide(api.context('mallory'), { requestId: id, decision: 'approve' }))).toBe('request.not_found');
    }
    const bulk = await api.requestCommands.bulkDecide(api.context('mallory'), { requestIds: [requestId], decision: 'approve' });
    expect(bulk).toMatchObject({ ok: true, body: { results: [{ issueKey: null, requestId, status: 404, code: 'request.not_found' }] } });
  });

  it('says to a stranger that there is no such job or manual action', async () => {
    const { api } = await anAccess();
    await api.ask('eve', 'manual', 30, []);
    const requestId = api.requests[1] ?? '';
    await api.requestCommands.decide(api.context('bob'), { requestId, decision: 'approve' });
    const [action] = api.record.tables.manualActions.values();
    const [job] = api.record.tables.jobs.values();
    const complete = { manualActionId: action?.id ?? '', outcome: 'verified' as const, note: 'seen' };
    expect(codeOf(await api.jobCommands.retry(api.context('mallory'), { jobId: job?.id ?? '' }))).toBe('job.not_found');
    expect(codeOf(await api.jobCommands.completeManualAction(api.context('mallory'), complete))).toBe('manual_action.not_found');
    expect(codeOf(await api.jobCommands.completeManualAction(api.context('bob'), complete))).toBe('manual_action.wrong_outcome');
  });

  it('keeps the refusal\'s own code for those who see the object', async () => {
    const { api, grantId, requestId } = await anAccess();
    expect(codeOf(await api.grantCommands.return(api.context('bob'), { grantId }))).toBe('grant.not_holder');
    expect(codeOf(await api.grantCommands.revoke(api.context('ann'), { grantId }))).toBe('review.not_approver');
    expect(codeOf(await api.requestCommands.withdraw(api.context('bob'), { requestId }))).toBe('request.not_requester');
    expect(codeOf(await api.requestCommands.decide(api.context('bob'), { requestId, decision: 'deny' }))).toBe('request.already_decided');
  });
});
