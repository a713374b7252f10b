import { closedPort, startScriptedServer } from '../../../test/contract/support/scripted-server.js';
import type { ScriptedServer } from '../../../test/contract/support/scripted-server.js';
import { operatorCode, operatorText } from './operator-text.js';
import { PageTrail } from './page-trail.js';
import { retryAfterMs } from './retry-after.js';
import { HttpFault, sendHttp, tryJson } from './send-http.js';
import type { HttpRequest } from './send-http.js';
import { isLoopbackHost, parseServiceUrl, staysBelow } from './service-url.js';

describe('parseServiceUrl', () => {
  it.each([
    ['not a url', 'is not a URL'],
    ['http://acme.okta.com', 'must be an https URL'],
    ['https://user:pass@acme.okta.com', 'must not carry a user or a password'],
    ['https://acme.okta.com/#f', 'must not carry a query or a fragment'],
    ['https://acme.okta.com/?', 'must not carry a query or a fragment'],
    ['https://169.254.169.254', 'must name a host, not an address'],
    ['https://0x7f000001', 'must not name this machine'],
    ['https://[fd00::1]', 'must name a host, not an address'],
    ['https://metadata', 'must name a host with its full domain'],
    ['https://localhost', 'must not name this machine'],
    ['ftp://acme.okta.com', 'must be an https URL'],
  ])('refuses %s', (raw, why) => {
    expect(() => parseServiceUrl(raw, { name: 'orgUrl' })).toThrow(`orgUrl ${why}`);
  });

  it('takes https host names, without their trailing slash', () => {
    expect(parseServiceUrl('https://acme.okta.com/', { name: 'orgUrl' })).toBe('https://acme.okta.com');
    expect(parseServiceUrl('https://api.atlassian.com/ex/jira/11/', { name: 'baseUrl' })).toBe('https://api.atlassian.com/ex/jira/11');
  });

  it('takes plain http on loopback in sandbox mode only', () => {
    expect(parseServiceUrl('http://127.0.0.1:4000', { name: 'orgUrl', allowLoopback: true })).toBe('http://127.0.0.1:4000');
    expect(() => parseServiceUrl('http://127.0.0.1:4000', { name: 'orgUrl' })).toThrow('must not name this machine');
    expect(() => parseServiceUrl('http://acme.okta.com', { name: 'orgUrl', allowLoopback: true })).toThrow('must be an https URL');
  });

  it('refuses a host that is not on the list it was given', () => {
    expect(() => parseServiceUrl('https://graph.example.com', { name: 'graphBaseUrl', hosts: ['graph.microsoft.com'] })).toThrow('must name one of graph.microsoft.com');
  });

  it('never repeats the URL in its refusal', () => {
    expect(() => parseServiceUrl('https://u:canary@x.example.com', { name: 'orgUrl' })).toThrow(/^orgUrl must not carry a user or a password$/);
  });

  it('knows loopback by address and by name', () => {
    expect(['localhost', '127.9.9.9', '[::1]'].map(isLoopbackHost)).toEqual([true, true, true]);
    expect(['127.example.com', '10.0.0.1', 'localhost.example.com'].map(isLoopbackHost)).toEqual([false, false, false]);
  });
});

describe('staysBelow', () => {
  it('accepts a link below the base only', () => {
    const base = 'https://graph.microsoft.com/v1.0';
    expect(staysBelow(base, 'https://graph.microsoft.com/v1.0/groups?$skiptoken=x')).toBe(true);
    expect(staysBelow(base, 'https://graph.microsoft.com/v1.0.evil/groups')).toBe(false);
    expect(staysBelow(base, 'https://graph.microsoft.com.evil.example/v1.0/groups')).toBe(false);
    expect(staysBelow(base, 'http://graph.microsoft.com/v1.0/groups')).toBe(false);
    expect(staysBelow(base, 'https://x@graph.microsoft.com/v1.0/groups')).toBe(false);
    expect(staysBelow(base, '/v1.0/groups')).toBe(false);
  });
});

describe('PageTrail', () => {
  it.each([1, 2, 3, 7, 50])('notices a circle of %d pages soon, and no circle where there is none', (length) => {
    const circle = new PageTrail();
    let asked = 1;
    while (circle.leadsOn(`page ${(asked - 1) % length}`)) asked += 1;
    expect(asked).toBeLessThanOrEqual(3 * length + 1);
    const line = new PageTrail();
    expect(Array.from({ length: 1000 }, (_, page) => line.leadsOn(`page ${page}`))).not.toContain(false);
  });

  it('takes a list without end for none', () => {
    const trail = new PageTrail();
    let pages = 0;
    while (trail.leadsOn(`page ${pages}`)) pages += 1;
    expect(pages).toBe(100_000);
  });
});

