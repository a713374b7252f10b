import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import { z } from 'zod';
import type { Rewrapper, Sealer } from '../../application/ports/sealing.port.js';
import { keyIdOf, openText, sealText, type SealKey, type SealMethod } from './seal-text.js';

const ALG = 'ECDH-ES+A256KW';
const jwk = z.looseObject({ kid: z.string().min(1).max(64), kty: z.enum(['EC', 'OKP']), crv: z.enum(['P-256', 'X25519']), x: z.string(), y: z.string().optional(), d: z.string().optional() });
type Jwk = z.infer<typeof jwk>;
const jwks = z.object({ keys: z.array(jwk).min(1) });

/** @throws Error that names the variable and never a key. */
function readKeys(text: string, half: 'public' | 'private'): readonly Jwk[] {
  const parsed = jwks.safeParse(jsonOrNull(text));
  const name = half === 'public' ? 'SEALING_PUBLIC_KEYS' : 'SEALING_PRIVATE_KEYS';
  if (!parsed.success) throw new Error(`${name} is not a JSON Web Key Set with P-256 or X25519 keys that have a kid`);
  const wrong = parsed.data.keys.find((key) => (key.d !== undefined) !== (half === 'private'));
  if (wrong === undefined) return parsed.data.keys;
  throw new Error(half === 'public'
    ? `${name} holds the private half of "${wrong.kid}"; this process must not be able to open what it seals`
    : `${name} lacks the private half of "${wrong.kid}"`);
}
function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const importKey = async (key: Jwk): Promise<SealKey> => {
  const { kid, kty, crv, x, y, d } = key;
  return importJWK({ kid, kty, crv, x, ...(y === undefined ? {} : { y }), ...(d === undefined ? {} : { d }) }, ALG);
};

/**
 * What seals towards the core worker: JWE compact, ECDH-ES+A256KW and A256GCM (RFC 7518). The first key of the set seals. Can't open anything.
 * @throws Error when the set is malformed or holds a private key.
 */
export async function createSealer(publicJwks: string): Promise<Sealer> {
  const [first] = readKeys(publicJwks, 'public');
  if (first === undefined) throw new Error('SEALING_PUBLIC_KEYS holds no key');
  const method: SealMethod = { alg: ALG, kid: first.kid, key: await importKey(first) };
  return { seal: (context, plaintext) => sealText(method, context, plaintext) };
}

/**
 * What the core worker opens with: every key of the set, by its kid (rotation: add the new one, seal again, remove the old one).
 * It can seal too, for identities that it resolved itself.
 */
export async function createUnsealer(privateJwks: string): Promise<Rewrapper> {
  const keys = readKeys(privateJwks, 'private');
  const ring = new Map<string, SealKey>();
  for (const key of keys) ring.set(key.kid, await importKey(key));
  const sealer = await createSealer(JSON.stringify({ keys: keys.map(withoutPrivateHalf) }));
  return { newestKey: keys[0]?.kid ?? '', keyOf: keyIdOf, seal: (context, plaintext) => sealer.seal(context, plaintext), open: (context, sealed) => openText(ALG, (kid) => ring.get(kid), context, sealed) };
}

const withoutPrivateHalf = ({ kid, kty, crv, x, y }: Jwk): Jwk => ({ kid, kty, crv, x, ...(y === undefined ? {} : { y }) });

/** A fresh pair for the stack, as the two JSON texts that configuration takes; `kid` is random, so that rings of several generations can be joined. */
export async function generateSealingKeys(): Promise<{ readonly publicJwks: string; readonly privateJwks: string }> {
  const pair = await generateKeyPair(ALG, { crv: 'P-256', extractable: true });
  const kid = `seal-${randomBytes(6).toString('hex')}`;
  const full = jwk.parse({ ...await exportJWK(pair.privateKey), kid });
  return { publicJwks: JSON.stringify({ keys: [withoutPrivateHalf(full)] }), privateJwks: JSON.stringify({ keys: [full] }) };
}
