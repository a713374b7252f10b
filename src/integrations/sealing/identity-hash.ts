import { createHmac } from 'node:crypto';
import type { IdentityHash } from '../../application/ports/sealing.port.js';

/**
 * HMAC-SHA256 in hex over site, provider and external id, each with its length before it, so that no two triples make the same bytes. The connector is not in it,
 * nor is the org's address, of which one org has several: the providers' ids are unique everywhere, and one person stays one person through any of them (SPEC A7).
 * `key` is 32 bytes in base64url (IDENTITY_HASH_KEY).
 */
export function createIdentityHash(key: string): IdentityHash {
  const secret = Buffer.from(key, 'base64url');
  return (siteId, provider, externalId) => {
    const hmac = createHmac('sha256', secret);
    for (const part of [siteId, provider, externalId]) hmac.update(`${Buffer.byteLength(part)}:${part};`);
    return hmac.digest('hex');
  };
}
