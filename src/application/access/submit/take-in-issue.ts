import { readSnapshot, SNAPSHOT_REFUSALS, type Snapshot } from '../../../contracts/snapshot.contract.js';
import { JiraFailure, type JiraIssue, type JiraPort } from '../../ports/jira.port.js';

/** Why an issue becomes no request, with the sentence that its reporter reads (SPEC I1, I4). */
export const INTAKE_REFUSALS = {
  ...SNAPSHOT_REFUSALS,
  'intake.portal_not_enabled': 'AI access requests are not enabled for this portal.',
  'intake.request_type_not_enabled': 'AI access requests are not enabled for this request type.',
  'intake.issue_unknown': 'The issue can not be read.',
  'intake.no_reporter': 'The request has no reporter, so nobody can be given access.',
  'intake.written_by_other': 'The form was filled in by somebody other than the reporter. Please let the person who needs the access ask.',
} as const;
export type IntakeRefusal = keyof typeof INTAKE_REFUSALS;

export type IssueReading =
  | { readonly kind: 'ready'; readonly issue: JiraIssue; readonly reporter: string; readonly snapshot: Snapshot }
  | { readonly kind: 'refused'; readonly reason: IntakeRefusal; /** False: not an issue of ours, so nobody is bothered with a comment. */ readonly comment: boolean; readonly issue: JiraIssue | null }
  /** Jira lags or is away: asked again later. */
  | { readonly kind: 'notYet'; readonly why: string; readonly issue: JiraIssue | null };

export interface IntakeGate { readonly enabled: boolean; readonly projectKey: string | null; readonly requestTypeIds: readonly string[] }

/** Reads one issue and its snapshot once. The requester is the issue's reporter, never anything in the snapshot (SPEC I3). */
export async function readIssueOnce(jira: JiraPort, propertyKey: string, gate: IntakeGate, issueKey: string, signal: AbortSignal): Promise<IssueReading> {
  try {
    const issue = await jira.findIssue(issueKey, signal);
    if (issue === null) return { kind: 'notYet', why: 'intake.issue_unknown', issue };
    if (!gate.enabled || gate.projectKey !== issue.projectKey) return { kind: 'refused', reason: 'intake.portal_not_enabled', comment: gate.projectKey === issue.projectKey, issue };
    const requestType = gate.requestTypeIds.length === 0 ? null : await jira.findRequestTypeId(issue.id, signal);
    if (requestType !== null && !gate.requestTypeIds.includes(requestType)) return { kind: 'refused', reason: 'intake.request_type_not_enabled', comment: true, issue };
    if (requestType === null && gate.requestTypeIds.length > 0) return { kind: 'refused', reason: 'intake.request_type_not_enabled', comment: false, issue };
    return await readForm(jira, propertyKey, issue, signal);
  } catch (error) {
    if (error instanceof JiraFailure) return { kind: 'notYet', why: `jira.${error.kind}`, issue: null };
    if (signal.aborted) return { kind: 'notYet', why: 'jira.slow', issue: null };
    throw error;
  }
}

async function readForm(jira: JiraPort, propertyKey: string, issue: JiraIssue, signal: AbortSignal): Promise<IssueReading> {
  const property = await jira.findProperty(issue.id, propertyKey, signal);
  if (property === null || property === undefined) return { kind: 'notYet', why: 'snapshot.missing', issue };
  const reading = readSnapshot(property);
  if (!reading.ok) return { kind: 'refused', reason: reading.reason, comment: true, issue };
  if (issue.reporterAccountId === null) return { kind: 'refused', reason: 'intake.no_reporter', comment: true, issue };
  if (issue.creatorAccountId !== null && issue.creatorAccountId !== issue.reporterAccountId) return { kind: 'refused', reason: 'intake.written_by_other', comment: true, issue };
  return { kind: 'ready', issue, reporter: issue.reporterAccountId, snapshot: reading.snapshot };
}
