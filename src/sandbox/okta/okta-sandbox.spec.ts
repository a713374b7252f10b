import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import okta from '@okta/okta-sdk-nodejs';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { startOktaSandbox } from './okta-sandbox.js';
import type { OktaSandbox, OktaSandboxOptions } from './okta-sandbox.js';

const groupName = 'AI Clearance - ChatGPT Enterprise - Users';
const ada = 'ada.fontaine@acme.example';
const errorShape = z.strictObject({
  errorCode: z.string(), errorSummary: z.string(), errorLink: z.string(), errorId: z.string(), errorCauses: z.array(z.object({ errorSummary: z.string() })),
});
const idRows = z.array(z.looseObject({ id: z.string() }));
const callRows = z.array(z.object({ at: z.string(), method: z.string(), path: z.string(), status: z.number(), changed: z.boolean(), seq: z.number(), query: z.string() }));

let sandbox: OktaSandbox;
let clock = Date.parse('2026-06-01T00:00:00Z');

function call(path: string, init: { method?: string; body?: string; headers?: Record<string, string>; token?: string } = {}): Promise<Response> {
  const { token = sandbox.apiToken, ...rest } = init;
  return fetch(`${sandbox.baseUrl}${path}`, { ...rest, headers: { authorization: `SSWS ${token}`, 'content-type': 'application/json', ...rest.headers } });
}

async function steer(method: string, path: string, body: unknown): Promise<void> {
  const answer = await call(`/_control/${path}`, { method, body: JSON.stringify(body) });
  expect(answer.status).toBeLessThan(300);
}

async function idOf(path: string): Promise<string> {
  return idRows.parse(await (await call(path)).json())[0]?.id ?? '';
}

const groupId = (name = groupName): Promise<string> => idOf(`/api/v1/groups?search=${encodeURIComponent(`profile.name eq "${name}"`)}`);
const userId = (login = ada): Promise<string> => idOf(`/api/v1/users?filter=${encodeURIComponent(`profile.login eq "${login}"`)}`);

async function memberIds(group: string): Promise<string[]> {
  return idRows.parse(await (await call(`/api/v1/groups/${group}/users`)).json()).map((row) => row.id);
}

async function start(options: OktaSandboxOptions = {}): Promise<void> {
  sandbox = await startOktaSandbox({ now: () => clock, ...options });
}

