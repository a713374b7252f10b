import type { JsonObject, JsonValue } from '../../domain/audit/json.js';
import { refuse } from '../commands/outcome.js';

/** A field of a patch: what was sent, or what is there. Null is a value. */
export const pick = <T>(sent: T | undefined, present: T): T => (sent === undefined ? present : sent);

/** `If-Match` against the row's version; null for `*`. */
export const refuseStale = (expected: number | null, present: number): ReturnType<typeof refuse> | null =>
  expected === null || expected === present ? null : refuse('if_match.stale', 'It was changed since you read it; read it again');

/** The fields that differ, with both values, for the audit trail. */
export function changesBetween(before: JsonObject, after: JsonObject): { readonly [field: string]: { readonly from: JsonValue; readonly to: JsonValue } } {
  const changes: Record<string, { from: JsonValue; to: JsonValue }> = {};
  for (const [field, to] of Object.entries(after)) {
    const from = before[field] ?? null;
    if (JSON.stringify(from) !== JSON.stringify(to)) changes[field] = { from, to };
  }
  return changes;
}
