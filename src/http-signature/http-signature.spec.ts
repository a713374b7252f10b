import fc from 'fast-check';
import { contentDigest, matchesDigest } from './content-digest.js';
import { NONCE_TTL_SECONDS, REFUSAL_DETAIL, SIGNATURE_REFUSALS, WINDOW_SECONDS, type SignedMessage } from './profile.js';
import { signRequest } from './sign-request.js';
import { hmacSha256, signatureBase } from './signature-base.js';
import { verifyRequest, type SignatureFields } from './verify-request.js';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const KEY = Buffer.from('first secret of this client');
const OTHER = Buffer.from('second secret of this client');
const keysOf = (keyId: string): readonly Uint8Array[] => (keyId === 'desk' ? [KEY, OTHER] : []);
const message: SignedMessage = { method: 'POST', targetUri: 'https://core.example/membership/provision', body: Buffer.from('{"a":1}') };

const fieldsOf = (headers: ReturnType<typeof signRequest>): SignatureFields => ({ contentDigest: headers['content-digest'], signatureInput: headers['signature-input'], signature: headers.signature });
const signed = (key: Uint8Array = KEY, keyId = 'desk', at = NOW): SignatureFields => fieldsOf(signRequest(message, { keyId, key }, at, 'a-nonce-of-length-24-char'));
/** Signed over whatever parameters are given: a signer who holds the key and speaks another profile. */
function signedAs(params: string, covered: readonly (readonly [string, string])[] = [['@method', 'POST'], ['@target-uri', message.targetUri], ['content-digest', contentDigest(message.body)]]): SignatureFields {
  const inner = `(${covered.map(([name]) => `"${name}"`).join(' ')})${params}`;
  return { contentDigest: contentDigest(message.body), signatureInput: `sig=${inner}`, signature: `sig=:${hmacSha256(KEY, signatureBase(covered, inner)).toString('base64')}:` };
}
const created = NOW.getTime() / 1000;
const params = ({ made = created, life = 60, nonce = 'a-nonce-of-length-24-char', keyid = 'desk', alg = 'hmac-sha256' } = {}): string => `;created=${made};expires=${made + life};nonce="${nonce}";keyid="${keyid}";alg="${alg}"`;
const verify = (fields: SignatureFields, over: Partial<SignedMessage> = {}, at = NOW) => verifyRequest({ ...message, ...over }, fields, keysOf, at);
const code = (...args: Parameters<typeof verify>): string => { const result = verify(...args); return result.ok ? 'accepted' : result.error; };

