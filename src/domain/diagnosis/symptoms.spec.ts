import type { Routing } from '../approval/routing.js';
import { tool as policyTool } from '../../../test/decisions/facts.js';
import { SYMPTOMS, type DiagnosisFacts, type RecordedFacts, type Symptom, type TicketFacts } from './facts.js';
import { diagnose } from './symptoms.js';

type Request = NonNullable<RecordedFacts['request']>;
const request: Request = {
  id: 'req_1', decision: 'pending', decisionSource: null, pendingStage: 'project', requester: 'ada', submittedBy: 'ada', voted: [], projectKey: 'AI', toolKey: 'chatgpt', roleKey: null, durationDays: 30, policyOutcome: 'review', rules: [{ rule: 'default.by_risk', effect: 'review', detail: 'review' }],
};
const policy = { id: 'pol', name: 'Staff', projectKey: null, toolKeys: 'all', autoApprove: true, jiraGroups: ['staff'], maxDurationDays: 60, enabled: true } as const;
const routing: Routing = { approvers: ['ada', 'bob'], securityReviewers: ['sec'], aliases: [], adminFallback: 'never' };
const record: RecordedFacts = {
  now: '2026-03-01T00:00:00.000Z', intake: { enabled: true, projectKey: 'AI', requestTypeIds: ['10'] }, recertification: { projectKey: 'AI', issueTypeId: '7', windowDays: 14 }, licence: 'active',
  delivery: { outcome: 'started', reason: null, attempts: 0 }, request, routing, tickets: { failed: [], queued: 0 }, bulkLimited: [],
  tool: { provider: 'okta', fulfilment: 'automatic', groupConfirmed: true }, connector: { name: 'Okta', status: 'enabled', testOk: true, testProblems: [] }, grant: null, job: null, manualActions: [], isMapped: true, policies: [policy], policyTool: policyTool(),
};
const ticket: TicketFacts = { issue: { projectKey: 'AI', requestTypeId: '10', snapshot: 'valid' }, intakeProblems: [], missingPermissions: [], requesterGroups: ['staff'], recertificationProblems: [] };
interface Over { readonly record?: Partial<RecordedFacts>; readonly ticket?: Partial<TicketFacts> | string; readonly coreReachable?: boolean; readonly accept?: boolean }
const facts = (over: Over = {}): DiagnosisFacts => ({
  record: { ...record, ...over.record }, ticket: typeof over.ticket === 'string' ? over.ticket : { ...ticket, ...over.ticket }, coreReachable: over.coreReachable ?? true, acceptUnreportedLicence: over.accept ?? false,
});
const answer = (symptom: Symptom, over: Over) => diagnose(facts(over)).find((one) => one.symptom === symptom);
const problems = (symptom: Symptom, over: Over): readonly string[] => (answer(symptom, over)?.looks ?? []).filter(({ ok }) => ok === false).map(({ saw }) => saw);
const decided: Request = { ...request, decision: 'approved', decisionSource: 'human', pendingStage: null };
const active = { status: 'active', expiresAt: '2026-03-20T00:00:00.000Z' };
const grant = { status: 'pendingProvision', expiresAt: null };
const job = { kind: 'provision', status: 'retrying', attempts: 3, nextAttemptAt: '2026-03-01T00:05:00.000Z', lastError: 'Okta is busy' };
const disabled = { name: 'Okta', status: 'disabled', testOk: true, testProblems: [] } as const;

