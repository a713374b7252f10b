import { createHmac } from 'node:crypto';
import type { IdentityHash } from '../../application/ports/sealing.port.js';

/**
 * HMAC-SHA256 in hex over site, connector and external id, each with its length before it, so that no two triples make the same bytes.
 * `key` is 32 bytes in base64url (IDENTITY_HASH_KEY).
 */
export function createIdentityHash(key: string): IdentityHash {
  const secret = Buffer.from(key, 'base64url');
  return (siteId, connectorId, externalId) => {
    const hmac = createHmac('sha256', secret);
    for (const part of [siteId, connectorId, externalId]) hmac.update(`${Buffer.byteLength(part)}:${part};`);
    return hmac.digest('hex');
  };
}
