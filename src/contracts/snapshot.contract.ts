import { z } from 'zod';
import { askedDays, dataClasses, longText, roleKey, toolKey } from './primitives.js';

/** The field of the portal's issue property that holds what the requester filled in (SPEC I2, I7). */
export const SNAPSHOT_FIELD = 'aiclearance.snapshot.v1';

/** What a requester asks for. Who asks is never part of it: the reporter, or the signed-in person (SPEC I3). */
export const snapshot = z.strictObject({ toolKey, /** Of a tool with roles (SPEC K3). */ roleKey: roleKey.nullable().default(null), businessUse: longText, dataClasses, durationDays: askedDays });
export type Snapshot = z.infer<typeof snapshot>;

/** Why a snapshot yields no request (SPEC I4); each has a sentence for the requester's comment. */
export const SNAPSHOT_REFUSALS = {
  'snapshot.missing': 'The request has no AI Clearance details. Please use the AI tool access form of the portal.',
  'snapshot.other_version': 'The request was written by another version of the form. Please reload the portal and ask again.',
  'snapshot.names_requester': 'The details name a requester. Access is only granted to the person who created the request.',
  'snapshot.oversized': 'The details are too long to be read.',
  'snapshot.malformed': 'The details are incomplete or not readable. Please fill in the form of the portal again.',
} as const;
export type SnapshotRefusal = keyof typeof SNAPSHOT_REFUSALS;

export type SnapshotReading = { readonly ok: true; readonly snapshot: Snapshot } | { readonly ok: false; readonly reason: SnapshotRefusal };

/** Bytes of a snapshot as JSON; Jira itself stops at 32768 characters per property. */
const MAX_SNAPSHOT_CHARS = 8_192;
const requesterFields = new Set(['requester', 'accountid', 'requesteraccountid', 'reporter', 'reporteraccountid', 'user', 'userid', 'onbehalfof', 'email']);

/**
 * Reads the value of the portal's issue property, which is customer-controlled input: `{ "aiclearance.snapshot.v1": {…} }`.
 * Takes the whole property, so that a snapshot of another version is told apart from none at all.
 */
export function readSnapshot(property: unknown): SnapshotReading {
  if (!isRecord(property)) return { ok: false, reason: property === null || property === undefined ? 'snapshot.missing' : 'snapshot.malformed' };
  const value = property[SNAPSHOT_FIELD];
  if (value === undefined || value === null) {
    const otherVersion = Object.keys(property).some((key) => key !== SNAPSHOT_FIELD && key.startsWith('aiclearance.snapshot.'));
    return { ok: false, reason: otherVersion ? 'snapshot.other_version' : 'snapshot.missing' };
  }
  return readSnapshotValue(value);
}

/** Reads the snapshot itself; see {@link readSnapshot}. */
export function readSnapshotValue(value: unknown): SnapshotReading {
  if (!isRecord(value)) return { ok: false, reason: 'snapshot.malformed' };
  if (JSON.stringify(value).length > MAX_SNAPSHOT_CHARS) return { ok: false, reason: 'snapshot.oversized' };
  const keys = Object.keys(value);
  if (keys.some((key) => requesterFields.has(key.toLowerCase()))) return { ok: false, reason: 'snapshot.names_requester' };
  if (keys.some((key) => ['schema', 'version', 'schemaVersion'].includes(key))) return { ok: false, reason: 'snapshot.other_version' };
  const parsed = snapshot.safeParse(value);
  return parsed.success ? { ok: true, snapshot: parsed.data } : { ok: false, reason: 'snapshot.malformed' };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
