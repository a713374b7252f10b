import { z } from 'zod';
import { control, controlOk } from '../http/control-surface.js';
import type { Route, VendorAnswer } from '../http/messages.js';
import { signToken } from '../state/signed-token.js';
import { httpDelivery } from './event-delivery.js';
import { createIssue, createdEvent, longestProperty, moveAlong } from './jira-issues.js';
import type { JiraSite } from './jira-site.js';
import type { JiraIssue, JiraUser } from './jira-state.js';
import { findProject, statusOf, transitions } from './jira-tenant.js';

/** Field of the portal's property that carries the panel's snapshot. */
const snapshotField = 'aiclearance.snapshot.v1';

const portalSchema = z.strictObject({
  accountId: z.string(),
  /** Passed on as it is, broken ones too; absent: the portal writes no property. */
  snapshot: z.json().optional(),
  projectKey: z.string().optional(),
  requestTypeId: z.string().optional(),
  summary: z.string().optional(),
});
export type PortalRequest = z.infer<typeof portalSchema>;

const redeliverSchema = z.strictObject({
  issueKey: z.string(),
  times: z.int().min(1).max(1000).default(1),
  /** true: all at once; a number: that many at a time. */
  concurrent: z.union([z.boolean(), z.int().min(1).max(1000)]).default(false),
});
const userSchema = z.strictObject({
  accountId: z.string(), displayName: z.string().default('Test Person'), groups: z.array(z.string()).optional(), active: z.boolean().optional(),
  accountType: z.enum(['atlassian', 'app', 'customer']).default('atlassian'),
});
const propertySchema = z.strictObject({ issueKey: z.string(), key: z.string().optional(), value: z.json().optional() });
const transitionSchema = z.strictObject({ issueKey: z.string(), name: z.string() });
const webhookSchema = z.strictObject({ url: z.string(), token: z.string() });

/** A sandbox failure that the caller of a control or of `createPortalRequest` is told. */
export class PortalRefusal extends Error {}

/**
 * Plays the customer portal: creates the issue in the customer's name together with the property that the create panel
 * filled, then Jira announces it.
 * @throws PortalRefusal for a person, project or request type that does not exist.
 */
export function createPortalRequest(site: JiraSite, propertyKey: string, input: PortalRequest): { issueKey: string } {
  const project = findProject(site.tenant, input.projectKey ?? site.tenant.site.project.key);
  if (project === undefined) throw new PortalRefusal('no such project');
  if (site.state.users.current(input.accountId)?.active !== true) throw new PortalRefusal('no such person');
  const type = input.requestTypeId === undefined ? project.requestTypes[0] : project.requestTypes.find((one) => one.id === input.requestTypeId);
  if (type === undefined) throw new PortalRefusal('no such request type');
  const value = { [snapshotField]: input.snapshot };
  // Jira takes no property longer than its bound, so an oversized one is simply not there.
  const fits = input.snapshot !== undefined && JSON.stringify(value).length <= longestProperty;
  const issue = createIssue(site, {
    project, issueTypeId: project.requestIssueTypeId, requestTypeId: type.id, summary: input.summary ?? type.name, description: null,
    reporterId: input.accountId, creatorId: input.accountId, labels: [], properties: fits ? [{ key: propertyKey, value }] : [],
  });
  return { issueKey: issue.key };
}

/** What people do in Jira's own screens, and the steering of event deliveries. */
export function jiraControl(site: JiraSite, propertyKey: string): Route[] {
  return [...deliveryControls(site, propertyKey), ...issueControls(site, propertyKey), ...peopleControls(site)];
}

function route<T>(method: string, path: string, schema: z.ZodType<T>, act: (input: T) => VendorAnswer | Promise<VendorAnswer>): Route {
  return { method, pattern: `/_control/${path}`, handle: control(schema, act) };
}

const missing = (what: string): VendorAnswer => ({ status: 404, body: { error: `${what} not found` } });

function deliveryControls(site: JiraSite, propertyKey: string): Route[] {
  return [
    route('POST', 'portal-requests', portalSchema, (input) => {
      try {
        return { status: 201, body: createPortalRequest(site, propertyKey, input) };
      } catch (error) {
        if (error instanceof PortalRefusal) return { status: 400, body: { error: error.message } };
        throw error;
      }
    }),
    route('POST', 'redeliver', redeliverSchema, async (input) => {
      const issue = current(site, input.issueKey);
      if (issue === undefined) return missing('issue');
      const event = site.eventFor({ id: '', issueId: issue.id, eventType: createdEvent, actorId: issue.creatorId, attempts: 0 });
      if (event === undefined) return missing('issue');
      const width = input.concurrent === true ? input.times : input.concurrent === false ? 1 : input.concurrent;
      const statuses: number[] = [];
      for (let done = 0; done < input.times; done += width) {
        const count = Math.min(width, input.times - done);
        statuses.push(...(await Promise.all(Array.from({ length: count }, () => site.delivery.once(event)))));
      }
      return controlOk({ delivered: statuses.filter((status) => status >= 200 && status < 300).length, statuses });
    }),
    route('PUT', 'webhook', webhookSchema, (input) => {
      site.delivery.setTarget(httpDelivery(input.url, () => input.token));
      return controlOk();
    }),
    { method: 'GET', pattern: '/_control/deliveries', handle: () => controlOk([...site.state.deliveries.values()]) },
  ];
}

