import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors, type CryptoKey, type KeyObject } from 'jose';
import { SealingFailure, type SealContext } from '../../application/ports/sealing.port.js';

export type SealKey = CryptoKey | KeyObject | Uint8Array;
export interface SealMethod { readonly alg: 'ECDH-ES+A256KW' | 'dir'; readonly kid: string; readonly key: SealKey }

/** No part can hold the separator: ids and site keys have closed alphabets, and a field is made of them. */
const contextName = ({ siteId, kind, field }: SealContext): string => `${siteId}|${kind}|${field}`;

/** The context stands in the protected header, so the authentication tag covers it (RFC 7516 §5.1, step 14). */
export async function sealText(method: SealMethod, context: SealContext, plaintext: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(plaintext))
    .setProtectedHeader({ alg: method.alg, enc: 'A256GCM', kid: method.kid, ctx: contextName(context) })
    .encrypt(method.key);
}

/** @throws SealingFailure */
export async function openText(alg: SealMethod['alg'], findKey: (kid: string) => SealKey | undefined, context: SealContext, sealed: string): Promise<string> {
  const header = readHeader(sealed);
  const key = typeof header.kid === 'string' ? findKey(header.kid) : undefined;
  if (key === undefined) throw new SealingFailure('sealing.unknown_key');
  const plaintext = await decrypt(alg, key, sealed);
  // Compared after decryption: before it the header is only a claim.
  if (header['ctx'] !== contextName(context)) throw new SealingFailure('sealing.wrong_context');
  return plaintext;
}

/** The key id in the header: a claim until the value was opened. */
export function keyIdOf(sealed: string): string | null {
  try {
    return readHeader(sealed).kid ?? null;
  } catch (error) {
    if (error instanceof SealingFailure) return null;
    throw error;
  }
}

function readHeader(sealed: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(sealed);
  } catch (error) {
    if (error instanceof TypeError) throw new SealingFailure('sealing.broken', { cause: error });
    throw error;
  }
}

async function decrypt(alg: SealMethod['alg'], key: SealKey, sealed: string): Promise<string> {
  try {
    const { plaintext } = await compactDecrypt(sealed, key, { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: ['A256GCM'] });
    return new TextDecoder('utf-8', { fatal: true }).decode(plaintext);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw new SealingFailure('sealing.broken', { cause: error });
    throw error;
  }
}
