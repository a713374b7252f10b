import type { ClientBase, QueryResultRow } from 'pg';
import { findBodyFault } from '../domain/audit/body-columns.js';
import { checkEntry, checkHead, type BadEntry, type ChainPoint, type EntryFacts } from '../domain/audit/verify-rules.js';
import { entryHashOf, genesisPoint, type MacKeyRing } from './hashing.js';

/** Any way to read the audit tables of one site: a transaction of the site, or a client of the auditor's role (see {@link readerOf}). */
export interface AuditReader {
  query<Row extends QueryResultRow>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
}
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

// Type aliases, because pg wants row types that have an index signature.
type EventRow = {
  site_id: string; seq: number; event_id: string; action: string; at_us: number; request_id: string | null; grant_id: string | null; actor: string | null;
  body: string; prev_hash: string; entry_hash: string; entry_mac: string; key_id: string;
};
type HeadRow = { head_seq: number | null; head_hash: string | null; last_seq: number | null };

/** Head and last entry in one statement, hence of one moment: the sealer writes both in one transaction. */
const HEAD = `
  SELECT (SELECT seq::float8 FROM audit_head WHERE site_id = $1) AS head_seq, (SELECT entry_hash FROM audit_head WHERE site_id = $1) AS head_hash,
    (SELECT max(seq)::float8 FROM audit_event WHERE site_id = $1) AS last_seq`;
const PAGE = `
  SELECT site_id, seq::float8 AS seq, event_id, action, date_part('epoch', at) * 1000000 AS at_us, request_id, grant_id, actor, body, prev_hash, entry_hash, entry_mac, key_id
  FROM audit_event WHERE site_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`;

/**
 * Verifies the chain of a site from genesis to its head: every stored byte is hashed again and its MAC recomputed, links
 * and seqs are checked, columns are compared with the bodies, and the end with the head row (SPEC E3, E5). Memory does
 * not grow with the chain. Entries sealed while it runs are left to the next run. What it can't find, a tail cut
 * together with the head row or anything done with the MAC keys, is for checkpoints held outside the database.
 */
export async function verifyChain(reader: AuditReader, ring: MacKeyRing, site: string, options: VerifyOptions = {}): Promise<VerificationResult> {
  const [ends] = await reader.query<HeadRow>(HEAD, [site]);
  const head = ends?.head_seq == null || ends.head_hash === null ? null : { seq: ends.head_seq, entryHash: ends.head_hash };
  const walk = new ChainWalk(ring, site);
  const bad = await walkPages(reader, walk, { site, lastSeq: ends?.last_seq ?? 0, pageSize: options.pageSize ?? 1_000 }) ?? checkHead(walk.point, head);
  return {
    ok: bad === null,
    entries: walk.point.seq,
    head: walk.point.seq === 0 ? null : { seq: walk.point.seq, hash: walk.point.entryHash },
    ...(bad === null ? {} : { firstBad: bad }),
    verifiedAt: new Date((options.now ?? Date.now)()).toISOString(),
  };
}

/** Reads the next page while the one before it is hashed. */
async function walkPages(reader: AuditReader, walk: ChainWalk, range: { readonly site: string; readonly lastSeq: number; readonly pageSize: number }): Promise<BadEntry | null> {
  const fetchPage = (after: number): Promise<readonly EventRow[]> => reader.query<EventRow>(PAGE, [range.site, after, range.lastSeq, range.pageSize]);
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

  findFirstBad(rows: readonly EventRow[]): BadEntry | null {
    for (const row of rows) {
      const next = checkEntry(this.site, this.point, this.factsOf(row));
      if (!next.ok) return next.error;
      this.point = next.value;
      this.keyId = row.key_id;
    }
    return null;
  }

  private factsOf(row: EventRow): EntryFacts {
    const computedHash = entryHashOf(row.body);
    return {
      site: row.site_id,
      seq: row.seq,
      prevHash: row.prev_hash,
      entryHash: row.entry_hash,
      computedHash,
      mac: this.ring.check(row.key_id, row.site_id, computedHash, row.entry_mac),
      keyChange: this.keyId === null || this.keyId === row.key_id ? 'none' : this.isRotation(row, this.keyId) ? 'proved' : 'unproved',
      bodyFault: findBodyFault(row.body, {
        site: row.site_id, seq: row.seq, eventId: row.event_id, prevHash: row.prev_hash, action: row.action, atMs: Math.round(row.at_us) / 1_000,
        requestId: row.request_id, grantId: row.grant_id, actor: row.actor,
      }),
    };
  }

  /** Whether the entry announces its own key, with the word of the key before it. */
  private isRotation(row: EventRow, from: string): boolean {
    const proof = this.ring.rotationProof({ from, to: row.key_id }, row.site_id, row.prev_hash);
    return proof !== null && row.action === 'audit.key_rotated' && row.body.includes(`"data":{"from":${JSON.stringify(from)},"proof":"${proof}","to":${JSON.stringify(row.key_id)}}`);
  }
}

/** A reader over a plain client, for example one of the auditor's read-only role. */
export function readerOf(client: ClientBase): AuditReader {
  return { query: async <Row extends QueryResultRow>(sql: string, parameters: readonly unknown[] = []) => (await client.query<Row>(sql, [...parameters])).rows };
}