function current(site: JiraSite, key: string): JiraIssue | undefined {
  return site.state.issues.current(site.state.issueId(key));
}

function issueControls(site: JiraSite, propertyKey: string): Route[] {
  const { store } = site;
  return [
    route('PUT', 'issue-property', propertySchema, (input) => {
      const issue = current(site, input.issueKey);
      if (issue === undefined) return missing('issue');
      const key = input.key ?? propertyKey;
      if (input.value === undefined) store.commit({ kind: 'propertyDeleted', issueId: issue.id, key });
      else store.commit({ kind: 'property', issueId: issue.id, key, value: input.value });
      return controlOk();
    }),
    route('POST', 'transition', transitionSchema, (input) => {
      const issue = current(site, input.issueKey);
      if (issue === undefined) return missing('issue');
      const transition = transitions.find((one) => one.name.toLowerCase() === input.name.toLowerCase());
      if (transition === undefined || !moveAlong(site, issue, transition.id)) return { status: 409, body: { error: 'no such transition from this status' } };
      return controlOk({ status: statusOf(transition.to).name });
    }),
    route('POST', 'move-issue', z.strictObject({ issueKey: z.string(), projectKey: z.string() }), (input) => {
      const issue = current(site, input.issueKey);
      const project = findProject(site.tenant, input.projectKey);
      if (issue === undefined || project === undefined) return missing(issue === undefined ? 'issue' : 'project');
      const moved = { ...issue, key: site.state.nextKey(project.key), formerKeys: [...issue.formerKeys, issue.key], projectKey: project.key, requestTypeId: null };
      store.commit({ kind: 'issue', issue: moved });
      return controlOk({ issueKey: moved.key });
    }),
    route('DELETE', 'issues', z.strictObject({ issueKey: z.string() }), (input) => {
      const issue = current(site, input.issueKey);
      if (issue === undefined) return missing('issue');
      store.commit({ kind: 'issueDeleted', issueId: issue.id });
      return controlOk();
    }),
    { method: 'GET', pattern: '/_control/state', handle: () => controlOk(snapshot(site)) },
  ];
}

function peopleControls(site: JiraSite): Route[] {
  const { state, store } = site;
  return [
    route('PUT', 'users', userSchema, (input) => {
      const known = state.users.current(input.accountId);
      const fresh: JiraUser = {
        accountId: input.accountId, accountType: input.accountType, displayName: input.displayName, email: `${input.accountId.replace(/\W/g, '.')}@people.example`,
        active: true, timeZone: site.tenant.site.timeZone, groups: [],
      };
      const user = { ...(known ?? fresh), ...(input.groups === undefined ? {} : { groups: input.groups }), ...(input.active === undefined ? {} : { active: input.active }) };
      store.commit({ kind: 'user', user });
      return controlOk({ accountId: user.accountId, active: user.active, groups: user.groups });
    }),
    route('POST', 'user-tokens', z.strictObject({ accountId: z.string(), seconds: z.int().min(1).default(3600) }), (input) => {
      if (state.users.current(input.accountId) === undefined) return missing('user');
      const exp = Math.floor(site.now() / 1000) + input.seconds;
      return { status: 201, body: { token: signToken(site.secrets.signingSecret, { sub: input.accountId, scopes: [], exp, epoch: 0 }) } };
    }),
    route('PUT', 'denied-permissions', z.strictObject({ permissions: z.array(z.string()) }), (input) => {
      store.commit({ kind: 'deniedPermissions', permissions: input.permissions });
      return controlOk(input);
    }),
  ];
}

/** The truth at this moment, without read lag. */
function snapshot(site: JiraSite): unknown {
  const { state } = site;
  return {
    issues: [...state.issues.currentEntries()].map(([id, issue]) => ({
      id,
      key: issue.key,
      status: statusOf(issue.statusId).name,
      reporter: issue.reporterId,
      properties: Object.fromEntries([...state.properties(id).currentEntries()].map(([key, row]) => [key, row.value])),
      comments: [...state.comments(id).currentEntries()].map(([, comment]) => ({ author: comment.authorId, public: comment.public, body: comment.body })),
    })),
    users: [...state.users.currentEntries()].map(([accountId, user]) => ({ accountId, active: user.active, groups: user.groups })),
  };
}
