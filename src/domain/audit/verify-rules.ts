import { err, ok, type Result } from '../kernel/result.js';

/** Why an entry is bad; the first one found is reported (SPEC E5). */
export const BAD_ENTRY_REASONS = [
  /** The entry with this seq is missing. */
  'seq.gap',
  /** The seq does not grow: the entry stands twice or out of order. */
  'seq.repeated',
  /** The row does not name the hash of the entry before it. */
  'prev_hash.mismatch',
  /** The stored bytes are not those that were hashed. */
  'entry_hash.mismatch',
  /** No key of that id is in the ring, so nothing can be said about the entry. */
  'key.unknown',
  /** Bytes and hash agree, but whoever wrote them did not have the key. */
  'mac.mismatch',
  /** The key id changed without an `audit.key_rotated` entry proved under the key before. */
  'key.switched',
  'body.malformed',
  'body.site_mismatch',
  'body.seq_mismatch',
  'body.prev_hash_mismatch',
  /** A column that filters rely on says something else than the hashed body. */
  'column.mismatch',
  /** Entries after this point were there when the head row was written. */
  'tail.missing',
  'head.missing',
  'head.mismatch',
] as const;
export type BadEntryReason = (typeof BAD_ENTRY_REASONS)[number];
export interface BadEntry { readonly seq: number; readonly reason: BadEntryReason }

/** A place in a site's chain: the entry with that seq has that hash. Seq 0 is the genesis point. */
export interface ChainPoint { readonly seq: number; readonly entryHash: string }

/** What was found about one stored entry. The hashes, MACs and text comparisons are made by the shell. */
export interface EntryFacts {
  readonly seq: number;
  readonly prevHash: string;
  readonly entryHash: string;
  /** Hash of the bytes as they are stored now. */
  readonly computedHash: string;
  readonly mac: 'ok' | 'mismatch' | 'keyUnknown';
  /** Whether the key id is the one before it, or changed by a rotation that the old key vouches for. */
  readonly keyChange: 'none' | 'proved' | 'unproved';
  readonly bodyFault: BadEntryReason | null;
}

/**
 * Whether `entry` may follow `previous` in a chain. The order of the checks makes the answer name the entry
 * that was touched: position, link, own bytes, author, then what the bytes say.
 */
export function checkEntry(previous: ChainPoint, entry: EntryFacts): Result<ChainPoint, BadEntry> {
  const expected = previous.seq + 1;
  if (entry.seq > expected) return err({ seq: expected, reason: 'seq.gap' });
  const reason = findFault(previous, entry);
  return reason === null ? ok({ seq: entry.seq, entryHash: entry.entryHash }) : err({ seq: entry.seq, reason });
}

function findFault(previous: ChainPoint, entry: EntryFacts): BadEntryReason | null {
  if (entry.seq <= previous.seq) return 'seq.repeated';
  if (entry.prevHash !== previous.entryHash) return 'prev_hash.mismatch';
  if (entry.computedHash !== entry.entryHash) return 'entry_hash.mismatch';
  if (entry.mac === 'keyUnknown') return 'key.unknown';
  if (entry.mac === 'mismatch') return 'mac.mismatch';
  if (entry.keyChange === 'unproved') return 'key.switched';
  return entry.bodyFault;
}

/**
 * Whether the chain ends where the head row says. A head row in the same database finds a cut tail unless the row was
 * changed too; checkpoints held elsewhere are what finds that.
 */
export function checkHead(last: ChainPoint, head: ChainPoint | null): BadEntry | null {
  if (head === null) return last.seq === 0 ? null : { seq: last.seq, reason: 'head.missing' };
  if (head.seq > last.seq) return { seq: last.seq + 1, reason: 'tail.missing' };
  return head.seq === last.seq && head.entryHash === last.entryHash ? null : { seq: last.seq, reason: 'head.mismatch' };
}
