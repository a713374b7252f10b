/**
 * The Jira contract over the Jira adapter: what JiraPort promises (jira.port.ts).
 *
 * By default against this repository's sandbox. Against another server that keeps the contract of Jira Cloud and Jira Service Management:
 *   CONTRACT_JIRA_BASE_URL, CONTRACT_JIRA_EMAIL, CONTRACT_JIRA_API_TOKEN
 *   CONTRACT_JIRA_PROJECT_KEY       a service project; CONTRACT_JIRA_ISSUE_TYPE_ID one of its issue types
 *   CONTRACT_JIRA_CONTROL           `yes` when it serves <base URL>/_control (faults, read lag, calls); what needs it is skipped otherwise
 * The suite creates issues and leaves them. What needs people that it knows runs against the sandbox only.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { JiraFailure } from '../../src/application/ports/jira.port.js';
import type { JiraPort } from '../../src/application/ports/jira.port.js';
import { paragraphs } from '../../src/integrations/jira/adf.js';
import { createJiraClient } from '../../src/integrations/jira/jira-client.js';
import { startJiraSandbox } from '../../src/sandbox/jira/jira-sandbox.js';
import type { JiraSandbox } from '../../src/sandbox/jira/jira-sandbox.js';
import { worldPeople, worldSites } from '../../src/sandbox/world.js';
import { vendorControl, type VendorControl, type FaultOrder } from '../support/vendor.js';
import { startScriptedServer } from './support/scripted-server.js';

const { CONTRACT_JIRA_BASE_URL: otherUrl, CONTRACT_JIRA_EMAIL: otherEmail = '', CONTRACT_JIRA_API_TOKEN: otherToken = '', CONTRACT_JIRA_PROJECT_KEY: otherProject = '', CONTRACT_JIRA_ISSUE_TYPE_ID: otherType = '', CONTRACT_JIRA_CONTROL: otherControl } = process.env;
const steered = otherUrl === undefined || otherControl === 'yes' ? it : it.skip;
const inSandbox = otherUrl === undefined ? it : it.skip;

const propertyKey = 'aiclearance.contract';
const state = z.object({ issues: z.array(z.object({ key: z.string(), comments: z.array(z.object({ body: z.unknown() })) })) });

async function failureOf(run: Promise<unknown>): Promise<JiraFailure | null> {
  try {
    await run;
    return null;
  } catch (error) {
    if (error instanceof JiraFailure) return error;
    throw error;
  }
}
const outcomeOf = async (run: Promise<unknown>) => (await failureOf(run))?.kind ?? 'fine';

describe(`Jira contract: ${otherUrl ?? 'sandbox'}`, () => {
  let sandbox: JiraSandbox | null = null;
  let at: { baseUrl: string; email: string; token: string; projectKey: string; issueTypeId: string };
  let control: VendorControl;
  let jira: JiraPort;
  let issueKey: string;

  const connect = (token: string, timeoutMs = 10_000): JiraPort => createJiraClient({ baseUrl: at.baseUrl, auth: { kind: 'basic', email: at.email, token } }, { allowLoopbackHttp: true, timeoutMs });
  /** The product makes no issues: people do. */
  const open = async (): Promise<string> => {
    const answer = await fetch(`${at.baseUrl}/rest/api/3/issue`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${at.email}:${at.token}`).toString('base64')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ fields: { project: { key: at.projectKey }, issuetype: { id: at.issueTypeId }, summary: 'Contract', description: paragraphs('Made by the contract suite.', '') } }),
    });
    return z.object({ key: z.string() }).parse(await answer.json()).key;
  };
  const comments = async (): Promise<number> => state.parse(await control.send('GET', 'state')).issues.find((issue) => issue.key === issueKey)?.comments.length ?? -1;
  const onIssue = (method: string, path: string, effect: FaultOrder['effect']) => control.fault({ method, path: `/rest/api/3/issue/[^/]+${path}$`, effect });

  beforeAll(async () => {
    if (otherUrl === undefined) {
      sandbox = await startJiraSandbox();
      at = { baseUrl: sandbox.baseUrl, email: sandbox.email, token: sandbox.apiToken, projectKey: sandbox.projectKey, issueTypeId: sandbox.recertificationIssueTypeId };
    } else {
      at = { baseUrl: otherUrl, email: otherEmail, token: otherToken, projectKey: otherProject, issueTypeId: otherType };
    }
    control = vendorControl(at.baseUrl);
    jira = connect(at.token);
  });
  beforeEach(async () => {
    issueKey = await open();
  });
  afterEach(async () => {
    if (otherUrl !== undefined && otherControl !== 'yes') return;
    await control.clearFaults();
    await control.readLag(0);
  });
  afterAll(() => sandbox?.stop());

  describe('issues', () => {
    it('are read with what the product needs of them, by key and by id', async () => {
      const issue = await jira.findIssue(issueKey);
      expect(issue).toMatchObject({ key: issueKey, projectKey: at.projectKey, statusCategory: 'new' });
      expect(issue?.statusName).toMatch(/\w/);
      expect(await jira.findIssue(issue?.id ?? '')).toEqual(issue);
    });

    it('that do not exist are null, with all that hangs on them', async () => {
      const missing = `${at.projectKey}-999999`;
      expect([await jira.findIssue(missing), await jira.findProperty(missing, propertyKey), await jira.findRequestTypeId(missing), await jira.findProperty(issueKey, propertyKey)]).toEqual([null, null, null, null]);
      expect(await outcomeOf(jira.listTransitions(missing))).toBe('notFound');
      expect(await outcomeOf(jira.addComment(missing, paragraphs('x'), { marker: 'm', mayExist: true }))).toBe('notFound');
    });

    it('move by the transitions that they have now', async () => {
      const before = await jira.findIssue(issueKey);
      const offered = await jira.listTransitions(issueKey);
      const [first] = offered;
      await jira.transition(issueKey, first?.id ?? '');
      const after = await jira.findIssue(issueKey);
      expect([after?.statusName, after?.statusName === before?.statusName]).toEqual([first?.toName, false]);
      expect(await outcomeOf(jira.transition(issueKey, '999'))).toBe('rejected');
    });

    inSandbox('of the portal carry their request type and their property', async () => {
      const requester = worldPeople[0]?.accountId ?? '';
      const portal = sandbox?.createPortalRequest({ accountId: requester, snapshot: { toolKey: 'x' } }).issueKey ?? '';
      expect(await jira.findIssue(portal)).toMatchObject({ reporterAccountId: requester, creatorAccountId: requester });
      expect(await jira.findRequestTypeId(portal)).toBe(sandbox?.requestTypeIds[0]);
      expect(await jira.findProperty(portal, sandbox?.propertyKey ?? '')).toMatchObject({ 'aiclearance.snapshot.v1': { toolKey: 'x' } });
    });
  });

  describe('comments', () => {
    it('are added once, however often it is tried', async () => {
      const marker = randomUUID();
      const first = await jira.addComment(issueKey, paragraphs('Approved.', '', 'By policy.'), { marker, mayExist: false });
      expect(await jira.addComment(issueKey, paragraphs('Approved.'), { marker, mayExist: true })).toBe(first);
      expect(await jira.addComment(issueKey, paragraphs('Approved.'), { marker: randomUUID(), mayExist: true })).not.toBe(first);
    });

    steered('whose answer was lost are found again', async () => {
      const marker = randomUUID();
      await onIssue('POST', '/comment', { hangUp: 'after' });
      expect(await outcomeOf(jira.addComment(issueKey, paragraphs('x'), { marker, mayExist: false }))).toBe('retryable');
      expect(await jira.addComment(issueKey, paragraphs('x'), { marker, mayExist: true })).toMatch(/^\d+$/);
      if (sandbox !== null) expect(await comments()).toBe(1);
    });

    it('take every character as plain text', async () => {
      const text = 'h2. {code}x{code} <b>&amp;</b> [link|javascript:alert(1)] \u{1F600} \u00e9 "\\';
      expect(await jira.addComment(issueKey, paragraphs(text, `a\nb`), { marker: randomUUID(), mayExist: false })).toMatch(/^\d+$/);
      if (sandbox !== null) expect(JSON.stringify(await control.send('GET', 'state'))).toContain(JSON.stringify(text));
    });

    inSandbox('are found behind a hundred others', async () => {
      const marker = randomUUID();
      const mine = await jira.addComment(issueKey, paragraphs('first'), { marker, mayExist: false });
      await onIssue('GET', '/comment', { status: 200, body: { startAt: 0, maxResults: 100, total: 201, comments: [] } });
      await onIssue('GET', '/comment', { status: 200, body: { startAt: 100, maxResults: 100, total: 201, comments: [] } });
      await onIssue('GET', '/comment', { status: 200, body: { startAt: 200, maxResults: 100, total: 201, comments: [{ id: mine, properties: [{ key: 'aiclearance.marker', value: { marker } }] }] } });
      expect(await jira.addComment(issueKey, paragraphs('again'), { marker, mayExist: true })).toBe(mine);
    });
  });

  describe('settings', () => {
    it('name the site, the project and its issue types', async () => {
      expect((await jira.serverInfo()).baseUrl).toMatch(/^https?:\/\//);
      expect((await jira.findProject(at.projectKey))?.key).toBe(at.projectKey);
      expect(await jira.findProject('NOSUCH')).toBeNull();
      expect((await jira.listIssueTypes(at.projectKey)).map((type) => type.id)).toContain(at.issueTypeId);
      expect((await jira.listRequestTypes(at.projectKey)).length).toBeGreaterThan(0);
      expect(await outcomeOf(jira.listRequestTypes('NOSUCH'))).toBe('notFound');
    });

    inSandbox('name people by group and permission', async () => {
      const site = worldSites[0];
      const admin = worldPeople.find((person) => person.siteId === site?.id && person.jiraGroups.includes('jira-admins'));
      const requester = worldPeople.find((person) => person.siteId === site?.id && !person.roles.includes('admin'));
      expect([...(await jira.listGroupNames(admin?.accountId ?? ''))].sort()).toEqual([...(admin?.jiraGroups ?? [])].sort());
      expect(await outcomeOf(jira.listGroupNames('712020:nobody'))).toBe('notFound');
      expect([await jira.isAdministrator(admin?.accountId ?? ''), await jira.isAdministrator(requester?.accountId ?? '')]).toEqual([true, false]);
    });

    inSandbox('name the permissions that the app lacks', async () => {
      const wanted = ['ADD_COMMENTS', 'TRANSITION_ISSUES', 'CREATE_ISSUES'];
      expect(await jira.missingPermissions(at.projectKey, wanted)).toEqual([]);
      await control.send('PUT', 'denied-permissions', { permissions: ['TRANSITION_ISSUES'] });
      expect(await jira.missingPermissions(at.projectKey, wanted)).toEqual(['TRANSITION_ISSUES']);
      await control.send('PUT', 'denied-permissions', { permissions: [] });
    });
  });

  describe('trouble', () => {
    it('with the credential is told as such', async () => {
      const stranger = connect('a-wrong-token');
      const calls = [stranger.findIssue(issueKey), stranger.transition(issueKey, '11'), stranger.serverInfo(), stranger.listGroupNames('x')];
      expect(await Promise.all(calls.map(outcomeOf))).toEqual(calls.map(() => 'unauthorized'));
    });

    for (const [status, kind] of [[400, 'rejected'], [403, 'forbidden'], [409, 'retryable'], [429, 'retryable'], [500, 'retryable'], [502, 'retryable'], [503, 'retryable']] as const) {
      steered(`of status ${status} is ${kind}, and nothing is sent again`, async () => {
        const before = (await control.calls()).length;
        await onIssue('POST', '/transitions', { status });
        expect(await outcomeOf(jira.transition(issueKey, '11'))).toBe(kind);
        expect((await control.calls()).slice(before).map((call) => [call.method, call.status])).toEqual([['POST', status]]);
      });
    }

    steered('of too many calls says how long to wait and why, in each form', async () => {
      const forms: readonly (readonly [Readonly<Record<string, string>>, number])[] = [
        [{ 'Retry-After': '5' }, 5000],
        [{ 'Retry-After': new Date(Date.now() + 30_000).toUTCString() }, 30_000],
      ];
      for (const [headers, expectedMs] of forms) {
        await onIssue('POST', '/transitions', { status: 429, headers: { ...headers, 'RateLimit-Reason': 'jira-per-issue-on-write' } });
        const more = (await failureOf(jira.transition(issueKey, '11')))?.more;
        expect(more?.rateLimitReason).toBe('jira-per-issue-on-write');
        expect(Math.abs((more?.retryAfterMs ?? 0) - expectedMs)).toBeLessThanOrEqual(2000);
      }
    });

    steered('of lost, late and foreign answers', async () => {
      await onIssue('POST', '/transitions', { hangUp: 'before' });
      expect(await outcomeOf(jira.transition(issueKey, '11'))).toBe('retryable');
      await onIssue('GET', '', { delayMs: 60_000 });
      expect(await outcomeOf(connect(at.token, 200).findIssue(issueKey))).toBe('retryable');
      await onIssue('GET', '', { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' });
      expect(await outcomeOf(jira.findIssue(issueKey))).toBe('invalidAnswer');
      await onIssue('GET', '', { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<h1>404</h1>' });
      expect(await outcomeOf(jira.findIssue(issueKey))).toBe('invalidAnswer');
      await onIssue('GET', '', { status: 200, body: { id: '1' } });
      expect(await outcomeOf(jira.findIssue(issueKey))).toBe('invalidAnswer');
    });

    steered('of a redirect: the credential does not go there', async () => {
      const elsewhere = await startScriptedServer(() => ({ status: 200, body: {} }));
      await onIssue('GET', '', { status: 302, headers: { Location: `${elsewhere.url}/` } });
      expect(await outcomeOf(jira.findIssue(issueKey))).toBe('invalidAnswer');
      expect(elsewhere.seen).toHaveLength(0);
      await elsewhere.close();
    });

    steered('of slow consistency: a fresh issue may be null, later it is not', async () => {
      await control.readLag(3_600_000);
      const fresh = await open();
      expect(await jira.findIssue(fresh)).toBeNull();
      await control.readLag(0);
      expect((await jira.findIssue(fresh))?.key).toBe(fresh);
    });

    inSandbox('of Jira\'s own limit on one issue is met by none of our bursts', async () => {
      const marker = randomUUID();
      const outcomes = await Promise.all(Array.from({ length: 25 }, (_, index) => outcomeOf(jira.addComment(issueKey, paragraphs('x'), { marker: `${marker}-${index}`, mayExist: false }))));
      expect(outcomes).toEqual(outcomes.map(() => 'fine'));
    });
  });
});
