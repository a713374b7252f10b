import { votersOf } from '../approval/routing.js';
import { licenceProblem } from '../connector/licence.js';
import { entitlementName } from '../catalog/entitlement.js';
import { DAY_MS } from '../grant/grant.js';
import { missesOf, type PolicyMiss } from '../policy/policy-misses.js';
import type { AutoApprovalPolicy } from '../policy/policy.js';
import { SYMPTOMS, type DiagnosisFacts, type Look, type RecordedFacts, type Symptom, type SymptomAnswer, type TicketFacts } from './facts.js';

const fine = (saw: string): Look => ({ ok: true, saw, toDo: null });
const wrong = (saw: string, toDo: string): Look => ({ ok: false, saw, toDo });
const unknown = (saw: string): Look => ({ ok: null, saw, toDo: null });
const check = (isFine: boolean, saw: string, otherwise: string, toDo: string): Look => (isFine ? fine(saw) : wrong(otherwise, toDo));

/** The symptom can't be this issue's. `besides`: what is worth knowing of it nevertheless; nothing that anybody has to do. */
interface NotHere { readonly notHere: string; readonly besides: readonly string[] }
const notHere = (why: string, besides: readonly string[] = []): NotHere => ({ notHere: why, besides });

const TITLES: Readonly<Record<Symptom, string>> = {
  portalNotEnabled: 'Portal panel says not enabled',
  notInApprovals: 'Requests are created but never appear in approvals',
  decisionFails: 'Approve/Deny action fails',
  connectorCannotBeEnabled: 'Connected connector cannot be enabled',
  grantStaysPending: 'Grant stays pendingProvision',
  noAutoApproval: 'Auto-approval not triggering',
  noRecertificationIssue: 'Recert issues are not being created',
};
const LOOKS: Readonly<Record<Symptom, (facts: DiagnosisFacts) => readonly Look[] | NotHere>> = {
  portalNotEnabled, notInApprovals, decisionFails, connectorCannotBeEnabled, grantStaysPending, noAutoApproval, noRecertificationIssue,
};

/** Answers the reference's seven troubleshooting symptoms for one issue from what is so now (SPEC O1). */
export function diagnose(facts: DiagnosisFacts): readonly SymptomAnswer[] {
  return SYMPTOMS.map((symptom) => {
    const looked = LOOKS[symptom](facts);
    if ('notHere' in looked) return { symptom, title: TITLES[symptom], verdict: 'notApplicable', looks: [looked.notHere, ...looked.besides].map(fine) };
    return { symptom, title: TITLES[symptom], verdict: verdictOf(looked), looks: looked };
  });
}

function verdictOf(looks: readonly Look[]): SymptomAnswer['verdict'] {
  if (looks.some(({ ok }) => ok === false)) return 'problem';
  return looks.some(({ ok }) => ok === null) ? 'unknown' : 'ok';
}

/** Looks that need Jira; one that says why not where it can't be asked. */
const inJira = ({ ticket }: DiagnosisFacts, looks: (ticket: TicketFacts) => readonly Look[]): readonly Look[] => (typeof ticket === 'string' ? [unknown(ticket)] : looks(ticket));

function portalNotEnabled(facts: DiagnosisFacts): readonly Look[] {
  const { enabled, projectKey, requestTypeIds } = facts.record.intake;
  if (!enabled || projectKey === null) return [wrong('Intake is not switched on for this site', 'Set project, portal and request types under Intake & Approvals (PUT /settings/intake).')];
  return [
    fine(`Intake is open for project ${projectKey}`),
    check(requestTypeIds.length > 0, `Request types ${requestTypeIds.join(', ')} are allowed`, 'No request type is allowed', 'Save the numeric ids of the request types under Intake & Approvals.'),
    ...inJira(facts, ({ issue, intakeProblems }) => [
      ...intakeProblems.map((problem) => wrong(problem, 'Mend it in Jira, or save the intake settings anew.')),
      ...(issue === null ? [] : [
        check(issue.projectKey === projectKey, `The issue is in project ${projectKey}`, `The issue is in project ${issue.projectKey}`, `Requests are taken in from ${projectKey} only.`),
        check(issue.requestTypeId !== null && requestTypeIds.includes(issue.requestTypeId), 'The issue is of an allowed request type', `The issue's request type is ${issue.requestTypeId ?? 'none: it was not made in the portal'}`, 'Add the request type to the intake settings, or use another form.'),
      ]),
    ]),
  ];
}

