import { err, ok, type Result } from '../domain/kernel/result.js';
import { matchesDigest } from './content-digest.js';
import { ALGORITHM, COVERED, WINDOW_SECONDS, type SignatureRefusal, type SignedMessage } from './profile.js';
import { hmacSha256, sameBytes, signatureBase } from './signature-base.js';

/** The fields as they arrived; several lines of one field are joined by a comma, and thereby refused. */
export interface SignatureFields { readonly contentDigest: string | undefined; readonly signatureInput: string | undefined; readonly signature: string | undefined }
/** The active keys of an id: none for an unknown one, two while one replaces the other. */
export type ActiveKeys = (keyId: string) => readonly Uint8Array[];
export interface Verified { readonly keyId: string; readonly nonce: string }

/**
 * Proves that a holder of the key made this request, for this target, within the window (`now` is real time). The caller refuses the nonce if it was seen before:
 * until then a copy of the message would pass as well.
 */
export function verifyRequest(message: SignedMessage, fields: SignatureFields, keysOf: ActiveKeys, now: Date): Result<Verified, SignatureRefusal> {
  const { contentDigest, signatureInput, signature } = fields;
  if (contentDigest === undefined || signatureInput === undefined || signature === undefined) return err('signature.missing');
  const read = readInput(signatureInput);
  if (!read.ok) return read;
  const { label, params, created, expires, nonce, keyId } = read.value;
  const sent = readSignature(signature, label);
  if (sent === null) return err('signature.malformed');
  const keys = keysOf(keyId);
  if (keys.length === 0) return err('signature.unknown_key');
  const base = signatureBase([['@method', message.method], ['@target-uri', message.targetUri], ['content-digest', contentDigest]], params);
  if (!keys.some((key) => sameBytes(sent, hmacSha256(key, base)))) return err('signature.invalid');
  if (!matchesDigest(contentDigest, message.body)) return err('signature.digest_mismatch');
  const refused = refuseTimes(created, expires, now.getTime() / 1000);
  return refused === null ? ok({ keyId, nonce }) : err(refused);
}

function refuseTimes(created: number, expires: number, nowSeconds: number): SignatureRefusal | null {
  if (created > nowSeconds + WINDOW_SECONDS || expires < created || expires > created + WINDOW_SECONDS) return 'signature.clock_skew';
  return expires < nowSeconds ? 'signature.expired' : null;
}

interface Input { readonly label: string; readonly params: string; readonly created: number; readonly expires: number; readonly nonce: string; readonly keyId: string }
/** One dictionary member with an inner list, nothing optional in its writing: what two readers could read differently is refused. */
const INPUT = /^([a-z*][a-z0-9_.*-]{0,63})=(\(((?:"[^"\\\s]{1,64}"(?: "[^"\\\s]{1,64}")*)?)\)((?:;[a-z*][a-z0-9_.*-]{0,31}=(?:\d{1,12}|"[\x20\x21\x23-\x5b\x5d-\x7e]{0,256}"))*))$/;
const MAX_FIELD_CHARS = 1_024;
const MIN_NONCE_CHARS = 16;

function readInput(field: string): Result<Input, SignatureRefusal> {
  const [, label, params, covered, parameters] = field.length > MAX_FIELD_CHARS ? [] : INPUT.exec(field) ?? [];
  if (label === undefined || params === undefined || covered === undefined || parameters === undefined) return err('signature.malformed');
  if (covered !== COVERED.map((name) => `"${name}"`).join(' ')) return err('signature.components_missing');
  const values = readParameters(parameters);
  if (values === null) return err('signature.malformed');
  if (values.alg !== ALGORITHM) return err('signature.algorithm_refused');
  return ok({ label, params, ...values });
}

const PARAMETERS = ['created', 'expires', 'nonce', 'keyid', 'alg'];
/** All five, each once, in any order; null for anything else. */
function readParameters(parameters: string): (Omit<Input, 'label' | 'params'> & { readonly alg: string }) | null {
  const pairs = [...parameters.matchAll(/;([^=]+)=(\d+|"[^"]*")/g)].map(([, name = '', value = '']) => [name, value] as const);
  if (pairs.map(([name]) => name).sort().join() !== [...PARAMETERS].sort().join()) return null;
  const values = new Map(pairs);
  const [created, expires] = [whole(values.get('created')), whole(values.get('expires'))];
  const [nonce, keyId, alg] = [text(values.get('nonce')), text(values.get('keyid')), text(values.get('alg'))];
  if (created === null || expires === null || nonce === null || keyId === null || alg === null) return null;
  return nonce.length < MIN_NONCE_CHARS ? null : { created, expires, nonce, keyId, alg };
}
const whole = (value: string | undefined): number | null => (value !== undefined && /^\d+$/.test(value) ? Number(value) : null);
const text = (value: string | undefined): string | null => (value?.startsWith('"') === true && value.length > 2 ? value.slice(1, -1) : null);

function readSignature(field: string, label: string): Buffer | null {
  const [, name, bytes] = /^([a-z*][a-z0-9_.*-]{0,63})=:([A-Za-z0-9+/]{43}=):$/.exec(field) ?? [];
  return name === label && bytes !== undefined ? Buffer.from(bytes, 'base64') : null;
}
