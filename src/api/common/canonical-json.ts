import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys, so that two spellings of one body have one hash. Takes what `parseJsonBody` gave, which is at most 32 levels deep and free of
 * lone surrogates; for such values it equals RFC 8785.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** SHA-256 of the canonical body in lower-case hexadecimal; no body and `{}` are the same command. */
export const bodyHashOf = (body: unknown): string => createHash('sha256').update(canonicalJson(body ?? {})).digest('hex');
