import { JiraFailure } from '../../application/ports/jira.port.js';
import type { AdfDoc, JiraConnection, JiraIssue, JiraPort, JiraTransition } from '../../application/ports/jira.port.js';
import { parseServiceUrl, ServiceUrlRefused } from '../http/service-url.js';
import {
  anAccount, anIssue, aProject, aProperty, aRequest, aServer, commentPage, created, deskPage, grantedPermissions, groupNames, hasMarker, issueTypePage,
  markerProperty, permissionList, requestTypePage, transitionList,
} from './jira-answers.js';
import { JiraHttp } from './jira-http.js';

export interface JiraClientOptions {
  /** For each request; default 10 s. */
  readonly timeoutMs?: number;
  /** Sandbox mode: the site may be an http server on this machine. */
  readonly allowLoopbackHttp?: boolean;
  readonly now?: () => number;
}

type NamedId = { readonly id: string; readonly name: string };

/**
 * One Jira site; `baseUrl` is the site itself or Atlassian's gateway (`https://api.atlassian.com/ex/jira/<cloud id>`).
 * @throws {@link JiraFailure} `rejected` for a base URL that must not be called.
 */
export function createJiraClient(connection: JiraConnection, options: JiraClientOptions = {}): JiraPort {
  const baseUrl = checkedBaseUrl(connection.baseUrl, options.allowLoopbackHttp === true);
  return new JiraClient(new JiraHttp({ baseUrl, auth: connection.auth, timeoutMs: options.timeoutMs ?? 10_000, now: options.now ?? Date.now }));
}

function checkedBaseUrl(raw: string, allowLoopback: boolean): string {
  try {
    return parseServiceUrl(raw, { name: 'Jira\'s base URL', allowLoopback });
  } catch (error) {
    throw error instanceof ServiceUrlRefused ? new JiraFailure('rejected', error.message) : error;
  }
}

const platform = (...path: string[]): string[] => ['rest', 'api', '3', ...path];
const desk = (...path: string[]): string[] => ['rest', 'servicedeskapi', ...path];

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

class JiraClient implements JiraPort {
  constructor(private readonly http: JiraHttp) {}

  async findIssue(issueIdOrKey: string, signal?: AbortSignal): Promise<JiraIssue | null> {
    const issue = await this.http.find({ action: 'read an issue', path: platform('issue', issueIdOrKey), query: { fields: 'project,reporter,creator,status' }, signal }, anIssue);
    return issue === null ? null : {
      id: issue.id,
      key: issue.key,
      projectKey: issue.fields.project.key,
      reporterAccountId: issue.fields.reporter?.accountId ?? null,
      creatorAccountId: issue.fields.creator?.accountId ?? null,
      statusName: issue.fields.status.name,
      statusCategory: issue.fields.status.statusCategory.key,
    };
  }

  async findRequestTypeId(issueIdOrKey: string, signal?: AbortSignal): Promise<string | null> {
    const request = await this.http.find({ action: 'read a request', path: desk('request', issueIdOrKey), signal }, aRequest);
    return request?.requestTypeId ?? null;
  }

  async findProperty(issueIdOrKey: string, key: string, signal?: AbortSignal): Promise<unknown> {
    const property = await this.http.find({ action: 'read an issue property', path: platform('issue', issueIdOrKey, 'properties', key), signal }, aProperty);
    return property?.value ?? null;
  }

  async isAccountActive(accountId: string, signal?: AbortSignal): Promise<boolean | null> {
    const user = await this.http.find({ action: 'read an account', path: platform('user'), query: { accountId }, signal }, anAccount);
    return user?.active ?? null;
  }

  async listGroupNames(accountId: string, signal?: AbortSignal): Promise<readonly string[]> {
    // Jira answers all groups of a person at once: this resource has no pages.
    const groups = await this.http.get({ action: 'list the groups of a person', path: platform('user', 'groups'), query: { accountId }, signal }, groupNames);
    return groups.map((group) => group.name);
  }

  async listTransitions(issueIdOrKey: string, signal?: AbortSignal): Promise<readonly JiraTransition[]> {
    const { transitions } = await this.http.get({ action: 'list transitions', path: platform('issue', issueIdOrKey, 'transitions'), signal }, transitionList);
    return transitions.map(({ id, name, to }) => ({ id, name, toName: to.name }));
  }

