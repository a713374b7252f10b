import type { VendorAnswer, VendorRequest } from '../http/messages.js';
import type { EventStore } from '../state/event-store.js';
import { readToken, sameSecret } from '../state/signed-token.js';
import type { EventDelivery, ForgeIssueEvent } from './event-delivery.js';
import { issueFields, jiraError } from './jira-answers.js';
import type { JiraDelivery, JiraEvent, JiraIssue, JiraState, JiraUser } from './jira-state.js';
import { findProject } from './jira-tenant.js';
import type { JiraProject, JiraTenant } from './jira-tenant.js';

/** Fields that Forge puts into an issue event. */
const eventFields = ['summary', 'issuetype', 'creator', 'created', 'project', 'reporter', 'assignee', 'updated', 'status'];

/** The account whose API token the product holds. */
export const serviceAccountId = '557058:ai-clearance-service';

export interface JiraSecrets {
  readonly apiToken: string;
  readonly signingSecret: string;
}

/** One tenant's parts, shared by its route groups. */
export class JiraSite {
  private origin = '';

  constructor(
    readonly tenant: JiraTenant,
    readonly state: JiraState,
    readonly store: EventStore<JiraEvent>,
    readonly delivery: EventDelivery,
    readonly secrets: JiraSecrets,
    readonly now: () => number,
  ) {}

  at(): string {
    return new Date(this.now()).toISOString();
  }

  /** Starts deliveries, old ones first; `origin` goes into the links of the events. */
  openDelivery(origin: string): void {
    this.origin = origin;
    this.delivery.open({
      open: () => this.state.deliveries.values(),
      record: (delivery) => this.store.commit({ kind: 'delivery', delivery }),
      end: (id) => this.store.commit({ kind: 'deliveryEnded', id }),
      eventFor: (delivery) => this.eventFor(delivery),
    });
  }

  /** The event Forge would send about an issue; undefined when the issue is gone. */
  eventFor({ issueId, eventType, actorId }: JiraDelivery): ForgeIssueEvent | undefined {
    const issue = this.state.issues.current(issueId);
    if (issue === undefined) return undefined;
    const all = issueFields({ tenant: this.tenant, issue, user: (accountId) => this.state.users.current(accountId), origin: this.origin });
    const fields = Object.fromEntries(eventFields.map((name) => [name, all[name]]));
    return {
      eventType,
      selfGenerated: this.state.users.current(actorId)?.accountType === 'app',
      timestamp: String(Date.parse(issue.created)),
      issue: { id: issue.id, key: issue.key, fields },
      atlassianId: actorId,
      associatedUsers: [...new Set([issue.reporterId, issue.creatorId])].map((accountId) => ({ accountId })),
    };
  }

  /** Basic `email:token` or a Bearer token; user tokens are signed by the sandbox itself. */
  caller(request: VendorRequest): JiraUser | undefined {
    const header = request.headers.authorization ?? '';
    const token = header.startsWith('Basic ')
      ? Buffer.from(header.slice(6), 'base64').toString('utf8').split(':').slice(1).join(':')
      : header.startsWith('Bearer ') ? header.slice(7) : '';
    if (token === '') return undefined;
    if (sameSecret(token, this.secrets.apiToken)) return this.state.users.current(serviceAccountId);
    const claims = readToken(this.secrets.signingSecret, token);
    if (claims === undefined || claims.exp * 1000 <= this.now()) return undefined;
    const user = this.state.users.current(claims.sub);
    return user?.active === true ? user : undefined;
  }

  /** The caller of a request that got past authentication. */
  me(request: VendorRequest): JiraUser {
    const user = this.caller(request);
    if (user === undefined) throw new Error('a handler ran for a caller that was not authenticated');
    return user;
  }

  readIssue(idOrKey: string): JiraIssue | undefined {
    return this.state.issues.read(this.state.issueId(idOrKey));
  }

  project(issue: JiraIssue): JiraProject | undefined {
    return findProject(this.tenant, issue.projectKey);
  }

  /** Permissions of a person, global or in a project. Administrators and the service account hold all but what was taken from the latter. */
  holds(user: JiraUser, permission: string, project: JiraProject | undefined): boolean {
    if (!user.active) return false;
    if (user.accountId === serviceAccountId) return !this.state.deniedPermissions.includes(permission);
    if (user.groups.includes('jira-admins')) return true;
    if (project === undefined || user.accountType === 'customer') return false;
    if (permission === 'BROWSE_PROJECTS' || permission === 'CREATE_ISSUES' || permission === 'ADD_COMMENTS') return true;
    const roles = project.roles.filter((role) => role.accountIds.includes(user.accountId) || role.groups.some((group) => user.groups.includes(group)));
    if (permission === 'ADMINISTER_PROJECTS') return roles.some((role) => role.name === 'Administrators');
    return roles.length > 0;
  }

  refusal(request: VendorRequest, permission: string, project: JiraProject | undefined): VendorAnswer | undefined {
    return this.holds(this.me(request), permission, project) ? undefined : jiraError(403, [`You do not have the permission ${permission}.`]);
  }
}

export const globalPermissions = ['ADMINISTER', 'SYSTEM_ADMIN', 'USER_PICKER', 'BULK_CHANGE', 'CREATE_PROJECT'] as const;
export const projectPermissions = [
  'ADMINISTER_PROJECTS', 'BROWSE_PROJECTS', 'CREATE_ISSUES', 'EDIT_ISSUES', 'TRANSITION_ISSUES', 'ADD_COMMENTS', 'DELETE_ISSUES', 'ASSIGN_ISSUES',
  'RESOLVE_ISSUES', 'CLOSE_ISSUES', 'MODIFY_REPORTER', 'SERVICEDESK_AGENT', 'EDIT_OWN_COMMENTS', 'DELETE_OWN_COMMENTS',
] as const;
