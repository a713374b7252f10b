import fc from 'fast-check';
import { MAX_DEPTH, parseJsonBody } from './json-body.js';

const parse = (text: string | Uint8Array) => parseJsonBody(typeof text === 'string' ? Buffer.from(text) : text);
const codeOf = (text: string | Uint8Array): string => {
  const parsed = parse(text);
  return parsed.ok ? 'ok' : parsed.error.code;
};

describe('JSON bodies', () => {
  it('reads whatever JSON.parse reads when no key is repeated', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }), fc.nat(4), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const safe = !/"(?:__proto__|constructor|prototype)":/.test(text) && !text.includes('\\u0000') && !text.includes('\\ud');
      const parsed = parse(text);
      const expected: unknown = JSON.parse(text);
      if (safe) expect(parsed).toEqual({ ok: true, value: expected });
      else expect(parsed.ok || parsed.error.code.startsWith('body.')).toBe(true);
    }), { numRuns: 500 });
  });

  it('refuses a repeated key however it is spelled and wherever it stands', () => {
    fc.assert(fc.property(fc.string({ minLength: 1, unit: 'grapheme-ascii' }), fc.array(fc.constantFrom('object', 'array'), { maxLength: 8 }), fc.boolean(), (key, around, escaped) => {
      const again = escaped ? `"${Array.from(key, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"` : JSON.stringify(key);
      const inner = `{${JSON.stringify(key)}: 1, "other": [{}], ${again} :2}`;
      const text = around.reduce((nested, kind) => (kind === 'object' ? `{"in": ${nested}, "x": "}"}` : `["{", ${nested}]`), inner);
      fc.pre(key !== 'other' && !['__proto__', 'constructor', 'prototype'].includes(key));
      expect(codeOf(text)).toBe('body.duplicate_key');
    }), { numRuns: 500 });
  });

  it('takes the same key in sibling objects and as a value', () => {
    expect(parse('{"a":{"b":"a"},"c":{"b":"b"},"d":["a","a"]}')).toEqual({ ok: true, value: { a: { b: 'a' }, c: { b: 'b' }, d: ['a', 'a'] } });
  });

  it('names the place of a repeated key', () => {
    const parsed = parse('{"items":[{},{"name":1,"name":2}]}');
    expect(parsed.ok ? null : parsed.error.path).toBe('items.1.name');
  });

  it.each([
    ['an unknown token', '{"a":tru}', 'body.malformed'],
    ['nothing but white space', '   ', 'body.malformed'],
    ['a trailing comma', '{"a":1,}', 'body.malformed'],
    ['two documents', '{}{}', 'body.malformed'],
    ['a byte order mark', '\u{FEFF}{}', 'body.malformed'],
    ['an escaped NUL in a value', '{"a":"x\\u0000"}', 'body.malformed'],
    ['an escaped NUL in a key', '{"a\\u0000":1}', 'body.malformed'],
    ['half of a surrogate pair', '{"a":"\\ud800"}', 'body.malformed'],
    ['the wrong half first', '{"a":"\\udc00\\ud800"}', 'body.malformed'],
    ['a number beyond double precision', '{"a":1e999}', 'body.malformed'],
    ['a negative number beyond double precision', '[-1E+999]', 'body.malformed'],
    ['__proto__', '{"__proto__":{"admin":true}}', 'body.forbidden_key'],
    ['an escaped __proto__', '{"\\u005f_proto__":{}}', 'body.forbidden_key'],
    ['constructor deep inside', '{"a":[{"constructor":1}]}', 'body.forbidden_key'],
  ])('refuses %s', (_what, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('refuses bytes that are not UTF-8, and surrogates encoded as if they were', () => {
    expect(codeOf(Buffer.from([0x22, 0xff, 0x22]))).toBe('body.malformed');
    expect(codeOf(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBe('body.malformed');
  });

  it('takes a whole surrogate pair, escaped or not', () => {
    expect(parse('["\\ud83d\\ude00","😀"]')).toEqual({ ok: true, value: ['😀', '😀'] });
  });

  it(`nests ${MAX_DEPTH} levels deep and no deeper`, () => {
    expect(codeOf('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH))).toBe('ok');
    expect(codeOf('['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1))).toBe('body.too_deep');
    expect(codeOf('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000))).toBe('body.too_deep');
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.stringMatching(/^[[\]{}",:\\u0a1 -]{0,60}$/).map((text) => Buffer.from(text))), (bytes) => {
      const parsed = parseJsonBody(bytes);
      expect(parsed.ok || parsed.error.code.startsWith('body.')).toBe(true);
    }), { numRuns: 1000 });
  });
});
