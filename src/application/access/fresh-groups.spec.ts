import { AccessApi } from '../../../test/decisions/access-api.js';
import { autoPolicy } from '../../../test/decisions/facts.js';
import { JiraUnavailable } from '../ports/api-commands.port.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Engineers get this tool by policy, in an identity provider that is away for the moment. */
async function autoApproved(): Promise<{ readonly api: AccessApi; readonly requestId: string }> {
  const api = new AccessApi();
  api.record.premises.policy = { ...api.record.premises.policy, policies: [autoPolicy({ toolKeys: ['chatgpt', 'inside'] })] };
  await api.ask('ann', 'chatgpt', 30, ['engineers']);
  const [requestId = ''] = api.requests;
  return { api, requestId };
}
const statusOf = (api: AccessApi, requestId: string): string | undefined => api.record.grantOf(requestId)?.status;
const actions = (api: AccessApi): readonly string[] => api.record.tables.audits.map(({ action }) => action);

describe('the groups that an approval rests on (SPEC P4, G3)', () => {
  it('are not asked for again while they are fresh', async () => {
    const { api, requestId } = await autoApproved();
    await api.attempt(requestId, 'works');
    expect([statusOf(api, requestId), api.groupReads]).toEqual(['active', 0]);
  });

  it('are read again before a later attempt: who left the group gets nothing', async () => {
    const { api, requestId } = await autoApproved();
    await api.attempt(requestId, 'isAway');
    api.jiraGroups = [];
    await api.pass(6 * MINUTE);
    expect([statusOf(api, requestId), api.members.size, api.record.request(requestId).jiraGroups]).toEqual(['removing', 0, []]);
    expect(actions(api)).toContain('request.groups_read');
  });

  it('hold up an automatic approval while Jira does not say them, and no end of access', async () => {
    const { api, requestId } = await autoApproved();
    await api.attempt(requestId, 'isAway');
    api.jiraGroups = null;
    await api.pass(6 * MINUTE);
    await api.pass(2 * MINUTE);
    expect(api.underWay.size).toBe(0);
    expect([...api.record.tables.jobs.values()]).toMatchObject([{ status: 'retrying', lastErrorCode: 'jira.groups_unreadable' }]);
    expect(api.record.tables.audits.filter(({ data }) => data['code'] === 'jira.groups_unreadable')).toHaveLength(1);
    api.jiraGroups = ['engineers'];
    await api.pass(2 * MINUTE);
    await api.attempt(requestId, 'works');
    expect(statusOf(api, requestId)).toBe('active');
    api.jiraGroups = null;
    await api.pass(31 * DAY);
    expect(statusOf(api, requestId)).toBe('removing');
  });

  it('are the last known ones for what a person approved, and the evaluation says so', async () => {
    const { api } = await autoApproved();
    api.record.premises.policy = { ...api.record.premises.policy, policies: [autoPolicy({ toolKeys: ['chatgpt'], jiraGroups: ['lawyers'] })] };
    await api.ask('eve', 'chatgpt', 30, ['engineers']);
    const requestId = api.requests[1] ?? '';
    api.jiraGroups = null;
    await api.pass(6 * MINUTE);
    await api.requestCommands.decide(api.context('bob'), { requestId, decision: 'approve' });
    await api.attempt(requestId, 'works');
    expect(statusOf(api, requestId)).toBe('active');
    const evaluated = api.record.tables.audits.filter(({ action, subject }) => action === 'policy.evaluated' && subject.requestId === requestId).map(({ data }) => [data['at'], data['groups'] ?? null]);
    expect(evaluated).toEqual([['intake', null], ['decision', 'lastKnown'], ['provisioning', 'lastKnown']]);
  });

  it('decide a self-service extension as they are now, and nothing while Jira is away', async () => {
    const { api, requestId } = await autoApproved();
    await api.attempt(requestId, 'works');
    await api.pass(10 * DAY);
    const grantId = api.record.grantOf(requestId)?.id ?? '';
    const extend = () => api.grantCommands.extend(api.context('ann'), { grantId, durationDays: 10, reason: 'more' });
    api.jiraGroups = null;
    await expect(extend()).rejects.toBeInstanceOf(JiraUnavailable);
    api.jiraGroups = [];
    expect(await extend()).toMatchObject({ ok: false, refusal: { code: 'extension.review_required' } });
    api.jiraGroups = ['engineers'];
    expect(await extend()).toMatchObject({ ok: false });
    await api.pass(6 * MINUTE);
    expect(await extend()).toMatchObject({ ok: true });
  });

  it('are asked for where nobody asked at intake: a tool that became a pilot since opens to its pilots', async () => {
    const { api } = await autoApproved();
    const { codex } = api.record.premises.tools;
    if (codex === undefined) throw new Error('the model has a tool codex');
    await api.ask('eve', 'codex', 30, null);
    const requestId = api.requests[1] ?? '';
    api.record.premises.tools = { ...api.record.premises.tools, codex: { ...codex, policy: { ...codex.policy, status: 'pilot', pilotGroups: ['engineers'] } } };
    expect(await api.requestCommands.decide(api.context('bob'), { requestId, decision: 'approve' })).toMatchObject({ ok: true });
    expect([api.record.request(requestId).decision, api.groupReads]).toEqual(['approved', 1]);
  });
});
