import { createDiagnoses } from '../../src/application/diagnosis/diagnose-issue.js';
import { JiraFailure, type JiraPort } from '../../src/application/ports/jira.port.js';
import { diagnosisView, type DiagnosisView } from '../../src/contracts/diagnosis.contract.js';
import { SNAPSHOT_FIELD } from '../../src/contracts/snapshot.contract.js';
import { PgDiagnosisStore } from '../../src/persistence/read-models/diagnosis-read-model.js';
import { admin, context } from './admin-fixture.js';
import { bodyOf, World } from './admin-world.js';

const unasked = (): Promise<never> => Promise.reject(new Error('not asked for here'));
const jira: JiraPort = {
  findIssue: (key) => Promise.resolve(key === 'AI-404' ? null : { id: '1', key, projectKey: 'AI', reporterAccountId: 'ada', creatorAccountId: 'ada', statusName: 'Open', statusCategory: 'new' }),
  findRequestTypeId: () => Promise.resolve('10'), listGroupNames: () => Promise.resolve(['guests']), missingPermissions: () => Promise.resolve([]),
  findProperty: () => Promise.resolve({ [SNAPSHOT_FIELD]: { toolKey: 'chatgpt', businessUse: 'x', dataClasses: ['public'], durationDays: 30 } }),
  findProject: (key) => Promise.resolve({ id: '1', key }), listRequestTypes: () => Promise.resolve([{ id: '10', name: 'AI' }]), listIssueTypes: () => Promise.resolve([]),
  isAccountActive: unasked, listTransitions: unasked, transition: unasked, addComment: unasked, isAdministrator: unasked, serverInfo: unasked,
};

