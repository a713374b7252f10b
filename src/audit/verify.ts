import { findBodyFault } from '../domain/audit/body-columns.js';
import { checkEntry, checkHead, type BadEntry, type ChainPoint, type EntryFacts } from '../domain/audit/verify-rules.js';
import type { ChainReader, StoredEntry } from './chain-reader.js';
import { entryHashOf, genesisPoint, type MacKeyRing } from './hashing.js';

export interface VerifyOptions {
  /** Rows a page (default 1000, the fastest measured). */
  readonly pageSize?: number;
  /** Real time in milliseconds, for `verifiedAt`. */
  readonly now?: () => number;
}
export interface VerificationResult {
  readonly ok: boolean;
  /** Entries that were found right, from the first on. */
  readonly entries: number;
  /** The last entry found right; null when there is none. */
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** Missing when `ok`. */
  readonly firstBad?: BadEntry;
  /** ISO 8601 UTC with milliseconds. */
  readonly verifiedAt: string;
}

/**
 * Verifies the chain of a site from genesis to its head: every stored byte is hashed again and its MAC recomputed, links
 * and seqs are checked, columns are compared with the bodies, and the end with the head row (SPEC E3, E5). Memory does
 * not grow with the chain. Entries sealed while it runs are left to the next run. What it can't find, a tail cut
 * together with the head row or anything done with the MAC keys, is for checkpoints held outside the database.
 */
export async function verifyChain(reader: ChainReader, ring: MacKeyRing, site: string, options: VerifyOptions = {}): Promise<VerificationResult> {
  const { head, lastSeq } = await reader.readEnds(site);
  const walk = new ChainWalk(ring, site);
  const bad = await walkPages(reader, walk, { site, lastSeq, pageSize: options.pageSize ?? 1_000 }) ?? checkHead(walk.point, head);
  return {
    ok: bad === null,
    entries: walk.point.seq,
    head: walk.point.seq === 0 ? null : { seq: walk.point.seq, hash: walk.point.entryHash },
    ...(bad === null ? {} : { firstBad: bad }),
    verifiedAt: new Date((options.now ?? Date.now)()).toISOString(),
  };
}

/** Reads the next page while the one before it is hashed. */
async function walkPages(reader: ChainReader, walk: ChainWalk, range: { readonly site: string; readonly lastSeq: number; readonly pageSize: number }): Promise<BadEntry | null> {
  const fetchPage = (after: number): Promise<readonly StoredEntry[]> => reader.readPage(range.site, { after, upTo: range.lastSeq, limit: range.pageSize });
  let rows = range.lastSeq > 0 ? await fetchPage(0) : [];
  for (let end = rows.at(-1); end !== undefined; end = rows.at(-1)) {
    const next = end.seq < range.lastSeq ? fetchPage(end.seq) : Promise.resolve([]);
    const bad = walk.findFirstBad(rows);
    rows = await next;
    if (bad !== null) return bad;
  }
  return null;
}

/** The state of a verification between two entries. */
class ChainWalk {
  /** The last entry found right. */
  point: ChainPoint;
  private keyId: string | null = null;

  constructor(private readonly ring: MacKeyRing, private readonly site: string) {
    this.point = genesisPoint(site);
  }

  findFirstBad(rows: readonly StoredEntry[]): BadEntry | null {
    for (const row of rows) {
      const next = checkEntry(this.point, this.factsOf(row));
      if (!next.ok) return next.error;
      this.point = next.value;
      this.keyId = row.keyId;
    }
    return null;
  }

  private factsOf(row: StoredEntry): EntryFacts {
    const computedHash = entryHashOf(row.body);
    return {
      seq: row.seq,
      prevHash: row.prevHash,
      entryHash: row.entryHash,
      computedHash,
      mac: this.ring.check(row.keyId, this.site, computedHash, row.entryMac),
      keyChange: this.keyId === null || this.keyId === row.keyId ? 'none' : this.isRotation(row, this.keyId) ? 'proved' : 'unproved',
      bodyFault: findBodyFault(row.body, this.site, row),
    };
  }

  /** Whether the entry announces its own key, with the word of the key before it. */
  private isRotation(row: StoredEntry, from: string): boolean {
    const proof = this.ring.rotationProof({ from, to: row.keyId }, this.site, row.prevHash);
    return proof !== null && row.action === 'audit.key_rotated' && row.body.includes(`"data":{"from":${JSON.stringify(from)},"proof":"${proof}","to":${JSON.stringify(row.keyId)}}`);
  }
}
