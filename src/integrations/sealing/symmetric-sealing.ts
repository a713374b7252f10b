import type { Rewrapper } from '../../application/ports/sealing.port.js';
import { keyIdOf, openText, sealText, type SealKey } from './seal-text.js';

/**
 * For what the API and the governance worker share, the Jira credential: JWE compact, `dir` and A256GCM. The first key of the ring seals,
 * all of them open (rotation). Keys are 32 bytes in base64url, as configuration gives them.
 */
export function createSymmetricSealing(keyRing: readonly { readonly id: string; readonly key: string }[]): Rewrapper {
  const ring = new Map<string, SealKey>(keyRing.map(({ id, key }) => [id, Buffer.from(key, 'base64url')]));
  const [first] = keyRing;
  if (first === undefined) throw new Error('A key ring needs at least one key');
  const method = { alg: 'dir', kid: first.id, key: Buffer.from(first.key, 'base64url') } as const;
  return { newestKey: first.id, keyOf: keyIdOf, seal: (context, plaintext) => sealText(method, context, plaintext), open: (context, sealed) => openText('dir', (kid) => ring.get(kid), context, sealed) };
}