function notInApprovals(facts: DiagnosisFacts): readonly Look[] | NotHere {
  const { request, delivery } = facts.record;
  if (request !== null) {
    if (request.decision !== 'pending') return notHere(`Request ${request.id} is ${request.decision}${request.decisionSource === null ? '' : ` by ${request.decisionSource}`}, so nobody is asked any more`);
    return [fine(`The issue became request ${request.id}`), fine(`It is pending, at the stage ${request.pendingStage ?? 'project'}`), ...approverLooks(facts.record)];
  }
  return [...deliveryLooks(delivery), ...inJira(facts, ({ issue }) => {
    if (issue === null) return [wrong('The app sees no such issue in Jira', 'Check the key, and that the app may browse the project.')];
    return [check(issue.snapshot === 'valid', 'The issue carries a snapshot that can be read', issue.snapshot === 'missing' ? 'The issue carries no snapshot' : `The snapshot is refused: ${issue.snapshot}`, 'Ask again with the form of the portal.')];
  })];
}

function deliveryLooks(delivery: RecordedFacts['delivery']): readonly Look[] {
  if (delivery === null) return [wrong('Jira never told of this issue', 'Check that the Forge app is installed and its trigger runs; an admin may deliver it: POST /intake/jira/issue-created.')];
  if (delivery.outcome === 'refused') return [wrong(`The issue was looked at and refused: ${delivery.reason ?? 'no reason'}`, 'Mend what the reason says and deliver the issue again.')];
  return [unknown(`The issue is waiting to be taken in (${delivery.reason ?? 'first look'}, ${delivery.attempts} looks so far)`)];
}

function approverLooks({ routing, request }: RecordedFacts): readonly Look[] {
  if (routing === null || request === null) return [];
  const stage = request.pendingStage ?? 'project';
  const { listed, others, admins } = votersOf(stage, routing, [request.requester, request.submittedBy, ...request.voted]);
  if (listed === null) return [fine(request.voted.length > 0 ? 'Every Jira admin who has not voted on it yet may decide on it' : 'Every Jira admin may decide on it')];
  const role = stage === 'security' ? 'security reviewer' : 'approver';
  if (others.length > 0) return [fine(`${others.length} ${role}(s) may decide on it`)];
  const isSpent = (accountId: string): boolean => request.voted.includes(accountId) || (accountId === request.submittedBy && accountId !== request.requester);
  const but = listed.some(isSpent) ? 'one who submitted it or voted on it already' : 'the requester';
  return [check(admins, `No ${role} may decide on it; Jira admins may`, `Nobody may decide on it: project ${request.projectKey} has no ${role} but ${but}, and no fallback`, `Name another ${role} in the project or the routing settings, or allow the fallback to admins.`)];
}

function decisionFails(facts: DiagnosisFacts): readonly Look[] | NotHere {
  const { request, tickets, bulkLimited } = facts.record;
  if (request === null) return notHere('There is no request to decide on');
  const isPending = request.decision === 'pending';
  const decided = `The request is ${request.decision} already; a second decision is a conflict`;
  // What a decision writes to the ticket comes after it: a decided request has the symptom only while some of that is missing.
  if (!isPending && tickets.failed.length === 0 && tickets.queued === 0) return notHere(decided);
  return [
    fine(isPending ? 'The request is still to be decided' : decided),
    ...(isPending ? approverLooks(facts.record) : []),
    ...tickets.failed.map(({ kind, lastError }) => wrong(`A ${kind} in the ticket failed: ${lastError ?? 'no reason'}`, 'The decision stands. Give the app the permission, or name the project\'s transitions.')),
    ...(tickets.queued > 0 ? [unknown(`${tickets.queued} comment(s) or transition(s) are still on their way to the ticket`)] : []),
    ...(isPending ? bulkLimited : []).map((account) => wrong(`${account} has used up the bulk decisions of this minute`, 'Wait a minute; a bulk decision takes at most 50 keys.')),
    ...inJira(facts, ({ missingPermissions }) => [check(missingPermissions.length === 0, 'The app may comment on and move the project\'s issues', `The app lacks ${missingPermissions.join(', ')} in the project`, 'Grant it in the project\'s permission scheme.')]),
  ];
}

