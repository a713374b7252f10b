import fc from 'fast-check';
import { bodyHashOf, canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (value) => {
      expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(canonicalJson(value));
    }));
  });

  it('keeps what the body says', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }));
  });

  it('hashes another body otherwise, also when only an order inside a list differs', () => {
    expect(bodyHashOf({ a: [1, 2] })).not.toBe(bodyHashOf({ a: [2, 1] }));
    expect(bodyHashOf({ a: '1' })).not.toBe(bodyHashOf({ a: 1 }));
  });

  it('takes no body and an empty object for the same command', () => {
    expect(bodyHashOf(undefined)).toBe(bodyHashOf({}));
  });
});
