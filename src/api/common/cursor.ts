import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Keyset } from '../../application/ports/api-queries.port.js';
import { canonicalJson } from './canonical-json.js';
import { problemOf } from './problem.js';

/** What a list is sorted by; a forged cursor must not reach the database as anything else. */
const SORT_KINDS = {
  instant: z.iso.datetime().max(40),
  text: z.string().min(1).max(128).regex(/^[\x21-\x7e]+$/),
  sequence: z.string().regex(/^[0-9]{1,15}$/),
} as const;
export type SortKind = keyof typeof SORT_KINDS;

const cursorShape = z.tuple([z.string(), z.string().regex(/^[A-Za-z0-9:._@|+-]{0,128}$/), z.string().length(16)]);

/** A cursor belongs to the list and the filters it was made for: used with others it would skip rows silently, so it is refused. */
export function encodeCursor(keyset: Keyset | null, list: string, filters: unknown): string | null {
  if (keyset === null) return null;
  return Buffer.from(JSON.stringify([keyset.sort, keyset.id, fingerprint(list, filters)])).toString('base64url');
}

/** @throws ApiProblem `cursor.invalid` */
export function decodeCursor(cursor: string | undefined, kind: SortKind, list: string, filters: unknown): Keyset | null {
  if (cursor === undefined) return null;
  const parsed = cursorShape.safeParse(jsonOf(cursor));
  if (parsed.success) {
    const [sort, id, made] = parsed.data;
    if (made === fingerprint(list, filters) && SORT_KINDS[kind].safeParse(sort).success) return { sort, id };
  }
  throw problemOf('cursor.invalid', 'Use the nextCursor of the page before, with the same filters', { path: 'cursor' });
}

const fingerprint = (list: string, filters: unknown): string => createHash('sha256').update(list).update('\0').update(canonicalJson(filters)).digest('base64url').slice(0, 16);

function jsonOf(cursor: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
