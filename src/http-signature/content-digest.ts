import { createHash } from 'node:crypto';
import { sameBytes } from './signature-base.js';

const sha256 = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest();

/** RFC 9530 `Content-Digest` of the bytes as sent, with sha-256. An empty body has one too. */
export const contentDigest = (body: Uint8Array): string => `sha-256=:${sha256(body).toString('base64')}:`;

/** Whether a `Content-Digest` field names the sha-256 of these bytes, and no second one. Other algorithms beside it are left unread (RFC 9530 section 2). */
export function matchesDigest(field: string, body: Uint8Array): boolean {
  const members = field.split(',').map((member) => /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(member.trim())?.[1]).filter((value) => value !== undefined);
  const [only] = members;
  return members.length === 1 && only !== undefined && sameBytes(Buffer.from(only, 'base64'), sha256(body));
}