describe('retryAfterMs', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  it.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['an HTTP date', { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30_000],
    ['an HTTP date, counted from the answer\'s own clock', { 'retry-after': 'Sat, 21 Nov 2026 11:00:30 GMT', date: 'Sat, 21 Nov 2026 11:00:00 GMT' }, 30_000],
    ['an epoch reset less the Date header, rounded up by a second', { 'x-rate-limit-reset': '1795255205', date: 'Sat, 21 Nov 2026 10:00:00 GMT' }, 6000],
    ['the later of two resets', { 'x-rate-limit-reset': '1795262401, 1795262409' }, 10_000],
    ['an ISO reset', { 'x-ratelimit-reset': '2026-11-21T12:00:05Z' }, 5000],
    ['a date that has passed', { 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    ['no longer than an hour', { 'retry-after': '999999' }, 3_600_000],
  ])('reads %s', (_, headers: Record<string, string>, expected) => {
    expect(retryAfterMs(new Headers(headers), now)).toBe(expected);
  });

  it.each([[{}], [{ 'retry-after': 'soon' }], [{ 'retry-after': '-3' }], [{ 'x-rate-limit-reset': 'never' }]])('reads nothing from %j', (headers: Record<string, string>) => {
    expect(retryAfterMs(new Headers(headers), now)).toBeUndefined();
  });
});

describe('operatorText', () => {
  it('takes out known secrets and whatever looks like one, logins and ids of people included', () => {
    const text = operatorText('short! with 00abcdefghijklmnopqrstuvwxyz0123456789-_ABCD for 00u1ero7vZFVEIYLWPBN in 0f8fad5b-d9cb-469f-a165-70867728950e by a.b@c.example', ['short!']);
    expect(text).toBe('[removed] with [removed] for [user] in [id] by [login]');
  });

  it('is one short line', () => {
    expect(operatorText(`a\n\tb ${'word '.repeat(100)}`)).toMatch(/^a b .{1,196}…$/);
  });

  it('passes codes that look like codes', () => {
    expect(operatorCode('E0000007')).toBe('E0000007');
    expect([operatorCode('a b'), operatorCode(7), operatorCode('x'.repeat(65))]).toEqual([undefined, undefined, undefined]);
  });
});

describe('sendHttp', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScriptedServer(() => ({ status: 200, body: { fine: true } }));
  });
  afterEach(() => server.close());

  const faultOf = async (request: Partial<HttpRequest>): Promise<string> => {
    try {
      await sendHttp({ method: 'GET', url: `${server.url}/x`, timeoutMs: 5000, ...request });
      return 'none';
    } catch (error) {
      if (error instanceof HttpFault) return error.kind;
      throw error;
    }
  };

  it('answers whatever status came', async () => {
    server.answer(() => ({ status: 418, body: { teapot: true } }));
    const answer = await sendHttp({ method: 'POST', url: `${server.url}/x`, headers: { 'x-mine': 'yes' }, body: '{}', timeoutMs: 5000 });
    expect([answer.status, tryJson(answer), server.seen[0]?.headers['x-mine'], server.seen[0]?.body]).toEqual([418, { teapot: true }, 'yes', '{}']);
  });

  it('keeps its connection for the next call', async () => {
    await sendHttp({ method: 'GET', url: `${server.url}/1`, timeoutMs: 5000 });
    await sendHttp({ method: 'GET', url: `${server.url}/2`, timeoutMs: 5000 });
    expect(server.seen.map((request) => request.headers.connection)).toEqual(['keep-alive', 'keep-alive']);
  });

  it('tells a call that was never sent from one whose answer was lost', async () => {
    expect(await faultOf({ url: `http://127.0.0.1:${await closedPort()}/x` })).toBe('notSent');
    server.answer(() => ({ hangUp: true }));
    expect(await faultOf({})).toBe('lost');
  });

  it('ends a call that gets no answer in time', async () => {
    server.answer(() => ({ silent: true }));
    expect(await faultOf({ timeoutMs: 30 })).toBe('timedOut');
  });

  it('ends a call when its caller does', async () => {
    const controller = new AbortController();
    server.answer(() => {
      controller.abort();
      return { silent: true };
    });
    expect(await faultOf({ signal: controller.signal })).toBe('cancelled');
    expect(await faultOf({ signal: controller.signal })).toBe('notSent');
    expect(server.seen).toHaveLength(1);
  });

  it('follows no redirect', async () => {
    server.answer((request) => (request.url === '/x' ? { status: 302, headers: { location: '/elsewhere' } } : { status: 200, body: {} }));
    expect(await faultOf({})).toBe('redirected');
    expect(server.seen).toHaveLength(1);
  });

  it('reads no more than its limit', async () => {
    server.answer(() => ({ status: 200, body: 'x'.repeat(5000) }));
    expect(await faultOf({ maxAnswerBytes: 1000 })).toBe('tooLarge');
    expect(await faultOf({ maxAnswerBytes: 6000 })).toBe('none');
  });

  it('takes for JSON only what says so and is so', () => {
    const answer = (type: string, text: string) => tryJson({ status: 200, headers: new Headers({ 'content-type': type }), text });
    expect(answer('application/json; charset=utf-8', '{"a":1}')).toEqual({ a: 1 });
    expect(answer('application/problem+json', '[]')).toEqual([]);
    expect(answer('text/html', '{"a":1}')).toBeUndefined();
    expect(answer('application/json', '<html>')).toBeUndefined();
  });
});
