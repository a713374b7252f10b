import { randomBytes } from 'node:crypto';
import { contentDigest } from './content-digest.js';
import { ALGORITHM, COVERED, WINDOW_SECONDS, type SignedMessage } from './profile.js';
import { hmacSha256, signatureBase } from './signature-base.js';

export interface Signer {
  /** Printable ASCII without quote and backslash. */
  readonly keyId: string;
  readonly key: Uint8Array;
}

/** The three fields that make a request a signed one; a repeat of the request needs new ones. `now` is real time; a clock that is slow by up to the window passes. */
export function signRequest(message: SignedMessage, { keyId, key }: Signer, now: Date = new Date(), nonce: string = randomBytes(18).toString('base64url')): Readonly<Record<'content-digest' | 'signature-input' | 'signature', string>> {
  const created = Math.floor(now.getTime() / 1000);
  const digest = contentDigest(message.body);
  const params = `(${COVERED.map((name) => `"${name}"`).join(' ')});created=${created};expires=${created + WINDOW_SECONDS};nonce="${nonce}";keyid="${keyId}";alg="${ALGORITHM}"`;
  const base = signatureBase([['@method', message.method], ['@target-uri', message.targetUri], ['content-digest', digest]], params);
  return { 'content-digest': digest, 'signature-input': `sig=${params}`, signature: `sig=:${hmacSha256(key, base).toString('base64')}:` };
}
