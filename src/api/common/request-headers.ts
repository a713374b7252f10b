import { problemOf } from './problem.js';

/**
 * Null when the client sent none. Visible ASCII without spaces: a header sent twice arrives joined by `, ` and is thereby refused.
 * @throws ApiProblem `idempotency.key_invalid`
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header)) return header;
  throw problemOf('idempotency.key_invalid', 'Idempotency-Key takes 1 to 200 visible ASCII characters');
}

/** The version of an object as its entity tag. */
export const etagOf = (version: number): string => `"${version}"`;

/**
 * The version that the client has seen (RFC 9110 §13.1.1); null for `*`. A tag that is not ours names a version that never was, hence -1 and 412.
 * @throws ApiProblem `if_match.required`, `if_match.invalid`
 */
export function readIfMatch(header: string | undefined, need: 'required' | 'optional'): number | null {
  if (header === undefined) {
    if (need === 'optional') return null;
    throw problemOf('if_match.required', 'Send If-Match with the ETag of what you have read');
  }
  const text = header.trim();
  if (text === '*') return null;
  const tag = /^(?:W\/)?"([\x21\x23-\x7e]*)"$/.exec(text);
  if (tag === null) throw problemOf('if_match.invalid', 'If-Match takes one quoted ETag or *');
  const version = Number(tag[1]);
  return !text.startsWith('W/') && /^[0-9]{1,15}$/.test(tag[1] ?? '') ? version : -1;
}
