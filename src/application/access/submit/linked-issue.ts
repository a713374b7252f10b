import { err, ok, type Result } from '../../../domain/kernel/result.js';
import { refusal, type Refusal } from '../../../domain/refusal.js';
import { JiraUnavailable } from '../../ports/api-commands.port.js';
import { JiraFailure, type JiraIssue } from '../../ports/jira.port.js';
import type { JiraSites } from '../../ports/jira-sites.port.js';

/**
 * The issue that a REST request names, once Jira says that it is the requester's and in the intake project: the product comments on it and moves it on, so a
 * key alone must not do. @throws JiraUnavailable when Jira does not say
 */
export async function linkedIssue(jiraSites: JiraSites, siteId: string, issueKey: string, requester: string, intakeProject: string | null): Promise<Result<JiraIssue, Refusal>> {
  const notYours = err(refusal('request.issue_not_yours', 'This issue is not a request of the requester in the intake project', 'issueKey'));
  const site = await jiraSites.find(siteId);
  if (site === null) return notYours;
  try {
    const issue = await site.jira.findIssue(issueKey);
    return issue !== null && issue.projectKey === intakeProject && issue.reporterAccountId === requester ? ok(issue) : notYours;
  } catch (error) {
    if (error instanceof JiraFailure) throw new JiraUnavailable('Jira did not say whose issue this is', { cause: error });
    throw error;
  }
}
