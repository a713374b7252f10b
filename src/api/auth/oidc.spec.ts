import { createHmac } from 'node:crypto';
import { exportSPKI, type JWTPayload } from 'jose';
import { ApiHarness, codeOf, SIGN_IN_KEY } from '../testing/api-harness.js';
import { JwksServer, makeKey, signWith, type TestKey } from '../testing/jwks-server.js';
import { SandboxAuthenticator } from './sandbox.authenticator.js';

const ISSUER = 'https://login.example.com';
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A loopback address that nobody listens at. */
async function closedPort(): Promise<string> {
  const server = await JwksServer.start();
  const { url } = server;
  await server.close();
  return url;
}

describe('OIDC bearer tokens', () => {
  let jwks: JwksServer;
  let api: ApiHarness;
  let rsa: TestKey;
  const now = (): number => Math.floor(Date.now() / 1000);
  const claims = (overrides: Record<string, unknown> = {}): JWTPayload => ({ iss: ISSUER, aud: 'aiclearance', sub: 'ada', site: 'acme', groups: ['ai-admins'], iat: now(), exp: now() + 60, ...overrides });
  const me = (token: string, harness = api) => harness.ask('GET', '/api/v1/me', { as: `Bearer ${token}` });
  const start = (jwksUrl: string) => ApiHarness.start({}, {
    sandbox: null, jwksCooldownMs: 0,
    oidc: { issuer: ISSUER, audience: 'aiclearance', jwksUrl, siteClaim: 'site', groupsClaim: 'groups', accountClaim: 'sub', adminGroups: ['ai-admins'], auditorGroups: ['ai-auditors'] },
  });

  beforeAll(async () => {
    jwks = await JwksServer.start();
    rsa = await makeKey('rsa-1');
    api = await start(jwks.url);
  });
  beforeEach(() => {
    jwks.failing = false;
    jwks.keys = [rsa.jwk];
  });
  afterAll(async () => {
    await api.close();
    await jwks.close();
  });

  it('gives the roles of the groups claim, and nobody more than requester without one', async () => {
    expect(await me(await signWith(rsa, claims()))).toMatchObject({ status: 200, json: { accountId: 'ada', siteId: 'acme', roles: ['requester', 'admin'] } });
    expect(await me(await signWith(rsa, claims({ groups: 'ai-auditors' })))).toMatchObject({ json: { roles: ['requester', 'auditor'] } });
    expect(await me(await signWith(rsa, claims({ groups: [] })))).toMatchObject({ json: { roles: ['requester'] } });
    expect(await me(await signWith(rsa, claims({ groups: undefined })))).toMatchObject({ json: { roles: ['requester'] } });
  });

  it.each(['RS256', 'ES256', 'EdDSA'])('proves %s', async (alg) => {
    const key = await makeKey(`key-${alg}`, alg);
    jwks.keys = [key.jwk];
    expect((await me(await signWith(key, claims()))).status).toBe(200);
  });

  it('refuses an algorithm that is not on the list even when its key is published', async () => {
    const key = await makeKey('ps', 'PS256');
    jwks.keys = [key.jwk];
    expect(await me(await signWith(key, claims()))).toMatchObject({ status: 401, json: { code: 'auth.invalid' } });
    expect(api.state.refusedAttempts.at(-1)).toMatchObject({ action: 'sign_in.refused', principal: null, reason: 'token.bad_algorithm', route: 'GET /api/v1/me' });
  });

  it('refuses alg:none, signed with nothing or with something', async () => {
    const unsigned = `${b64({ alg: 'none' })}.${b64(claims())}.`;
    expect(await me(unsigned)).toMatchObject({ status: 401, json: { code: 'auth.invalid' } });
    expect(await me(`${unsigned}AAAA`)).toMatchObject({ status: 401 });
  });

  it('refuses the public key used as a shared secret', async () => {
    const pem = await exportSPKI(rsa.publicKey);
    const input = `${b64({ alg: 'HS256', kid: 'rsa-1' })}.${b64(claims())}`;
    expect(await me(`${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`)).toMatchObject({ status: 401, json: { code: 'auth.invalid' } });
  });

  it('refuses a key that the token brings along', async () => {
    const forged = await makeKey('forged');
    expect(await me(await signWith(forged, claims(), { kid: 'rsa-1', jwk: forged.jwk }))).toMatchObject({ status: 401 });
    expect(api.state.refusedAttempts.at(-1)?.reason).toBe('token.bad_signature');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an expired token', { exp: Math.floor(Date.now() / 1000) - 6 }, 'token.expired'],
    ['a token without an end', { exp: undefined }, 'token.bad_claims'],
    ['a token from the future', { nbf: Math.floor(Date.now() / 1000) + 60 }, 'token.not_yet_valid'],
    ['another audience', { aud: 'billing' }, 'token.bad_audience'],
    ['no audience', { aud: undefined }, 'token.bad_audience'],
    ['another issuer', { iss: 'https://evil.example.com' }, 'token.unknown_issuer'],
    ['no site', { site: undefined }, 'token.bad_claims'],
    ['a site that is no site id', { site: '../globex' }, 'token.bad_claims'],
    ['a site that does not exist', { site: 'nowhere' }, 'site.unknown'],
    ['no account', { sub: undefined }, 'token.bad_claims'],
    ['an account with a line break', { sub: 'ada\nroot' }, 'token.bad_claims'],
    ['groups of another shape', { groups: [{ admin: true }] }, 'token.bad_claims'],
    ['an issuer of the sandbox', { iss: 'aiclearance/sandbox' }, 'token.unknown_issuer'],
  ])('refuses %s', async (_what, overrides, reason) => {
    const answer = await me(await signWith(rsa, claims(overrides)));
    expect(answer).toMatchObject({ status: 401, json: { code: 'auth.invalid' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(api.state.refusedAttempts.at(-1)?.reason).toBe(reason);
  });

  it('forgives five seconds of skew', async () => {
    expect((await me(await signWith(rsa, claims({ exp: now() - 3 })))).status).toBe(200);
  });

  it('refuses a changed payload under a good signature', async () => {
    const [header, , signature] = (await signWith(rsa, claims({ groups: [] }))).split('.');
    expect((await me(`${header ?? ''}.${b64(claims())}.${signature ?? ''}`)).status).toBe(401);
  });

  it('follows rotated keys and drops the old ones', async () => {
    expect((await me(await signWith(rsa, claims({ jti: 'before' })))).status).toBe(200);
    const next = await makeKey('rsa-2');
    jwks.keys = [next.jwk];
    expect((await me(await signWith(next, claims()))).status).toBe(200);
    // A token of its own: one that was seen a moment ago is not verified anew.
    expect((await me(await signWith(rsa, claims({ jti: 'after' })))).status).toBe(401);
  });

  it('keeps the keys it has while the key server is away', async () => {
    const fresh = await start(jwks.url);
    const askedBefore = jwks.asked;
    expect((await me(await signWith(rsa, claims()), fresh)).status).toBe(200);
    jwks.failing = true;
    expect((await me(await signWith(rsa, claims()), fresh)).status).toBe(200);
    expect(jwks.asked - askedBefore).toBe(1);
    await fresh.close();
  });

  it('answers 503 and not 401 when the keys can not be read', async () => {
    const fresh = await start(jwks.url);
    jwks.failing = true;
    const answer = await me(await signWith(rsa, claims()), fresh);
    expect(answer).toMatchObject({ status: 503, json: { code: 'auth.keys_unavailable' } });
    expect(answer.headers['retry-after']).toBe('5');
    expect(fresh.state.refusedAttempts).toEqual([]);
    await fresh.close();
  });

  it('answers 503 when nobody listens at the key server', async () => {
    const gone = await start(await closedPort());
    expect(codeOf(await me(await signWith(rsa, claims()), gone))).toBe('auth.keys_unavailable');
    await gone.close();
  });

  it('opens the payload codec for admins and auditors only', async () => {
    const decode = async (groups: string[]) => api.ask('POST', '/codec/decode', { as: `Bearer ${await signWith(rsa, claims({ groups }))}`, body: { payloads: [{ data: 'AA==' }] } });
    expect(await decode(['ai-auditors'])).toMatchObject({ status: 200, json: { payloads: [{ data: 'decoded:AA==' }] } });
    expect(await decode([])).toMatchObject({ status: 403, json: { code: 'auth.forbidden' } });
  });

  it('knows no sandbox token outside sandbox mode, whoever signed it', async () => {
    const { token } = await new SandboxAuthenticator(SIGN_IN_KEY).issue({ siteId: 'acme', accountId: 'root', displayName: 'Root', roles: ['admin'] });
    expect(await me(token)).toMatchObject({ status: 401, json: { code: 'auth.invalid' } });
  });

  it.each(['', 'Bearer', 'Basic YTpi', 'Bearer a.b', 'Bearer a.b.c.d', 'Bearer !.!.!', `Bearer ${'a'.repeat(60)}`])('refuses the header %j', async (authorization) => {
    expect((await api.ask('GET', '/api/v1/me', { headers: { authorization } })).status).toBe(401);
  });

  it('asks for a token when there is none', async () => {
    const answer = await api.get('/api/v1/me');
    expect(answer).toMatchObject({ status: 401, json: { code: 'auth.missing', title: 'Sign in first' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });
});
