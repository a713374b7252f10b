import { MAX_JSON_BYTES, MAX_JSON_DEPTH, readJson } from './json.js';

const codeOf = (value: unknown): string => {
  const read = readJson(value);
  return read.ok ? 'ok' : `${read.error.code} ${read.error.path}`;
};
const nested = (depth: number): unknown => Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 1);

describe('reading JSON for the audit trail', () => {
  it.each([
    ['undefined in an object', { a: { b: undefined } }, 'value.undefined a.b'],
    ['a hole in an array', { a: [1, , 3] }, 'value.undefined a[1]'],
    ['NaN', { a: [Number.NaN] }, 'value.not_finite a[0]'],
    ['Infinity', Number.POSITIVE_INFINITY, 'value.not_finite '],
    ['an integer that a double rounds', { n: 2 ** 53 + 2 }, 'value.unsafe_integer n'],
    ['a bigint', { n: 1n }, 'value.not_json n'],
    ['a function', { f: () => 1 }, 'value.not_json f'],
    ['a symbol', { s: Symbol('s') }, 'value.not_json s'],
    ['a Date', { d: new Date(0) }, 'value.not_json d'],
    ['a Map', { m: new Map([['a', 1]]) }, 'value.not_json m'],
    ['a Buffer', { b: Buffer.from('a') }, 'value.not_json b'],
    ['an object with toJSON', { toJSON: () => 1 }, 'value.not_json toJSON'],
    ['a lone surrogate in a value', { a: 'x\ud800' }, 'value.lone_surrogate a'],
    ['a lone surrogate in a name', { a: { '\udc00': 1 } }, 'value.lone_surrogate a'],
    ['NUL in a value', { a: 'x\u0000y' }, 'value.nul a'],
    ['NUL in a name', { 'x\u0000': 1 }, 'value.nul '],
    ['a member that would change the prototype', JSON.parse('{"a":{"__proto__":{"b":1}}}'), 'value.not_json a.__proto__'],
    ['a member named like a credential', { connector: { Client_Secret: 'x' } }, 'value.secret_named connector.Client_Secret'],
  ])('refuses %s', (_what, value, expected) => {
    expect(codeOf(value)).toBe(expected);
  });

  it('refuses more depth than the limit and a cycle, and takes the limit itself', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect([codeOf(nested(MAX_JSON_DEPTH)), codeOf(nested(MAX_JSON_DEPTH + 1)).split(' ')[0], codeOf(cycle).split(' ')[0]]).toEqual(['ok', 'value.too_deep', 'value.too_deep']);
  });

  it('counts bytes and not characters against the size limit', () => {
    expect(codeOf('a'.repeat(MAX_JSON_BYTES - 2))).toBe('ok');
    expect(codeOf('a'.repeat(MAX_JSON_BYTES - 1))).toBe('value.too_large ');
    expect(codeOf('€'.repeat(Math.ceil(MAX_JSON_BYTES / 3)))).toBe('value.too_large ');
  });

  it('takes a pair of surrogates and a number at the edge', () => {
    const input: unknown = JSON.parse('{"emoji":"\\ud83d\\ude00","n":9007199254740991}');
    const read = readJson(input);
    expect(read.ok && JSON.stringify(read.value.value)).toBe('{"emoji":"😀","n":9007199254740991}');
  });

  it('gives back a copy that later changes to the input do not reach', () => {
    const rules = ['a'];
    const read = readJson({ rules });
    rules.push('b');
    expect(read).toMatchObject({ ok: true, value: { value: { rules: ['a'] } } });
  });
});
