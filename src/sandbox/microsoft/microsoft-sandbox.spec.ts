import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientSecretCredential } from '@azure/identity';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { startMicrosoftSandbox } from './microsoft-sandbox.js';
import type { MicrosoftSandbox, MicrosoftSandboxOptions } from './microsoft-sandbox.js';

const groupName = 'AI Clearance - Microsoft 365 Copilot - Users';
const ada = 'ada.fontaine@acme.onmicrosoft.example';
const errorShape = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), innerError: z.strictObject({ date: z.string(), 'request-id': z.string(), 'client-request-id': z.string() }) }),
});
const page = z.looseObject({ value: z.array(z.looseObject({ id: z.string() })), '@odata.nextLink': z.string().optional(), '@odata.count': z.number().optional() });
const callRows = z.array(z.object({ method: z.string(), path: z.string(), status: z.number(), changed: z.boolean() }));

let sandbox: MicrosoftSandbox;
let bearer = '';
let clock = Date.parse('2026-06-01T00:00:00Z');

interface Init { method?: string; body?: unknown; headers?: Record<string, string>; token?: string }

function call(path: string, { method = 'GET', body, headers = {}, token = bearer }: Init = {}): Promise<Response> {
  const url = path.startsWith('http') ? path : `${sandbox.graphBaseUrl}${path}`;
  return fetch(url, {
    method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function askToken(form: Record<string, string> = {}, tenant = sandbox.tenantId): Promise<Response> {
  const usual = { grant_type: 'client_credentials', client_id: sandbox.clientId, scope: 'https://graph.microsoft.com/.default' };
  const secret = 'client_assertion' in form ? {} : { client_secret: sandbox.clientSecret };
  return fetch(`${sandbox.authorityHostHttp}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams({ ...usual, ...secret, ...form }) });
}

async function start(options: MicrosoftSandboxOptions = {}): Promise<void> {
  sandbox = await startMicrosoftSandbox({ now: () => clock, ...options });
  bearer = z.object({ access_token: z.string() }).parse(await (await askToken()).json()).access_token;
}

async function steer(method: string, path: string, body: unknown): Promise<void> {
  expect((await call(`/_control/${path}`, { method, body })).status).toBeLessThan(300);
}

async function list(path: string, headers: Record<string, string> = {}): Promise<z.infer<typeof page>> {
  const answer = await call(path, { headers });
  expect(answer.status).toBe(200);
  return page.parse(await answer.json());
}

const filtered = (path: string, filter: string): string => `${path}?$filter=${encodeURIComponent(filter)}`;
const groupId = async (name = groupName): Promise<string> => (await list(filtered('/groups', `displayName eq '${name}'`))).value[0]?.id ?? '';
const userId = async (upn = ada): Promise<string> => (await list(filtered('/users', `userPrincipalName eq '${upn}'`))).value[0]?.id ?? '';
const reference = (id: string): unknown => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
const add = (group: string, user: string): Promise<Response> => call(`/groups/${group}/members/$ref`, { method: 'POST', body: reference(user) });
const remove = (group: string, user: string): Promise<Response> => call(`/groups/${group}/members/${user}/$ref`, { method: 'DELETE' });
const memberIds = async (group: string): Promise<string[]> => (await list(`/groups/${group}/members`)).value.map((row) => row.id);

async function refusal(answer: Response): Promise<[number, string, string]> {
  const { code, message } = errorShape.parse(await answer.json()).error;
  return [answer.status, code, message];
}

describe('Microsoft sandbox: groups and members', () => {
  beforeEach(() => start());
  afterEach(() => sandbox.stop());

  it('adds and removes a member and refuses both when repeated', async () => {
    const [group, user] = [await groupId(), await userId()];
    expect((await add(group, user)).status).toBe(204);
    expect(await refusal(await add(group, user))).toEqual([
      400, 'Request_BadRequest', "One or more added object references already exist for the following modified properties: 'members'.",
    ]);
    expect(await memberIds(group)).toEqual([user]);
    expect((await remove(group, user)).status).toBe(204);
    expect((await refusal(await remove(group, user))).slice(0, 2)).toEqual([404, 'Request_ResourceNotFound']);
    const calls = callRows.parse(await (await call('/_control/calls')).json());
    expect(calls.filter((one) => one.changed).map((one) => one.method)).toEqual(['POST', 'DELETE']);
  });

  it.each([
    ['Engineering (dynamic)', 400, 'Request_BadRequest'],
    ['Finance Distribution', 400, 'Request_BadRequest'],
    ['Mail Security Staff', 400, 'Request_BadRequest'],
    ['AD Office Printers', 400, 'Request_BadRequest'],
    ['Helpdesk Administrators', 403, 'Authorization_RequestDenied'],
  ])('refuses members of %s with %i', async (name, status, code) => {
    const [group, user] = [await groupId(name), await userId()];
    expect((await refusal(await add(group, user))).slice(0, 2)).toEqual([status, code]);
    expect((await refusal(await remove(group, user))).slice(0, 2)).toEqual([status, code]);
  });

  it('answers 404 for a missing person or group, 400 for an id that is none', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000';
    const [group, user] = [await groupId(), await userId()];
    expect((await add(group, nobody)).status).toBe(404);
    expect((await add(nobody, user)).status).toBe(404);
    expect((await call(`/users/${nobody}`)).status).toBe(404);
    expect((await call('/groups/none')).status).toBe(400);
    expect((await call(`/groups/${group}/members/$ref`, { method: 'POST', body: {} })).status).toBe(400);
  });

  it('deletes the person when the /$ref is forgotten and the app may manage people', async () => {
    const [group, user] = [await groupId(), await userId()];
    await add(group, user);
    expect((await call(`/groups/${group}/members/${user}`, { method: 'DELETE' })).status).toBe(403);
    await steer('PUT', 'app-roles', { roles: ['GroupMember.ReadWrite.All', 'User.ReadWrite.All'] });
    expect((await call(`/groups/${group}/members/${user}`, { method: 'DELETE' })).status).toBe(204);
    expect((await call(`/users/${user}`)).status).toBe(404);
  });

  it('creates a security group and refuses one without a nickname or with mail', async () => {
    const body = { displayName: 'AI Clearance - New - Users', mailEnabled: false, mailNickname: 'AIClearanceNew', securityEnabled: true };
    expect((await call('/groups', { method: 'POST', body })).status).toBe(201);
    expect(await groupId(body.displayName)).not.toBe('');
    const incomplete = { displayName: body.displayName, mailEnabled: false, securityEnabled: true };
    expect((await refusal(await call('/groups', { method: 'POST', body: incomplete })))[2]).toContain("property 'mailNickname'");
    expect((await call('/groups', { method: 'POST', body: { ...body, mailEnabled: true } })).status).toBe(400);
  });

  it('hides accountEnabled unless it is selected', async () => {
    const plain = z.looseObject({ id: z.string() }).parse(await (await call(`/users/${ada}`)).json());
    expect(plain).not.toHaveProperty('accountEnabled');
    await steer('PUT', 'user-status', { user: ada, accountEnabled: false });
    const selected = await (await call(`/users/${ada}?$select=id,accountEnabled`)).json();
    expect(selected).toMatchObject({ id: plain.id, accountEnabled: false });
  });

  it('pages by nextLink and shows each row once', async () => {
    const group = await groupId('All Company');
    const seen: string[] = [];
    let next: string | undefined = `/groups/${group}/members?$top=5`;
    while (next !== undefined) {
      const one: z.infer<typeof page> = await list(next);
      seen.push(...one.value.map((row) => row.id));
      next = one['@odata.nextLink'];
    }
    expect(seen).toEqual(await memberIds(group));
    expect(seen.length).toBeGreaterThan(10);
  });

  it('searches only with ConsistencyLevel and filters by more than equality', async () => {
    const search = `/groups?$search=${encodeURIComponent('"displayName:clearance copilot"')}&$count=true`;
    expect((await refusal(await call(search)))[1]).toBe('Request_UnsupportedQuery');
    const found = await list(search, { ConsistencyLevel: 'eventual' });
    expect(found).toMatchObject({ '@odata.count': 1, value: [{ displayName: groupName }] });
    expect((await list(filtered('/groups', "startswith(displayName,'AI Clearance') and securityEnabled eq true"))).value).toHaveLength(1);
    expect((await list(filtered('/groups', "groupTypes/any(c:c eq 'DynamicMembership')"))).value).toMatchObject([{ displayName: 'Engineering (dynamic)' }]);
    expect((await call(filtered('/groups', "colour eq 'red'"))).status).toBe(400);
  });

  it('says which groups a person is in, and which apps a group opens', async () => {
    const [group, user] = [await groupId(), await userId()];
    await add(group, user);
    const check = await call(`/users/${user}/checkMemberGroups`, { method: 'POST', body: { groupIds: [group, await groupId('Office Berlin')] } });
    expect(z.object({ value: z.array(z.string()) }).parse(await check.json()).value).toEqual([group]);
    expect((await list(`/users/${user}/memberOf`)).value.map((row) => row.id)).toContain(group);
    expect((await list(`/groups/${group}/appRoleAssignments`)).value).toMatchObject([{ resourceDisplayName: 'Microsoft 365 Copilot' }]);
    const many = Array.from({ length: 21 }, () => group);
    expect((await call(`/users/${user}/checkMemberGroups`, { method: 'POST', body: { groupIds: many } })).status).toBe(400);
  });

  it('shows a write, and a new group, only after the read lag', async () => {
    const [group, user] = [await groupId(), await userId()];
    await steer('PUT', 'read-lag', { ms: 1000 });
    await add(group, user);
    expect(await memberIds(group)).toEqual([]);
    expect((await add(group, user)).status).toBe(400);
    const created = await call('/groups', { method: 'POST', body: { displayName: 'Fresh', mailEnabled: false, mailNickname: 'fresh', securityEnabled: true } });
    const { id } = z.object({ id: z.string() }).parse(await created.json());
    expect((await add(id, user)).status).toBe(404);
    clock += 1000;
    expect(await memberIds(group)).toEqual([user]);
    expect((await add(id, user)).status).toBe(204);
  });

  it('refuses what the app has no permission for', async () => {
    const [group, user] = [await groupId(), await userId()];
    await steer('PUT', 'app-roles', { roles: ['GroupMember.ReadWrite.All'] });
    expect((await refusal(await call(`/users/${user}`))).slice(0, 2)).toEqual([403, 'Authorization_RequestDenied']);
    expect((await add(group, user)).status).toBe(204);
    expect((await call('/groups', { method: 'POST', body: {} })).status).toBe(403);
  });

  it('takes a call that a gateway delivers twice as two, and logs one change', async () => {
    const [group, user] = [await groupId(), await userId()];
    await steer('POST', 'faults', { method: 'POST', path: '/members/', effect: { delivered: 'twice' } });
    expect((await refusal(await add(group, user))).slice(0, 2)).toEqual([400, 'Request_BadRequest']);
    expect(await memberIds(group)).toEqual([user]);
    const calls = callRows.parse(await (await call('/_control/calls')).json());
    expect(calls.filter((one) => one.changed).map((one) => one.method)).toEqual(['POST']);
  });

  it('plays faults on Graph and on the token endpoint, and throttles when told', async () => {
    await steer('POST', 'faults', [{ path: '/oauth2/v2.0/token', times: 1, effect: { status: 503 } }, { path: '/groups$', times: 1, effect: { status: 429, headers: { 'Retry-After': '7' } } }]);
    expect((await askToken()).status).toBe(503);
    const throttled = await call('/groups');
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7']);
    await steer('PUT', 'rate-limit', { limit: 1, windowMs: 3000 });
    expect((await call('/groups')).status).toBe(200);
    const limited = await call('/groups');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3']);
  });
});

describe('Microsoft sandbox: tokens', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  beforeEach(() => start({ certificatePem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() }));
  afterEach(() => sandbox.stop());

  it.each<[string, Record<string, string>, number, string]>([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'AADSTS7000215'],
    ['an unknown app', { client_id: 'other' }, 400, 'AADSTS700016'],
    ['a scope without /.default', { scope: 'User.Read' }, 400, 'AADSTS1002012'],
    ['another grant', { grant_type: 'password' }, 400, 'AADSTS70003'],
  ])('refuses %s', async (_name, form, status, code) => {
    const answer = await askToken(form);
    const body = z.object({ error: z.string(), error_description: z.string() }).parse(await answer.json());
    expect(answer.status).toBe(status);
    expect(body.error_description.startsWith(code)).toBe(true);
  });

  it('knows its tenant by id and by its domains, and refuses another', async () => {
    expect((await askToken({}, 'acme.example')).status).toBe(200);
    expect((await askToken({}, 'elsewhere')).status).toBe(400);
    expect((await askToken({}, 'notacme.example')).status).toBe(400);
  });

  it('takes no call without a token, with a foreign one, or after its hour', async () => {
    expect((await refusal(await call('/groups', { token: '' }))).slice(0, 2)).toEqual([401, 'InvalidAuthenticationToken']);
    expect((await call('/groups', { token: `${bearer}x` })).status).toBe(401);
    expect((await call('/groups')).status).toBe(200);
    clock += 3_599_000;
    expect((await refusal(await call('/groups')))[2]).toContain('expired');
  });

  it('gives a token for an assertion signed with the registered certificate', async () => {
    const sign = (key: typeof pair.privateKey): Promise<string> =>
      new SignJWT().setProtectedHeader({ alg: 'PS256' }).setIssuer(sandbox.clientId).setSubject(sandbox.clientId).setExpirationTime(clock / 1000 + 300)
        .setAudience(`${sandbox.authorityHost}/${sandbox.tenantId}/oauth2/v2.0/token`).sign(key);
    const form = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    expect((await askToken({ ...form, client_assertion: await sign(pair.privateKey) })).status).toBe(200);
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect((await askToken({ ...form, client_assertion: await sign(stranger.privateKey) })).status).toBe(401);
  });

  it('serves the vendor’s own credential class over TLS', async () => {
    const credential = new ClientSecretCredential(sandbox.tenantId, sandbox.clientId, sandbox.clientSecret, {
      authorityHost: sandbox.authorityHost, disableInstanceDiscovery: true, tlsOptions: { ca: sandbox.caPem },
    });
    const { token } = await credential.getToken('https://graph.microsoft.com/.default');
    expect((await call('/groups', { token })).status).toBe(200);
    const untrusting = new ClientSecretCredential(sandbox.tenantId, sandbox.clientId, sandbox.clientSecret, {
      authorityHost: sandbox.authorityHost, disableInstanceDiscovery: true, retryOptions: { maxRetries: 0 },
    });
    await expect(untrusting.getToken('https://graph.microsoft.com/.default')).rejects.toThrow();
  });
});

describe('Microsoft sandbox on disk', () => {
  it('still knows members, certificate and token after it died without a farewell', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'microsoft-sandbox-'));
    await start({ dataDir });
    const [group, user] = [await groupId(), await userId()];
    await add(group, user);
    const died = sandbox;
    const old = bearer;
    appendFileSync(join(dataDir, 'state.jsonl'), '{"kind":"member');
    await start({ dataDir });
    await died.stop();
    bearer = old;
    expect(await memberIds(group)).toEqual([user]);
    expect([sandbox.caPem, sandbox.clientSecret]).toEqual([died.caPem, died.clientSecret]);
    await sandbox.stop();
    rmSync(dataDir, { recursive: true });
  });
});
