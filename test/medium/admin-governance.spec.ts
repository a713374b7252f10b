import { DEFAULT_GUARDRAILS } from '../../src/domain/policy/policy.js';
import { JiraUnavailable } from '../../src/application/ports/api-commands.port.js';
import { JiraFailure, type JiraPort } from '../../src/application/ports/jira.port.js';
import { guardrailsView } from '../../src/contracts/policy.contract.js';
import { projectView } from '../../src/contracts/project.contract.js';
import { context } from './admin-fixture.js';
import { bodyOf, codeOf, World } from './admin-world.js';

/** The part of Jira that settings are checked in. */
class CheckedJira {
  permissions = new Set(['BROWSE_PROJECTS', 'TRANSITION_ISSUES', 'ADD_COMMENTS', 'CREATE_ISSUES']);
  away = false;
  asked = 0;
  private answer<T>(value: T): Promise<T> {
    this.asked += 1;
    return this.away ? Promise.reject(new JiraFailure('retryable', 'Jira is away')) : Promise.resolve(value);
  }
  findProject = (key: string): ReturnType<JiraPort['findProject']> => this.answer(key === 'AI' ? { id: '10', key } : null);
  listRequestTypes = (): ReturnType<JiraPort['listRequestTypes']> => this.answer([{ id: '7', name: 'AI tool access' }]);
  listIssueTypes = (): ReturnType<JiraPort['listIssueTypes']> => this.answer([{ id: '3', name: 'Task' }]);
  missingPermissions = (_key: string, wanted: readonly string[]): ReturnType<JiraPort['missingPermissions']> => this.answer(wanted.filter((name) => !this.permissions.has(name)));
}
const unasked = (): Promise<never> => Promise.reject(new Error('not asked for here'));
const asPort = (checked: CheckedJira): JiraPort => ({
  findProject: checked.findProject, listRequestTypes: checked.listRequestTypes, listIssueTypes: checked.listIssueTypes, missingPermissions: checked.missingPermissions,
  findIssue: unasked, findRequestTypeId: unasked, findProperty: unasked, listGroupNames: unasked, isAccountActive: unasked, listTransitions: unasked, transition: unasked, addComment: unasked, isAdministrator: unasked, serverInfo: unasked,
});

