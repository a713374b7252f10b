import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { httpDelivery } from './event-delivery.js';
import type { ForgeIssueEvent } from './event-delivery.js';
import { startJiraSandbox } from './jira-sandbox.js';
import type { JiraSandbox, JiraSandboxOptions } from './jira-sandbox.js';

const ada = '712020:ada-requester';
const snapshot = { toolKey: 'chatgpt-enterprise', businessUse: 'Drafting', dataClasses: ['internal'], durationDays: 30 };
const errorShape = z.strictObject({ errorMessages: z.array(z.string()), errors: z.record(z.string(), z.string()) });
const doc = (text: string): unknown => ({ type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] });

let sandbox: JiraSandbox;
let clock = Date.parse('2026-06-01T00:00:00Z');
let events: ForgeIssueEvent[] = [];
let statuses: number[] = [];
let arrived: () => void = () => undefined;

/** Answers the scripted statuses in turn, 204 afterwards; resolves waiters whenever an event came. */
async function deliver(event: ForgeIssueEvent): Promise<{ status: number }> {
  events.push(event);
  const status = statuses.shift() ?? 204;
  setImmediate(arrived);
  return Promise.resolve({ status });
}

async function untilEvents(count: number): Promise<void> {
  while (events.length < count) await new Promise<void>((resolve) => (arrived = resolve));
}

interface Init { method?: string; body?: unknown; token?: string }

