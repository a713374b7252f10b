import { closedPort, startScriptedServer } from '../../../test/contract/support/scripted-server.js';
import type { Reply, ScriptedServer } from '../../../test/contract/support/scripted-server.js';
import { JiraFailure } from '../../application/ports/jira.port.js';
import type { JiraPort } from '../../application/ports/jira.port.js';
import { link, paragraphs } from './adf.js';
import { IssueWriteBudget } from './issue-write-budget.js';
import { createJiraClient } from './jira-client.js';

const token = 'canaryTokenOfTheJiraSpecThatNobodyMaySee42';
const missing: Reply = { status: 404, body: { errorMessages: ['Issue does not exist or you do not have permission to see it.'], errors: {} } };
const issue = { id: 10001, key: 'AI-1', fields: { project: { key: 'AI' }, reporter: { accountId: 'acc-1' }, creator: { accountId: 'acc-2' }, status: { name: 'Open', statusCategory: { key: 'new' } } } };

async function failureOf(run: Promise<unknown>): Promise<JiraFailure> {
  try {
    await run;
  } catch (error) {
    if (error instanceof JiraFailure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('the Jira adapter', () => {
  let server: ScriptedServer;
  let jira: JiraPort;
  const create = (baseUrl: string, timeoutMs = 5000) => createJiraClient({ baseUrl, auth: { kind: 'basic', email: 'app@example.com', token } }, { allowLoopbackHttp: true, timeoutMs });
  beforeEach(async () => {
    server = await startScriptedServer(() => missing);
    jira = create(server.url);
  });
  afterEach(() => server.close());
  const routes = (table: Readonly<Record<string, Reply>>) => server.answer((request) => table[`${request.method} ${request.url.split('?')[0] ?? ''}`] ?? missing);
  const paths = () => server.seen.map((request) => `${request.method} ${request.url}`);

  it('reads an issue and asks for no more fields than it uses', async () => {
    routes({ 'GET /rest/api/3/issue/AI-1': { status: 200, body: issue } });
    expect(await jira.findIssue('AI-1')).toEqual({ id: '10001', key: 'AI-1', projectKey: 'AI', reporterAccountId: 'acc-1', creatorAccountId: 'acc-2', statusName: 'Open', statusCategory: 'new' });
    expect(paths()).toEqual(['GET /rest/api/3/issue/AI-1?fields=project%2Creporter%2Ccreator%2Cstatus']);
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from(`app@example.com:${token}`).toString('base64')}`);
  });

  it('says nothing is there only when Jira itself says so', async () => {
    expect(await jira.findIssue('AI-2')).toBeNull();
    expect(await jira.findProperty('AI-2', 'aiclearance.snapshot.v1')).toBeNull();
    expect(await jira.findRequestTypeId('AI-2')).toBeNull();
    server.answer(() => ({ status: 404, html: '<h1>no such site</h1>' }));
    expect((await failureOf(jira.findIssue('AI-2'))).kind).toBe('invalidAnswer');
    server.answer(() => ({ ...missing, headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' } }));
    expect((await failureOf(jira.findIssue('AI-2'))).kind).toBe('unauthorized');
  });

  it.each<[Reply, JiraFailure['kind']]>([
    [{ status: 401, body: {} }, 'unauthorized'],
    [{ status: 403, body: {} }, 'forbidden'],
    [{ status: 400, body: { errorMessages: ['bad'] } }, 'rejected'],
    [{ status: 409, body: {} }, 'retryable'],
    [{ status: 429, html: 'slow down' }, 'retryable'],
    [{ status: 500, html: 'oops' }, 'retryable'],
    [{ status: 503 }, 'retryable'],
    [{ hangUp: true }, 'retryable'],
    [{ status: 200, body: {} }, 'retryable'],
    [{ status: 302, headers: { location: 'https://example.com' } }, 'invalidAnswer'],
  ])('tells %j on a transition as %s', async (reply, kind) => {
    server.answer(() => reply);
    expect((await failureOf(jira.transition('AI-1', '31'))).kind).toBe(kind);
    expect(server.seen).toHaveLength(1);
  });

  it('passes on how long to wait and which limit was met', async () => {
    server.answer(() => ({ status: 429, headers: { 'retry-after': '5', 'ratelimit-reason': 'jira-per-issue-on-write' } }));
    expect((await failureOf(jira.transition('AI-1', '31'))).more).toEqual({ status: 429, retryAfterMs: 5000, rateLimitReason: 'jira-per-issue-on-write' });
  });

  it('ends a call in time, and one without a connection at once', async () => {
    server.answer(() => ({ silent: true }));
    expect((await failureOf(create(server.url, 40).findIssue('AI-1'))).kind).toBe('retryable');
    expect((await failureOf(create(`http://127.0.0.1:${await closedPort()}`).findIssue('AI-1'))).kind).toBe('retryable');
  });

  it('refuses an HTML page that says 200', async () => {
    server.answer(() => ({ status: 200, html: '<html>' }));
    expect((await failureOf(jira.findIssue('AI-1'))).kind).toBe('invalidAnswer');
    expect((await failureOf(jira.addComment('AI-1', paragraphs('x'), { marker: 'm', mayExist: false }))).kind).toBe('retryable');
  });

  it('sends nothing for ids that would leave the path', async () => {
    for (const id of ['', '..', 'AI-1/comment', 'AI 1']) expect((await failureOf(jira.findIssue(id))).kind).toBe('rejected');
    expect(server.seen).toHaveLength(0);
  });

  it('stores its marker with a comment, and finds the comment by it on a later page', async () => {
    const path = '/rest/api/3/issue/AI-1/comment';
    server.answer((request) => {
      if (request.method === 'POST') return { status: 201, body: { id: '900' } };
      const start = Number(new URLSearchParams(request.url.split('?')[1]).get('startAt'));
      const pages = [[{ id: '3', properties: [] }], [], [{ id: '1', properties: [{ key: 'aiclearance.marker', value: { marker: 'seen' } }] }]];
      return { status: 200, body: { startAt: start, maxResults: 1, total: 3, comments: pages[start] } };
    });
    expect(await jira.addComment('AI-1', paragraphs('Approved.'), { marker: 'new', mayExist: false })).toBe('900');
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      body: { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Approved.' }] }] },
      properties: [{ key: 'aiclearance.marker', value: { marker: 'new' } }],
    });
    expect(await jira.addComment('AI-1', paragraphs('Approved.'), { marker: 'seen', mayExist: true })).toBe('1');
    expect(paths().slice(1)).toEqual([0, 1, 2].map((start) => `GET ${path}?expand=properties&orderBy=-created&maxResults=100&startAt=${start}`));
    expect(await jira.addComment('AI-1', paragraphs('Approved.'), { marker: 'never seen', mayExist: true })).toBe('900');
  });

  it('lists request types through the project\'s service desk', async () => {
    routes({
      'GET /rest/servicedeskapi/servicedesk': { status: 200, body: { start: 0, limit: 100, isLastPage: true, values: [{ id: '4', projectKey: 'XX' }, { id: '7', projectKey: 'AI' }] } },
      'GET /rest/servicedeskapi/servicedesk/7/requesttype': { status: 200, body: { start: 0, limit: 100, isLastPage: true, values: [{ id: '41', name: 'Ask' }] } },
    });
    expect(await jira.listRequestTypes('AI')).toEqual([{ id: '41', name: 'Ask' }]);
    expect((await failureOf(jira.listRequestTypes('NONE'))).kind).toBe('notFound');
  });

  it('names the permissions that the app lacks', async () => {
    routes({ 'GET /rest/api/3/mypermissions': { status: 200, body: { permissions: { ADD_COMMENTS: { havePermission: true }, TRANSITION_ISSUES: { havePermission: false } } } } });
    expect(await jira.missingPermissions('AI', ['ADD_COMMENTS', 'TRANSITION_ISSUES', 'CREATE_ISSUES'])).toEqual(['TRANSITION_ISSUES', 'CREATE_ISSUES']);
  });

  it('holds a burst of writes to one issue back instead of sending it', async () => {
    server.answer(() => ({ status: 204 }));
    let nowMs = 0;
    const frozen = createJiraClient({ baseUrl: server.url, auth: { kind: 'bearer', token } }, { allowLoopbackHttp: true, now: () => nowMs });
    for (let write = 0; write < 100; write += 1) {
      nowMs += 101;
      await frozen.transition('AI-1', '31');
    }
    expect((await failureOf(frozen.transition('AI-1', '31'))).more).toEqual({ retryAfterMs: 20_001, rateLimitReason: 'jira-per-issue-on-write' });
    await frozen.transition('AI-2', '31');
    expect(server.seen).toHaveLength(101);
  });

  it('shows its token in no failure, even when Jira echoes it', async () => {
    server.answer((request) => ({ status: 400, body: { errorMessages: [`bad ${request.headers.authorization ?? ''} ${token}`] } }));
    const failure = await failureOf(jira.findIssue('AI-1'));
    expect(failure.message).toContain('[removed]');
    expect(`${failure.message}${failure.stack ?? ''}`).not.toMatch(new RegExp(`${token}|${Buffer.from(`app@example.com:${token}`).toString('base64')}`));
  });

  it('refuses a site that must not be called', () => {
    expect(() => createJiraClient({ baseUrl: 'http://acme.atlassian.net', auth: { kind: 'bearer', token } })).toThrow('must be an https URL');
  });
});

describe('IssueWriteBudget', () => {
  it('allows 20 writes in 2 seconds and 100 in 30', () => {
    const budget = new IssueWriteBudget();
    const write = (nowMs: number) => {
      const taken = budget.take('AI-1', nowMs);
      taken.end?.(nowMs);
      return taken.waitMs;
    };
    expect(Array.from({ length: 21 }, () => write(1000))).toEqual([...Array.from({ length: 20 }, () => 0), 2000]);
    expect([write(2999), write(3000), budget.take('AI-2', 1000).waitMs]).toEqual([1, 0, 0]);
    const times = Array.from({ length: 80 }, (_, index) => 3101 + index * 101);
    expect(times.map(write).filter((waitMs) => waitMs > 0)).toEqual([1000 + 30_000 - 11_080]);
  });

  it('counts a write from its end, and one on its way as just made', () => {
    const budget = new IssueWriteBudget();
    const taken = Array.from({ length: 20 }, () => budget.take('AI-1', 0));
    expect(budget.take('AI-1', 5000).waitMs).toBe(2000);
    taken.forEach(({ end }) => end?.(5500));
    expect(budget.take('AI-1', 7499).waitMs).toBe(1);
    expect(budget.take('AI-1', 7500).waitMs).toBe(0);
  });
});

describe('paragraphs', () => {
  it('writes each line as text, breaks and links of the document format', () => {
    expect(paragraphs('a\nb', '', ['see ', link('ticket', 'https://acme.example/AI-1'), link('bad', 'javascript:alert(1)')]).content).toEqual([
      { type: 'paragraph', content: [{ type: 'text', text: 'a' }, { type: 'hardBreak' }, { type: 'text', text: 'b' }] },
      { type: 'paragraph', content: [] },
      { type: 'paragraph', content: [{ type: 'text', text: 'see ' }, { type: 'text', text: 'ticket', marks: [{ type: 'link', attrs: { href: 'https://acme.example/AI-1' } }] }, { type: 'text', text: 'bad' }] },
    ]);
  });
});
