import { z } from 'zod';
import { aConnector, aJob, aManualAction, aVerification, NOW } from '../../api/testing/builders.js';
import type { ConnectorTest } from '../../contracts/connector.contract.js';
import type { CliEnvironment } from '../../config/cli-env.js';
import { closedPort, problemAnswer, startFakeApi, type FakeApi, type FakeRoutes } from '../testing/fake-api.js';
import { runInTest } from '../testing/run-in-test.js';
import { addressOfHostPort, addressOfUrl } from './reach.js';

const report = z.object({ status: z.enum(['ok', 'warn', 'fail']), checks: z.array(z.object({ part: z.string(), status: z.enum(['ok', 'warn', 'fail']), detail: z.string(), toDo: z.string().nullable() })) });
const none = { body: { items: [], nextCursor: null } };
const some = (...items: readonly unknown[]) => ({ body: { items, nextCursor: null } });
const passed: ConnectorTest = { ok: true, testedAt: NOW, abilities: [], failure: null };
const me = (...roles: readonly string[]) => ({ body: { siteId: 'acme', accountId: 'erin', displayName: 'Erin', roles, approverOf: [], licence: 'active', abilities: {} } });
const tool = { key: 'chatgpt', name: 'ChatGPT', vendor: 'OpenAI', status: 'approved', risk: 'low', maxDurationDays: 90, provider: 'okta', connectorId: 'c1', requestable: true, fulfilment: 'automatic', entitlementGroup: { name: 'Users', assignmentConfirmedAt: NOW }, roles: [] };
const ready = (database: string, engine: string, governanceWorker = 'up', coreWorker = 'up') => ({ status: database === 'up' && engine === 'up' ? 200 : 503, body: { status: 'x', parts: { database, engine, governanceWorker, coreWorker } } });
const project = { key: 'AI', enabled: true, approvers: ['carla'], adminFallback: 'never' };

const HEALTHY: FakeRoutes = {
  'GET /health/live': { body: { status: 'live' } },
  'GET /health/ready': ready('up', 'up'),
  'GET /api/v1/me': me('requester', 'admin'),
  'GET /api/v1/connectors': some(aConnector({ status: 'enabled', lastTest: passed })),
  'GET /api/v1/settings/intake': { body: { enabled: true, projectKey: 'AI', portalId: '7', requestTypeIds: ['41'] } },
  'GET /api/v1/settings/routing': { body: { approvers: [], adminFallback: 'never' } },
  'GET /api/v1/projects': some(project),
  'GET /api/v1/tools': some(tool),
  'GET /api/v1/jobs': none,
  'GET /api/v1/manual-actions': none,
  'GET /api/v1/audit/verifications/latest': { body: aVerification() },
};

