import type { JWTPayload } from 'jose';
import { JiraUnavailable } from '../../application/ports/api-commands.port.js';
import { ApiHarness } from '../testing/api-harness.js';
import { JwksServer, makeKey, signWith, type TestKey } from '../testing/jwks-server.js';

const APP = 'ari:cloud:ecosystem::app/11111111-2222-3333-4444-555555555555';

describe('Forge invocation tokens', () => {
  let jwks: JwksServer;
  let api: ApiHarness;
  let key: TestKey;
  const now = (): number => Math.floor(Date.now() / 1000);
  const app = (more: Record<string, unknown> = {}) => ({ id: APP, installationId: 'ari:cloud:ecosystem::installation/acme', module: { type: 'core:endpoint', key: 'ac-admin' }, ...more });
  const claims = (overrides: JWTPayload = {}): JWTPayload => ({ iss: 'forge/invocation-token', aud: APP, iat: now(), nbf: now(), exp: now() + 25, principal: 'ada', app: app(), context: { cloudId: 'cloud-1', moduleKey: 'ac-global' }, ...overrides });
  const ask = async (path: string, overrides: JWTPayload = {}, signer = key, harness = api) => harness.ask('GET', path, { as: `Bearer ${await signWith(signer, claims(overrides))}` });
  const deliver = async (overrides: JWTPayload = {}) => api.ask('POST', '/api/v1/intake/jira/issue-created', { as: `Bearer ${await signWith(key, claims(overrides))}`, body: { issueKey: 'AI-7' } });
  const start = (overrides = {}) => ApiHarness.start(overrides, { forge: { appId: APP, jwksUrl: jwks.url }, sandbox: null });

  beforeAll(async () => {
    jwks = await JwksServer.start();
    key = await makeKey('forge-1');
    jwks.keys = [key.jwk];
    api = await start();
  });
  afterAll(async () => {
    await api.close();
    await jwks.close();
  });

  it('names the person, the site of the installation and the licence', async () => {
    expect(await ask('/api/v1/me', { app: app({ license: { active: false } }) })).toMatchObject({ status: 200, json: { accountId: 'ada', siteId: 'acme', kind: 'person', roles: ['requester'], licence: 'inactive' } });
    expect(await ask('/api/v1/me')).toMatchObject({ json: { licence: 'notReported' } });
  });

  it('keeps what it says of the licence when that is news, and nothing where it says nothing', async () => {
    const fresh = await start();
    for (const [jti, active] of [true, true, undefined, false, false, true].entries()) expect((await ask('/api/v1/me', { jti: String(jti), app: app(active === undefined ? {} : { license: { active } }) }, key, fresh)).status).toBe(200);
    expect(fresh.state.licences).toEqual(['active', 'inactive', 'active']);
    await fresh.close();
  });

  it('makes an admin of who holds Jira\'s ADMINISTER, and asks Jira at most every half minute', async () => {
    let asked = 0;
    const fresh = await start({ administrators: { isAdministrator: (_site: string, account: string) => Promise.resolve(((asked += 1), account === 'root')) } });
    expect((await ask('/api/v1/connectors', { principal: 'root' }, key, fresh)).status).toBe(200);
    expect((await ask('/api/v1/connectors', { principal: 'root' }, key, fresh)).status).toBe(200);
    expect(asked).toBe(1);
    expect(await ask('/api/v1/connectors', {}, key, fresh)).toMatchObject({ status: 403, json: { code: 'auth.forbidden' } });
    expect(asked).toBe(2);
    await fresh.close();
  });

  it('answers 503 when Jira can not say who administers it', async () => {
    const fresh = await start({ administrators: { isAdministrator: () => Promise.reject(new JiraUnavailable('time-out')) } });
    expect(await ask('/api/v1/connectors', { principal: 'root' }, key, fresh)).toMatchObject({ status: 503, json: { code: 'jira.unavailable' } });
    await fresh.close();
  });

  it.each<[string, JWTPayload, string]>([
    ['another app as audience', { aud: 'ari:cloud:ecosystem::app/other' }, 'token.bad_audience'],
    ['another app inside', { app: { id: 'ari:cloud:ecosystem::app/other', installationId: 'ari:cloud:ecosystem::installation/acme' } }, 'token.bad_claims'],
    ['an unknown installation', { app: { id: APP, installationId: 'ari:cloud:ecosystem::installation/nobody' } }, 'site.unknown'],
    ['an isolated cloud', { icLabel: 'evil.example.com/x' }, 'token.isolated_cloud'],
    ['an expired token', { exp: Math.floor(Date.now() / 1000) - 6 }, 'token.expired'],
    ['no app', { app: undefined }, 'token.bad_claims'],
    ['a principal that is no account id', { principal: 'ada root' }, 'token.bad_claims'],
  ])('refuses %s', async (_what, overrides, reason) => {
    expect(await ask('/api/v1/me', overrides)).toMatchObject({ status: 401, json: { code: 'auth.invalid' } });
    expect(api.state.refusedAttempts.at(-1)?.reason).toBe(reason);
  });

  it('refuses another algorithm than RS256 even under Forge\'s own key set', async () => {
    const es = await makeKey('es', 'ES256');
    jwks.keys = [key.jwk, es.jwk];
    expect((await ask('/api/v1/me', {}, es)).status).toBe(401);
    jwks.keys = [key.jwk];
  });

  it.each<[string, JWTPayload]>([
    ['a portal module of ours', { context: { moduleKey: 'ac-request-create' } }],
    ['an extension point of the portal', { context: { moduleKey: 'x', extension: { type: 'jiraServiceManagement:portalSubheader' } } }],
    ['a visitor without an account', { principal: 'unidentified', context: { moduleKey: 'ac-global' } }],
  ])('lets %s open the portal\'s routes only', async (_what, overrides) => {
    expect((await ask('/api/v1/portal/context', overrides)).status).toBe(200);
    expect(await ask('/api/v1/me', overrides)).toMatchObject({ status: 403, json: { code: 'auth.forbidden' } });
    expect((await deliver(overrides)).status).toBe(403);
    expect(api.state.refusedAttempts.at(-1)).toMatchObject({ action: 'authorization.refused', reason: 'portal.only', principal: { siteId: 'acme' } });
  });

  it('does not make an admin of an admin who comes through the portal', async () => {
    expect((await ask('/api/v1/connectors', { principal: 'root', context: { moduleKey: 'ac-portal-tools' } })).status).toBe(403);
  });

  it('takes events from the app itself, which is nobody and can do nothing else', async () => {
    const event: JWTPayload = { principal: undefined, context: undefined };
    expect(await deliver(event)).toMatchObject({ status: 202, json: { outcome: 'started', requestId: 'r1' } });
    expect(api.state.commands.at(-1)).toMatchObject({ name: 'issueCreated', input: { issueKey: 'AI-7', issueId: null }, context: { principal: { kind: 'forge', accountId: 'app' } } });
    expect((await ask('/api/v1/requests', event)).status).toBe(403);
    expect((await ask('/api/v1/portal/context', event)).status).toBe(200);
  });

  it('takes no event from a person who does not administer Jira', async () => {
    expect((await deliver()).status).toBe(403);
  });
});