function connectorCannotBeEnabled({ record: { connector, licence }, coreReachable, acceptUnreportedLicence }: DiagnosisFacts): readonly Look[] | NotHere {
  if (connector === null) return notHere('The tool of this issue has no connector');
  if (connector.status === 'enabled') return [fine(`Connector ${connector.name} is enabled`)];
  const unlicensed = licenceProblem(licence, acceptUnreportedLicence);
  return [
    unlicensed === null ? fine(`The licence is ${licence}`) : wrong(unlicensed, 'Renew it, or let the operator accept a licence that is not reported.'),
    check(coreReachable, 'Core is reachable', 'Core is not reachable', 'Start a core worker, or set ARDSAOR_CORE_URL, ARDSAOR_CORE_APP_ID and ARDSAOR_CORE_APP_SECRET.'),
    check(connector.testOk === true, 'The connector passed its test', connector.testOk === null ? 'The connector was never tested' : `The connector failed its test: ${connector.testProblems.join('; ')}`, 'Test it: aiclearance connector test.'),
    wrong(`Connector ${connector.name} is disabled`, 'Enable it once the lines above are fine.'),
  ];
}

function grantStaysPending({ record }: DiagnosisFacts): readonly Look[] | NotHere {
  const { grant, tool } = record;
  if (grant?.status !== 'pendingProvision') return notHere(grant === null ? 'There is no grant' : `The grant is ${grant.status}`);
  return [
    ...record.manualActions.map(({ kind, detail, dueAt }) => wrong(`People have to act (${kind}): ${detail}${dueAt === null ? '' : `, due ${dueAt}`}`, 'Do it, then aiclearance complete.')),
    ...(tool?.fulfilment === 'manual' ? [fine('The tool is fulfilled by people: this is expected until one of them confirms')] : []),
    ...(record.connector?.status === 'disabled' ? [wrong(`Connector ${record.connector.name} is disabled`, 'Test and enable it.')] : []),
    ...(tool?.groupConfirmed === false ? [wrong('The assignment of the tool\'s group is not confirmed', 'Confirm it: POST /tools/{key}/entitlement-group/confirm-assignment, of a role /tools/{key}/roles/{roleKey}/….')] : []),
    ...(record.isMapped === false ? [wrong('The requester has no identity mapping at the provider', 'Add one: POST /identity-mappings. The grant goes on by itself.')] : []),
    ...jobLooks(record),
  ];
}

function jobLooks({ job, manualActions }: RecordedFacts): readonly Look[] {
  if (job === null) return manualActions.length > 0 ? [] : [unknown('No job was made for it yet')];
  const said = `${job.lastError ?? 'no error'} after ${job.attempts} attempt(s)`;
  switch (job.status) {
    case 'deadLetter': return [wrong(`The job gave up: ${said}`, 'Mend the reason, then aiclearance retry.')];
    case 'retrying': return [wrong(`The job is retried${job.nextAttemptAt === null ? '' : ` at ${job.nextAttemptAt}`}: ${said}`, 'It goes on by itself; mend the reason, or aiclearance retry now.')];
    case 'queued':
    case 'running': return [unknown(`The job is ${job.status}`)];
    default: return [fine(`The last job is ${job.status}`)];
  }
}

function noAutoApproval(facts: DiagnosisFacts): readonly Look[] | NotHere {
  const { request, policies } = facts.record;
  if (request === null) return notHere('There is no request');
  if (request.decisionSource === 'autoPolicy') return [fine('The request was approved by policy')];
  const inTheWay = request.rules.filter(({ effect, rule }) => effect === 'deny' || rule.startsWith('guardrail.'));
  const looks = [
    ...inTheWay.map(({ rule, detail }) => wrong(`${rule}: ${detail}`, 'A guardrail or a denial goes before every automatic approval.')),
    ...(policies.length === 0 ? [wrong('This site has no approval policy', 'Make one under Governance, with autoApprove and at least one group.')] : policies.map((policy) => policyLook(policy, { asked: request, tool: facts.record.policyTool }, facts.ticket))),
  ];
  // Nothing has to be mended for a request that was decided otherwise since; only a denial by policy is the symptom itself.
  if (request.decision === 'pending' || request.decisionSource === 'policyDeny') return looks;
  return notHere(`Request ${request.id} is ${request.decision}${request.decisionSource === null ? '' : ` by ${request.decisionSource}`}: no policy has to approve it any more`, looks.map(({ saw }) => saw));
}