describe('governance', () => {
  const jira = new CheckedJira();
  let world: World;
  beforeAll(async () => { world = await World.start({ find: () => Promise.resolve({ jira: asPort(jira), propertyKey: 'aiclearance' }) }); });
  afterAll(() => world.fixture.stop());
  beforeEach(() => { jira.away = false; jira.permissions = new Set(['BROWSE_PROJECTS', 'TRANSITION_ISSUES', 'ADD_COMMENTS', 'CREATE_ISSUES']); });

  it('raises the policy version with every change of an approval policy, and none without a change', async () => {
    const { governance } = world.commands;
    const before = await world.policyVersion();
    const created = bodyOf(await governance.createApprovalPolicy(context(), { name: 'Engineers', toolKeys: 'all', autoApprove: true, jiraGroups: ['eng'], enabled: true }));
    expect(created).toMatchObject({ toolKeys: 'all', projectKey: null, maxDurationDays: null, version: 1 });
    const changed = bodyOf(await governance.updateApprovalPolicy(context(), { policyId: created.id, patch: { toolKeys: ['claude-team'], maxDurationDays: 30 }, expectedVersion: 1 }));
    expect(changed).toMatchObject({ toolKeys: ['claude-team'], maxDurationDays: 30, jiraGroups: ['eng'], version: 2 });
    bodyOf(await governance.updateApprovalPolicy(context(), { policyId: created.id, patch: { maxDurationDays: 30 }, expectedVersion: 2 }));
    expect(codeOf(await governance.createApprovalPolicy(context(), { name: 'Engineers', toolKeys: 'all', autoApprove: true, jiraGroups: [], enabled: true }))).toBe('approval_policy.name_taken');
    expect(await governance.deleteApprovalPolicy(context(), { policyId: created.id, expectedVersion: 2 })).toEqual({ ok: true, status: 204 });
    expect(codeOf(await governance.deleteApprovalPolicy(context(), { policyId: created.id, expectedVersion: null }))).toBe('approval_policy.not_found');
    expect(await world.policyVersion()).toBe(before + 3);
  });

  it('lets the last of two guardrails win without If-Match and refuses a stale one with it', async () => {
    const { governance } = world.commands;
    const value = { ...DEFAULT_GUARDRAILS, mandatoryReview: true, maxDurationDaysByRisk: { ...DEFAULT_GUARDRAILS.maxDurationDaysByRisk } };
    expect(guardrailsView.parse(bodyOf(await governance.putGuardrails(context(), { value, expectedVersion: 0 })))).toMatchObject({ mandatoryReview: true, version: 1 });
    expect(bodyOf(await governance.putGuardrails(context(), { value, expectedVersion: null })).version).toBe(2);
    expect(codeOf(await governance.putGuardrails(context(), { value, expectedVersion: 1 }))).toBe('if_match.stale');
    const first = (): ReturnType<typeof governance.putDefaults> => governance.putDefaults(context(), { value: { outcomeByRisk: { low: 'autoApprove', medium: 'review', high: 'review', critical: 'deny' } }, expectedVersion: 0 });
    expect((await Promise.all([first(), first()])).map(codeOf).sort()).toEqual(['if_match.stale', 'not refused']);
  });

  it('registers a project with the routing of the site where none is given', async () => {
    const { governance } = world.commands;
    bodyOf(await governance.putSettings(context(), { name: 'routing', value: { approvers: [], securityReviewers: ['sec-1'], adminFallback: 'never' }, expectedVersion: null }));
    const view = bodyOf(await governance.createProject(context(), { key: 'AI', approvers: ['ap-1'] }));
    expect(projectView.parse(view)).toMatchObject({ approvers: ['ap-1'], securityReviewers: ['sec-1'], adminFallback: 'never', enabled: true, version: 1 });
    expect(codeOf(await governance.createProject(context(), { key: 'AI', approvers: [] }))).toBe('project.key_taken');
    expect(bodyOf(await governance.updateProject(context(), { key: 'AI', patch: { approvers: [], approveTransitions: ['Done'] }, expectedVersion: 1 }))).toMatchObject({ approvers: [], approveTransitions: ['Done'], version: 2 });
    expect(codeOf(await governance.deleteProject(context(), { key: 'AI', expectedVersion: 1 }))).toBe('if_match.stale');
  });

  it('names everything that Jira lacks for intake, and saves nothing of it', async () => {
    jira.permissions = new Set(['BROWSE_PROJECTS']);
    const outcome = await world.commands.governance.putSettings(context(), { name: 'intake', value: { enabled: true, projectKey: 'AI', portalId: '1', requestTypeIds: ['7', '99'] }, expectedVersion: null });
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'settings.check_failed' } });
    const errors = outcome.ok ? [] : outcome.refusal.errors?.map(({ path, code }) => `${path} ${code}`);
    expect(errors).toEqual(['projectKey permission.missing', 'projectKey permission.missing', 'requestTypeIds[1] request_type.unknown']);
    expect(await world.fixture.rows("SELECT 1 FROM site_setting WHERE name = 'intake'")).toEqual([]);
  });

  it.each([
    ['intake of a project that is not there', { name: 'intake', value: { enabled: true, projectKey: 'NOPE', portalId: null, requestTypeIds: ['7'] } } as const, 'project.unknown'],
    ['intake without a project', { name: 'intake', value: { enabled: true, projectKey: null, portalId: null, requestTypeIds: [] } } as const, 'project.missing'],
    ['recertification with another issue type', { name: 'recertification', value: { projectKey: 'AI', issueTypeId: '4', windowDays: 14 } } as const, 'issue_type.unknown'],
  ])('refuses %s', async (_what, input, code) => {
    const outcome = input.name === 'intake' ? await world.commands.governance.putSettings(context(), { ...input, value: { ...input.value, requestTypeIds: [...input.value.requestTypeIds] }, expectedVersion: null }) : await world.commands.governance.putSettings(context(), { ...input, expectedVersion: null });
    expect(outcome.ok ? [] : outcome.refusal.errors?.map((error) => error.code)).toEqual([code]);
  });

  it('saves what Jira confirms and answers the same under the same key without asking again', async () => {
    const at = context();
    const put = (): ReturnType<typeof world.commands.governance.putSettings> => world.commands.governance.putSettings(at, { name: 'intake', value: { enabled: true, projectKey: 'AI', portalId: '1', requestTypeIds: ['7'] }, expectedVersion: null });
    const first = bodyOf(await put());
    expect(first).toMatchObject({ enabled: true, requestTypeIds: ['7'], version: 1 });
    const { asked } = jira;
    expect(bodyOf(await put())).toEqual(first);
    expect(jira.asked).toBe(asked);
  });

  it('saves nothing while Jira is away, and settings that need no Jira all the same', async () => {
    jira.away = true;
    await expect(world.commands.governance.putSettings(context(), { name: 'recertification', value: { projectKey: 'AI', issueTypeId: '3', windowDays: 7 }, expectedVersion: null })).rejects.toThrow(JiraUnavailable);
    expect(bodyOf(await world.commands.governance.putSettings(context(), { name: 'sla', value: { reviewDueHours: 8, lapseAfterDays: 5 }, expectedVersion: null }))).toMatchObject({ reviewDueHours: 8, version: 1 });
  });

  it('changes the data classes of the site as an input of policy', async () => {
    const before = await world.policyVersion();
    const at = context();
    const put = (): ReturnType<typeof world.commands.governance.putSettings> => world.commands.governance.putSettings(at, { name: 'data-classes', value: { dataClasses: ['open', 'closed'] }, expectedVersion: null });
    expect(bodyOf(await put())).toMatchObject({ dataClasses: ['open', 'closed'] });
    expect(bodyOf(await put())).toMatchObject({ dataClasses: ['open', 'closed'] });
    expect(await world.fixture.rows("SELECT value FROM site_setting WHERE name = 'data-classes'")).toEqual([{ value: { dataClasses: ['open', 'closed'] } }]);
    expect(await world.policyVersion()).toBe(before + 1);
  });

  it('keeps and audits a verification of an empty chain', async () => {
    const verified = bodyOf(await world.commands.audit.verify(context()));
    expect(verified).toMatchObject({ status: 'ok', ok: true, entriesChecked: 0, firstBad: null, requestedBy: 'admin-1' });
    expect(await world.fixture.rows('SELECT ok FROM audit_verification WHERE id = $1', [verified.id])).toEqual([{ ok: true }]);
    expect((await world.fixture.auditActions()).at(-1)).toBe('audit.verified');
  });
});