function call(path: string, { method = 'GET', body, token = sandbox.apiToken }: Init = {}): Promise<Response> {
  const basic = Buffer.from(`${sandbox.email}:${token}`).toString('base64');
  return fetch(`${sandbox.baseUrl}${path}`, {
    method, headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function json<T>(schema: z.ZodType<T>, path: string, init: Init = {}): Promise<T> {
  const answer = await call(path, init);
  expect(answer.status).toBeLessThan(300);
  return schema.parse(await answer.json());
}

async function steer(method: string, path: string, body?: unknown): Promise<Response> {
  const answer = await call(`/_control/${path}`, { method, body });
  expect(answer.status).toBeLessThan(300);
  return answer;
}

async function start(options: JiraSandboxOptions = {}): Promise<void> {
  events = [];
  statuses = [];
  sandbox = await startJiraSandbox({ now: () => clock, delivery: { deliver, retryIntervalMs: 1 }, ...options });
}

const newIssue = (fields: object = {}): Init => ({
  method: 'POST', body: { fields: { project: { key: 'AIACC' }, issuetype: { name: 'Task' }, summary: 'A task', ...fields } },
});
const created = z.object({ id: z.string(), key: z.string() });
const transitionNames = z.object({ transitions: z.array(z.object({ id: z.string(), name: z.string(), to: z.object({ name: z.string() }) })) });

describe('Jira sandbox', () => {
  beforeEach(() => start());
  afterEach(() => sandbox.stop());

  it('answers 401 to a wrong token and knows the owner of the right one', async () => {
    expect((await call('/rest/api/3/myself', { token: 'wrong' })).status).toBe(401);
    const me = await json(z.object({ accountId: z.string() }), '/rest/api/3/myself');
    expect(me.accountId).toBe(sandbox.serviceAccountId);
  });

  it('keeps a portal request with its property and its reporter, and announces it', async () => {
    const { issueKey } = sandbox.createPortalRequest({ accountId: ada, snapshot });
    await untilEvents(1);
    expect(events[0]).toMatchObject({
      eventType: 'avi:jira:created:issue', selfGenerated: false, atlassianId: ada,
      issue: { key: issueKey, fields: { reporter: { accountId: ada }, project: { key: 'AIACC' } } },
    });
    const property = await json(z.object({ value: z.unknown() }), `/rest/api/3/issue/${issueKey}/properties/${sandbox.propertyKey}`);
    expect(property.value).toEqual({ 'aiclearance.snapshot.v1': snapshot });
    const issue = await json(z.object({ fields: z.object({ customfield_10010: z.object({ requestType: z.object({ id: z.string() }) }) }) }), `/rest/api/3/issue/${issueKey}`);
    expect(sandbox.requestTypeIds).toContain(issue.fields.customfield_10010.requestType.id);
  });

  it('gives a request without a property when the panel wrote none or too much', async () => {
    for (const value of [undefined, { ...snapshot, businessUse: 'x'.repeat(33_000) }]) {
      const { issueKey } = sandbox.createPortalRequest({ accountId: ada, ...(value === undefined ? {} : { snapshot: value }) });
      expect((await call(`/rest/api/3/issue/${issueKey}/properties/${sandbox.propertyKey}`)).status).toBe(404);
    }
  });

  it('offers the transitions of the present status only', async () => {
    const { issueKey } = sandbox.createPortalRequest({ accountId: ada, snapshot });
    const before = await json(transitionNames, `/rest/api/3/issue/${issueKey}/transitions`);
    expect(before.transitions.map((one) => one.name)).toEqual(['Approve', 'Decline', 'Cancel request']);
    expect((await call(`/rest/api/3/issue/${issueKey}/transitions`, { method: 'POST', body: { transition: { id: '11' } } })).status).toBe(204);
    const again = await call(`/rest/api/3/issue/${issueKey}/transitions`, { method: 'POST', body: { transition: { id: '11' } } });
    expect(again.status).toBe(400);
    expect(errorShape.parse(await again.json()).errorMessages).toHaveLength(1);
    const after = await json(transitionNames, `/rest/api/3/issue/${issueKey}/transitions`);
    expect(after.transitions.map((one) => one.to.name)).toEqual(['Canceled', 'Resolved']);
  });

  it('takes a comment in document format and refuses anything else', async () => {
    const { key } = await json(created, '/rest/api/3/issue', newIssue());
    const path = `/rest/api/3/issue/${key}/comment`;
    const marker = { key: 'marker', value: { id: 'm1' } };
    expect((await call(path, { method: 'POST', body: { body: doc('Approved'), properties: [marker] } })).status).toBe(201);
    for (const body of ['plain text', { type: 'doc', version: 1, content: [{ type: 'text', text: 'loose' }] }, { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text: '' }] }] }]) {
      const refused = await call(path, { method: 'POST', body: { body } });
      expect([refused.status, errorShape.parse(await refused.json()).errors['comment']]).toEqual([400, 'Comment body is not valid!']);
    }
    const page = await json(z.object({ total: z.number(), comments: z.array(z.object({ properties: z.unknown(), body: z.unknown() })) }), `${path}?expand=properties`);
    expect(page).toMatchObject({ total: 1, comments: [{ properties: [marker], body: doc('Approved') }] });
  });

  it('bounds properties at 32768 characters and tells new from changed', async () => {
    const { key } = await json(created, '/rest/api/3/issue', newIssue());
    const path = `/rest/api/3/issue/${key}/properties/note`;
    const text = 'x'.repeat(32_766);
    expect((await call(path, { method: 'PUT', body: text })).status).toBe(201);
    expect((await call(path, { method: 'PUT', body: 'y' })).status).toBe(200);
    expect((await call(path, { method: 'PUT', body: `${text}z` })).status).toBe(400);
    expect((await call(path, { method: 'DELETE' })).status).toBe(204);
    expect((await call(path)).status).toBe(404);
  });

  it.each([
    ['an unknown project', { project: { key: 'NOPE' } }, 'project'],
    ['an unknown issue type', { issuetype: { id: '1' } }, 'issuetype'],
    ['no summary', { summary: ' ' }, 'summary'],
    ['a plain text description', { description: 'text' }, 'description'],
    ['an unknown reporter', { reporter: { accountId: 'nobody' } }, 'reporter'],
  ])('refuses an issue with %s', async (_name, fields, field) => {
    const answer = await call('/rest/api/3/issue', newIssue(fields));
    expect(answer.status).toBe(400);
    expect(Object.keys(errorShape.parse(await answer.json()).errors)).toEqual([field]);
  });

  it('answers 404 in Jira’s form for what it does not know, and 410 for the old search', async () => {
    for (const path of ['issue/AIACC-999', 'issue/AIACC-999/comment', 'user?accountId=nobody', 'project/NOPE', 'nowhere']) {
      const answer = await call(`/rest/api/3/${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      errorShape.parse(await answer.json());
    }
    expect((await call('/rest/api/3/search?jql=project=AIACC')).status).toBe(410);
  });

  it('searches page by page and gives ids only unless fields are named', async () => {
    for (const summary of ['one', 'two', 'three']) await json(created, '/rest/api/3/issue', newIssue({ summary }));
    const page = z.object({ issues: z.array(z.looseObject({ key: z.string() })), isLast: z.boolean(), nextPageToken: z.string().optional() });
    const jql = encodeURIComponent('project = AIACC AND issuetype = "Task" AND created >= -1d ORDER BY key ASC');
    const first = await json(page, `/rest/api/3/search/jql?jql=${jql}&maxResults=2`);
    expect(first.isLast).toBe(false);
    expect(first.issues.some((issue) => 'fields' in issue)).toBe(false);
    const second = await json(page, `/rest/api/3/search/jql?jql=${jql}&maxResults=2&fields=summary&nextPageToken=${first.nextPageToken ?? ''}`);
    expect(second).toMatchObject({ isLast: true, issues: [{ fields: { summary: 'three' } }] });
    for (const wrong of ['', 'colour = red', 'project ='] ) {
      expect((await call(`/rest/api/3/search/jql?jql=${encodeURIComponent(wrong)}`)).status).toBe(400);
    }
  });

  it('names groups of a person, people of a group and of a role', async () => {
    const groups = await json(z.array(z.object({ name: z.string(), groupId: z.string() })), `/rest/api/3/user/groups?accountId=${encodeURIComponent(ada)}`);
    expect(groups.map((group) => group.name)).toEqual(['jira-users', 'engineering']);
    const members = z.object({ values: z.array(z.object({ accountId: z.string() })), isLast: z.boolean(), total: z.number() });
    const first = await json(members, `/rest/api/3/group/member?groupId=${groups[1]?.groupId ?? ''}&maxResults=1`);
    expect(first).toMatchObject({ isLast: false, total: 2, values: [{ accountId: ada }] });
    const role = await json(z.object({ actors: z.array(z.object({ actorUser: z.object({ accountId: z.string() }) })) }), '/rest/api/3/project/AIACC/role/10100');
    expect(role.actors.map((actor) => actor.actorUser.accountId)).toEqual(['712020:carla-approver', '712020:dmitri-approver']);
  });

  it('says who administers, for the caller and for others, and forgets what was taken away', async () => {
    const mine = async (): Promise<boolean> =>
      (await json(z.object({ permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })) }), '/rest/api/3/mypermissions?permissions=CREATE_ISSUES&projectKey=AIACC')).permissions['CREATE_ISSUES']?.havePermission ?? false;
    expect(await mine()).toBe(true);
    await steer('PUT', 'denied-permissions', { permissions: ['CREATE_ISSUES'] });
    expect(await mine()).toBe(false);
    expect((await call('/rest/api/3/issue', newIssue())).status).toBe(400);
    const check = (accountId: string): Promise<{ globalPermissions: string[] }> =>
      json(z.object({ globalPermissions: z.array(z.string()) }), '/rest/api/3/permissions/check', { method: 'POST', body: { accountId, globalPermissions: ['ADMINISTER'] } });
    expect((await check('712020:erin-admin')).globalPermissions).toEqual(['ADMINISTER']);
    expect((await check(ada)).globalPermissions).toEqual([]);
  });

  it('lets a person call with a token of their own', async () => {
    const { token } = z.object({ token: z.string() }).parse(await (await steer('POST', 'user-tokens', { accountId: ada })).json());
    expect(await json(z.object({ accountId: z.string() }), '/rest/api/3/myself', { token })).toEqual({ accountId: ada });
    expect((await call('/rest/api/3/group/member?groupname=engineering', { token })).status).toBe(403);
  });

  it('lists service desks and request types under numeric ids', async () => {
    const page = z.object({ isLastPage: z.boolean(), values: z.array(z.object({ id: z.string().regex(/^\d+$/) })) });
    const desks = await json(page, '/rest/servicedeskapi/servicedesk');
    const types = await json(page, `/rest/servicedeskapi/servicedesk/${desks.values[0]?.id ?? ''}/requesttype?limit=2`);
    expect(types.isLastPage).toBe(false);
    expect(types.values.map((type) => type.id)).toEqual(sandbox.requestTypeIds);
    const { issueKey } = sandbox.createPortalRequest({ accountId: ada, snapshot, requestTypeId: sandbox.requestTypeIds[1] });
    const request = await json(z.object({ requestTypeId: z.string(), serviceDeskId: z.string() }), `/rest/servicedeskapi/request/${issueKey}`);
    expect(request).toEqual({ requestTypeId: sandbox.requestTypeIds[1], serviceDeskId: sandbox.serviceDeskId });
  });

  it('bounds writes to one issue with its reason and a pause', async () => {
    const { key } = await json(created, '/rest/api/3/issue', newIssue());
    const answers = [];
    for (let index = 0; index < 21; index += 1) answers.push(await call(`/rest/api/3/issue/${key}/properties/p`, { method: 'PUT', body: index }));
    expect(answers.filter((answer) => answer.status < 300)).toHaveLength(20);
    expect(answers[20]?.status).toBe(429);
    expect(answers[20]?.headers.get('ratelimit-reason')).toBe('jira-per-issue-on-write');
    expect(answers[20]?.headers.get('retry-after')).toBe('2');
    clock += 2000;
    expect((await call(`/rest/api/3/issue/${key}/properties/p`, { method: 'PUT', body: 1 })).status).toBe(200);
  });

  it('shows a fresh issue and its property only after the read lag', async () => {
    await steer('PUT', 'read-lag', { ms: 1000 });
    const { issueKey } = sandbox.createPortalRequest({ accountId: ada, snapshot });
    const path = `/rest/api/3/issue/${issueKey}/properties/${sandbox.propertyKey}`;
    expect((await call(path)).status).toBe(404);
    clock += 1000;
    expect((await call(path)).status).toBe(200);
  });

  it('still finds a moved issue by its former key', async () => {
    const { issueKey } = sandbox.createPortalRequest({ accountId: ada, snapshot });
    await steer('POST', 'move-issue', { issueKey, projectKey: 'OPS' });
    const issue = await json(created, `/rest/api/3/issue/${issueKey}`);
    expect(issue.key).toBe('OPS-1');
  });

  it('serves the second site with its own people and project', async () => {
    const other = await startJiraSandbox({ siteId: 'globex' });
    try {
      const { issueKey } = other.createPortalRequest({ accountId: '712020:gina-globex-requester', snapshot });
      expect(issueKey).toBe('GLX-1');
      expect(() => other.createPortalRequest({ accountId: ada, snapshot })).toThrow('no such person');
    } finally {
      await other.stop();
    }
  });
});

describe('Jira sandbox event delivery', () => {
  afterEach(() => sandbox.stop());

  it('tries again while the product fails, four times at most', async () => {
    await start();
    statuses = [500, 0, 204];
    sandbox.createPortalRequest({ accountId: ada, snapshot });
    await untilEvents(3);
    statuses = [500, 500, 500, 500, 500, 500];
    sandbox.createPortalRequest({ accountId: ada, snapshot });
    await untilEvents(8);
    expect(z.array(z.unknown()).parse(await (await call('/_control/deliveries')).json())).toEqual([]);
    expect(statuses).toHaveLength(1);
  });

  it('delivers again as often as asked, one by one or all at once', async () => {
    await start();
    const { issueKey } = sandbox.createPortalRequest({ accountId: ada, snapshot });
    await untilEvents(1);
    for (const concurrent of [false, true, 2]) {
      const answer = await steer('POST', 'redeliver', { issueKey, times: 5, concurrent });
      expect(z.object({ delivered: z.number() }).parse(await answer.json()).delivered).toBe(5);
    }
    expect(events).toHaveLength(16);
    expect(new Set(events.map((event) => JSON.stringify(event))).size).toBe(1);
  });

  it('posts the event over HTTP with the token of the moment', async () => {
    await start();
    const seen: { authorization: string | undefined; body: string }[] = [];
    const product = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ authorization: request.headers.authorization, body: Buffer.concat(chunks).toString() });
        response.writeHead(202).end('{}');
      });
    });
    await new Promise<void>((resolve) => product.listen(0, '127.0.0.1', resolve));
    const address = product.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const send = httpDelivery(`http://127.0.0.1:${port}/events`, (event) => `token-for-${event.issue.key}`);
    sandbox.setDelivery(send);
    const { issueKey } = sandbox.createPortalRequest({ accountId: ada, snapshot });
    await steer('POST', 'redeliver', { issueKey });
    expect(seen.at(-1)?.authorization).toBe(`Bearer token-for-${issueKey}`);
    expect(z.object({ issue: z.object({ key: z.string() }) }).parse(JSON.parse(seen.at(-1)?.body ?? '')).issue.key).toBe(issueKey);
    await new Promise((resolve) => product.close(resolve));
  });

  it('goes on after a restart: issues, comments, numbers and the event that nobody took', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'jira-sandbox-'));
    await start({ dataDir, delivery: {} });
    const { issueKey } = sandbox.createPortalRequest({ accountId: ada, snapshot });
    await json(z.unknown(), `/rest/api/3/issue/${issueKey}/comment`, { method: 'POST', body: { body: doc('kept') } });
    const died = sandbox;
    appendFileSync(join(dataDir, 'state.jsonl'), '{"kind":"iss');
    await start({ dataDir });
    await untilEvents(1);
    expect(events[0]?.issue.key).toBe(issueKey);
    expect((await json(z.object({ total: z.number() }), `/rest/api/3/issue/${issueKey}/comment`)).total).toBe(1);
    expect(sandbox.createPortalRequest({ accountId: ada, snapshot }).issueKey).toBe('AIACC-2');
    await died.stop();
    await sandbox.stop();
    rmSync(dataDir, { recursive: true });
    await start();
  });
});
