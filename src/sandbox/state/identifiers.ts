import { createHash, randomBytes } from 'node:crypto';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function letters(bytes: Buffer, length: number): string {
  return Array.from({ length }, (_, index) => base62.charAt((bytes[index] ?? 0) % base62.length)).join('');
}

/** An id in Okta's form, the same for the same name: `00u` + 17 letters for users, `00g` for groups. */
export function oktaIdOf(prefix: string, name: string): string {
  return prefix + letters(createHash('sha256').update(`${prefix}:${name}`).digest(), 17);
}

export function newOktaId(prefix: string): string {
  return prefix + letters(randomBytes(17), 17);
}

/** A version-4 style GUID, the same for the same name. */
export function guidOf(name: string): string {
  return shapeGuid(createHash('sha256').update(name).digest());
}

export function newGuid(): string {
  return shapeGuid(randomBytes(16));
}

function shapeGuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
