import { decodeJwt } from 'jose';
import { closedPort, startScriptedServer } from '../../../test/contract/support/scripted-server.js';
import type { Reply, ScriptedServer } from '../../../test/contract/support/scripted-server.js';
import { selfSigned } from '../../../test/contract/support/self-signed.js';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { EntraConnection, IdentityProviderPort } from '../../application/ports/identity-provider.port.js';
import { openEntra } from './entra-provider.js';

const tenantId = '11111111-1111-4111-8111-111111111111';
const group = '22222222-2222-4222-8222-222222222222';
const user = '33333333-3333-4333-8333-333333333333';
const clientSecret = 'canarySecretOfTheEntraSpecThatNobodyMaySee';
const tls = selfSigned();
const clientPair = selfSigned();

const error = (status: number, code: string, message: string): Reply => ({ status, headers: { 'request-id': 'r-1' }, body: { error: { code, message } } });
const missing = error(404, 'Request_ResourceNotFound', 'Resource does not exist or one of its queried reference-property objects are not present.');
const already = error(400, 'Request_BadRequest', 'One or more added object references already exist for the following modified properties: \'members\'.');
const aGroup = { id: group, displayName: 'Team', groupTypes: [], mailEnabled: false, securityEnabled: true };
const aUser = { id: user, userPrincipalName: 'ada@acme.example', accountEnabled: true };
const ok = (body: unknown): Reply => ({ status: 200, body });

async function failureOf(run: Promise<unknown>): Promise<ProviderFailure> {
  try {
    await run;
  } catch (caught) {
    if (caught instanceof ProviderFailure) return caught;
    throw caught;
  }
  throw new Error('nothing failed');
}