type Asked = NonNullable<RecordedFacts['request']>;
function policyLook(policy: AutoApprovalPolicy, { asked, tool }: { readonly asked: Asked; readonly tool: RecordedFacts['policyTool'] }, ticket: TicketFacts | string): Look {
  const name = `Policy "${policy.name}"`;
  const groups = typeof ticket === 'string' ? null : ticket.requesterGroups;
  const misses = missesOf(policy, { tool, asked: { ...asked, requesterGroups: groups ?? [] } });
  const [miss] = groups === null ? misses.filter((one) => one !== 'groupNotMatched') : misses;
  if (miss !== undefined) {
    const { why, toDo } = explain(miss, policy, asked);
    return wrong(`${name} ${why}`, toDo);
  }
  if (groups === null) return unknown(`${name} asks for a group, and Jira does not say which groups the requester is in`);
  return fine(`${name} fits this request as it is now; it looks at requests when they come in`);
}

function explain(miss: PolicyMiss, policy: AutoApprovalPolicy, { toolKey, roleKey, projectKey, durationDays }: Asked): { readonly why: string; readonly toDo: string } {
  switch (miss) {
    case 'switchedOff': return { why: 'is switched off', toDo: 'Enable it.' };
    case 'notAutomatic': return { why: 'does not approve by itself (autoApprove is off)', toDo: 'Set autoApprove.' };
    case 'otherProject': return { why: `is about project ${policy.projectKey ?? 'none'}, not ${projectKey}`, toDo: 'Widen its scope.' };
    case 'otherTool': return { why: `is not about ${toolKey}`, toDo: 'Add the tool to its scope.' };
    case 'unnamedRole': return { why: `covers ${toolKey} and does not name ${entitlementName({ toolKey, roleKey })}, whose risk is not low`, toDo: `Add ${entitlementName({ toolKey, roleKey })} to its scope.` };
    case 'namesNobody': return { why: 'names no group, which is nobody', toDo: 'Add a Jira group.' };
    case 'groupNotMatched': return { why: `asks for one of ${policy.jiraGroups.join(', ')}, and the requester is in none of them`, toDo: 'Add the requester to the group in Jira, or the group to the policy.' };
    case 'durationExceeded': return { why: `allows at most ${policy.maxDurationDays ?? 0} days; ${durationDays} were asked for`, toDo: 'Ask for less, or raise its limit.' };
  }
}

function noRecertificationIssue(facts: DiagnosisFacts): readonly Look[] | NotHere {
  const { grant, recertification: { projectKey, issueTypeId, windowDays }, now } = facts.record;
  if (grant === null) return notHere('There is no grant');
  if (grant.status !== 'active') return notHere(`The grant is ${grant.status}: only active ones are recertified`);
  const opensAt = grant.expiresAt === null ? null : new Date(Date.parse(grant.expiresAt) - windowDays * DAY_MS).toISOString();
  if (opensAt !== null && now < opensAt) return notHere(`The grant enters its window of ${windowDays} days at ${opensAt}`);
  return [
    ...(issueTypeId === null || projectKey === null
      ? [wrong('No issue type is set for recertification issues', 'Set project and issue type (PUT /settings/recertification).')]
      : [fine(`Recertification issues are of type ${issueTypeId} in ${projectKey}`), ...inJira(facts, ({ recertificationProblems }) => (recertificationProblems ?? []).map((problem) => wrong(problem, 'Mend it in Jira, or save the settings anew.')))]),
    opensAt === null ? unknown('The grant has no end yet') : fine(`The grant has been in its window of ${windowDays} days since ${opensAt}`),
  ];
}
