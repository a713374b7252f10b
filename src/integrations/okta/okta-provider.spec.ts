import { jest } from '@jest/globals';
import { closedPort, startScriptedServer } from '../../../test/contract/support/scripted-server.js';
import type { Reply, ScriptedServer, SeenRequest } from '../../../test/contract/support/scripted-server.js';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import { openOkta } from './okta-provider.js';

const token = '00canaryTokenOfTheOktaSpecThatNobodyMaySee';
const ada = { id: '00uada', status: 'ACTIVE', profile: { login: 'ada@example.com', firstName: 'Ada' } };
const group = (id: string, type = 'OKTA_GROUP') => ({ id, type, profile: { name: `Group ${id}` } });
const notFound: Reply = { status: 404, body: { errorCode: 'E0000007', errorSummary: 'Not found: Resource not found' } };
const forbidden: Reply = { status: 403, body: { errorCode: 'E0000006', errorSummary: 'You do not have permission' } };
const next = (url: string) => ({ link: `<${url}>; rel="next"` });

async function failureOf(run: Promise<unknown>): Promise<ProviderFailure> {
  try {
    await run;
  } catch (error) {
    if (error instanceof ProviderFailure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

describe('the Okta adapter', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScriptedServer(() => notFound);
  });
  afterEach(() => server.close());

  const okta = (more: { timeoutMs?: number; orgUrl?: string } = {}) =>
    openOkta({ provider: 'okta', orgUrl: more.orgUrl ?? server.url, auth: { kind: 'apiToken', token } }, { allowLoopbackHttp: true, timeoutMs: more.timeoutMs ?? 5000 })('read');
  const routes = (table: Readonly<Record<string, Reply>>) => server.answer((request: SeenRequest) => table[`${request.method} ${request.url.split('?')[0] ?? ''}`] ?? notFound);
  const paths = () => server.seen.map((request) => `${request.method} ${request.url}`);

  describe('reading', () => {
    it('asks Okta each time, so an outside change is seen at once', async () => {
      const provider = okta();
      routes({ 'GET /api/v1/users/00uada': { status: 200, body: ada } });
      expect((await provider.getUser('00uada')).state).toBe('active');
      routes({ 'GET /api/v1/users/00uada': { status: 200, body: { ...ada, status: 'DEPROVISIONED' } } });
      expect((await provider.getUser('00uada')).state).toBe('deactivated');
      expect(server.seen[0]?.headers.authorization).toBe(`SSWS ${token}`);
    });

    it('reads an answer of 200 KB', async () => {
      routes({ 'GET /api/v1/users/00uada': { status: 200, body: { ...ada, profile: { ...ada.profile, about: 'x'.repeat(200_000) } } } });
      expect((await okta().getUser('00uada')).login).toBe('ada@example.com');
    });

    it('takes no short name for a login', async () => {
      routes({ 'GET /api/v1/users/ada': { status: 200, body: ada } });
      expect((await failureOf(okta().getUser('ada'))).kind).toBe('userNotFound');
    });

    it('looks a login with a slash up by filter', async () => {
      const odd = { ...ada, profile: { login: 'ada/x@example.com' } };
      routes({ 'GET /api/v1/users': { status: 200, body: [odd] } });
      expect((await okta().getUser('ada/x@example.com')).externalId).toBe('00uada');
      expect(new URLSearchParams(server.seen[0]?.url.split('?')[1]).get('filter')).toBe('profile.login eq "ada/x@example.com"');
    });

    it.each(['', 'me', '.', '..', 'ME', 'a\u0000b', 'x'.repeat(101)])('asks nothing about the login %j', async (login) => {
      expect((await failureOf(okta().getUser(login))).kind).toBe('userNotFound');
      expect(server.seen).toHaveLength(0);
    });

    it.each([['', '00uada'], ['..', '00uada'], ['00g1', ''], ['00g1', '../groups']])('writes nothing for the ids %j and %j', async (groupId, userId) => {
      await expect(okta().addMember(groupId, userId)).rejects.toThrow(ProviderFailure);
      await expect(okta().removeMember(groupId, userId)).rejects.toThrow(ProviderFailure);
      expect(server.seen).toHaveLength(0);
    });

    it('says what to do about an address that answers web pages', async () => {
      for (const status of [200, 403, 404]) {
        server.answer(() => ({ status, html: '<html>Sign in</html>' }));
        expect((await failureOf(okta().getUser('00uada'))).detail).toContain(`a web page (HTTP ${status}) came instead of Okta's API; check that orgUrl`);
      }
    });

    it('takes a 404 that is not Okta\'s for a wrong address, not for a missing user', async () => {
      server.answer(() => ({ status: 404, html: '<h1>Not Found</h1>' }));
      expect((await failureOf(okta().getUser('00uada'))).kind).toBe('invalidAnswer');
    });

    it.each<[string, Reply]>([
      ['an HTML page', { status: 200, html: '<html>log in</html>' }],
      ['a JSON string, which the SDK would read as a list of users', { status: 200, body: 'abc' }],
      ['an object instead of a list', { status: 200, body: {} }],
      ['a list of nothing', { status: 200, body: [null] }],
      ['a list of strangers', { status: 200, body: [{}] }],
      ['no body', { status: 204 }],
    ])('never reads absence out of %s', async (_, reply) => {
      routes({ 'GET /api/v1/users/00uada/groups': reply, 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1') } });
      expect((await failureOf(okta().readMembership('00g1', '00uada'))).kind).toBe('invalidAnswer');
    });

    it('goes through an empty page in the middle', async () => {
      const path = '/api/v1/users/00uada/groups';
      server.answer((request) => {
        if (request.url === path) return { status: 200, body: [group('00ga')], headers: next(`${server.url}${path}?after=1`) };
        if (request.url.endsWith('after=1')) return { status: 200, body: [], headers: next(`${server.url}${path}?after=2`) };
        return { status: 200, body: [group('00g1')], headers: { 'x-okta-request-id': 'req-3' } };
      });
      expect(await okta().readMembership('00g1', '00uada')).toMatchObject({ observed: 'present', providerRequestId: 'req-3' });
    });

    it('yields empty pages of members as they come', async () => {
      const path = '/api/v1/groups/00g1/users';
      server.answer((request) => (request.url.includes('after') ? { status: 200, body: [{ ...ada, id: '00ueve' }] } : { status: 200, body: [], headers: next(`${server.url}${path}?after=1`) }));
      expect((await collect(okta().listMembers('00g1'))).map((page) => [page.members.map((user) => user.externalId), page.next])).toEqual([[[], '1'], [['00ueve'], null]]);
    });

    it('believes absence only while the group exists', async () => {
      routes({ 'GET /api/v1/users/00uada/groups': { status: 200, body: [] }, 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1') } });
      expect((await okta().readMembership('00g1', '00uada')).observed).toBe('absent');
      routes({ 'GET /api/v1/users/00uada/groups': { status: 200, body: [] } });
      expect((await failureOf(okta().readMembership('00g1', '00uada'))).kind).toBe('groupNotFound');
      routes({});
      expect((await failureOf(okta().readMembership('00g1', '00uada'))).kind).toBe('userNotFound');
    });

    it('sends its token to no other host than the org', async () => {
      const other = await startScriptedServer(() => ({ status: 200, body: [] }));
      routes({ 'GET /api/v1/groups/00g1/users': { status: 200, body: [ada], headers: next(`${other.url}/api/v1/groups/00g1/users?after=1`) } });
      expect((await failureOf(collect(okta().listMembers('00g1')))).kind).toBe('invalidAnswer');
      routes({ 'GET /api/v1/groups/00g1': { status: 302, headers: { location: `${other.url}/` } } });
      expect((await failureOf(okta().getGroup('00g1'))).kind).toBe('invalidAnswer');
      expect(other.seen).toHaveLength(0);
      await other.close();
    });

    it.each([
      ['leads back', (path: string) => ({ status: 200, body: [], headers: next(path) })],
      ['is longer than the SDK reads', (path: string) => ({ status: 200, body: [], headers: next(`${path}?after=${'x'.repeat(2100)}`) })],
    ])('refuses a page link that %s', async (_, reply) => {
      routes({ 'GET /api/v1/groups/00g1/users': reply(`${server.url}/api/v1/groups/00g1/users`) });
      expect((await failureOf(collect(okta().listMembers('00g1')))).kind).toBe('invalidAnswer');
      expect(server.seen.length).toBeLessThanOrEqual(2);
    });
  });

  describe('groups', () => {
    const rule = (status: string, groupId: string) => ({ id: '0pr1', name: 'All engineers', status, actions: { assignUserToGroups: { groupIds: [groupId] } } });
    it.each([
      ['APP_GROUP', [], 'okta.app_group'],
      ['BUILT_IN', [], 'okta.built_in'],
      ['OKTA_GROUP', [rule('ACTIVE', '00g1')], 'okta.active_rule'],
      ['OKTA_GROUP', [rule('INACTIVE', '00g1'), rule('ACTIVE', '00g2')], undefined],
    ])('judges a %s with the rules %j as %s', async (type, rules, code) => {
      routes({ 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1', type) }, 'GET /api/v1/groups/rules': { status: 200, body: rules } });
      expect((await okta().getGroup('00g1')).unmanageable?.code).toBe(code);
    });

    it('finds groups by their whole name', async () => {
      routes({ 'GET /api/v1/groups': { status: 200, body: [group('00g1'), { ...group('00g2'), profile: { name: 'Group 00g1 and more' } }] }, 'GET /api/v1/groups/rules': { status: 200, body: [] } });
      expect((await okta().findGroupsByName('Group 00g1')).map((found) => found.externalId)).toEqual(['00g1']);
    });

    it('creates a group with name and description', async () => {
      routes({ 'POST /api/v1/groups': { status: 200, body: group('00g9') } });
      expect(await okta().createGroup('Group 00g9', 'By AI Clearance')).toEqual({ externalId: '00g9', name: 'Group 00g9', unmanageable: null });
      expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ profile: { name: 'Group 00g9', description: 'By AI Clearance' } });
    });

    it('does not know whether a group was created when the answer is unreadable', async () => {
      routes({ 'POST /api/v1/groups': { status: 200, html: '<html>' } });
      expect((await failureOf(okta().createGroup('n', 'd'))).kind).toBe('unknownOutcome');
    });
  });

  describe('writing', () => {
    const member = '/api/v1/groups/00g1/users/00uada';
    it.each<[string, Reply, string]>([
      ['hangs up', { hangUp: true }, 'unknownOutcome'],
      ['says 500', { status: 500, body: { errorCode: 'E0000009', errorSummary: 'Internal Server Error' } }, 'unknownOutcome'],
      ['says 503 with HTML', { status: 503, html: '<h1>busy</h1>' }, 'unknownOutcome'],
      ['says 200 with HTML', { status: 200, html: '<h1>log in</h1>' }, 'unknownOutcome'],
      ['is read-only for now', { status: 503, body: { errorCode: 'E0000010', errorSummary: 'The service is in read only mode' } }, 'retryable'],
      ['says 429', { status: 429, body: { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit' } }, 'retryable'],
      ['says 401', { status: 401, body: { errorCode: 'E0000011', errorSummary: 'Invalid token provided' } }, 'unauthorized'],
      ['says the user\'s state forbids it', { status: 403, body: { errorCode: 'E0000038', errorSummary: 'not allowed in the user\'s current status' } }, 'rejected'],
    ])('when Okta %2$s it is %s', async (_, reply, kind) => {
      routes({ [`PUT ${member}`]: reply, [`DELETE ${member}`]: reply, 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1') } });
      expect((await failureOf(okta().addMember('00g1', '00uada'))).kind).toBe(kind);
      expect((await failureOf(okta().removeMember('00g1', '00uada'))).kind).toBe(kind);
      expect(paths().filter((path) => path.includes(member))).toEqual([`PUT ${member}`, `DELETE ${member}`]);
    });

    it('knows that a call without a connection changed nothing', async () => {
      expect((await failureOf(okta({ orgUrl: `http://127.0.0.1:${await closedPort()}` }).addMember('00g1', '00uada'))).kind).toBe('retryable');
    });

    it('ends a call after its time, a write with an unknown outcome and a read to be repeated', async () => {
      server.answer(() => ({ silent: true }));
      expect((await failureOf(okta({ timeoutMs: 40 }).addMember('00g1', '00uada'))).kind).toBe('unknownOutcome');
      expect((await failureOf(okta({ timeoutMs: 40 }).getUser('00uada'))).kind).toBe('retryable');
    });

    it('passes on how long to wait, counted on Okta\'s clock, without waiting itself', async () => {
      server.answer(() => ({ status: 429, headers: { date: 'Sat, 21 Nov 2026 10:00:00 GMT', 'x-rate-limit-reset': '1795255241', 'x-okta-request-id': 'req-1' }, body: { errorCode: 'E0000047', errorSummary: 'limit' } }));
      const failure = await failureOf(okta().removeMember('00g1', '00uada'));
      expect(failure.more).toEqual({ status: 429, providerCode: 'E0000047', retryAfterMs: 42_000, providerRequestId: 'req-1' });
      expect(server.seen).toHaveLength(1);
    });

    it.each<[string, Readonly<Record<string, Reply>>, string]>([
      ['the user is gone', { 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1') } }, 'userNotFound'],
      ['the group is gone', { 'GET /api/v1/users/00uada': { status: 200, body: ada } }, 'groupNotFound'],
    ])('finds out by reading that %s', async (_, table, kind) => {
      routes(table);
      expect((await failureOf(okta().removeMember('00g1', '00uada'))).kind).toBe(kind);
      expect((await failureOf(okta().addMember('00g1', '00uada'))).kind).toBe(kind);
    });

    it('has nothing to remove when both exist and Okta knows no membership', async () => {
      routes({ 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1') }, 'GET /api/v1/users/00uada': { status: 200, body: ada } });
      expect(await okta().removeMember('00g1', '00uada')).toEqual({ changed: false });
      expect((await failureOf(okta().addMember('00g1', '00uada'))).kind).toBe('retryable');
    });

    it('does not go on trying to add a deactivated user', async () => {
      routes({ 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1') }, 'GET /api/v1/users/00uada': { status: 200, body: { ...ada, status: 'DEPROVISIONED' } } });
      expect((await failureOf(okta().addMember('00g1', '00uada'))).kind).toBe('rejected');
      expect(await okta().removeMember('00g1', '00uada')).toEqual({ changed: false });
    });

    it('tells a group that takes no members from a missing permission', async () => {
      routes({ [`PUT ${member}`]: forbidden, 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1', 'APP_GROUP') } });
      const failure = await failureOf(okta().addMember('00g1', '00uada'));
      expect([failure.kind, failure.detail]).toEqual(['groupNotManageable', expect.stringContaining('okta.app_group')]);
      routes({ [`PUT ${member}`]: forbidden, 'GET /api/v1/groups/00g1': { status: 200, body: group('00g1') } });
      expect((await failureOf(okta().addMember('00g1', '00uada'))).kind).toBe('forbidden');
    });

    it.each(['addMember', 'removeMember'] as const)('takes an answer to %s that is not the 204 of the contract for a lost one', async (write) => {
      for (const reply of [{ status: 200, body: {} }, { status: 202, body: { queued: true } }]) {
        routes({ [`PUT ${member}`]: reply, [`DELETE ${member}`]: reply });
        expect((await failureOf(okta()[write]('00g1', '00uada'))).kind).toBe('unknownOutcome');
      }
    });

    it('adds and removes by one request each', async () => {
      routes({ [`PUT ${member}`]: { status: 204, headers: { 'x-okta-request-id': 'req-7' } }, [`DELETE ${member}`]: { status: 204 } });
      expect(await okta().addMember('00g1', '00uada')).toEqual({ changed: true, providerRequestId: 'req-7' });
      expect(await okta().removeMember('00g1', '00uada')).toEqual({ changed: true });
      expect(paths()).toEqual([`PUT ${member}`, `DELETE ${member}`]);
    });

    it('shows its token in no failure, even when Okta echoes it', async () => {
      server.answer((request) => ({ status: 400, body: { errorCode: 'E0000001', errorSummary: `bad: ${request.headers.authorization ?? ''}` } }));
      const failure = await failureOf(okta().createGroup('n', 'd'));
      expect(failure.kind).toBe('rejected');
      expect(`${failure.message} ${JSON.stringify(failure)} ${failure.stack ?? ''}`).not.toContain(token);
    });
  });

  describe('its configuration', () => {
    const create = (orgUrl: string, value = token) => () => openOkta({ provider: 'okta', orgUrl, auth: { kind: 'apiToken', token: value } }, {})('read');
    it('refuses an org that must not be called', () => {
      expect(create('http://acme.okta.com')).toThrow('orgUrl must be an https URL');
      expect(create('https://acme-admin.okta.com')).toThrow('not its admin console');
      expect(create('https://acme.okta.com/api/v1')).toThrow('must not carry a path');
      expect(create('http://127.0.0.1:1')).toThrow('must not name this machine');
    });

    it('refuses an empty token rather than borrow one from the environment', () => {
      const environment = jest.replaceProperty(process, 'env', { OKTA_CLIENT_TOKEN: 'anotherTenantsToken' });
      try {
        expect(create('https://acme.okta.com', '')).toThrow('the Okta API token is empty');
      } finally {
        environment.restore();
      }
    });

    it('tests each ability by a call of its kind and changes nothing', async () => {
      routes({ 'GET /api/v1/users': { status: 200, body: [ada] }, 'GET /api/v1/groups': { status: 200, body: [] }, 'GET /api/v1/groups/rules': forbidden });
      const abilities = await okta().test();
      expect(abilities.map(({ ability, ok }) => [ability, ok])).toEqual([['readUsers', true], ['readGroups', false], ['manageMembers', true]]);
      expect(abilities[1]?.detail).toContain('okta.groups.read');
      expect(abilities.map(({ documentation }) => documentation?.startsWith('https://help.okta.com/'))).toEqual([undefined, true, undefined]);
    });
  });
});
