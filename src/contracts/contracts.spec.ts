import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { REFUSAL_STATUS } from '../domain/refusal.js';
import { issueCreatedBody } from './intake.contract.js';
import { accountId, block, instantOrDay, issueKey, line, projectKey, toolKey, vendorUrl } from './primitives.js';
import { createConnectorBody } from './connector.contract.js';
import { patchApprovalPolicyBody } from './policy.contract.js';
import { EDGE_STATUS, PROBLEM_STATUS } from './refusal-status.js';

describe('texts', () => {
  it('of one line take every character that shows and none that steers', () => {
    const text = line(100);
    for (const good of ['plain', 'Grüße, 世界 😀', "a'b\"c<d>", 'ليس']) expect(text.safeParse(good).success).toBe(true);
    for (const bad of ['', ' ', '\t', 'a\nb', 'a\rb', 'a\0b', 'a\u0085b', 'a\u2028b', 'a\u202eb', 'a\u2066b', '\ud800', '\udc00x', 'x'.repeat(101)]) expect(text.safeParse(bad).success).toBe(false);
  });

  it('of one line never contain a control character, whatever is sent', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (sent) => {
      expect(line(100).safeParse(sent).success && /[\r\n\0]/.test(sent)).toBe(false);
    }));
  });

  it('of several lines take line breaks and nothing else that steers', () => {
    expect(block(100).safeParse('a\r\nb\tc').success).toBe(true);
    for (const bad of ['a\0', 'a\u001b[31m', '\ud800', 'a\u202e']) expect(block(100).safeParse(bad).success).toBe(false);
  });
});

describe('keys', () => {
  it.each([
    [toolKey, ['a', 'chatgpt-enterprise', 'gpt-4.1'], ['', 'A', '-a', 'a-', 'a b', '../a', 'a'.repeat(65), 'a\n']],
    [projectKey, ['AI', 'A_1'], ['ai', '1A', 'AI-1', 'A I', 'AI\n']],
    [issueKey, ['AI-1', 'ABC_D-99'], ['AI-0', 'AI-', 'ai-1', 'AI-1 ', 'AI-1\n', 'AI--1']],
    [accountId, ['5b10a2844c20165700ede21g', '557058:f58131cb-b67d', 'auth0|1', 'a.b+c@example.com'], ['', 'a b', 'a\nb', 'a/b', 'x'.repeat(129)]],
  ])('%#', (schema, good, bad) => {
    for (const key of good) expect({ key, ok: schema.safeParse(key).success }).toEqual({ key, ok: true });
    for (const key of bad) expect({ key, ok: schema.safeParse(key).success }).toEqual({ key, ok: false });
  });
});

describe('times in a query', () => {
  it('are instants with a zone or days, and mean UTC', () => {
    expect(instantOrDay.parse('2026-02-03')).toBe('2026-02-03T00:00:00.000Z');
    expect(instantOrDay.parse('2026-02-03T01:00:00+02:00')).toBe('2026-02-02T23:00:00.000Z');
  });
  it.each(['2026-02-30', '2026-13-01', '2025-02-29', '2026-02-03T00:00', '2026-02-03T25:00:00Z', 'today', '', '1770000000'])('refuse %s', (text) => {
    expect(instantOrDay.safeParse(text).success).toBe(false);
  });
});

describe('vendor addresses', () => {
  it.each(['https://acme.okta.com', 'http://127.0.0.1:8080/base'])('take %s', (url) => {
    expect(vendorUrl.safeParse(url).success).toBe(true);
  });
  it.each(['ftp://acme.okta.com', 'file:///etc/passwd', 'javascript:alert(1)', 'https://user:pass@acme.okta.com', 'https://acme.okta.com?x=1', 'https://acme.okta.com/#x', 'acme.okta.com', ''])('refuse %s', (url) => {
    expect(vendorUrl.safeParse(url).success).toBe(false);
  });
});