describe('the vectors of the standards', () => {
  it('signs as RFC 9421 B.2.5 does (hmac-sha256)', () => {
    const key = Buffer.from('uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==', 'base64');
    const base = signatureBase(
      [['date', 'Tue, 20 Apr 2021 02:07:55 GMT'], ['@authority', 'example.com'], ['content-type', 'application/json']],
      '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    );
    expect(hmacSha256(key, base).toString('base64')).toBe('pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=');
  });

  it('digests as RFC 9530 does', () => {
    expect(contentDigest(Buffer.from('{"hello": "world"}\n'))).toBe('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:');
    expect(contentDigest(Buffer.from('{"hello": "world"}'))).toBe('sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:');
    expect(contentDigest(Buffer.alloc(0))).toBe('sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:');
  });
});

describe('a signed request', () => {
  it('is accepted under either of two active keys, and says whose it is', () => {
    expect(verify(signed())).toEqual({ ok: true, value: { keyId: 'desk', nonce: 'a-nonce-of-length-24-char' } });
    expect(code(signed(OTHER))).toBe('accepted');
  });

  it.each<readonly [what: string, fields: SignatureFields, code: string]>([
    ['without a signature', { ...signed(), signature: undefined }, 'signature.missing'],
    ['without its input', { ...signed(), signatureInput: undefined }, 'signature.missing'],
    ['without a digest', { ...signed(), contentDigest: undefined }, 'signature.missing'],
    ['by a key id that is not known', signed(KEY, 'stranger'), 'signature.unknown_key'],
    ['by a key that is no longer active', signed(Buffer.from('withdrawn')), 'signature.invalid'],
    ['with another algorithm named', signedAs(params({ alg: 'ed25519' })), 'signature.algorithm_refused'],
    ['without an algorithm', signedAs(params().replace(/;alg=.*$/, '')), 'signature.malformed'],
    ['without a nonce', signedAs(params().replace(/;nonce="[^"]*"/, '')), 'signature.malformed'],
    ['with a nonce that is guessed too soon', signedAs(params({ nonce: 'short' })), 'signature.malformed'],
    ['with a parameter twice', signedAs(`${params()};created=${created}`), 'signature.malformed'],
    ['with a parameter of no profile', signedAs(`${params()};tag="x"`), 'signature.malformed'],
    ['with a text for a time', signedAs(params().replace(/created=\d+/, 'created="now"')), 'signature.malformed'],
    ['that leaves the body uncovered', signedAs(params(), [['@method', 'POST'], ['@target-uri', message.targetUri]]), 'signature.components_missing'],
    ['that covers nothing', signedAs(params(), []), 'signature.components_missing'],
    ['that covers a path in place of the target', signedAs(params(), [['@method', 'POST'], ['@path', '/membership/provision'], ['content-digest', contentDigest(message.body)]]), 'signature.components_missing'],
    ['with two signatures', { ...signed(), signature: `${signed().signature ?? ''}, other=:AAAA:` }, 'signature.malformed'],
    ['under two labels', { ...signed(), signatureInput: (signed().signatureInput ?? '').replace('sig=', 'other=') }, 'signature.malformed'],
    ['with a signature that is cut', { ...signed(), signature: 'sig=:AAAA:' }, 'signature.malformed'],
  ])('%s is refused', (_what, fields, expected) => {
    expect(code(fields)).toBe(expected);
  });

  it('for another method, target or body is refused', () => {
    expect(code(signed(), { method: 'PUT' })).toBe('signature.invalid');
    expect(code(signed(), { targetUri: 'https://core.example/membership/deprovision' })).toBe('signature.invalid');
    expect(code(signed(), { targetUri: `${message.targetUri}?x=1` })).toBe('signature.invalid');
    expect(code(signed(), { body: Buffer.from('{"a":2}') })).toBe('signature.digest_mismatch');
    expect(code({ ...signed(), contentDigest: contentDigest(Buffer.from('{"a":2}')) }, { body: Buffer.from('{"a":2}') })).toBe('signature.invalid');
  });

  it('is accepted inside its window only', () => {
    const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
    expect([code(signed(), {}, at(-300)), code(signed(), {}, at(-301))]).toEqual(['accepted', 'signature.clock_skew']);
    expect([code(signed(), {}, at(300)), code(signed(), {}, at(301))]).toEqual(['accepted', 'signature.expired']);
    expect([code(signedAs(params()), {}, at(60)), code(signedAs(params()), {}, at(61))]).toEqual(['accepted', 'signature.expired']);
    expect(code(signedAs(params({ life: 301 })))).toBe('signature.clock_skew');
    expect(code(signedAs(params({ life: -1 })))).toBe('signature.clock_skew');
  });

  it('is never accepted after its nonce may be forgotten', () => {
    fc.assert(fc.property(fc.integer({ min: -2_000, max: 2_000 }), fc.integer({ min: -400, max: 400 }), fc.integer({ min: 0, max: 4_000 }), (made, life, later) => {
      const fields = signedAs(params({ made: created + made, life }));
      if (code(fields) === 'accepted' && later >= NONCE_TTL_SECONDS) expect(code(fields, {}, new Date(NOW.getTime() + later * 1000))).not.toBe('accepted');
    }), { numRuns: 2_000 });
    expect(NONCE_TTL_SECONDS).toBeGreaterThan(2 * WINDOW_SECONDS);
  });

  it('verifies whatever was signed, and nothing that was changed on the way', () => {
    const texts = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !/[\r\n]/.test(text));
    fc.assert(fc.property(fc.constantFrom('GET', 'POST'), texts, fc.uint8Array({ maxLength: 60 }), fc.constantFrom('method', 'target', 'body', 'none'), (method, path, body, changed) => {
      const sent: SignedMessage = { method, targetUri: `https://core.example/${encodeURIComponent(path)}`, body };
      const fields = fieldsOf(signRequest(sent, { keyId: 'desk', key: OTHER }, NOW));
      const arrived = { ...sent, ...(changed === 'method' ? { method: `${method}S` } : changed === 'target' ? { targetUri: `${sent.targetUri}/` } : changed === 'body' ? { body: Buffer.concat([body, Buffer.from('x')]) } : {}) };
      expect(verifyRequest(arrived, fields, keysOf, NOW).ok).toBe(changed === 'none');
    }), { numRuns: 1_000 });
  });

  it('survives any field without a throw', () => {
    const field = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constant(signed().signatureInput ?? ''), fc.constant(signed().signature ?? ''), fc.constant(undefined));
    fc.assert(fc.property(field, field, field, (signatureInput, signature, digest) => {
      const result = verifyRequest(message, { signatureInput, signature, contentDigest: digest }, keysOf, NOW);
      if (result.ok) throw new Error('accepted what was never signed');
      expect(SIGNATURE_REFUSALS).toContain(result.error);
    }), { numRuns: 2_000 });
  });

  it('is never the same twice', () => {
    const nonces = new Set(Array.from({ length: 200 }, () => signRequest(message, { keyId: 'desk', key: KEY }, NOW)['signature-input']));
    expect(nonces.size).toBe(200);
  });

  it('has a sentence for each refusal', () => {
    expect(Object.keys(REFUSAL_DETAIL).sort()).toEqual([...SIGNATURE_REFUSALS].sort());
  });
});

describe('Content-Digest', () => {
  const body = Buffer.from('body');
  it('may name further algorithms beside sha-256, and no second sha-256', () => {
    expect(matchesDigest(`sha-512=:AAAA:, ${contentDigest(body)}`, body)).toBe(true);
    expect(matchesDigest(`${contentDigest(body)}, ${contentDigest(Buffer.from('x'))}`, body)).toBe(false);
    expect([matchesDigest('sha-512=:AAAA:', body), matchesDigest('', body), matchesDigest(contentDigest(Buffer.from('x')), body)]).toEqual([false, false, false]);
  });
});
