import { z } from 'zod';
import { param, parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import { isAdf, longestText } from './adf.js';
import { issueFields, issueNotFound, jiraError, transitionView } from './jira-answers.js';
import type { JiraSite } from './jira-site.js';
import type { JiraIssue } from './jira-state.js';
import { findProject, initialStatusId, statusOf, transitions } from './jira-tenant.js';
import type { JiraProject } from './jira-tenant.js';

export const longestProperty = 32_768;
export const createdEvent = 'avi:jira:created:issue';

const reference = z.object({ id: z.union([z.string(), z.number()]).transform(String).optional(), key: z.string().optional(), name: z.string().optional() });
const entityProperty = z.object({ key: z.string().min(1).max(255), value: z.unknown().default(null) });
const createSchema = z.object({
  fields: z.looseObject({
    project: reference,
    issuetype: reference,
    summary: z.string().default(''),
    description: z.unknown().default(null),
    reporter: z.object({ accountId: z.string().optional(), id: z.string().optional() }).default({}),
    labels: z.array(z.string()).default([]),
  }),
  properties: z.array(entityProperty).default([]),
});
const editSchema = z.object({ fields: z.looseObject({ summary: z.string().optional(), description: z.unknown().optional(), labels: z.array(z.string()).optional() }).default({}) });
const transitionSchema = z.object({ transition: z.object({ id: z.union([z.string(), z.number()]).transform(String) }) });

/** These two operations declare a media type for their empty 204 (platform OpenAPI, editIssue and doTransition). */
const emptyJson: VendorAnswer = { status: 204, headers: { 'Content-Type': 'application/json' } };

export interface NewIssue {
  readonly project: JiraProject;
  readonly issueTypeId: string;
  readonly requestTypeId: string | null;
  readonly summary: string;
  readonly description: unknown;
  readonly reporterId: string;
  readonly creatorId: string;
  readonly labels: readonly string[];
  readonly properties: readonly { readonly key: string; readonly value: unknown }[];
}

/** Creates an issue with its properties and announces it, as every way into Jira does. */
export function createIssue(site: JiraSite, input: NewIssue): JiraIssue {
  const { state, store } = site;
  const at = site.at();
  const issue: JiraIssue = {
    id: state.nextIssueId(), key: state.nextKey(input.project.key), formerKeys: [], projectKey: input.project.key, issueTypeId: input.issueTypeId,
    requestTypeId: input.requestTypeId, statusId: initialStatusId, summary: input.summary, description: input.description ?? null,
    reporterId: input.reporterId, creatorId: input.creatorId, labels: [...input.labels], created: at, updated: at, resolvedAt: null,
  };
  store.commit({ kind: 'issue', issue });
  for (const { key, value } of input.properties) store.commit({ kind: 'property', issueId: issue.id, key, value });
  site.delivery.announce(issue.id, createdEvent, input.creatorId);
  return issue;
}

/** Moves an issue along the workflow. False when the transition does not start in the issue's status. */
export function moveAlong(site: JiraSite, issue: JiraIssue, transitionId: string): boolean {
  const transition = transitions.find((one) => one.id === transitionId && one.from.includes(issue.statusId));
  if (transition === undefined) return false;
  const done = statusOf(transition.to).category === 'done';
  const at = site.at();
  site.store.commit({ kind: 'issue', issue: { ...issue, statusId: transition.to, updated: at, resolvedAt: done ? at : null } });
  return true;
}

/** The view of an issue cut to the fields asked for (`*all`, names, `-name`). */
export function issueView(site: JiraSite, issue: JiraIssue, origin: string, ask: { fields: string; properties: string; standard: 'all' | 'id' }): Record<string, unknown> {
  const all = issueFields({ tenant: site.tenant, issue, user: (accountId) => site.state.users.read(accountId), origin });
  const asked = ask.fields.split(',').map((one) => one.trim()).filter((one) => one !== '');
  const wantsAll = asked.length === 0 ? ask.standard === 'all' : asked.some((one) => one === '*all' || one === '*navigable' || one.startsWith('-'));
  const fields = Object.fromEntries(Object.entries(all).filter(([name]) => (wantsAll || asked.includes(name)) && !asked.includes(`-${name}`)));
  const self = `${origin}/rest/api/3/issue/${issue.id}`;
  const named = ask.properties.split(',').map((one) => one.trim()).filter((one) => one !== '');
  const table = site.state.properties(issue.id);
  const keys = named.includes('*all') ? table.readKeys() : named;
  const properties = Object.fromEntries(keys.flatMap((key) => {
    const row = table.read(key);
    return row === undefined ? [] : [[key, row.value]];
  }));
  const withFields = asked.length === 0 && ask.standard === 'id' ? {} : { fields };
  return { id: issue.id, self, key: issue.key, ...withFields, ...(named.length > 0 ? { properties } : {}) };
}

export class JiraIssues {
  constructor(private readonly site: JiraSite) {}

  routes(): Route[] {
    const issue = '/rest/api/3/issue/{issue}';
    return [
      { method: 'POST', pattern: '/rest/api/3/issue', handle: (request) => this.create(request) },
      { method: 'GET', pattern: '/rest/api/3/issue/createmeta/{project}/issuetypes', handle: (request) => this.createMeta(request) },
      { method: 'GET', pattern: issue, handle: (request) => this.get(request) },
      { method: 'PUT', pattern: issue, handle: (request) => this.edit(request) },
      { method: 'GET', pattern: `${issue}/transitions`, handle: (request) => this.listTransitions(request) },
      { method: 'POST', pattern: `${issue}/transitions`, handle: (request) => this.transition(request) },
      { method: 'GET', pattern: `${issue}/properties`, handle: (request) => this.listProperties(request) },
      { method: 'GET', pattern: `${issue}/properties/{key}`, handle: (request) => this.getProperty(request) },
      { method: 'PUT', pattern: `${issue}/properties/{key}`, handle: (request) => this.setProperty(request) },
      { method: 'DELETE', pattern: `${issue}/properties/{key}`, handle: (request) => this.deleteProperty(request) },
    ];
  }

  private create(request: VendorRequest): VendorAnswer {
    const parsed = createSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return jiraError(400, ['Invalid request payload. Refer to the REST API documentation and try again.']);
    const { fields, properties } = parsed.data;
    const project = findProject(this.site.tenant, fields.project.id ?? fields.project.key ?? '');
    if (project === undefined) return jiraError(400, [], { project: 'Specify a valid project ID or key' });
    const me = this.site.me(request);
    if (!this.site.holds(me, 'CREATE_ISSUES', project)) return jiraError(400, [], { project: 'You do not have permission to create issues in this project.' });
    const type = project.issueTypes.find((one) => one.id === fields.issuetype.id || one.name === fields.issuetype.name);
    if (type === undefined) return jiraError(400, [], { issuetype: 'Specify a valid issue type' });
    const summary = fields.summary.trim();
    const reporterId = fields.reporter.accountId ?? fields.reporter.id ?? me.accountId;
    const refused = this.fieldRefusal(summary, fields.description, reporterId) ?? propertyRefusal(properties);
    if (refused !== undefined) return refused;
    const issue = createIssue(this.site, {
      project, issueTypeId: type.id, requestTypeId: null, summary, description: fields.description, reporterId, creatorId: me.accountId,
      labels: fields.labels, properties,
    });
    return { status: 201, body: { id: issue.id, key: issue.key, self: `${request.origin}/rest/api/3/issue/${issue.id}` } };
  }

  private fieldRefusal(summary: string, description: unknown, reporterId: string): VendorAnswer | undefined {
    const errors = this.textErrors(summary, description);
    if (this.site.state.users.current(reporterId) === undefined) errors['reporter'] = 'Specify a valid reporter.';
    return Object.keys(errors).length > 0 ? jiraError(400, [], errors) : undefined;
  }

  private textErrors(summary: string, description: unknown): Record<string, string> {
    if (summary === '') return { summary: 'You must specify a summary of the issue.' };
    if (summary.length > 255) return { summary: 'Summary must be less than 255 characters.' };
    if (/[\r\n]/.test(summary)) return { summary: 'The summary is invalid because it contains newline characters.' };
    if (description === undefined || description === null) return {};
    if (!isAdf(description)) return { description: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)' };
    return JSON.stringify(description).length > longestText ? { description: `The entered text is too long. It exceeds the allowed limit of ${longestText} characters.` } : {};
  }

  private get(request: VendorRequest): VendorAnswer {
    const issue = this.site.readIssue(param(request, 'issue'));
    if (issue === undefined) return issueNotFound();
    const ask = { fields: request.query.getAll('fields').join(','), properties: request.query.getAll('properties').join(','), standard: 'all' as const };
    return { status: 200, body: issueView(this.site, issue, request.origin, ask) };
  }

  private edit(request: VendorRequest): VendorAnswer {
    const issue = this.current(request);
    if (issue === undefined) return issueNotFound();
    const parsed = editSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return jiraError(400, ['Invalid request payload. Refer to the REST API documentation and try again.']);
    const refused = this.site.refusal(request, 'EDIT_ISSUES', this.site.project(issue));
    if (refused !== undefined) return refused;
    const { summary = issue.summary, description = issue.description, labels = issue.labels } = parsed.data.fields;
    const errors = this.textErrors(summary, description);
    if (Object.keys(errors).length > 0) return jiraError(400, [], errors);
    this.site.store.commit({ kind: 'issue', issue: { ...issue, summary, description: description ?? null, labels, updated: this.site.at() } });
    return emptyJson;
  }

  private listTransitions(request: VendorRequest): VendorAnswer {
    const issue = this.site.readIssue(param(request, 'issue'));
    if (issue === undefined) return issueNotFound();
    const allowed = this.site.holds(this.site.me(request), 'TRANSITION_ISSUES', this.site.project(issue));
    const wanted = request.query.get('transitionId');
    const open = transitions.filter((one) => allowed && one.from.includes(issue.statusId) && (wanted === null || one.id === wanted));
    return { status: 200, body: { expand: 'transitions', transitions: open.map((one) => transitionView(one, request.origin)) } };
  }

  private transition(request: VendorRequest): VendorAnswer {
    const issue = this.current(request);
    if (issue === undefined) return issueNotFound();
    const parsed = transitionSchema.safeParse(parseJson(request.body));
    if (!parsed.success || !/^\d+$/.test(parsed.data.transition.id)) return jiraError(400, ["'transition' identifier must be an integer"]);
    const { id } = parsed.data.transition;
    const allowed = this.site.holds(this.site.me(request), 'TRANSITION_ISSUES', this.site.project(issue));
    if (!allowed || !moveAlong(this.site, issue, id)) return jiraError(400, [`Transition id '${id}' is not valid for this issue.`]);
    return emptyJson;
  }

  private listProperties(request: VendorRequest): VendorAnswer {
    const issue = this.site.readIssue(param(request, 'issue'));
    if (issue === undefined) return issueNotFound();
    const keys = this.site.state.properties(issue.id).readKeys();
    return { status: 200, body: { keys: keys.map((key) => ({ self: `${request.origin}/rest/api/3/issue/${issue.id}/properties/${encodeURIComponent(key)}`, key })) } };
  }

  private getProperty(request: VendorRequest): VendorAnswer {
    const issue = this.site.readIssue(param(request, 'issue'));
    if (issue === undefined) return issueNotFound();
    const key = param(request, 'key');
    const row = this.site.state.properties(issue.id).read(key);
    return row === undefined ? jiraError(404, [`The property with key ${key} does not exist.`]) : { status: 200, body: { key, value: row.value } };
  }

  private setProperty(request: VendorRequest): VendorAnswer {
    const issue = this.current(request);
    if (issue === undefined) return issueNotFound();
    const key = param(request, 'key');
    if (key.length > 255) return jiraError(400, ['The property key is longer than 255 characters.']);
    const value = parseJson(request.body);
    if (value === undefined) return jiraError(400, ['The property value must be a valid, non-empty JSON.']);
    if (request.body.length > longestProperty) return jiraError(400, [`The property value is longer than ${longestProperty} characters.`]);
    const refused = this.site.refusal(request, 'EDIT_ISSUES', this.site.project(issue));
    if (refused !== undefined) return refused;
    const isNew = this.site.state.properties(issue.id).current(key) === undefined;
    this.site.store.commit({ kind: 'property', issueId: issue.id, key, value });
    return { status: isNew ? 201 : 200, body: {} };
  }

  private deleteProperty(request: VendorRequest): VendorAnswer {
    const issue = this.current(request);
    if (issue === undefined) return issueNotFound();
    const key = param(request, 'key');
    if (this.site.state.properties(issue.id).current(key) === undefined) return jiraError(404, [`The property with key ${key} does not exist.`]);
    const refused = this.site.refusal(request, 'EDIT_ISSUES', this.site.project(issue));
    if (refused !== undefined) return refused;
    this.site.store.commit({ kind: 'propertyDeleted', issueId: issue.id, key });
    return { status: 204 };
  }

  private createMeta(request: VendorRequest): VendorAnswer {
    const project = findProject(this.site.tenant, param(request, 'project'));
    if (project === undefined) return jiraError(404, [`No project could be found with key or id '${param(request, 'project')}'.`]);
    const maxResults = Number(request.query.get('maxResults') ?? 50);
    if (maxResults > 200) return jiraError(400, ["Parameter 'maxResults' must not exceed the limit '200'"]);
    const startAt = Number(request.query.get('startAt') ?? 0);
    const types = this.site.holds(this.site.me(request), 'CREATE_ISSUES', project) ? project.issueTypes : [];
    const issueTypes = types.slice(startAt, startAt + maxResults).map((type) => ({
      self: `${request.origin}/rest/api/3/issuetype/${type.id}`, id: type.id, name: type.name, description: type.description, subtask: false, hierarchyLevel: 0,
    }));
    return { status: 200, body: { startAt, maxResults, total: types.length, issueTypes } };
  }

  /** The issue as writers see it. */
  private current(request: VendorRequest): JiraIssue | undefined {
    const { state } = this.site;
    return state.issues.current(state.issueId(param(request, 'issue')));
  }
}

function propertyRefusal(properties: readonly { key: string; value: unknown }[]): VendorAnswer | undefined {
  const tooLong = properties.find((one) => JSON.stringify(one.value).length > longestProperty);
  return tooLong === undefined ? undefined : jiraError(400, [`The value of property ${tooLong.key} is longer than ${longestProperty} characters.`]);
}
