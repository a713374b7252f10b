import { z } from 'zod';
import { param, parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import { isAdf, longestText } from './adf.js';
import { commentView, issueNotFound, jiraError } from './jira-answers.js';
import type { JiraSite } from './jira-site.js';
import type { JiraComment, JiraIssue } from './jira-state.js';

/** Jira's bound on comments of one issue (platform OpenAPI, addComment: 413). */
const mostComments = 5000;

const commentSchema = z.object({ body: z.unknown(), properties: z.array(z.object({ key: z.string().min(1).max(255), value: z.unknown() })).default([]) });
const internalSchema = z.object({ internal: z.literal(true) });

/** Stores a comment as any way of writing one does. */
export function addComment(site: JiraSite, issue: JiraIssue, input: Pick<JiraComment, 'authorId' | 'body' | 'public' | 'properties'>): JiraComment {
  const comment = { id: site.state.nextCommentId(), created: site.at(), ...input };
  site.store.commit({ kind: 'comment', issueId: issue.id, comment });
  return comment;
}

export class JiraComments {
  constructor(private readonly site: JiraSite) {}

  routes(): Route[] {
    const comments = '/rest/api/3/issue/{issue}/comment';
    return [
      { method: 'GET', pattern: comments, handle: (request) => this.list(request) },
      { method: 'POST', pattern: comments, handle: (request) => this.add(request) },
      { method: 'GET', pattern: `${comments}/{comment}`, handle: (request) => this.get(request) },
      { method: 'GET', pattern: '/rest/api/3/comment/{comment}/properties', handle: (request) => this.listProperties(request) },
      { method: 'GET', pattern: '/rest/api/3/comment/{comment}/properties/{key}', handle: (request) => this.getProperty(request) },
    ];
  }

  private list(request: VendorRequest): VendorAnswer {
    const issue = this.site.readIssue(param(request, 'issue'));
    if (issue === undefined) return issueNotFound();
    const startAt = Number(request.query.get('startAt') ?? 0);
    const maxResults = Math.min(Number(request.query.get('maxResults') ?? 100), 5000);
    const all = this.site.state.comments(issue.id).readAll();
    if (request.query.get('orderBy') === '-created') all.reverse();
    const comments = all.slice(startAt, startAt + maxResults).map((comment) => this.view(comment, issue, request));
    return { status: 200, body: { startAt, maxResults, total: all.length, comments } };
  }

  private add(request: VendorRequest): VendorAnswer {
    const { state } = this.site;
    const issue = state.issues.current(state.issueId(param(request, 'issue')));
    if (issue === undefined) return issueNotFound();
    const parsed = commentSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return jiraError(400, ['Invalid request payload. Refer to the REST API documentation and try again.']);
    const { body, properties } = parsed.data;
    if (!isAdf(body)) return jiraError(400, [], { comment: 'Comment body is not valid!' });
    if (JSON.stringify(body).length > longestText) return jiraError(400, [], { comment: `The entered text is too long. It exceeds the allowed limit of ${longestText} characters.` });
    const refused = this.site.refusal(request, 'ADD_COMMENTS', this.site.project(issue));
    if (refused !== undefined) return refused;
    if ([...state.comments(issue.id).currentEntries()].length >= mostComments) return jiraError(413, ['The issue has reached its limit of comments.']);
    const internal = properties.some((one) => one.key === 'sd.public.comment' && internalSchema.safeParse(one.value).success);
    const kept = properties.map(({ key, value }) => ({ key, value: value ?? null }));
    const comment = addComment(this.site, issue, { authorId: this.site.me(request).accountId, body, public: !internal, properties: kept });
    return { status: 201, body: this.view(comment, issue, request) };
  }

  private get(request: VendorRequest): VendorAnswer {
    const issue = this.site.readIssue(param(request, 'issue'));
    if (issue === undefined) return issueNotFound();
    const comment = this.site.state.comments(issue.id).read(param(request, 'comment'));
    return comment === undefined ? jiraError(404, [`Can not find a comment for the id: ${param(request, 'comment')}.`]) : { status: 200, body: this.view(comment, issue, request) };
  }

  private listProperties(request: VendorRequest): VendorAnswer {
    const comment = this.find(param(request, 'comment'));
    if (comment === undefined) return jiraError(404, ['The comment does not exist.']);
    const keys = comment.properties.map(({ key }) => ({ self: `${request.origin}${request.path}/${encodeURIComponent(key)}`, key }));
    return { status: 200, body: { keys } };
  }

  private getProperty(request: VendorRequest): VendorAnswer {
    const property = this.find(param(request, 'comment'))?.properties.find((one) => one.key === param(request, 'key'));
    return property === undefined ? jiraError(404, ['The property does not exist.']) : { status: 200, body: property };
  }

  private find(id: string): JiraComment | undefined {
    for (const issueId of this.site.state.issues.readKeys()) {
      const comment = this.site.state.comments(issueId).read(id);
      if (comment !== undefined) return comment;
    }
    return undefined;
  }

  private view(comment: JiraComment, issue: JiraIssue, request: VendorRequest): Record<string, unknown> {
    const expanded = (request.query.get('expand') ?? '').split(',').includes('properties');
    return commentView(comment, issue.id, this.site.state.users.read(comment.authorId), request.origin, expanded);
  }
}
