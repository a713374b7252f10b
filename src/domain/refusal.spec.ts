import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRefusalCode, refusal, REFUSAL_STATUS } from './refusal.js';

const SRC = join(import.meta.dirname, '..');
/** Where a refusal can be made: not in tests, fakes, or the list of answers that a route documents. */
const isProduct = (name: string): boolean => name.endsWith('.ts') && !/\.spec\.ts$|\/testing\/|\.routes\.ts$|^sandbox\/|^domain\/refusal\.ts$/.test(name);

describe('refusal codes', () => {
  it('are each used by the product: a code that nothing refuses with promises an answer that never comes', () => {
    const text = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(isProduct).map((name) => readFileSync(join(SRC, name), 'utf8')).join('\n');
    expect(Object.keys(REFUSAL_STATUS).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });

  it('are nouns with what is wrong, each with one client error', () => {
    for (const [code, status] of Object.entries(REFUSAL_STATUS)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
      expect([400, 403, 404, 409, 422]).toContain(status);
    }
  });

  it('have the statuses that clients were promised', () => {
    expect(REFUSAL_STATUS).toMatchObject({ 'request.already_decided': 409, 'grant.duplicate_open': 409, 'review.self_approval': 403, 'review.not_approver': 403, 'mapping.missing': 422, 'idempotency.key_reused': 422 });
  });

  it('are known by their own names only', () => {
    expect(['toString', '__proto__', 'constructor', 'request', ''].filter(isRefusalCode)).toEqual([]);
    expect(isRefusalCode('mapping.missing')).toBe(true);
  });

  it('name a field only where one is meant', () => {
    expect(refusal('policy.denied', 'no')).toEqual({ code: 'policy.denied', detail: 'no' });
    expect(refusal('policy.denied', 'no', 'durationDays')).toEqual({ code: 'policy.denied', detail: 'no', path: 'durationDays' });
  });
});
