import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { startScriptedServer } from '../../../test/contract/support/scripted-server.js';
import type { Reply, ScriptedServer, SeenRequest } from '../../../test/contract/support/scripted-server.js';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { IdentityProviderPort } from '../../application/ports/identity-provider.port.js';
import { openOkta } from './okta-provider.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }).privateKey;
const ada = { id: '00uada', status: 'ACTIVE', profile: { login: 'ada@example.com' } };

describe('Okta by private key JWT', () => {
  let server: ScriptedServer;
  let clockMs = Date.now();
  let issue: (request: SeenRequest, nth: number) => Reply;
  let api: (request: SeenRequest) => Reply;

  beforeEach(async () => {
    clockMs = Date.now();
    let minted = 0;
    issue = (_, nth) => ({ status: 200, body: { access_token: `token-${nth}`, token_type: 'Bearer', expires_in: 3600 } });
    api = () => ({ status: 200, body: ada });
    server = await startScriptedServer((request) => {
      if (request.url !== '/oauth2/v1/token') return api(request);
      minted += 1;
      return issue(request, minted);
    });
  });
  afterEach(() => server.close());

  const okta = (privateKeyPem = rsa): IdentityProviderPort =>
    openOkta({ provider: 'okta', orgUrl: server.url, auth: { kind: 'privateKeyJwt', clientId: '0oaclient', privateKeyPem, keyId: 'key-1' } }, { allowLoopbackHttp: true, now: () => clockMs })('read');
  const tokenRequests = () => server.seen.filter((request) => request.url === '/oauth2/v1/token');
  const authorizations = () => server.seen.filter((request) => request.url !== '/oauth2/v1/token').map((request) => request.headers.authorization);
  const kindOf = async (run: Promise<unknown>) => run.then(() => 'fine', (error: unknown) => (error instanceof ProviderFailure ? [error.kind, error.more.providerCode] : error));

  it('signs its assertion for the token endpoint and calls with the token', async () => {
    await okta().getUser('00uada');
    const form = new URLSearchParams(tokenRequests()[0]?.body);
    const assertion = form.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'RS256', kid: 'key-1' });
    expect(decodeJwt(assertion)).toMatchObject({ iss: '0oaclient', sub: '0oaclient', aud: `${server.url}/oauth2/v1/token` });
    expect([form.get('grant_type'), form.get('scope')]).toEqual(['client_credentials', 'okta.groups.manage okta.groups.read okta.users.read']);
    expect(authorizations()).toEqual(['Bearer token-1']);
  });

  it('tells why the token endpoint refused, and calls nothing without a token', async () => {
    issue = () => ({ status: 401, body: { error: 'invalid_client', error_description: 'The client secret is wrong' } });
    expect(await kindOf(okta().getUser('00uada'))).toEqual(['unauthorized', 'invalid_client']);
    issue = () => ({ status: 429, body: { errorCode: 'E0000047', errorSummary: 'limit' } });
    expect(await kindOf(okta().addMember('00g1', '00uada'))).toEqual(['retryable', undefined]);
    issue = () => ({ hangUp: true });
    expect(await kindOf(okta().addMember('00g1', '00uada'))).toEqual(['retryable', undefined]);
    issue = () => ({ status: 200, html: '<html>' });
    expect(await kindOf(okta().getUser('00uada'))).toEqual(['invalidAnswer', undefined]);
    expect(authorizations()).toEqual([]);
  });

  it('mints one token for calls made at once, and another before it expires', async () => {
    const provider = okta();
    await Promise.all([1, 2, 3].map(() => provider.getUser('00uada')));
    expect(tokenRequests()).toHaveLength(1);
    clockMs += 3_541_000;
    await provider.getUser('00uada');
    expect(authorizations().at(-1)).toBe('Bearer token-2');
  });

  it('renews a token that was revoked, once', async () => {
    const provider = okta();
    await provider.getUser('00uada');
    api = (request) => (request.headers.authorization === 'Bearer token-1' ? { status: 401, body: { errorCode: 'E0000011', errorSummary: 'Invalid token' } } : { status: 200, body: ada });
    expect((await provider.getUser('00uada')).externalId).toBe('00uada');
    api = () => ({ status: 401, body: { errorCode: 'E0000011', errorSummary: 'Invalid token' } });
    expect(await kindOf(provider.getUser('00uada'))).toEqual(['unauthorized', 'E0000011']);
    expect(authorizations()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2', 'Bearer token-3']);
  });

  it('proves possession of its key when the org demands it', async () => {
    issue = (request) => {
      if (request.headers['dpop'] === undefined) return { status: 400, body: { error: 'invalid_dpop_proof', error_description: 'The DPoP proof JWT header is missing.' } };
      const { nonce } = decodeJwt(String(request.headers['dpop']));
      if (nonce !== 'n-1') return { status: 400, headers: { 'dpop-nonce': 'n-1' }, body: { error: 'use_dpop_nonce', error_description: 'nonce' } };
      return { status: 200, body: { access_token: 'bound', token_type: 'DPoP', expires_in: 3600 } };
    };
    await okta().getUser('00uada');
    const call = server.seen.at(-1);
    expect(call?.headers.authorization).toBe('DPoP bound');
    expect(decodeJwt(String(call?.headers['dpop']))).toMatchObject({ htm: 'GET', htu: `${server.url}/api/v1/users/00uada`, ath: 'Xhz0KHjfWP6nv6RbcVt4MtiJCSrSPoAuY5ErG_0gVjA' });
    expect(tokenRequests()).toHaveLength(3);
  });

  it('takes RSA keys only, and quotes no key it refuses', () => {
    expect(() => okta(ec)).toThrow('must be an RSA key');
    expect(() => okta('-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----')).toThrow('is not an unencrypted PEM private key');
  });
});
