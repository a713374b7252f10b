import { createHmac, timingSafeEqual } from 'node:crypto';

/** One covered component by its identifier, with the value that the message has for it. */
export type Component = readonly [identifier: string, value: string];

/** RFC 9421 section 2.5: a line per component, then the parameters as they stand in Signature-Input. `params` is the inner list with all that follows it. */
export const signatureBase = (components: readonly Component[], params: string): string =>
  [...components.map(([identifier, value]) => `"${identifier}": ${value}`), `"@signature-params": ${params}`].join('\n');

/** RFC 9421 section 3.3.3 (hmac-sha256). */
export const hmacSha256 = (key: Uint8Array, base: string): Buffer => createHmac('sha256', key).update(base, 'utf8').digest();

/** In constant time for texts of one length; a length that differs is no secret. */
export const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => left.length === right.length && timingSafeEqual(left, right);