describe('aiclearance doctor', () => {
  const apis: FakeApi[] = [];
  afterEach(async () => {
    await Promise.all(apis.splice(0).map((api) => api.close()));
  });
  const started = async (routes: FakeRoutes): Promise<FakeApi> => {
    const api = await startFakeApi(routes);
    apis.push(api);
    return api;
  };
  const examine = async (routes: FakeRoutes, environment: Partial<CliEnvironment> = { token: 't' }, ...args: readonly string[]) => {
    const { url } = await started(routes);
    const { exitCode, out } = await runInTest(['doctor', '--json', ...args], { url, ...environment });
    const { status, checks } = report.parse(JSON.parse(out));
    return { exitCode, status, checks, bad: checks.filter((check) => check.status !== 'ok').map((check) => `${check.status} ${check.part}: ${check.detail}`) };
  };

  it('finds nothing to do where all is well, and exits 0', async () => {
    const { exitCode, status, checks } = await examine(HEALTHY);
    expect({ exitCode, status }).toEqual({ exitCode: 0, status: 'ok' });
    expect(new Set(checks.map(({ part }) => part))).toEqual(new Set(['api', 'database', 'engine', 'workers', 'vendors', 'configuration', 'audit']));
    expect(checks.every(({ toDo }) => toDo === null)).toBe(true);
  });

  it.each([
    ['expiring', 'warn vendors: the credential of connector Okta (okta) expires at 2026-03-20T00:00:00.000Z'], ['expired', 'fail vendors: the credential of connector Okta (okta) expired at 2026-03-20T00:00:00.000Z'],
  ] as const)('says that a credential is %s', async (state, line) => {
    const credential = { expiresAt: '2026-03-20T00:00:00.000Z', saidBy: 'admin' as const, state };
    expect((await examine({ ...HEALTHY, 'GET /api/v1/connectors': some(aConnector({ status: 'enabled', lastTest: passed, credential })) })).bad).toEqual([line]);
  });

  it('writes one aligned line for each check, with what to do below', async () => {
    const api = await started({ ...HEALTHY, 'GET /api/v1/connectors': some(aConnector()) });
    const { out } = await runInTest(['doctor'], { url: api.url, token: 't' });
    expect(out).toContain('ok    database       the API reaches Postgres\n');
    expect(out).toContain('warn  vendors        connector Okta (okta) was never tested\n                     Test it: aiclearance doctor --test.\n');
  });

  it('looks at database and engine directly when the API is down, without their passwords', async () => {
    const [database, closed] = [await started({}), await closedPort()];
    const { port } = new URL(database.url);
    const run = await runInTest(['doctor', '--json'], { url: `http://127.0.0.1:${closed}`, databaseUrl: `postgresql://api:hunter2@127.0.0.1:${port}/x`, temporalAddress: `127.0.0.1:${closed}` });
    expect(run.exitCode).toBe(1);
    expect(run.out).not.toContain('hunter2');
    expect(report.parse(JSON.parse(run.out)).checks.map(({ part, status, detail }) => `${status} ${part} ${detail}`)).toEqual([
      `fail api The API at http://127.0.0.1:${closed} can't be reached: nobody listens there.`,
      `ok database Postgres listens at 127.0.0.1:${port}`,
      `fail engine nobody listens at 127.0.0.1:${closed} (TEMPORAL_ADDRESS)`,
    ]);
  });

  it('says what it can\'t know when the API is down and no address is set', async () => {
    const run = await runInTest(['doctor'], { url: `http://127.0.0.1:${await closedPort()}` });
    expect(run).toMatchObject({ exitCode: 1, err: '' });
    expect(run.out).toContain('Set DATABASE_URL to have it looked at directly.');
    expect(run.out).toContain('Set TEMPORAL_ADDRESS to have it looked at directly.');
  });

  it.each([
    ['down', 'up', ['fail database: the API can\'t reach Postgres', 'warn configuration: not looked at while the database is away']],
    ['up', 'down', ['fail engine: the API can\'t reach Temporal']],
  ])('fails when the database is %s and the engine %s, naming the part', async (database, engine, bad) => {
    expect(await examine({ ...HEALTHY, 'GET /health/ready': ready(database, engine) })).toMatchObject({ exitCode: 1, status: 'fail', bad });
  });

  it('says which worker is missing, and how it is started', async () => {
    expect(await examine({ ...HEALTHY, 'GET /health/ready': ready('up', 'up', 'down', 'down') })).toMatchObject({ exitCode: 1, bad: [
      'fail workers: no governance worker: requests are taken in, and nothing happens to them', 'fail workers: no core worker: nothing is added or removed at a provider',
    ] });
  });

  it.each<[string, FakeRoutes, string, number]>([
    ['a connector that failed', { 'GET /api/v1/connectors': some(aConnector({ lastTest: { ...passed, ok: false, failure: { code: 'unauthorized', detail: 'Okta refused the credential' } } })) }, 'fail vendors: connector Okta (okta) failed its test of 2026-03-01T09:00:00.000Z: Okta refused the credential', 1],
    ['a credential with too few permissions', { 'GET /api/v1/connectors': some(aConnector({ lastTest: { ...passed, ok: false, abilities: [{ ability: 'readUsers', ok: true }, { ability: 'manageMembers', ok: false }] } })) }, 'fail vendors: connector Okta (okta) failed its test of 2026-03-01T09:00:00.000Z: manageMembers', 1],
    ['a connector that is disabled', { 'GET /api/v1/connectors': some(aConnector({ lastTest: passed })) }, 'warn vendors: connector Okta (okta) passed its test of 2026-03-01T09:00:00.000Z but is disabled', 0],
    ['no connector', { 'GET /api/v1/connectors': none }, 'warn vendors: no connector: tools are given and taken by people', 0],
    ['a project without approvers', { 'GET /api/v1/projects': some({ ...project, approvers: [] }) }, 'fail configuration: nobody decides on requests of AI', 1],
    ['no approver anywhere', { 'GET /api/v1/projects': none }, 'fail configuration: nobody decides on requests', 1],
    ['intake that is off', { 'GET /api/v1/settings/intake': { body: { enabled: false, projectKey: null, portalId: null, requestTypeIds: [] } } }, 'warn configuration: intake from Jira is off: requests come only through the API', 0],
    ['intake without a portal', { 'GET /api/v1/settings/intake': { body: { enabled: true, projectKey: 'AI', portalId: null, requestTypeIds: [] } } }, 'warn configuration: intake from AI names no portal', 0],
    ['nothing to ask for', { 'GET /api/v1/tools': some({ ...tool, requestable: false }) }, 'warn configuration: no tool can be asked for', 0],
    ['a tool without its connector', { 'GET /api/v1/tools': some({ ...tool, connectorId: null }) }, 'warn configuration: chatgpt has no connector', 0],
    ['a tool without its group', { 'GET /api/v1/tools': some({ ...tool, entitlementGroup: null }) }, 'warn configuration: chatgpt has no entitlement group', 0],
    ['a role without its group, whatever the tool\'s own is', { 'GET /api/v1/tools': some({ ...tool, roles: [{ key: 'admin', risk: 'high', requestable: true, entitlementGroup: null }] }) }, 'warn configuration: chatgpt/admin has no entitlement group', 0],
    ['an unconfirmed assignment', { 'GET /api/v1/tools': some({ ...tool, entitlementGroup: { name: 'Users', assignmentConfirmedAt: null } }) }, 'warn configuration: nobody has confirmed that the group of chatgpt opens the real app', 0],
    ['an inactive licence', { 'GET /api/v1/me': { body: { ...me('admin').body, licence: 'inactive' } } }, 'warn configuration: the licence is inactive: provisioning is left to people, removals go on', 0],
    ['jobs that gave up', { 'GET /api/v1/jobs': some(aJob()) }, 'warn configuration: 1 jobs have given up', 0],
    ['manual work', { 'GET /api/v1/manual-actions': some(aManualAction(), aManualAction()) }, 'warn configuration: 2 manual actions wait for somebody', 0],
    ['a broken chain', { 'GET /api/v1/audit/verifications/latest': { body: aVerification({ status: 'broken', ok: false, firstBad: { seq: 2, reason: 'mac.mismatch' } }) } }, 'fail audit: entry 2 is bad: mac.mismatch', 1],
    ['a chain that was never verified', { 'GET /api/v1/audit/verifications/latest': problemAnswer(404, 'audit_verification.not_found', 'None') }, 'warn audit: the chain was never verified', 0],
    ['a list that can\'t be read', { 'GET /api/v1/tools': problemAnswer(500, 'internal', 'Something went wrong') }, 'fail configuration: the catalog can\'t be read: Something went wrong (internal)', 1],
    ['a token that is not accepted', { 'GET /api/v1/me': problemAnswer(401, 'auth.invalid', 'The token is not accepted') }, 'fail configuration: The token is not accepted (auth.invalid)', 1],
    ['somebody who is no admin', { 'GET /api/v1/me': me('requester') }, 'warn configuration: connectors and configuration not looked at: only an admin may', 0],
  ])('reports %s, and what to do', async (_what, routes, line, exitCode) => {
    const found = await examine({ ...HEALTHY, ...routes });
    expect(found).toMatchObject({ exitCode, bad: [line] });
    expect(found.checks.filter(({ status }) => status !== 'ok').every(({ toDo }) => toDo !== null)).toBe(true);
  });

  it('warns when nobody is signed in, and still looks at what anybody may see', async () => {
    expect(await examine(HEALTHY, {})).toMatchObject({ exitCode: 0, bad: ['warn configuration: connectors and configuration not looked at: nobody is signed in'] });
  });

  it('tests each connector with --test, under a key of its own', async () => {
    const api = await started({ ...HEALTHY, 'GET /api/v1/connectors': some(aConnector({ status: 'enabled' }), aConnector({ id: 'c2', name: 'Second', status: 'enabled' })), 'POST /api/v1/connectors/c1/test': { body: passed }, 'POST /api/v1/connectors/c2/test': problemAnswer(503, 'engine.unavailable', 'Nobody answers') });
    const { exitCode, out } = await runInTest(['doctor', '--test'], { url: api.url, token: 't' });
    expect(exitCode).toBe(1);
    expect(out).toContain('connector Okta (okta) passed its test');
    expect(out).toContain('connector Second (okta) can\'t be tested: Nobody answers');
    expect(api.calls.filter(({ call }) => call.endsWith('/test')).map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key-1-c1', 'key-1-c2']);
  });

  it('in the sandbox looks at its vendors and signs in as its admin, printing none of its passwords', async () => {
    const [vendor, closed] = [await started({}), await closedPort()];
    const sandbox = {
      okta: { baseUrl: vendor.url, apiToken: 'canary-okta' }, entra: { graphBaseUrl: `${vendor.url}/v1.0`, clientSecret: 'canary-entra' }, jira: { baseUrl: `http://127.0.0.1:${closed}`, apiToken: 'canary-jira' },
      people: [{ accountId: 'ada', displayName: 'Ada', roles: ['requester'] }, { accountId: 'erin', displayName: 'Erin', roles: ['admin'] }], tools: [],
    };
    const api = await started({ ...HEALTHY, 'GET /api/v1/sandbox': { body: sandbox }, 'POST /api/v1/sandbox/sign-in': ({ body }) => ({ body: { token: 'canary-sign-in', ...z.object({ accountId: z.string() }).parse(body) } }) });
    const { exitCode, out } = await runInTest(['doctor', '--json'], { url: api.url });
    expect(exitCode).toBe(1);
    const { checks } = report.parse(JSON.parse(out));
    expect(checks.filter(({ part, status }) => part === 'vendors' && status === 'fail').map(({ detail }) => detail)).toEqual([`sandbox Jira does not listen at http://127.0.0.1:${closed}`]);
    expect(api.calls.find(({ call }) => call.endsWith('/sign-in'))?.body).toEqual({ accountId: 'erin' });
    expect(api.calls.find(({ call }) => call.endsWith('/me'))?.token).toBe('canary-sign-in');
    expect(out).not.toContain('canary');
  });
});

describe('addresses', () => {
  it.each([
    ['postgresql://role:pw@db.example:6543/x', { host: 'db.example', port: 6543 }],
    ['postgresql://db.example/x', { host: 'db.example', port: 5432 }],
    ['postgresql://[::1]:5433/x', { host: '::1', port: 5433 }],
    ['postgresql:///x?host=/run/postgresql', null],
    ['nonsense', null],
  ])('reads %s', (text, address) => expect(addressOfUrl(text, 5432)).toEqual(address));

  it.each([
    ['temporal.example:7000', { host: 'temporal.example', port: 7000 }],
    ['temporal.example', { host: 'temporal.example', port: 7233 }],
  ])('reads %s', (text, address) => expect(addressOfHostPort(text, 7233)).toEqual(address));
});