describe('Okta sandbox', () => {
  beforeEach(() => start());
  afterEach(() => sandbox.stop());

  it('adds and removes a member, and both are harmless when repeated', async () => {
    const [group, user] = [await groupId(), await userId()];
    for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE']) {
      expect((await call(`/api/v1/groups/${group}/users/${user}`, { method })).status).toBe(204);
      expect(await memberIds(group)).toEqual(method === 'PUT' ? [user] : []);
    }
    const calls = callRows.parse(await (await call('/_control/calls')).json());
    expect(calls.filter((one) => one.method !== 'GET').map((one) => one.changed)).toEqual([true, false, true, false]);
  });

  it('answers 401 E0000011 to a wrong token', async () => {
    const answer = await call('/api/v1/groups', { token: 'wrong' });
    expect(answer.status).toBe(401);
    expect(errorShape.parse(await answer.json()).errorCode).toBe('E0000011');
  });

  it.each(['Everyone', 'AD - Finance Analysts'])('refuses membership writes to %s with 403 E0000006', async (name) => {
    const [group, user] = [await groupId(name), await userId()];
    for (const method of ['PUT', 'DELETE']) {
      const answer = await call(`/api/v1/groups/${group}/users/${user}`, { method });
      expect(answer.status).toBe(403);
      expect(errorShape.parse(await answer.json()).errorCode).toBe('E0000006');
    }
  });

  it.each([
    ['/api/v1/groups/00gmissing', 'GET'],
    ['/api/v1/groups/00gmissing/users', 'GET'],
    ['/api/v1/users/nobody@acme.example', 'GET'],
    ['/api/v1/nowhere', 'GET'],
  ])('answers 404 E0000007 for %s', async (path, method) => {
    const answer = await call(path, { method });
    expect(answer.status).toBe(404);
    expect(errorShape.parse(await answer.json()).errorCode).toBe('E0000007');
  });

  it('refuses a filter it cannot read with E0000031 and a second group of the same name with E0000001', async () => {
    const filtered = await call(`/api/v1/groups?filter=${encodeURIComponent('profile.name eq "x"')}`);
    expect([filtered.status, errorShape.parse(await filtered.json()).errorCode]).toEqual([400, 'E0000031']);
    const again = await call('/api/v1/groups', { method: 'POST', body: JSON.stringify({ profile: { name: groupName } }) });
    expect([again.status, errorShape.parse(await again.json()).errorCode]).toEqual([400, 'E0000001']);
  });

  it('creates a group, finds it and deletes it', async () => {
    const created = await call('/api/v1/groups', { method: 'POST', body: JSON.stringify({ profile: { name: 'AI Clearance - New - Users' } }) });
    expect(created.status).toBe(200);
    const id = await groupId('AI Clearance - New - Users');
    expect((await call(`/api/v1/groups/${id}`)).status).toBe(200);
    expect((await call(`/api/v1/groups/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await call(`/api/v1/groups/${id}`)).status).toBe(404);
  });

  it('pages members by Link headers and shows each once', async () => {
    const group = await groupId('Everyone');
    const seen: string[] = [];
    let next: string | undefined = `/api/v1/groups/${group}/users?limit=7`;
    while (next !== undefined) {
      const answer = await call(next);
      seen.push(...idRows.parse(await answer.json()).map((row) => row.id));
      next = /<[^>]*?(\/api\/v1[^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(await memberIds(group));
    expect(seen.length).toBeGreaterThan(14);
  });

  it('shows a write to readers only after the read lag, and to writers at once', async () => {
    const [group, user] = [await groupId(), await userId()];
    await steer('PUT', 'read-lag', { ms: 5000 });
    await call(`/api/v1/groups/${group}/users/${user}`, { method: 'PUT' });
    clock += 4999;
    expect(await memberIds(group)).toEqual([]);
    clock += 1;
    expect(await memberIds(group)).toEqual([user]);
    await call(`/api/v1/groups/${group}/users/${user}`, { method: 'DELETE' });
    expect(await memberIds(group)).toEqual([user]);
    await steer('PUT', 'read-lag', { ms: 0 });
    expect(await memberIds(group)).toEqual([]);
  });

  it('lists active rules and puts a removed rule member on the exclusion list', async () => {
    const group = await groupId('Engineering (by rule)');
    const [first = ''] = await memberIds(group);
    await call(`/api/v1/groups/${group}/users/${first}`, { method: 'DELETE' });
    const rules = z
      .array(z.object({ status: z.string(), conditions: z.object({ people: z.object({ users: z.object({ exclude: z.array(z.string()) }) }) }) }))
      .parse(await (await call('/api/v1/groups/rules')).json());
    expect(rules[0]).toMatchObject({ status: 'ACTIVE', conditions: { people: { users: { exclude: [first] } } } });
  });

  it('keeps a deactivated person findable by id, out of the plain list, and refuses to add them', async () => {
    const [group, user] = [await groupId(), await userId()];
    await steer('PUT', 'user-status', { user: ada, status: 'DEPROVISIONED' });
    expect(z.object({ status: z.string() }).parse(await (await call(`/api/v1/users/${user}`)).json()).status).toBe('DEPROVISIONED');
    expect(idRows.parse(await (await call('/api/v1/users')).json()).map((row) => row.id)).not.toContain(user);
    expect((await call(`/api/v1/groups/${group}/users/${user}`, { method: 'PUT' })).status).toBe(404);
  });

  it('names the apps a group opens', async () => {
    const apps = z.array(z.object({ label: z.string() })).parse(await (await call(`/api/v1/groups/${await groupId()}/apps`)).json());
    expect(apps.map((app) => app.label)).toEqual(['ChatGPT Enterprise']);
  });

  it('counts the rate budget down and answers 429 E0000047 when it is used up', async () => {
    await steer('PUT', 'rate-limit', { limit: 2, windowMs: 60_000 });
    const answers = [await call('/api/v1/groups'), await call('/api/v1/groups'), await call('/api/v1/groups')];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
    expect(answers.map((answer) => answer.headers.get('x-rate-limit-remaining'))).toEqual(['1', '0', '0']);
    expect(Number(answers[2]?.headers.get('x-rate-limit-reset'))).toBe(clock / 1000 + 60);
    expect(answers[2]?.headers.get('date')).not.toBeNull();
  });

  it('can be read with the vendor’s own client', async () => {
    const client = new okta.Client({ orgUrl: sandbox.baseUrl, token: sandbox.apiToken, cacheMiddleware: null });
    const [group, user] = [await groupId(), await userId()];
    await client.groupApi.assignUserToGroup({ groupId: group, userId: user });
    const members = await client.groupApi.listGroupUsers({ groupId: group });
    const found: string[] = [];
    await members.each((member) => {
      found.push(String(member.profile?.login));
    });
    expect(found).toEqual([ada]);
    await expect(client.userApi.getUser({ userId: 'nobody' })).rejects.toMatchObject({ status: 404, errorCode: 'E0000007' });
  });
});

describe('Okta sandbox faults', () => {
  beforeEach(() => start());
  afterEach(() => sandbox.stop());

  it('answers a scripted status as often as told, in the vendor’s form', async () => {
    await steer('POST', 'faults', { method: 'GET', path: '/api/v1/groups$', times: 2, effect: { status: 429, headers: { 'Retry-After': '3' } } });
    const answers = [await call('/api/v1/groups'), await call('/api/v1/groups'), await call('/api/v1/groups')];
    expect(answers.map((answer) => answer.status)).toEqual([429, 429, 200]);
    expect(answers[0]?.headers.get('retry-after')).toBe('3');
    expect(answers[0]?.headers.get('x-rate-limit-reset')).not.toBeNull();
    expect(errorShape.parse(await answers[0]?.json()).errorCode).toBe('E0000047');
  });

  it.each([['before', []], ['after', [ada]]] as const)('hanging up %s the change leaves the members %j', async (hangUp, expected) => {
    const [group, user] = [await groupId(), await userId()];
    await steer('POST', 'faults', { method: 'PUT', path: '/users/', times: 1, effect: { hangUp } });
    await expect(call(`/api/v1/groups/${group}/users/${user}`, { method: 'PUT' })).rejects.toThrow();
    const logins = z.array(z.object({ profile: z.object({ login: z.string() }) })).parse(await (await call(`/api/v1/groups/${group}/users`)).json());
    expect(logins.map((row) => row.profile.login)).toEqual(expected);
    const calls = callRows.parse(await (await call('/_control/calls')).json());
    expect(calls.filter((one) => one.method === 'PUT')).toMatchObject([{ status: 0, changed: hangUp === 'after' }]);
  });

  it('lets a delayed request change something only when the delay is over', async () => {
    const [group, user] = [await groupId(), await userId()];
    await steer('POST', 'faults', { method: 'PUT', times: 1, effect: { delayMs: 150 } });
    const late = call(`/api/v1/groups/${group}/users/${user}`, { method: 'PUT' });
    expect(await memberIds(group)).toEqual([]);
    expect((await late).status).toBe(204);
    expect(await memberIds(group)).toEqual([user]);
  });

  it('lands a delayed change although its caller has given up', async () => {
    const [group, user] = [await groupId(), await userId()];
    await steer('POST', 'faults', { method: 'PUT', times: 1, effect: { delayMs: 100 } });
    const impatient = fetch(`${sandbox.baseUrl}/api/v1/groups/${group}/users/${user}`, {
      method: 'PUT', headers: { authorization: `SSWS ${sandbox.apiToken}` }, signal: AbortSignal.timeout(20),
    });
    await expect(impatient).rejects.toThrow();
    expect(await memberIds(group)).toEqual([]);
    const landed = async (): Promise<boolean> => callRows.parse(await (await call('/_control/calls')).json()).some((one) => one.changed);
    while (!(await landed())) continue;
    expect(await memberIds(group)).toEqual([user]);
  });

  it('is not steered by a page in a browser', async () => {
    const answer = await call('/_control/faults', { method: 'DELETE', headers: { origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
  });

  it('forgets faults that are cleared and refuses ones it cannot read', async () => {
    await steer('POST', 'faults', { times: 5, effect: { status: 500 } });
    await steer('DELETE', 'faults', undefined);
    expect((await call('/api/v1/groups')).status).toBe(200);
    const wrong = await call('/_control/faults', { method: 'POST', body: JSON.stringify({ times: 1, effect: { explode: true } }) });
    expect(wrong.status).toBe(400);
  });
});

describe('Okta sandbox on disk', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'okta-sandbox-'));
    await start({ dataDir });
  });
  afterEach(async () => {
    await sandbox.stop();
    rmSync(dataDir, { recursive: true });
  });

  it('still knows members, calls and the token after it died without a farewell', async () => {
    const [group, user] = [await groupId(), await userId()];
    await call(`/api/v1/groups/${group}/users/${user}`, { method: 'PUT' });
    const { apiToken } = sandbox;
    // A second instance on the same files while the first was never stopped: what a kill leaves behind.
    const died = sandbox;
    appendFileSync(join(dataDir, 'state.jsonl'), '{"kind":"memberRemoved","groupId":"torn');
    await start({ dataDir });
    await died.stop();
    expect(sandbox.apiToken).toBe(apiToken);
    expect(await memberIds(group)).toEqual([user]);
    const calls = callRows.parse(await (await call('/_control/calls')).json());
    expect(calls.filter((one) => one.changed)).toHaveLength(1);
  });
});

describe('Okta sandbox token endpoint', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const clientId = '0oaservice';
  beforeEach(() =>
    start({
      serviceApps: [{ clientId, publicKeyPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(), scopes: ['okta.groups.read', 'okta.users.read'] }],
    }),
  );
  afterEach(() => sandbox.stop());

  async function token(jti: string, scope: string, expiresAt = clock / 1000 + 300): Promise<Response> {
    const audience = `${sandbox.baseUrl}/oauth2/v1/token`;
    const assertion = await new SignJWT({ jti }).setProtectedHeader({ alg: 'RS256' }).setIssuer(clientId).setSubject(clientId).setAudience(audience).setExpirationTime(expiresAt).sign(pair.privateKey);
    return fetch(audience, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', scope, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion }),
    });
  }

  it('gives a token that may do what its scopes say and nothing else', async () => {
    const answer = await token(randomUUID(), 'okta.groups.read');
    const { access_token: bearer } = z.object({ access_token: z.string() }).parse(await answer.json());
    const as = { headers: { authorization: `Bearer ${bearer}` } };
    expect((await call('/api/v1/groups', as)).status).toBe(200);
    expect((await call('/api/v1/users', as)).status).toBe(403);
    expect((await call('/api/v1/groups', { ...as, method: 'POST', body: '{}' })).status).toBe(403);
    clock += 3_600_000;
    expect((await call('/api/v1/groups', as)).status).toBe(401);
  });

  it('refuses a repeated assertion, an expired one and a scope that was not granted', async () => {
    const jti = randomUUID();
    expect((await token(jti, 'okta.groups.read')).status).toBe(200);
    expect((await token(jti, 'okta.groups.read')).status).toBe(401);
    expect((await token(randomUUID(), 'okta.groups.read', clock / 1000 - 1)).status).toBe(401);
    expect((await token(randomUUID(), 'okta.groups.manage')).status).toBe(400);
  });
});
