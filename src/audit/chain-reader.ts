import type { ClientBase, QueryResultRow } from 'pg';
import type { EntryColumns } from '../domain/audit/body-columns.js';
import type { ChainPoint } from '../domain/audit/verify-rules.js';

/** A row of `audit_event` as it is stored now, which is not to be believed yet. */
export interface StoredEntry extends EntryColumns {
  readonly body: string;
  readonly entryHash: string;
  readonly entryMac: string;
  readonly keyId: string;
}

/** Where a verification reads a site's chain from. */
export interface ChainReader {
  /** The head row and the greatest seq (0 without entries), both of one moment. */
  readEnds(site: string): Promise<{ readonly head: ChainPoint | null; readonly lastSeq: number }>;
  /** Entries with `after` < seq ≤ `upTo`, by seq, at most `limit`. */
  readPage(site: string, page: { readonly after: number; readonly upTo: number; readonly limit: number }): Promise<readonly StoredEntry[]>;
}

/** A transaction of one site, or {@link queryOf} a client of the auditor's read-only role. */
export interface AuditQuery {
  query<Row extends QueryResultRow>(sql: string, parameters: readonly unknown[]): Promise<readonly Row[]>;
}
export function queryOf(client: ClientBase): AuditQuery {
  return { query: async <Row extends QueryResultRow>(sql: string, parameters: readonly unknown[]) => (await client.query<Row>(sql, [...parameters])).rows };
}

// Type aliases, because pg wants row types that have an index signature.
type EntryRow = { [Name in keyof StoredEntry]: StoredEntry[Name] };
type EndsRow = { headSeq: number | null; headHash: string | null; lastSeq: number | null };

/** One statement, hence one moment: the sealer writes entries and head in one transaction. */
const ENDS = `
  SELECT (SELECT seq::float8 FROM audit_head WHERE site_id = $1) AS "headSeq", (SELECT entry_hash FROM audit_head WHERE site_id = $1) AS "headHash",
    (SELECT max(seq)::float8 FROM audit_event WHERE site_id = $1) AS "lastSeq"`;
/**
 * float8 carries every seq and every microsecond since 1970 exactly (below 2^53) and is the cheapest to parse. Sorted by
 * the column and not by the output of the same name, whose other type would sort the rest of the chain for each page.
 */
const PAGE = `
  SELECT seq::float8 AS seq, event_id AS "eventId", action, round(date_part('epoch', at) * 1000000) / 1000 AS "atMs", request_id AS "requestId",
    grant_id AS "grantId", actor, body, prev_hash AS "prevHash", entry_hash AS "entryHash", entry_mac AS "entryMac", key_id AS "keyId"
  FROM audit_event AS event WHERE site_id = $1 AND seq > $2 AND seq <= $3 ORDER BY event.seq LIMIT $4`;

/** Reads from Postgres; needs SELECT on `audit_event` and `audit_head` for the site, and no isolation level in particular. */
export function chainReader(source: AuditQuery): ChainReader {
  return {
    readEnds: async (site) => {
      const [row] = await source.query<EndsRow>(ENDS, [site]);
      const head = row === undefined || row.headSeq === null || row.headHash === null ? null : { seq: row.headSeq, entryHash: row.headHash };
      return { head, lastSeq: row?.lastSeq ?? 0 };
    },
    readPage: (site, { after, upTo, limit }) => source.query<EntryRow>(PAGE, [site, after, upTo, limit]),
  };
}