describe('aiclearance diagnose', () => {
  let world: World;
  let over: Partial<JiraPort> = {};
  beforeAll(async () => {
    const jiraSites = { find: () => Promise.resolve({ jira: { ...jira, ...over }, propertyKey: 'p' }) };
    world = await World.start(jiraSites);
    const { id } = await world.readyConnector('Okta');
    bodyOf(await world.commands.governance.putSettings(context(), { name: 'intake', value: { enabled: true, projectKey: 'AI', portalId: null, requestTypeIds: ['10'] }, expectedVersion: null }));
    bodyOf(await world.commands.governance.putSettings(context(), { name: 'routing', value: { approvers: ['bob', 'cy'], securityReviewers: ['sec'], adminFallback: 'never' }, expectedVersion: null }));
    bodyOf(await world.commands.catalog.createTool(context(), { key: 'chatgpt', name: 'ChatGPT', vendor: 'v', status: 'approved', risk: 'low', maxDurationDays: 90, provider: 'okta', connectorId: id, summary: 's' }));
    bodyOf(await world.commands.governance.createApprovalPolicy(context(), { name: 'Staff', toolKeys: 'all', autoApprove: true, jiraGroups: ['staff'], enabled: true }));
    await world.fixture.rows(`INSERT INTO request (id, site_id, issue_id, issue_key, project_key, tool_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, decision_source, decided_by, decided_at, policy, created_at)
      VALUES ('req_1', 'acme', '1', 'AI-1', 'AI', 'chatgpt', 'ada', 'ada', 'x', '{public}', 30, 'h', 'approved', 'human', 'bob', now(), '{"outcome": "review", "rules": [{"rule": "policy.group_not_matched", "effect": "review", "detail": "d", "policyId": "p"}]}', now())`);
    await world.fixture.rows(`INSERT INTO request (id, site_id, issue_id, issue_key, project_key, tool_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, pending_stage, policy, created_at)
      VALUES ('req_2', 'acme', '2', 'AI-2', 'AI', 'chatgpt', 'bea', 'bea', 'x', '{public}', 30, 'h', 'pending', 'security', '{"outcome": "review", "rules": []}', now())`);
    await world.fixture.rows(`INSERT INTO request (id, site_id, issue_id, issue_key, project_key, tool_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, pending_stage, policy, created_at)
      VALUES ('req_3', 'acme', '3', 'AI-3', 'AI', 'chatgpt', 'bea', 'bea', 'x', '{public}', 30, 'h', 'pending', 'security', '{"outcome": "review", "rules": []}', now())`);
    await world.fixture.rows(`INSERT INTO review (id, site_id, request_id, stage, account_id, vote, content_hash, at) VALUES ('rev_1', 'acme', 'req_3', 'project', 'sec-home', 'approve', 'h', now())`);
    world.okta.addUser('sec@acme.example', '00usec');
    for (const accountId of ['sec', 'sec-home']) bodyOf(await world.commands.mappings.create(context(), { accountId, provider: 'okta', externalLogin: 'sec@acme.example' }));
    await world.fixture.rows(`INSERT INTO access_grant (id, site_id, request_id, account_id, tool_key, status, fulfilment, connector_id, external_group_id, duration_days, expires_at, created_at) VALUES ('gra_1', 'acme', 'req_1', 'ada', 'chatgpt', 'pendingProvision', 'connector', $1, 'g', 30, now() + interval '30 days', now())`, [id]);
    await world.fixture.rows(`INSERT INTO provisioning_job (id, site_id, request_id, grant_id, kind, status, attempts, last_error, created_at) VALUES ('job_1', 'acme', 'req_1', 'gra_1', 'provision', 'deadLetter', 9, 'Okta refuses', now())`);
    await world.fixture.rows(`INSERT INTO ticket_outbox (site_id, request_id, issue_key, kind, content, marker, status, last_error) VALUES ('acme', 'req_1', '1', 'transition', '{}', 'm', 'failed', 'no such transition')`);
    await world.fixture.rows(`INSERT INTO rate_event (site_id, actor, kind) SELECT 'acme', 'bob', 'bulkDecision' FROM generate_series(1, 5)`);
  });
  afterAll(() => world.fixture.stop());
  beforeEach(() => { over = {}; });

  const run = async (issueKey: string, siteId = 'acme'): Promise<DiagnosisView> => diagnosisView.parse(await createDiagnoses({
    uow: world.fixture.uow, store: new PgDiagnosisStore(), settings: world.deps.settings, jiraSites: world.deps.jiraSites, isCoreReachable: () => Promise.resolve(true), acceptUnreportedLicence: true,
  }).diagnose(admin(siteId), issueKey));
  const saw = (view: DiagnosisView, symptom: string): readonly string[] => (view.symptoms.find((one) => one.symptom === symptom)?.looks ?? []).map((look) => look.saw);

  it('answers from the record and from Jira as they are now', async () => {
    const view = await run('AI-1');
    expect(view.requestId).toBe('req_1');
    expect(view.symptoms.map(({ verdict }) => verdict)).toEqual(['ok', 'notApplicable', 'problem', 'ok', 'problem', 'notApplicable', 'notApplicable']);
    expect(saw(view, 'decisionFails')).toContain('A transition in the ticket failed: no such transition');
    expect(saw(view, 'grantStaysPending')).toEqual(expect.arrayContaining(['The requester has no identity mapping at the provider', 'The job gave up: Okta refuses after 9 attempt(s)']));
    expect(saw(view, 'noAutoApproval')).toEqual(['Request req_1 is approved by human: no policy has to approve it any more', 'Policy "Staff" asks for one of staff, and the requester is in none of them']);
  });

  it('counts those who may decide at the stage that the request is at', async () => {
    expect(saw(await run('AI-2'), 'notInApprovals')).toEqual(['The issue became request req_2', 'It is pending, at the stage security', '1 security reviewer(s) may decide on it']);
  });

  it('counts nobody who voted at an earlier stage, under whichever account', async () => {
    expect(saw(await run('AI-3'), 'notInApprovals')).toContain('Nobody may decide on it: project AI has no security reviewer but one who submitted it or voted on it already, and no fallback');
  });

  it('names whoever has used up the bulk decisions of this minute, for what is still to be decided', async () => {
    expect(saw(await run('AI-2'), 'decisionFails')).toContain('bob has used up the bulk decisions of this minute');
  });

  it('follows what changes meanwhile', async () => {
    over = { listGroupNames: () => Promise.resolve(['staff']), listRequestTypes: () => Promise.resolve([]) };
    const view = await run('AI-2');
    expect(saw(view, 'noAutoApproval')).toEqual(['Policy "Staff" fits this request as it is now; it looks at requests when they come in']);
    expect(saw(view, 'portalNotEnabled')).toContain('Project AI has no request type 10');
  });

  it('answers for an issue that nobody has told of, and for another site only with what is its own', async () => {
    expect(saw(await run('AI-404'), 'notInApprovals')).toEqual(['Jira never told of this issue', 'The app sees no such issue in Jira']);
    const elsewhere = await run('AI-1', 'globex');
    expect(elsewhere.requestId).toBeNull();
    expect(JSON.stringify(elsewhere)).not.toContain('Okta refuses');
  });

  it('says that Jira is away instead of failing', async () => {
    over = { findIssue: () => Promise.reject(new JiraFailure('retryable', 'HTTP 503')) };
    expect(saw(await run('AI-1'), 'portalNotEnabled')).toContain('Jira does not answer: HTTP 503');
  });
});
