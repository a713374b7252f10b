import type { VendorAnswer } from '../http/messages.js';
import { guidOf } from '../state/identifiers.js';
import type { JiraComment, JiraIssue, JiraUser } from './jira-state.js';
import { findProject, statusCategories, statusOf } from './jira-tenant.js';
import type { JiraTenant, JiraTransition } from './jira-tenant.js';

/** The custom field in which Jira Service Management keeps the request type of an issue. */
export const requestTypeField = 'customfield_10010';

/** An error in Jira's form (platform OpenAPI, ErrorCollection). */
export function jiraError(status: number, messages: readonly string[] = [], errors: Readonly<Record<string, string>> = {}): VendorAnswer {
  return { status, body: { errorMessages: messages, errors } };
}

export const issueNotFound = (): VendorAnswer => jiraError(404, ['Issue does not exist or you do not have permission to see it.']);

/** An error in the form of Jira Service Management, which differs from the platform's. */
export function deskError(status: number, message: string): VendorAnswer {
  return { status, body: { errorMessage: message, i18nErrorMessage: { i18nKey: 'sd.error', parameters: [] } } };
}

/** Jira writes times with a numeric offset and no colon. */
export function jiraTime(iso: string): string {
  return iso.replace('Z', '+0000');
}

export function groupIdOf(tenant: JiraTenant, name: string): string {
  return guidOf(`jira-group:${tenant.site.id}:${name}`);
}

export function groupView(tenant: JiraTenant, name: string, origin: string): { name: string; groupId: string; self: string } {
  const groupId = groupIdOf(tenant, name);
  return { name, groupId, self: `${origin}/rest/api/3/group?groupId=${groupId}` };
}

/** `UserDetails` of the platform OpenAPI; `expand` groups belong to `User` only. */
export function userView(user: JiraUser, origin: string): Record<string, unknown> {
  return {
    self: `${origin}/rest/api/3/user?accountId=${encodeURIComponent(user.accountId)}`,
    accountId: user.accountId,
    accountType: user.accountType,
    emailAddress: user.email,
    avatarUrls: {},
    displayName: user.displayName,
    active: user.active,
    timeZone: user.timeZone,
  };
}

export function statusView(statusId: string, origin: string): Record<string, unknown> {
  const status = statusOf(statusId);
  const category = statusCategories[status.category];
  return {
    self: `${origin}/rest/api/3/status/${status.id}`,
    id: status.id,
    name: status.name,
    description: '',
    iconUrl: `${origin}/images/icons/status_generic.gif`,
    statusCategory: { self: `${origin}/rest/api/3/statuscategory/${category.id}`, ...category },
  };
}

export function transitionView(transition: JiraTransition, origin: string): Record<string, unknown> {
  return {
    id: transition.id,
    name: transition.name,
    to: statusView(transition.to, origin),
    hasScreen: false,
    isGlobal: false,
    isInitial: false,
    isAvailable: true,
    isConditional: false,
    looped: false,
  };
}

interface IssueParts {
  readonly tenant: JiraTenant;
  readonly issue: JiraIssue;
  readonly user: (accountId: string) => JiraUser | undefined;
  readonly origin: string;
}

/** Every field of an issue, before `fields=` cuts it down. */
export function issueFields(parts: IssueParts): Record<string, unknown> {
  const { tenant, issue, user, origin } = parts;
  const person = (accountId: string): unknown => {
    const found = user(accountId);
    return found === undefined ? null : userView(found, origin);
  };
  const resolution = { self: `${origin}/rest/api/3/resolution/10000`, id: '10000', name: 'Done' };
  return {
    summary: issue.summary,
    description: issue.description,
    ...placeFields(parts),
    status: statusView(issue.statusId, origin),
    reporter: person(issue.reporterId),
    creator: person(issue.creatorId),
    assignee: null,
    labels: issue.labels,
    priority: { self: `${origin}/rest/api/3/priority/3`, id: '3', name: 'Medium' },
    created: jiraTime(issue.created),
    updated: jiraTime(issue.updated),
    resolution: issue.resolvedAt === null ? null : resolution,
    resolutiondate: issue.resolvedAt === null ? null : jiraTime(issue.resolvedAt),
    [requestTypeField]: requestTypeValue(tenant, issue, origin),
  };
}

function placeFields({ tenant, issue, origin }: IssueParts): Record<string, unknown> {
  const project = findProject(tenant, issue.projectKey);
  const type = project?.issueTypes.find((one) => one.id === issue.issueTypeId) ?? { name: '', description: '' };
  const { id = '', name = '' } = project ?? {};
  return {
    issuetype: { self: `${origin}/rest/api/3/issuetype/${issue.issueTypeId}`, id: issue.issueTypeId, name: type.name, description: type.description, subtask: false },
    project: {
      self: `${origin}/rest/api/3/project/${id}`, id, key: issue.projectKey, name,
      projectTypeKey: project?.serviceDeskId === undefined ? 'software' : 'service_desk', simplified: false,
    },
  };
}

function requestTypeValue(tenant: JiraTenant, issue: JiraIssue, origin: string): unknown {
  const project = tenant.projects.find((one) => one.requestTypes.some((type) => type.id === issue.requestTypeId));
  const type = project?.requestTypes.find((one) => one.id === issue.requestTypeId);
  if (type === undefined || project?.serviceDeskId === undefined) return null;
  const status = statusOf(issue.statusId);
  return {
    _links: { self: `${origin}/rest/servicedeskapi/request/${issue.id}`, web: `${origin}/servicedesk/customer/portal/${project.serviceDeskId}/${issue.key}` },
    requestType: { id: type.id, name: type.name, description: type.description, serviceDeskId: project.serviceDeskId, issueTypeId: project.requestIssueTypeId },
    currentStatus: { status: status.name, statusCategory: status.category === 'new' ? 'NEW' : status.category.toUpperCase() },
  };
}

export function commentView(comment: JiraComment, issueId: string, author: JiraUser | undefined, origin: string, withProperties: boolean): Record<string, unknown> {
  const who = author === undefined ? {} : { author: userView(author, origin), updateAuthor: userView(author, origin) };
  return {
    self: `${origin}/rest/api/3/issue/${issueId}/comment/${comment.id}`,
    id: comment.id,
    ...who,
    body: comment.body,
    created: jiraTime(comment.created),
    updated: jiraTime(comment.created),
    jsdPublic: comment.public,
    ...(withProperties ? { properties: comment.properties } : {}),
  };
}