describe('the troubleshooting list', () => {
  it('is answered whole and in its order, and finds nothing where all is well', () => {
    const answers = diagnose(facts());
    expect(answers.map(({ symptom }) => symptom)).toEqual(SYMPTOMS);
    expect(answers.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok', 'ok', 'notApplicable', 'ok', 'notApplicable']);
  });

  it.each<[Symptom, string, Over, string]>([
    ['portalNotEnabled', 'a gate that is shut', { record: { intake: { enabled: false, projectKey: 'AI', requestTypeIds: [] } } }, 'Intake is not switched on for this site'],
    ['portalNotEnabled', 'no request type', { record: { intake: { enabled: true, projectKey: 'AI', requestTypeIds: [] } } }, 'No request type is allowed'],
    ['portalNotEnabled', 'another project', { ticket: { issue: { projectKey: 'HR', requestTypeId: '10', snapshot: 'valid' } } }, 'The issue is in project HR'],
    ['portalNotEnabled', 'another request type', { ticket: { issue: { projectKey: 'AI', requestTypeId: '11', snapshot: 'valid' } } }, "The issue's request type is 11"],
    ['portalNotEnabled', 'a request type that Jira has no more', { ticket: { intakeProblems: ['Project AI has no request type 10'] } }, 'Project AI has no request type 10'],
    ['notInApprovals', 'an issue that Jira never told of', { record: { request: null, delivery: null } }, 'Jira never told of this issue'],
    ['notInApprovals', 'a refused issue', { record: { request: null, delivery: { outcome: 'refused', reason: 'snapshot.malformed', attempts: 1 } } }, 'The issue was looked at and refused: snapshot.malformed'],
    ['notInApprovals', 'no snapshot', { record: { request: null }, ticket: { issue: { projectKey: 'AI', requestTypeId: '10', snapshot: 'missing' } } }, 'The issue carries no snapshot'],
    ['notInApprovals', 'a bad snapshot', { record: { request: null }, ticket: { issue: { projectKey: 'AI', requestTypeId: '10', snapshot: 'snapshot.oversized' } } }, 'The snapshot is refused: snapshot.oversized'],
    ['notInApprovals', 'an issue that the app may not see', { record: { request: null }, ticket: { issue: null } }, 'The app sees no such issue in Jira'],
    ['notInApprovals', 'nobody who may decide', { record: { routing: { ...routing, approvers: ['ada', 'ada-2'], aliases: ['ada-2'] } } }, 'Nobody may decide on it: project AI has no approver but the requester, and no fallback'],
    ['notInApprovals', 'no security reviewer at the security stage', { record: { request: { ...request, pendingStage: 'security' }, routing: { ...routing, securityReviewers: ['ada'] } } }, 'Nobody may decide on it: project AI has no security reviewer but the requester, and no fallback'],
    ['notInApprovals', 'a security stage whose only reviewer voted before', { record: { request: { ...request, pendingStage: 'security', voted: ['bob'] }, routing: { ...routing, securityReviewers: ['bob', 'ada'], adminFallback: 'never' } } }, 'Nobody may decide on it: project AI has no security reviewer but one who submitted it or voted on it already, and no fallback'],
    ['notInApprovals', 'an approver who submitted it', { record: { request: { ...request, submittedBy: 'bob' } } }, 'Nobody may decide on it: project AI has no approver but one who submitted it or voted on it already, and no fallback'],
    ['decisionFails', 'a transition that failed', { record: { tickets: { failed: [{ kind: 'transition', lastError: 'forbidden' }], queued: 0 } } }, 'A transition in the ticket failed: forbidden'],
    ['decisionFails', 'a transition that failed after the decision', { record: { request: decided, tickets: { failed: [{ kind: 'transition', lastError: 'forbidden' }], queued: 0 }, bulkLimited: ['bob'] } }, 'A transition in the ticket failed: forbidden'],
    ['decisionFails', 'a used-up bulk budget', { record: { bulkLimited: ['bob'] } }, 'bob has used up the bulk decisions of this minute'],
    ['decisionFails', 'a missing permission', { ticket: { missingPermissions: ['TRANSITION_ISSUES'] } }, 'The app lacks TRANSITION_ISSUES in the project'],
    ['connectorCannotBeEnabled', 'no licence', { record: { connector: disabled, licence: 'inactive' } }, 'The licence of this site is not active'],
    ['connectorCannotBeEnabled', 'a licence that nobody reports', { record: { connector: disabled, licence: 'notReported' } }, 'The licence of this site is not reported'],
    ['connectorCannotBeEnabled', 'a Core that is away', { record: { connector: disabled }, coreReachable: false }, 'Core is not reachable'],
    ['connectorCannotBeEnabled', 'no test', { record: { connector: { ...disabled, testOk: null } } }, 'The connector was never tested'],
    ['connectorCannotBeEnabled', 'a failed test', { record: { connector: { ...disabled, testOk: false, testProblems: ['manageMembers'] } } }, 'The connector failed its test: manageMembers'],
    ['grantStaysPending', 'people who have to act', { record: { grant, manualActions: [{ kind: 'provision', detail: 'no mapping', dueAt: '2026-03-02T00:00:00.000Z' }] } }, 'People have to act (provision): no mapping, due 2026-03-02T00:00:00.000Z'],
    ['grantStaysPending', 'no mapping', { record: { grant, isMapped: false } }, 'The requester has no identity mapping at the provider'],
    ['grantStaysPending', 'a disabled connector', { record: { grant, connector: disabled } }, 'Connector Okta is disabled'],
    ['grantStaysPending', 'an unconfirmed group', { record: { grant, tool: { provider: 'okta', fulfilment: 'automatic', groupConfirmed: false } } }, "The assignment of the tool's group is not confirmed"],
    ['grantStaysPending', 'a job that is retried', { record: { grant, job } }, 'The job is retried at 2026-03-01T00:05:00.000Z: Okta is busy after 3 attempt(s)'],
    ['grantStaysPending', 'a job that gave up', { record: { grant, job: { ...job, status: 'deadLetter' } } }, 'The job gave up: Okta is busy after 3 attempt(s)'],
    ['noAutoApproval', 'a guardrail', { record: { request: { ...request, rules: [{ rule: 'guardrail.mandatory_review', effect: 'review', detail: 'Every request is reviewed' }] } } }, 'guardrail.mandatory_review: Every request is reviewed'],
    ['noAutoApproval', 'a denial by policy', { record: { request: { ...request, decision: 'denied', decisionSource: 'policyDeny', rules: [{ rule: 'tool.blocked', effect: 'deny', detail: 'The tool is blocked' }] } } }, 'tool.blocked: The tool is blocked'],
    ['noAutoApproval', 'no policy at all', { record: { policies: [] } }, 'This site has no approval policy'],
    ['noAutoApproval', 'a policy that is off', { record: { policies: [{ ...policy, enabled: false }] } }, 'Policy "Staff" is switched off'],
    ['noAutoApproval', 'autoApprove off', { record: { policies: [{ ...policy, autoApprove: false }] } }, 'Policy "Staff" does not approve by itself (autoApprove is off)'],
    ['noAutoApproval', 'another tool', { record: { policies: [{ ...policy, toolKeys: ['claude'] }] } }, 'Policy "Staff" is not about chatgpt'],
    ['noAutoApproval', 'another project', { record: { policies: [{ ...policy, projectKey: 'HR' }] } }, 'Policy "Staff" is about project HR, not AI'],
    ['noAutoApproval', 'too many days', { record: { policies: [{ ...policy, maxDurationDays: 7 }] } }, 'Policy "Staff" allows at most 7 days; 30 were asked for'],
    ['noAutoApproval', 'a policy for nobody', { record: { policies: [{ ...policy, jiraGroups: [] }] } }, 'Policy "Staff" names no group, which is nobody'],
    ['noAutoApproval', 'no group of the requester', { ticket: { requesterGroups: ['guests'] } }, 'Policy "Staff" asks for one of staff, and the requester is in none of them'],
    ['noRecertificationIssue', 'no issue type', { record: { grant: { status: 'active', expiresAt: '2026-03-02T00:00:00.000Z' }, recertification: { projectKey: 'AI', issueTypeId: null, windowDays: 14 } } }, 'No issue type is set for recertification issues'],
    ['noRecertificationIssue', 'an issue type that Jira has no more', { record: { grant: { status: 'active', expiresAt: '2026-03-02T00:00:00.000Z' } }, ticket: { recertificationProblems: ['Project AI has no issue type 7'] } }, 'Project AI has no issue type 7'],
  ])('finds for %s: %s', (symptom, _what, over, saw) => {
    expect(problems(symptom, over)).toContain(saw);
    expect(answer(symptom, over)?.verdict).toBe('problem');
    for (const look of answer(symptom, over)?.looks ?? []) expect(look.toDo === null).toBe(look.ok !== false);
  });

  it.each<[Symptom, string, Over, string]>([
    ['notInApprovals', 'a decided request', { record: { request: decided } }, 'Request req_1 is approved by human, so nobody is asked any more'],
    ['notInApprovals', 'a request that policy denied', { record: { request: { ...request, decision: 'denied', decisionSource: 'policyDeny' } } }, 'Request req_1 is denied by policyDeny, so nobody is asked any more'],
    ['decisionFails', 'a decided request', { record: { request: decided, bulkLimited: ['bob'] }, ticket: { missingPermissions: ['TRANSITION_ISSUES'] } }, 'The request is approved already; a second decision is a conflict'],
    ['connectorCannotBeEnabled', 'a tool without a connector', { record: { connector: null } }, 'The tool of this issue has no connector'],
    ['grantStaysPending', 'an active grant', { record: { grant: active } }, 'The grant is active'],
    ['noAutoApproval', 'no request', { record: { request: null } }, 'There is no request'],
    ['noRecertificationIssue', 'a grant outside its window', { record: { grant: active } }, 'The grant enters its window of 14 days at 2026-03-06T00:00:00.000Z'],
    ['noRecertificationIssue', 'a grant that is not active', { record: { grant: { status: 'revoked', expiresAt: null } } }, 'The grant is revoked: only active ones are recertified'],
  ])('is not asked about %s: %s', (symptom, _what, over, saw) => {
    expect(answer(symptom, over)).toMatchObject({ verdict: 'notApplicable', looks: [{ ok: true, saw, toDo: null }] });
  });

  it.each<[string, Partial<Request>]>([['a person approved', decided], ['a person denied', { decision: 'denied', decisionSource: 'human' }], ['its requester withdrew', { decision: 'withdrawn', decisionSource: 'requester' }], ['lapsed', { decision: 'lapsed', decisionSource: 'lapse' }]])(
    'tells why no policy approved a request that %s, as information with nothing to do', (_what, over) => {
      const found = answer('noAutoApproval', { record: { request: { ...request, ...over, rules: [{ rule: 'guardrail.mandatory_review', effect: 'review', detail: 'Every request is reviewed' }] }, policies: [{ ...policy, autoApprove: false }] } });
      expect(found).toMatchObject({ verdict: 'notApplicable', looks: [{ saw: `Request req_1 is ${over.decision ?? ''} by ${over.decisionSource ?? ''}: no policy has to approve it any more` }, { saw: 'guardrail.mandatory_review: Every request is reviewed' }, { saw: 'Policy "Staff" does not approve by itself (autoApprove is off)' }] });
      expect(found?.looks.every(({ ok, toDo }) => ok === true && toDo === null)).toBe(true);
    });

  it('finds nothing in an issue whose decision and grant went well', () => {
    const auto = { ...decided, decisionSource: 'autoPolicy' };
    expect(diagnose(facts({ record: { request: auto, grant: active } })).map(({ verdict }) => verdict)).toEqual(['ok', 'notApplicable', 'notApplicable', 'ok', 'notApplicable', 'ok', 'notApplicable']);
    expect(answer('noRecertificationIssue', { record: { request: auto, grant: { ...active, expiresAt: '2026-03-15T00:00:00.000Z' } } })).toMatchObject({ verdict: 'ok' });
    expect(answer('decisionFails', { record: { request: auto, tickets: { failed: [], queued: 1 } } })).toMatchObject({ verdict: 'unknown' });
  });

  it.each<[string, Partial<RecordedFacts>, string]>([
    ['the project stage', {}, '1 approver(s) may decide on it'],
    ['a stage after another one', { request: { ...request, pendingStage: 'security', voted: ['bob'] }, routing: { ...routing, securityReviewers: ['bob', 'sec'] } }, '1 security reviewer(s) may decide on it'],
    ["the Jira admins' stage after another one", { request: { ...request, pendingStage: 'jiraAdmin', voted: ['bob'] } }, 'Every Jira admin who has not voted on it yet may decide on it'],
    ['the security stage', { request: { ...request, pendingStage: 'security' }, routing: { ...routing, approvers: [] } }, '1 security reviewer(s) may decide on it'],
    ['the security stage that admins stand in for', { request: { ...request, pendingStage: 'security' }, routing: { ...routing, securityReviewers: [], adminFallback: 'whenNoApprover' } }, 'No security reviewer may decide on it; Jira admins may'],
    ["the Jira admins' stage, whoever is listed", { request: { ...request, pendingStage: 'jiraAdmin' }, routing: { ...routing, approvers: [] } }, 'Every Jira admin may decide on it'],
  ])('names who may decide at %s', (_stage, over, saw) => {
    for (const symptom of ['notInApprovals', 'decisionFails'] as const) {
      expect(answer(symptom, { record: over })?.verdict).toBe('ok');
      expect(answer(symptom, { record: over })?.looks).toContainEqual({ ok: true, saw, toDo: null });
    }
  });

  it('accepts a licence that is not reported where the operator does, and says of an enabled connector only that', () => {
    expect(problems('connectorCannotBeEnabled', { record: { connector: disabled, licence: 'notReported' }, accept: true })).toEqual(['Connector Okta is disabled']);
    expect(answer('connectorCannotBeEnabled', { coreReachable: false })).toMatchObject({ verdict: 'ok', looks: [{ saw: 'Connector Okta is enabled' }] });
  });

  it('says what it could not look at while Jira is away, and is not sure', () => {
    const away = diagnose(facts({ ticket: 'Jira does not answer now' }));
    expect(away.filter(({ verdict }) => verdict === 'unknown').map(({ symptom }) => symptom)).toEqual(['portalNotEnabled', 'decisionFails', 'noAutoApproval']);
    expect(away.some(({ verdict }) => verdict === 'problem')).toBe(false);
  });

  it('expects a grant to wait where people fulfil the tool', () => {
    expect(answer('grantStaysPending', { record: { grant, tool: { provider: 'none', fulfilment: 'manual', groupConfirmed: null }, connector: null, isMapped: null, job: { ...job, status: 'manual' } } })).toMatchObject({ verdict: 'ok' });
  });
});
