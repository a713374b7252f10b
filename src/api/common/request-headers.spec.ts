import { ApiProblem } from './problem.js';
import { etagOf, readIdempotencyKey, readIfMatch } from './request-headers.js';

const outcome = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error instanceof ApiProblem ? error.code : error;
  }
};

describe('Idempotency-Key', () => {
  it('is optional', () => {
    expect(readIdempotencyKey(undefined)).toBeNull();
  });
  it.each(['a', '8f0c…'.replace('…', ''), 'x'.repeat(200), '~!"#'])('takes %j', (key) => {
    expect(readIdempotencyKey(key)).toBe(key);
  });
  it.each(['', ' ', 'a b', 'x'.repeat(201), 'é', 'a, b', 'a\tb'])('refuses %j', (key) => {
    expect(outcome(() => readIdempotencyKey(key))).toBe('idempotency.key_invalid');
  });
  it('refuses a header sent twice', () => {
    expect(outcome(() => readIdempotencyKey(['a', 'b']))).toBe('idempotency.key_invalid');
  });
});

describe('If-Match', () => {
  it('gives back the version of an ETag of ours', () => {
    expect(readIfMatch(etagOf(7), 'required')).toBe(7);
  });
  it('is required where the route says so, and only there', () => {
    expect(outcome(() => readIfMatch(undefined, 'required'))).toBe('if_match.required');
    expect(readIfMatch(undefined, 'optional')).toBeNull();
  });
  it('takes * for any version', () => {
    expect(readIfMatch('*', 'required')).toBeNull();
  });
  it.each(['"abc"', 'W/"7"', '"-1"', '""'])('takes %s for a version that never was', (tag) => {
    expect(readIfMatch(tag, 'required')).toBe(-1);
  });
  it.each(['7', '"1", "2"', 'x"7"', '"7'])('refuses %s', (tag) => {
    expect(outcome(() => readIfMatch(tag, 'required'))).toBe('if_match.invalid');
  });
});
