import { z } from 'zod';
import { parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import { jiraError } from './jira-answers.js';
import { issueView } from './jira-issues.js';
import type { JiraSite } from './jira-site.js';
import { JqlError, parseJql } from './jql.js';

const searchSchema = z.strictObject({
  jql: z.string().default(''),
  nextPageToken: z.string().optional(),
  maxResults: z.int().default(50),
  fields: z.array(z.string()).default([]),
  fieldsByKeys: z.boolean().optional(),
  properties: z.array(z.string()).default([]),
  expand: z.string().optional(),
  reconcileIssues: z.array(z.int()).optional(),
});
type Search = z.infer<typeof searchSchema>;

/** `/search/jql`: pages by token, gives ids only unless fields are named; the old `/search` is gone. */
export class JiraSearch {
  constructor(private readonly site: JiraSite) {}

  routes(): Route[] {
    const gone = (): VendorAnswer => jiraError(410, ['The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.']);
    return [
      { method: 'GET', pattern: '/rest/api/3/search/jql', handle: (request) => this.byQuery(request) },
      { method: 'POST', pattern: '/rest/api/3/search/jql', handle: (request) => this.byBody(request) },
      { method: 'GET', pattern: '/rest/api/3/search', handle: gone },
      { method: 'POST', pattern: '/rest/api/3/search', handle: gone },
    ];
  }

  private byQuery(request: VendorRequest): VendorAnswer {
    const { query } = request;
    const list = (name: string): string[] => query.getAll(name).flatMap((one) => one.split(','));
    const token = query.get('nextPageToken');
    return this.search(request, {
      jql: query.get('jql') ?? '', maxResults: Number(query.get('maxResults') ?? 50), fields: list('fields'), properties: list('properties'),
      ...(token === null ? {} : { nextPageToken: token }),
    });
  }

  private byBody(request: VendorRequest): VendorAnswer {
    const parsed = searchSchema.safeParse(parseJson(request.body));
    return parsed.success ? this.search(request, parsed.data) : jiraError(400, ['Invalid request payload. Refer to the REST API documentation and try again.']);
  }

  private search(request: VendorRequest, search: Search): VendorAnswer {
    try {
      const query = parseJql(search.jql, { projects: this.site.tenant.projects, now: this.site.now() });
      const found = this.site.state.issues.readAll().filter(query.accepts).sort(query.compare);
      const start = search.nextPageToken === undefined ? 0 : startOf(search.nextPageToken);
      const size = Math.min(Math.max(search.maxResults, 1), 5000);
      const ask = { fields: search.fields.join(','), properties: search.properties.join(','), standard: 'id' as const };
      const issues = found.slice(start, start + size).map((issue) => issueView(this.site, issue, request.origin, ask));
      const next = start + size;
      const isLast = next >= found.length;
      return { status: 200, body: { issues, isLast, ...(isLast ? {} : { nextPageToken: tokenOf(next) }) } };
    } catch (error) {
      if (error instanceof JqlError) return jiraError(400, [error.message]);
      throw error;
    }
  }
}

function tokenOf(start: number): string {
  return Buffer.from(`start=${start}`).toString('base64url');
}

function startOf(token: string): number {
  const hit = /^start=(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  if (hit === null) throw new JqlError('The next page token is not valid.');
  return Number(hit[1]);
}
