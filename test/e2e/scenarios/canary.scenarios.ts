import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { until } from '../../support/until.js';
import { findIn, tracesOf, type Trace } from '../support/traces.js';
import type { Answer } from '../support/http-actor.js';
import { bodyOf, PEOPLE, type World } from '../support/world.js';

const withId = z.looseObject({ id: z.string() });
const testResult = z.looseObject({ ok: z.boolean() });
const canary = (what: string): string => `canary-${what}-${randomUUID()}`;

/** SPEC O4, N11, F14: recognisable secrets go through every path that touches them and are then looked for everywhere. */
export function canaryScenarios(at: () => World): void {
  it('leaves no credential and no external identity anywhere outside its sealed store', async () => {
    const answers: Trace[] = [];
    const admin = at().as('erin');
    const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
      const answer = await admin.send(method, path, body, { ifMatch: '*' });
      answers.push({ name: `answer of ${method} ${path}`, text: JSON.stringify({ ...answer, headers: [...answer.headers] }) });
      return answer;
    };
    const { okta, entra, jira } = at().info;
    const privateKeyPem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const made = { oktaToken: canary('okta-token'), replacedToken: canary('replaced'), clientSecret: canary('client-secret'), privateKey: privateKeyPem.split('\n')[2] ?? '', refusedToken: canary('refused'), wrongUrl: canary('wrong-url') };

    // Credentials that the vendors refuse, or that can't even be read.
    const bodies = [
      { provider: 'okta', name: made.oktaToken.slice(0, 12), orgUrl: okta.baseUrl, auth: { kind: 'apiToken', token: made.oktaToken } },
      { provider: 'entra', name: 'Canary Entra', tenantId: entra.tenantId, clientId: entra.clientId, authorityHost: entra.authorityHost, graphBaseUrl: entra.graphBaseUrl, auth: { kind: 'clientSecret', clientSecret: made.clientSecret } },
      { provider: 'okta', name: 'Canary key', orgUrl: okta.baseUrl, auth: { kind: 'privateKeyJwt', clientId: 'client', privateKeyPem } },
    ];
    for (const body of bodies) {
      const { id } = bodyOf(await call('POST', '/connectors', body), 201, withId);
      expect(bodyOf(await call('POST', `/connectors/${id}/test`, {}), 200, testResult).ok).toBe(false);
      if (body.auth.kind === 'apiToken') expect((await call('PATCH', `/connectors/${id}`, { auth: { kind: 'apiToken', token: made.replacedToken } })).status).toBe(200);
      await call('GET', `/connectors/${id}`);
    }
    expect((await call('POST', '/connectors', { ...bodies[0], auth: { kind: 'apiToken', token: made.refusedToken, extra: made.refusedToken } })).status).toBe(400);
    expect((await call('POST', '/connectors', { ...bodies[0], orgUrl: 'https://evil.example', auth: { kind: 'apiToken', token: made.wrongUrl } })).status).toBe(422);
    await call('GET', '/connectors');

    // A vendor that refuses, and one that repeats the credential in its error; Jira does so too.
    const { key, groupId } = await at().tool('okta');
    const login = `canary.${randomUUID()}@acme.example`;
    const { id: oktaId } = withId.parse(await at().okta.send('POST', 'users', { login }));
    expect((await call('POST', '/identity-mappings', { accountId: PEOPLE.ben, provider: 'okta', externalLogin: `nobody.${login}` })).status).toBe(422);
    await admin.post('/identity-mappings', { accountId: PEOPLE.ben, provider: 'okta', externalLogin: login });
    const asked = await at().ask('ben', key);
    await at().okta.fault([
      { path: groupId, effect: { status: 401, body: { errorCode: 'E0000011', errorSummary: `Invalid token provided: ${okta.apiToken}` } } },
      { path: groupId, effect: { status: 500, body: { errorCode: 'E0000009', errorSummary: `SSWS ${okta.apiToken} for ${login}` } } },
    ]);
    // Of this issue: the person's other access moves to the new mapping meanwhile, and says so in its own.
    const { id: issueId } = withId.parse(await (await fetch(`${jira.baseUrl}/rest/api/3/issue/${asked.issueKey ?? ''}?fields=status`, { headers: { authorization: `Bearer ${jira.apiToken}` } })).json());
    await at().jira.fault({ path: `/${issueId}/comment`, method: 'POST', effect: { status: 400, body: { errorMessages: [`Bearer ${jira.apiToken} is not welcome`], errors: {} } } });
    bodyOf(await at().decide('carla', asked.id, 'approve'), 200, z.unknown());
    await until('a vendor error in the job', async () => (await call('GET', `/jobs?requestId=${asked.id}`)).status === 200 && (await at().okta.calls(new RegExp(groupId))).some(({ status }) => status === 401), { timeoutMs: 30_000, everyMs: 200 });
    const job = bodyOf(await call('GET', `/jobs?requestId=${asked.id}`), 200, z.looseObject({ items: z.array(withId) })).items[0];
    await until('the retried job to succeed', async () => {
      if ((await at().look(asked.id)).grant?.status === 'active') return true;
      await call('POST', `/jobs/${job?.id ?? ''}/retry`, {});
      return false;
    }, { timeoutMs: 40_000, everyMs: 1_000 });
    expect(await at().vendors.oktaMembers(groupId)).toEqual([login]);
    const refusedComment = z.looseObject({ items: z.array(z.looseObject({ data: z.looseObject({ error: z.string() }) })) });
    await until('the comment that Jira refused', async () => bodyOf(await call('GET', `/audit/events?requestId=${asked.id}&action=ticket.failed`), 200, refusedComment).items[0]?.data.error, { timeoutMs: 30_000, everyMs: 200 });
    await at().okta.clearFaults();
    await at().jira.clearFaults();
    for (const path of [`/requests/${asked.id}`, `/requests/${asked.id}/timeline`, `/jobs?requestId=${asked.id}`, '/audit/events?limit=200', '/connectors?limit=200']) await call('GET', path);

    const traces = await tracesOf(at());
    const everywhere = [...traces, ...answers];
    // A search that finds nothing proves something only if it finds what is there.
    const found = findIn(traces, { request: asked.id });
    for (const place of ['table public.request', 'table public.audit_event', 'file temporal.db', `history accessRequest ${asked.workflowId}`]) expect(found).toContain(`request in ${place}`);
    expect(traces.map(({ name }) => name)).toEqual(expect.arrayContaining(['file api.log', 'file core.log', 'file governance.log', 'table public.command', 'table public.ticket_outbox', 'table public.connector']));

    expect(findIn(everywhere, { ...made, oktaApiToken: okta.apiToken, entraClientSecret: entra.clientSecret, jiraApiToken: jira.apiToken })).toEqual([]);
    expect(findIn(traces, { login, oktaId })).toEqual([]);
  }, 180_000);
}