  async transition(issueIdOrKey: string, transitionId: string, signal?: AbortSignal): Promise<void> {
    const { status } = await this.http.send({
      action: 'transition an issue',
      method: 'POST',
      path: platform('issue', issueIdOrKey, 'transitions'),
      body: { transition: { id: transitionId } },
      writesTo: issueIdOrKey,
      signal,
    });
    // Its contract says 204; anything else was answered by somebody on the way, and whether Jira was reached is open.
    if (status !== 204) throw new JiraFailure('retryable', `Jira did not transition an issue: it answered ${status} where its contract says 204`, { status });
  }

  async addComment(issueIdOrKey: string, body: AdfDoc, options: { readonly marker: string; readonly mayExist: boolean }, signal?: AbortSignal): Promise<string> {
    const existing = options.mayExist ? await this.findComment(issueIdOrKey, options.marker, signal) : null;
    if (existing !== null) return existing;
    const comment = await this.http.get({
      action: 'add a comment',
      method: 'POST',
      path: platform('issue', issueIdOrKey, 'comment'),
      body: { body, properties: [markerProperty(options.marker)] },
      writesTo: issueIdOrKey,
      signal,
    }, created);
    return comment.id;
  }

  async findProject(projectKey: string, signal?: AbortSignal): Promise<{ readonly id: string; readonly key: string } | null> {
    return this.http.find({ action: 'read a project', path: platform('project', projectKey), signal }, aProject);
  }

  async listIssueTypes(projectKey: string, signal?: AbortSignal): Promise<readonly NamedId[]> {
    const call = { action: 'list issue types', path: platform('issue', 'createmeta', projectKey, 'issuetypes'), query: { maxResults: '200' }, signal };
    return collect(this.http.items(call, issueTypePage, 'startAt'));
  }

  async listRequestTypes(projectKey: string, signal?: AbortSignal): Promise<readonly NamedId[]> {
    const desks = this.http.items({ action: 'list service desks', path: desk('servicedesk'), query: { limit: '100' }, signal }, deskPage, 'start');
    for await (const one of desks) {
      if (one.projectKey !== projectKey) continue;
      return collect(this.http.items({ action: 'list request types', path: desk('servicedesk', one.id, 'requesttype'), query: { limit: '100' }, signal }, requestTypePage, 'start'));
    }
    throw new JiraFailure('notFound', 'Jira did not list request types: no service desk belongs to this project, or the app may not see it');
  }

  async missingPermissions(projectKey: string, permissions: readonly string[], signal?: AbortSignal): Promise<readonly string[]> {
    const call = { action: 'tell the app\'s permissions', path: platform('mypermissions'), query: { projectKey, permissions: permissions.join(',') }, signal };
    const answer = await this.http.get(call, permissionList);
    return permissions.filter((permission) => answer.permissions[permission]?.havePermission !== true);
  }

  async isAdministrator(accountId: string, signal?: AbortSignal): Promise<boolean> {
    const call = { action: 'check a person\'s permission', method: 'POST', path: platform('permissions', 'check'), body: { accountId, globalPermissions: ['ADMINISTER'] }, asks: true, signal } as const;
    return (await this.http.get(call, grantedPermissions)).globalPermissions.includes('ADMINISTER');
  }

  async serverInfo(signal?: AbortSignal): Promise<{ readonly baseUrl: string }> {
    return this.http.get({ action: 'tell about itself', path: platform('serverInfo'), signal }, aServer);
  }

  /** Newest first: what a lost answer left behind is near the end. */
  private async findComment(issueIdOrKey: string, marker: string, signal: AbortSignal | undefined): Promise<string | null> {
    const call = { action: 'look for a comment', path: platform('issue', issueIdOrKey, 'comment'), query: { expand: 'properties', orderBy: '-created', maxResults: '100' }, signal };
    for await (const comment of this.http.items(call, commentPage, 'startAt')) {
      if (hasMarker(comment, marker)) return comment.id;
    }
    return null;
  }
}
