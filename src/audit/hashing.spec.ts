import fc from 'fast-check';
import { readJson } from '../domain/audit/json.js';
import { canonicalJson, entryHashOf, genesisHash, MacKeyRing } from './hashing.js';

const keyA = { id: 'a', key: Buffer.alloc(32, 1).toString('base64url') };
const keyB = { id: 'b', key: Buffer.alloc(32, 2).toString('base64url') };

describe('the canonical form', () => {
  it('is a fixed point: what is parsed and written again is the same text', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const read = readJson(value);
      fc.pre(read.ok);
      const text = canonicalJson(read.value.value);
      const again = readJson(JSON.parse(text));
      expect(again.ok && canonicalJson(again.value.value)).toBe(text);
    }), { numRuns: 500 });
  });

  it('does not depend on the order of members', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.integer()), (members) => {
      const read = readJson(members);
      const reversed = readJson(Object.fromEntries(Object.entries(members).reverse()));
      fc.pre(read.ok && reversed.ok);
      expect(canonicalJson(reversed.value.value)).toBe(canonicalJson(read.value.value));
    }));
  });

  it('is exactly as long as the reader counted, so that the size limit is the limit of the stored text', () => {
    fc.assert(fc.property(fc.anything({ maxDepth: 4, withSparseArray: false }), (value) => {
      const read = readJson(value);
      fc.pre(read.ok);
      expect(Buffer.byteLength(canonicalJson(read.value.value))).toBe(read.value.bytes);
    }), { numRuns: 500 });
  });

  it('sorts by UTF-16 code units and writes numbers as RFC 8785 does', () => {
    const read = readJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 1e-27, z: -0, y: 1e-7, x: '\u001f"\\/\u2028' });
    expect(read.ok && canonicalJson(read.value.value)).toBe('{"\\r":2,"1":4,"x":"\\u001f\\"\\\\/\u2028","y":1e-7,"z":0,"\u0080":6,"\u00f6":1e-27,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  });
});

describe('hashes and MACs', () => {
  it('separate the purposes: the same text has another value as genesis and as entry', () => {
    expect(genesisHash('x')).not.toBe(entryHashOf('x'));
    expect(entryHashOf('{}')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keep their values: entries that exist must verify under every later version', () => {
    const ring = new MacKeyRing([keyA]);
    // Computed with another implementation (Python's hashlib and hmac; HKDF written out as in RFC 5869).
    expect([genesisHash('site-1'), entryHashOf('{"v":1}'), ring.mac('a', 'site-1', entryHashOf('{"v":1}'))]).toEqual([
      '68ca8290f45b42bf305fff85c2597c7b5e71c97cd52d19abd95fe6fdd5d90f24',
      '53ae3b4af7c9a2b15ff02feace455829982ce8ab38aa492a8d40783e68772a89',
      '6d9b15ce04500155370794688ff3a1eea1130375197ca2fb7bfd6efa43a6ff83',
    ]);
  });

  it("depend on the site and on the key, and another site's MAC is refused", () => {
    const ring = new MacKeyRing([keyA, keyB]);
    const mac = ring.mac('a', 's', 'hash');
    expect(new Set([mac, ring.mac('a', 't', 'hash'), ring.mac('b', 's', 'hash'), ring.mac('a', 's', 'hash2')]).size).toBe(4);
    expect([ring.check('a', 's', 'hash', mac), ring.check('a', 't', 'hash', mac), ring.check('b', 's', 'hash', mac)]).toEqual(['ok', 'mismatch', 'mismatch']);
  });

  it('refuse a MAC of another form instead of reading a part of it', () => {
    const ring = new MacKeyRing([keyA]);
    const mac = ring.mac('a', 's', 'hash');
    expect([`${mac}00`, `${mac}zz`, mac.slice(2), '', 'zz'.repeat(32)].map((text) => ring.check('a', 's', 'hash', text))).toEqual(Array(5).fill('mismatch'));
  });

  it('seal with the first key of the ring and know nothing of a key outside it', () => {
    const ring = new MacKeyRing([keyB, keyA]);
    expect(ring.currentId).toBe('b');
    expect(ring.check('c', 's', 'hash', 'x')).toBe('keyUnknown');
    expect(() => ring.mac('c', 's', 'hash')).toThrow('no key c');
    expect(ring.rotationProof({ from: 'c', to: 'b' }, 's', 'hash')).toBeNull();
  });

  it('take no ring that is empty, repeats an id or has a short key', () => {
    expect(() => new MacKeyRing([])).toThrow('empty');
    expect(() => new MacKeyRing([keyA, keyA])).toThrow('twice');
    expect(() => new MacKeyRing([{ id: 'a', key: 'AAAA' }])).toThrow('32 bytes');
  });
});