describe('connectors', () => {
  it('take the fields of their own provider only', () => {
    const okta = { provider: 'okta', orgUrl: 'https://acme.okta.com', auth: { kind: 'apiToken', token: 'x' } };
    expect(createConnectorBody.safeParse(okta).success).toBe(true);
    expect(createConnectorBody.safeParse({ ...okta, tenantId: 't' }).success).toBe(false);
    expect(createConnectorBody.safeParse({ ...okta, auth: { kind: 'clientSecret', clientSecret: 'x' } }).success).toBe(false);
    expect(createConnectorBody.safeParse({ ...okta, provider: 'entra' }).success).toBe(false);
    expect(createConnectorBody.safeParse({ ...okta, auth: { kind: 'privateKeyJwt', clientId: '0oa', privateKeyPem: 'no pem' } }).success).toBe(false);
  });
});

describe('approval policies', () => {
  it('cover tools and roles by name, or all', () => {
    const takes = (toolKeys: unknown): boolean => patchApprovalPolicyBody.safeParse({ toolKeys }).success;
    for (const good of ['all', ['chatgpt'], ['chatgpt', 'chatgpt/admin', 'claude.team/read-only']]) expect({ good, taken: takes(good) }).toEqual({ good, taken: true });
    for (const bad of [[], 'chatgpt', ['chatgpt/'], ['/admin'], ['chatgpt/admin/more'], ['chatgpt/Admin'], ['chatgpt/*'], ['chatgpt/admin', 'chatgpt/admin']]) expect({ bad, taken: takes(bad) }).toEqual({ bad, taken: false });
  });
});

describe('Jira\'s issue-created event', () => {
  it.each<[unknown, unknown]>([
    [{ issueKey: 'AI-1' }, { issueKey: 'AI-1', issueId: null, eventType: null }],
    [{ eventType: 'avi:jira:created:issue', issue: { id: '10001', key: 'AI-1', fields: {} }, atlassianId: 'ada' }, { issueKey: 'AI-1', issueId: '10001', eventType: 'avi:jira:created:issue' }],
    [{ payload: { issue: { id: 10001, key: 'AI-1' }, retryContext: {} }, context: {} }, { issueKey: 'AI-1', issueId: '10001', eventType: null }],
  ])('%j', (body, expected) => {
    expect(issueCreatedBody.parse(body)).toEqual(expected);
  });
  it.each([{}, { issueKey: 'AI-1', requester: 'bob' }, { issueKey: 7 }, { issue: {} }, { payload: { issue: { key: '../x' } } }, { issue: { key: 'AI-1', id: 'x' } }, []])('refuses %j', (body) => {
    expect(issueCreatedBody.safeParse(body).success).toBe(false);
  });
});

describe('codes', () => {
  it('have one status each: a code of the edge is never one of the domain', () => {
    expect(Object.keys(EDGE_STATUS).filter((code) => Object.hasOwn(REFUSAL_STATUS, code))).toEqual([]);
    expect(Object.keys(PROBLEM_STATUS)).toHaveLength(Object.keys(EDGE_STATUS).length + Object.keys(REFUSAL_STATUS).length);
  });
  it('of the edge are each used by the product, as a refusal or as what a route answers for nothing found', () => {
    const src = join(import.meta.dirname, '..');
    const isProduct = (name: string): boolean => name.endsWith('.ts') && !/\.spec\.ts$|\/testing\/|^sandbox\/|^cli\/|^contracts\/refusal-status\.ts$|\/titles\.ts$/.test(name);
    const documented = /problems(?: =|:) \[[^\]]*\]/gi; // what a route documents is no use of it
    const text = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(isProduct).map((name) => readFileSync(join(src, name), 'utf8').replace(documented, '')).join('\n');
    expect(Object.keys(EDGE_STATUS).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
  it('are noun.what_is_wrong', () => {
    for (const code of Object.keys(PROBLEM_STATUS)) expect(code).toMatch(/^(?:[a-z_]+\.[a-z_]+|internal)$/);
  });
});