describe('the Entra adapter', () => {
  let authority: ScriptedServer;
  let graph: ScriptedServer;
  let issue: () => Reply;
  beforeEach(async () => {
    let minted = 0;
    issue = () => {
      minted += 1;
      return ok({ token_type: 'Bearer', expires_in: 3600, access_token: `token-${minted}` });
    };
    authority = await startScriptedServer((request) => (request.url.includes('openid-configuration')
      ? ok({ issuer: `${authority.url}/${tenantId}/v2.0`, authorization_endpoint: `${authority.url}/${tenantId}/a`, token_endpoint: `${authority.url}/${tenantId}/oauth2/v2.0/token`, jwks_uri: `${authority.url}/k` })
      : issue()), tls);
    graph = await startScriptedServer(() => missing);
  });
  afterEach(async () => {
    await authority.close();
    await graph.close();
  });

  const entra = (more: { auth?: EntraConnection['auth']; timeoutMs?: number; graphBaseUrl?: string } = {}): IdentityProviderPort => openEntra(
    { provider: 'entra', tenantId, clientId: user, auth: more.auth ?? { kind: 'clientSecret', clientSecret }, authorityHost: authority.url, graphBaseUrl: more.graphBaseUrl ?? `${graph.url}/v1.0` },
    { allowLoopbackHttp: true, extraCaPem: tls.cert, timeoutMs: more.timeoutMs ?? 5000 },
  )('read');
  const routes = (table: Readonly<Record<string, Reply>>) => graph.answer((request) => table[`${request.method} ${request.url.split('?')[0]?.replace('/v1.0', '') ?? ''}`] ?? missing);
  const paths = () => graph.seen.map((request) => `${request.method} ${request.url.replace('/v1.0', '')}`);
  const tokenForms = () => authority.seen.filter((request) => request.method === 'POST').map((request) => new URLSearchParams(request.body));

  describe('its token', () => {
    it('comes by client secret, once for calls made at once, from an authority trusted by its own certificate', async () => {
      routes({ [`GET /users/${user}`]: ok(aUser) });
      const provider = entra();
      await Promise.all([1, 2, 3].map(() => provider.getUser(user)));
      expect(tokenForms().map((form) => [form.get('grant_type'), form.get('client_secret'), form.get('scope')])).toEqual([['client_credentials', clientSecret, 'https://graph.microsoft.com/.default']]);
      expect(graph.seen.map((request) => request.headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1']);
    });

    it('comes by certificate', async () => {
      routes({ [`GET /users/${user}`]: ok(aUser) });
      await entra({ auth: { kind: 'certificate', certificatePem: `${clientPair.cert}${clientPair.key}` } }).getUser(user);
      expect(decodeJwt(tokenForms()[0]?.get('client_assertion') ?? '')).toMatchObject({ iss: user, sub: user });
    });

    it.each<[string, Reply, string, string | undefined]>([
      ['a wrong secret', { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' } }, 'unauthorized', 'AADSTS7000215'],
      ['an unknown application', { status: 400, body: { error: 'unauthorized_client', error_description: 'AADSTS700016: not found' } }, 'unauthorized', 'AADSTS700016'],
      ['throttling', { status: 429, headers: { 'retry-after': '9' }, body: { error: 'temporarily_unavailable' } }, 'retryable', undefined],
      ['an outage', { status: 503, html: '<h1>busy</h1>' }, 'retryable', undefined],
      ['a hang-up', { hangUp: true }, 'retryable', undefined],
      ['an HTML page', { status: 200, html: '<html>' }, 'invalidAnswer', undefined],
    ])('is refused as it is after %s, and no call is made without it', async (_, reply, kind, code) => {
      issue = () => reply;
      const failure = await failureOf(entra().addMember(group, user));
      expect([failure.kind, failure.more.providerCode]).toEqual([kind, code]);
      expect(`${failure.message}${JSON.stringify(failure)}`).not.toContain(clientSecret);
      expect(tokenForms()).toHaveLength(1);
      expect(graph.seen).toHaveLength(0);
    });

    it.each<[string, Reply]>([
      ['an outage', { status: 503, body: { error: 'temporarily_unavailable' } }],
      ['throttling that is over', { status: 429, headers: { 'retry-after': '1' }, body: { error: 'temporarily_unavailable' } }],
    ])('is asked for again by the next call after %s, whose pause is not the library\'s to make', async (_, reply) => {
      routes({ [`GET /users/${user}`]: ok(aUser) });
      const [provider, recovered] = [entra(), issue];
      issue = () => reply;
      await failureOf(provider.getUser(user));
      issue = recovered;
      expect((await provider.getUser(user)).externalId).toBe(user);
    });

    it('is not waited for longer than a call may take', async () => {
      issue = () => ({ silent: true });
      expect((await failureOf(entra({ timeoutMs: 150 }).getUser(user))).kind).toBe('retryable');
    });

    it('is renewed once after it was revoked', async () => {
      const provider = entra();
      graph.answer(() => ok(aUser));
      await provider.getUser(user);
      graph.answer((request) => (request.headers.authorization === 'Bearer token-1' ? error(401, 'InvalidAuthenticationToken', 'expired') : ok(aUser)));
      expect((await provider.getUser(user)).externalId).toBe(user);
      graph.answer(() => error(401, 'InvalidAuthenticationToken', 'expired'));
      expect((await failureOf(provider.getUser(user))).kind).toBe('unauthorized');
      expect(graph.seen.map((request) => request.headers.authorization?.slice(7))).toEqual(['token-1', 'token-1', 'token-2', 'token-2', 'token-3']);
    });

    it('is not asked from an authority whose certificate nobody vouches for', async () => {
      const provider = openEntra(
        { provider: 'entra', tenantId, clientId: user, auth: { kind: 'clientSecret', clientSecret }, authorityHost: authority.url, graphBaseUrl: graph.url },
        { allowLoopbackHttp: true, timeoutMs: 5000 },
      )('read');
      expect((await failureOf(provider.getUser(user))).kind).toBe('retryable');
      expect(authority.seen).toHaveLength(0);
    });
  });

  describe('reading', () => {
    it('reads users by name and by id, exactly', async () => {
      graph.answer(() => ok({ ...aUser, accountEnabled: false }));
      expect(await entra().getUser('Ada@acme.example')).toEqual({ externalId: user, login: 'ada@acme.example', state: 'deactivated' });
      expect(paths()).toEqual(['GET /users/Ada%40acme.example?$select=id%2CuserPrincipalName%2CaccountEnabled']);
      expect((await failureOf(entra().getUser('eve@acme.example'))).kind).toBe('userNotFound');
    });

    it('encodes guest names, and those that begin with a dollar sign', async () => {
      graph.answer(() => missing);
      await failureOf(entra().getUser('a_b.example#EXT#@acme.example'));
      await failureOf(entra().getUser('$a\'b@acme.example'));
      expect(paths().map((path) => path.split('?')[0])).toEqual(['GET /users/a_b.example%23EXT%23%40acme.example', 'GET /users(\'%24a\'\'b%40acme.example\')']);
    });

    it.each(['', 'me', '..', 'ada', 'a/b@acme.example', '00000000-0000-0000-0000-00000000000g'])('asks nothing about the login %j', async (login) => {
      expect((await failureOf(entra().getUser(login))).kind).toBe('userNotFound');
      expect((await failureOf(entra().readMembership(login, user))).kind).toBe('groupNotFound');
      expect(graph.seen).toHaveLength(0);
    });

    it('counts a hidden accountEnabled as a missing permission, not as active', async () => {
      graph.answer(() => ok({ id: user, userPrincipalName: 'ada@acme.example', accountEnabled: null }));
      expect((await failureOf(entra().getUser(user))).detail).toContain('User.Read.All');
    });

    it('finds a direct membership behind an empty page', async () => {
      graph.answer((request) => {
        const start = new URLSearchParams(request.url.split('?')[1]).get('$skiptoken');
        const next = (token: string) => `${graph.url}/v1.0/users/${user}/memberOf?$skiptoken=${token}`;
        if (start === null) return ok({ value: [{ id: tenantId }], '@odata.nextLink': next('1') });
        return start === '1' ? ok({ value: [], '@odata.nextLink': next('2') }) : { status: 200, headers: { 'request-id': 'r-3' }, body: { value: [{ '@odata.type': '#microsoft.graph.group', id: group.toUpperCase() }] } };
      });
      expect(await entra().readMembership(group, user)).toMatchObject({ observed: 'present', providerRequestId: 'r-3' });
      expect(graph.seen[0]?.headers['consistencylevel']).toBeUndefined();
    });

    it('believes absence only while the group exists', async () => {
      routes({ [`GET /users/${user}/memberOf`]: ok({ value: [] }), [`GET /groups/${group}`]: ok(aGroup) });
      expect((await entra().readMembership(group, user)).observed).toBe('absent');
      routes({ [`GET /users/${user}/memberOf`]: ok({ value: [] }) });
      expect((await failureOf(entra().readMembership(group, user))).kind).toBe('groupNotFound');
      routes({});
      expect((await failureOf(entra().readMembership(group, user))).kind).toBe('userNotFound');
    });

    it.each<[string, Reply]>([['HTML', { status: 200, html: '<html>' }], ['no list', ok({})], ['no ids', ok({ value: [{}] })], ['a bare 404', { status: 404, html: 'no' }]])('never reads absence out of %s', async (_, reply) => {
      routes({ [`GET /users/${user}/memberOf`]: reply, [`GET /groups/${group}`]: ok(aGroup) });
      expect((await failureOf(entra().readMembership(group, user))).kind).toBe('invalidAnswer');
    });

    it('sends its token to no other host', async () => {
      const other = await startScriptedServer(() => ok({ value: [] }));
      graph.answer(() => ok({ value: [], '@odata.nextLink': `${other.url}/v1.0/groups/${group}/members?$skiptoken=1` }));
      const pages = entra().listMembers(group)[Symbol.asyncIterator]();
      expect((await failureOf(pages.next())).kind).toBe('invalidAnswer');
      expect(other.seen).toHaveLength(0);
      await other.close();
    });

    it('shows members that are no users under their kind', async () => {
      graph.answer(() => ok({ value: [{ '@odata.type': '#microsoft.graph.user', ...aUser }, { '@odata.type': '#microsoft.graph.group', id: group, displayName: 'Contractors' }] }));
      const pages: string[][] = [];
      for await (const page of entra().listMembers(group)) pages.push(page.members.map((member) => `${member.kind} ${member.login}`));
      expect(pages).toEqual([['user ada@acme.example', 'other group:Contractors']]);
    });
  });

  describe('groups', () => {
    it.each([
      [{ groupTypes: ['DynamicMembership'] }, 'entra.dynamic'],
      [{ onPremisesSyncEnabled: true }, 'entra.on_premises_synced'],
      [{ mailEnabled: true }, 'entra.mail_enabled'],
      [{ mailEnabled: true, groupTypes: ['Unified'] }, undefined],
      [{ isAssignableToRole: true }, 'entra.role_assignable'],
      [{}, undefined],
    ])('judges a group with %j as %s', async (more, code) => {
      graph.answer(() => ok({ ...aGroup, ...more }));
      expect((await entra().getGroup(group)).unmanageable?.code).toBe(code);
    });

    it('finds groups by their whole name, quotes and case included', async () => {
      graph.answer(() => ok({ value: [{ ...aGroup, displayName: 'O\'Neil' }, { ...aGroup, displayName: 'o\'neil' }] }));
      expect(await entra().findGroupsByName('O\'Neil')).toHaveLength(1);
      expect(new URLSearchParams(graph.seen[0]?.url.split('?')[1]).get('$filter')).toBe('displayName eq \'O\'\'Neil\'');
    });

    it('creates a security group without mail', async () => {
      graph.answer(() => ({ status: 201, body: { ...aGroup, displayName: 'AI Clearance - Claude - Users' } }));
      await entra().createGroup('AI Clearance - Claude - Users', 'By AI Clearance');
      expect(graph.seen[0]?.body).toMatch(/"mailNickname":"ai-clearance-claude-users-[0-9a-f]{8}"/);
      expect(JSON.parse(graph.seen[0]?.body ?? '')).toMatchObject({
        displayName: 'AI Clearance - Claude - Users', description: 'By AI Clearance', securityEnabled: true, mailEnabled: false, groupTypes: [],
      });
    });
  });

  describe('writing', () => {
    const add = `POST /groups/${group}/members/$ref`;
    const remove = `DELETE /groups/${group}/members/${user}/$ref`;

    it('adds and removes a reference, and no DELETE goes without /$ref', async () => {
      graph.answer(() => ({ status: 204, headers: { 'request-id': 'r-7' } }));
      expect(await entra().addMember(group, user)).toEqual({ changed: true, providerRequestId: 'r-7' });
      expect(await entra().removeMember(group, user)).toEqual({ changed: true, providerRequestId: 'r-7' });
      expect(paths()).toEqual([add, remove]);
      expect(JSON.parse(graph.seen[0]?.body ?? '')).toEqual({ '@odata.id': `${graph.url}/v1.0/directoryObjects/${user}` });
      for (const odd of [`${user}/../..`, '', `${user}?x`]) await expect(entra().removeMember(group, odd)).rejects.toThrow(ProviderFailure);
      expect(graph.seen.filter((request) => request.method === 'DELETE' && !request.url.endsWith('/$ref'))).toEqual([]);
    });

    it('changes nothing for a member already, whatever words say so', async () => {
      routes({ [add]: already });
      expect(await entra().addMember(group, user)).toEqual({ changed: false });
      routes({ [add]: error(400, 'Request_BadRequest', 'Schon Mitglied.'), [`GET /groups/${group}`]: ok(aGroup), [`GET /users/${user}/memberOf`]: ok({ value: [{ id: group }] }) });
      expect(await entra().addMember(group, user)).toEqual({ changed: false });
      routes({ [add]: error(400, 'Request_BadRequest', 'Invalid object.'), [`GET /groups/${group}`]: ok(aGroup), [`GET /users/${user}/memberOf`]: ok({ value: [] }) });
      expect((await failureOf(entra().addMember(group, user))).kind).toBe('rejected');
    });

    it('finds out by reading what a 404 means', async () => {
      routes({ [`GET /groups/${group}`]: ok(aGroup) });
      expect((await failureOf(entra().removeMember(group, user))).kind).toBe('userNotFound');
      routes({ [`GET /users/${user}`]: ok(aUser) });
      expect((await failureOf(entra().addMember(group, user))).kind).toBe('groupNotFound');
      routes({ [`GET /users/${user}`]: ok(aUser), [`GET /groups/${group}`]: ok(aGroup) });
      expect(await entra().removeMember(group, user)).toEqual({ changed: false });
      expect((await failureOf(entra().addMember(group, user))).kind).toBe('retryable');
    });

    it('tells a group that takes no members from a missing permission', async () => {
      const denied = error(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
      routes({ [add]: denied, [remove]: denied, [`GET /groups/${group}`]: ok({ ...aGroup, isAssignableToRole: true }) });
      expect((await failureOf(entra().addMember(group, user))).detail).toContain('entra.role_assignable');
      routes({ [add]: denied, [remove]: denied, [`GET /groups/${group}`]: ok(aGroup) });
      expect((await failureOf(entra().removeMember(group, user))).kind).toBe('forbidden');
    });

    it.each<[string, Reply, string]>([
      ['hangs up', { hangUp: true }, 'unknownOutcome'],
      ['says 500', error(500, 'InternalServerError', 'x'), 'unknownOutcome'],
      ['says 503', { status: 503 }, 'unknownOutcome'],
      ['says 504', { status: 504, html: 'x' }, 'unknownOutcome'],
      ['says 200 with HTML', { status: 200, html: '<html>' }, 'unknownOutcome'],
      ['says 200 with JSON of its own', { status: 200, body: {} }, 'unknownOutcome'],
      ['says 429', error(429, 'TooManyRequests', 'x'), 'retryable'],
      ['redirects', { status: 307, headers: { location: 'https://example.com' } }, 'invalidAnswer'],
    ])('when Graph %s', async (_, reply, kind) => {
      routes({ [add]: reply, [remove]: reply });
      expect((await failureOf(entra().addMember(group, user))).kind).toBe(kind);
      expect((await failureOf(entra().removeMember(group, user))).kind).toBe(kind);
      expect(paths()).toEqual([add, remove]);
    });

    it('passes on how long to wait, in seconds or as a date', async () => {
      routes({ [remove]: { status: 429, headers: { 'retry-after': '17' } } });
      expect((await failureOf(entra().removeMember(group, user))).more.retryAfterMs).toBe(17_000);
      routes({ [remove]: { status: 503, headers: { date: 'Sat, 21 Nov 2026 10:00:00 GMT', 'retry-after': 'Sat, 21 Nov 2026 10:01:00 GMT' } } });
      expect((await failureOf(entra().removeMember(group, user))).more.retryAfterMs).toBe(60_000);
    });

    it('knows that a call without a connection changed nothing, and that one without an answer may have', async () => {
      expect((await failureOf(entra({ graphBaseUrl: `http://127.0.0.1:${await closedPort()}` }).addMember(group, user))).kind).toBe('retryable');
      graph.answer(() => ({ silent: true }));
      expect((await failureOf(entra({ timeoutMs: 200 }).addMember(group, user))).kind).toBe('unknownOutcome');
    });
  });

  it('tests each ability by a call of its kind', async () => {
    routes({ 'GET /users': ok({ value: [aUser] }), 'GET /groups': error(403, 'Authorization_RequestDenied', 'no') });
    const abilities = await entra().test();
    expect(abilities.map(({ ability, ok: fine }) => [ability, fine])).toEqual([['readUsers', true], ['readGroups', false], ['manageMembers', true]]);
    expect(abilities.map(({ documentation }) => documentation)).toEqual([undefined, 'https://learn.microsoft.com/graph/api/group-get#permissions', undefined]);
    expect(abilities[1]?.detail).toContain('GroupMember.Read.All');
  });

  describe('its configuration', () => {
    const create = (more: Partial<EntraConnection>) => () => openEntra({ provider: 'entra', tenantId, clientId: user, auth: { kind: 'clientSecret', clientSecret }, ...more }, {})('read');
    it.each<[Partial<EntraConnection>, string]>([
      [{ tenantId: 'common' }, 'tenantId must be'],
      [{ tenantId: '../x' }, 'tenantId must be'],
      [{ clientId: 'x' }, 'clientId must be'],
      [{ authorityHost: 'https://login.evil.example' }, 'authorityHost must name one of'],
      [{ authorityHost: 'http://login.microsoftonline.com' }, 'must be an https URL'],
      [{ graphBaseUrl: 'https://graph.microsoft.com.evil.example' }, 'graphBaseUrl must name one of'],
      [{ graphBaseUrl: 'https://graph.microsoft.com/beta' }, 'must not carry a path'],
      [{ graphBaseUrl: 'https://graph.microsoft.us' }, 'belong to different clouds'],
      [{ graphBaseUrl: 'http://127.0.0.1:1' }, 'must not name this machine'],
      [{ auth: { kind: 'clientSecret', clientSecret: '' } }, 'client secret is empty'],
    ])('refuses %j', (more, why) => {
      expect(create(more)).toThrow(why);
    });

    it('refuses a certificate without its own key, and quotes none', () => {
      for (const certificatePem of ['', clientPair.cert, `${clientPair.cert}${tls.key}`]) {
        expect(create({ auth: { kind: 'certificate', certificatePem } })).toThrow(/^unauthorized: the Entra certificate must be one PEM text with a certificate and its unencrypted private key$/);
      }
    });

    it('takes each national cloud with its own Graph', () => {
      expect(create({ authorityHost: 'https://login.microsoftonline.us', graphBaseUrl: 'https://dod-graph.microsoft.us/v1.0' })).not.toThrow();
      expect(create({ authorityHost: 'https://login.partner.microsoftonline.cn/', graphBaseUrl: 'https://microsoftgraph.chinacloudapi.cn' })).not.toThrow();
    });
  });
});
