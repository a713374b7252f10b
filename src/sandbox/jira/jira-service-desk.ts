import { z } from 'zod';
import { param, parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import { deskError } from './jira-answers.js';
import { addComment } from './jira-comments.js';
import { createIssue } from './jira-issues.js';
import type { JiraSite } from './jira-site.js';
import type { JiraIssue } from './jira-state.js';
import { statusOf } from './jira-tenant.js';
import type { JiraProject } from './jira-tenant.js';

const requestSchema = z.object({
  serviceDeskId: z.string(),
  requestTypeId: z.string(),
  requestFieldValues: z.looseObject({ summary: z.string().min(1) }),
  raiseOnBehalfOf: z.string().optional(),
});
const commentSchema = z.object({ body: z.string().min(1), public: z.boolean().default(true) });

type Desk = JiraProject & { readonly serviceDeskId: string };

/** The Jira Service Management paths: numeric ids, `start`/`limit`/`isLastPage` paging, an error form of their own. */
export class JiraServiceDesk {
  constructor(private readonly site: JiraSite) {}

  routes(): Route[] {
    const api = '/rest/servicedeskapi';
    return [
      { method: 'GET', pattern: `${api}/servicedesk`, handle: (request) => this.page(request, this.desks().map((desk) => this.deskView(desk, request.origin))) },
      { method: 'GET', pattern: `${api}/servicedesk/{desk}`, handle: (request) => this.withDesk(request, (desk) => ({ status: 200, body: this.deskView(desk, request.origin) })) },
      { method: 'GET', pattern: `${api}/servicedesk/{desk}/requesttype`, handle: (request) => this.withDesk(request, (desk) => this.page(request, this.typeViews(desk, request.origin))) },
      { method: 'GET', pattern: `${api}/servicedesk/{desk}/requesttype/{type}`, handle: (request) => this.requestType(request) },
      { method: 'POST', pattern: `${api}/request`, handle: (request) => this.create(request) },
      { method: 'GET', pattern: `${api}/request/{issue}`, handle: (request) => this.withRequest(request, (issue, desk) => ({ status: 200, body: this.requestView(issue, desk, request.origin) })) },
      { method: 'GET', pattern: `${api}/request/{issue}/status`, handle: (request) => this.withRequest(request, (issue) => this.page(request, [this.statusView(issue)])) },
      { method: 'POST', pattern: `${api}/request/{issue}/comment`, handle: (request) => this.withRequest(request, (issue) => this.comment(request, issue)) },
    ];
  }

  private desks(): Desk[] {
    return this.site.tenant.projects.flatMap((project) => (project.serviceDeskId === undefined ? [] : [{ ...project, serviceDeskId: project.serviceDeskId }]));
  }

  private withDesk(request: VendorRequest, answer: (desk: Desk) => VendorAnswer): VendorAnswer {
    const wanted = param(request, 'desk');
    const desk = this.desks().find((one) => one.serviceDeskId === wanted || `projectKey:${one.key}` === wanted);
    return desk === undefined ? deskError(404, 'The Service Desk you are trying to view does not exist.') : answer(desk);
  }

  private withRequest(request: VendorRequest, answer: (issue: JiraIssue, desk: Desk) => VendorAnswer): VendorAnswer {
    const issue = this.site.readIssue(param(request, 'issue'));
    const desk = this.desks().find((one) => one.key === issue?.projectKey);
    if (issue === undefined || desk === undefined || issue.requestTypeId === null) {
      return deskError(404, "The request you are trying to view doesn't exist or you do not have permission to see it.");
    }
    return answer(issue, desk);
  }

  private page(request: VendorRequest, values: readonly unknown[]): VendorAnswer {
    const start = Math.max(0, Number(request.query.get('start') ?? 0));
    const limit = Math.min(Math.max(1, Number(request.query.get('limit') ?? 50)), 100);
    const cut = values.slice(start, start + limit);
    const isLastPage = start + limit >= values.length;
    const link = (from: number): string => `${request.origin}${request.path}?start=${from}&limit=${limit}`;
    const next = isLastPage ? {} : { next: link(start + limit) };
    return { status: 200, body: { size: cut.length, start, limit, isLastPage, _links: { base: request.origin, context: '', self: link(start), ...next }, values: cut } };
  }

  private deskView(desk: Desk, origin: string): Record<string, unknown> {
    return { id: desk.serviceDeskId, projectId: desk.id, projectName: desk.name, projectKey: desk.key, _links: { self: `${origin}/rest/servicedeskapi/servicedesk/${desk.serviceDeskId}` } };
  }

  private typeViews(desk: Desk, origin: string): { id: string }[] {
    return desk.requestTypes.map((type) => ({
      id: type.id, name: type.name, description: type.description, helpText: '', issueTypeId: desk.requestIssueTypeId, serviceDeskId: desk.serviceDeskId,
      portalId: desk.serviceDeskId, groupIds: [],
      _links: { self: `${origin}/rest/servicedeskapi/servicedesk/${desk.serviceDeskId}/requesttype/${type.id}` },
    }));
  }

  private requestType(request: VendorRequest): VendorAnswer {
    return this.withDesk(request, (desk) => {
      const type = this.typeViews(desk, request.origin).find((one) => one.id === param(request, 'type'));
      return type === undefined ? deskError(404, 'The request type you are trying to view does not exist.') : { status: 200, body: type };
    });
  }

  private create(request: VendorRequest): VendorAnswer {
    const parsed = requestSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return deskError(400, 'Your request could not be created. Please check the fields have been filled in correctly.');
    const { serviceDeskId, requestTypeId, requestFieldValues, raiseOnBehalfOf } = parsed.data;
    const desk = this.desks().find((one) => one.serviceDeskId === serviceDeskId);
    if (desk?.requestTypes.some((type) => type.id === requestTypeId) !== true) return deskError(400, 'The request type does not belong to the service desk.');
    const me = this.site.me(request);
    const reporterId = raiseOnBehalfOf ?? me.accountId;
    if (this.site.state.users.current(reporterId) === undefined) return deskError(400, 'The customer does not exist.');
    const issue = createIssue(this.site, {
      project: desk, issueTypeId: desk.requestIssueTypeId, requestTypeId, summary: requestFieldValues.summary, description: null, reporterId, creatorId: me.accountId,
      labels: [], properties: [],
    });
    return { status: 201, body: this.requestView(issue, desk, request.origin) };
  }

  private requestView(issue: JiraIssue, desk: Desk, origin: string): Record<string, unknown> {
    const reporter = this.site.state.users.read(issue.reporterId);
    return {
      issueId: issue.id, issueKey: issue.key, summary: issue.summary, requestTypeId: issue.requestTypeId, serviceDeskId: desk.serviceDeskId,
      createdDate: { iso8601: issue.created, epochMillis: Date.parse(issue.created) },
      reporter: { accountId: issue.reporterId, displayName: reporter?.displayName ?? '', emailAddress: reporter?.email ?? '', active: reporter?.active ?? false },
      requestFieldValues: [{ fieldId: 'summary', label: 'Summary', value: issue.summary }],
      currentStatus: this.statusView(issue),
      _links: { self: `${origin}/rest/servicedeskapi/request/${issue.id}`, web: `${origin}/servicedesk/customer/portal/${desk.serviceDeskId}/${issue.key}` },
    };
  }

  private statusView(issue: JiraIssue): Record<string, unknown> {
    const { name, category } = statusOf(issue.statusId);
    return { status: name, statusCategory: category.toUpperCase(), statusDate: { iso8601: issue.updated, epochMillis: Date.parse(issue.updated) } };
  }

  private comment(request: VendorRequest, issue: JiraIssue): VendorAnswer {
    const parsed = commentSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return deskError(400, 'The comment body must not be empty.');
    if (this.site.refusal(request, 'ADD_COMMENTS', this.site.project(issue)) !== undefined) return deskError(403, 'You do not have permission to comment on this request.');
    const body = { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text: parsed.data.body }] }] };
    const comment = addComment(this.site, issue, { authorId: this.site.me(request).accountId, body, public: parsed.data.public, properties: [] });
    return { status: 201, body: { id: comment.id, body: parsed.data.body, public: comment.public, created: { iso8601: comment.created, epochMillis: Date.parse(comment.created) } } };
  }
}
