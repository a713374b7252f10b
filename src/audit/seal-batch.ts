import type { ClientBase } from 'pg';
import { validateDraft, type AuditDraft } from '../domain/audit/entry.js';
import type { ChainPoint } from '../domain/audit/verify-rules.js';
import { genesisHash, rotationData, sealEntry, type MacKeyRing, type SealedEntry } from './hashing.js';

/** What this sealer last wrote for a site; dropped whenever a transaction did not certainly commit. */
interface HeldHead {
  readonly point: ChainPoint;
  /** Key of the entry at `point`; null at genesis. */
  readonly keyId: string | null;
  /** Fencing epoch, a bigint in decimal: this sealer's claim on the site. */
  readonly epoch: string;
}
export type HeldHeads = Map<string, HeldHead>;

/** Another sealer has claimed one of the sites since: this one must give up its session. */
export class FencedSealer extends Error {
  override readonly name = 'FencedSealer';
}

export interface BatchScope {
  /** Most rows taken from the outbox. */
  readonly limit: number;
  readonly shard: { readonly index: number; readonly of: number };
  /** Sites left out because sealing them failed a moment ago. */
  readonly without: readonly string[];
  /** This site only, with a look for event ids that are sealed already. */
  readonly only?: string;
}
export interface BatchDone {
  readonly taken: number;
  readonly sites: number;
  /** How long the oldest row of the batch had waited, in milliseconds. */
  readonly oldestWaitMs: number;
}

// Type aliases, because pg wants row types that have an index signature.
type OutboxRow = { id: string; site_id: string; event_id: string; draft: string; wait_ms: number };
type HeadRow = { site_id: string; seq: number; entry_hash: string; epoch: string; key_id: string | null };

/** The sites of a shard, on the server, so that every sealer divides them the same way. */
const IN_SHARD = '($2::int = 1 OR (hashtextextended(site_id, 0) & 1073741823) % $2::int = $3::int)';
/** Whatever is there, oldest first. Never "ids above the last one": an id is given at insert and seen at commit, so a slow transaction's row would be skipped. */
const TAKE = `
  WITH taken AS (
    DELETE FROM audit_outbox WHERE id = ANY (ARRAY(
      SELECT id FROM audit_outbox WHERE ${IN_SHARD} AND site_id <> ALL ($4::text[]) AND ($5::text IS NULL OR site_id = $5) ORDER BY id LIMIT $1))
    RETURNING id, site_id, event_id, draft, created_at)
  SELECT id::text AS id, site_id, event_id, draft, date_part('epoch', clock_timestamp() - created_at) * 1000 AS wait_ms FROM taken ORDER BY taken.id`;
const CLAIM = `
  INSERT INTO audit_head AS head (site_id, seq, entry_hash, epoch)
  SELECT site_id, 0, entry_hash, 1 FROM unnest($1::text[], $2::text[]) AS fresh (site_id, entry_hash)
  ON CONFLICT (site_id) DO UPDATE SET epoch = head.epoch + 1
  RETURNING site_id, seq::float8 AS seq, entry_hash, epoch::text AS epoch,
    (SELECT key_id FROM audit_event event WHERE event.site_id = head.site_id AND event.seq = head.seq) AS key_id`;
/**
 * Heads first: an overtaken sealer moves none and therefore inserts nothing, instead of meeting its own stale seq as a
 * unique violation. The entries are one JSON parameter, which the driver writes ten times as fast as an array for each column.
 */
const SEAL = `
  WITH advanced AS (
    UPDATE audit_head AS head SET seq = done.seq, entry_hash = done.entry_hash
    FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[]) AS done (site_id, seq, entry_hash, epoch, from_seq)
    WHERE head.site_id = done.site_id AND head.epoch = done.epoch AND head.seq = done.from_seq
    RETURNING 1)
  INSERT INTO audit_event (site_id, seq, event_id, outbox_id, action, at, request_id, grant_id, actor, body, prev_hash, entry_hash, entry_mac, key_id)
  SELECT site, seq, "eventId", "outboxId", action, at, "requestId", "grantId", actor, body, "prevHash", "entryHash", "entryMac", "keyId"
  FROM json_to_recordset($1::json) AS entry (site text, seq bigint, "eventId" text, "outboxId" bigint, action text, at timestamptz, "requestId" text, "grantId" text,
    actor text, body text, "prevHash" text, "entryHash" text, "entryMac" text, "keyId" text)
  WHERE (SELECT count(*) FROM advanced) = cardinality($2::text[])`;

const SEALER = { kind: 'system', name: 'sealer' } as const;

/**
 * Moves one batch from the outbox into the chains, in one transaction: after it each row is either still in the outbox
 * or sealed exactly once. `now` is real time, for entries that the sealer writes itself.
 * @throws FencedSealer when another sealer took over; the database's errors otherwise. The transaction is then rolled
 *   back if the connection lives, and `heads` is empty, so that the next batch claims its sites again.
 */
export async function sealBatch(client: ClientBase, ring: MacKeyRing, heads: HeldHeads, scope: BatchScope, now: () => number): Promise<BatchDone> {
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<OutboxRow>({
      name: 'audit-take', text: TAKE, values: [scope.limit, scope.shard.of, scope.shard.index, scope.without, scope.only ?? null],
    });
    if (rows.length > 0) await sealRows(client, ring, heads, { rows, repeated: scope.only === undefined ? new Set() : await findSealed(client, rows), now });
    await client.query('COMMIT');
    return { taken: rows.length, sites: new Set(rows.map((row) => row.site_id)).size, oldestWaitMs: rows.reduce((most, row) => Math.max(most, row.wait_ms), 0) };
  } catch (error) {
    heads.clear();
    await client.query('ROLLBACK').catch(() => undefined); // on a broken connection the server rolls back by itself
    throw error;
  }
}

/** The outbox row that an entry came from; null for what the sealer says itself. */
interface StoredRow extends SealedEntry { readonly outboxId: string | null }
interface Batch { readonly rows: readonly OutboxRow[]; readonly repeated: ReadonlySet<string>; readonly now: () => number }

async function sealRows(client: ClientBase, ring: MacKeyRing, heads: HeldHeads, batch: Batch): Promise<void> {
  await claimSites(client, heads, [...new Set(batch.rows.map((row) => row.site_id))].filter((site) => !heads.has(site)));
  const before = new Map<string, HeldHead>();
  const sealed: StoredRow[] = [];
  for (const row of batch.rows) {
    const head = heldHead(heads, row.site_id);
    if (!before.has(row.site_id)) before.set(row.site_id, head);
    for (const entry of entriesOf(ring, head, row, batch)) {
      sealed.push({ ...entry, outboxId: entry.action === 'audit.key_rotated' ? null : row.id });
      heads.set(row.site_id, { point: { seq: entry.seq, entryHash: entry.entryHash }, keyId: entry.keyId, epoch: head.epoch });
    }
  }
  await storeEntries(client, sealed, heads, before);
}

/** The entry of an outbox row, behind the entry that announces a new MAC key when this is the site's first under it. */
function entriesOf(ring: MacKeyRing, head: HeldHead, row: OutboxRow, batch: Batch): SealedEntry[] {
  const { draft, eventId } = readRow(row, batch);
  if (head.keyId === null || head.keyId === ring.currentId) return [sealEntry(ring, row.site_id, head.point, eventId, draft)];
  const data = rotationData(ring, head.keyId, row.site_id, head.point.entryHash);
  const at = new Date(batch.now()).toISOString();
  // The event that brought it gives the rotation its id: one rotation can stand before an event, never two.
  const rotation = sealEntry(ring, row.site_id, head.point, `key-rotated:${row.id}:${eventId}`, { action: 'audit.key_rotated', actor: SEALER, subject: {}, data, at });
  return [rotation, sealEntry(ring, row.site_id, { seq: rotation.seq, entryHash: rotation.entryHash }, eventId, draft)];
}

/**
 * The draft of an outbox row. One that can't be read, or whose event is sealed already, would stop its site for ever, so
 * it becomes an `audit.quarantined` entry that carries the text as it stood: nothing is lost and the chain goes on.
 */
function readRow(row: OutboxRow, batch: Batch): { readonly draft: AuditDraft; readonly eventId: string } {
  const quarantine = (reason: string): AuditDraft => ({
    action: 'audit.quarantined', actor: SEALER, subject: {}, data: { reason, outboxId: row.id, draft: row.draft }, at: new Date(batch.now()).toISOString(),
  });
  if (batch.repeated.has(row.event_id)) return { draft: quarantine('event_id.repeated'), eventId: `repeated:${row.id}:${row.event_id}` };
  const draft = validateDraft(parseJson(row.draft));
  return { draft: draft.ok ? draft.value : quarantine(draft.error.code), eventId: row.event_id };
}

/** Undefined for text that is not JSON; the draft's reader refuses that like any other wrong value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof Error && error.name === 'SyntaxError') return undefined;
    throw error;
  }
}

function heldHead(heads: HeldHeads, site: string): HeldHead {
  const head = heads.get(site);
  if (head === undefined) throw new FencedSealer(`The head of site ${site} could not be claimed.`);
  return head;
}

/** Takes over the heads of `sites`, sorted so that two sealers can't wait for each other; a head is made at genesis. */
async function claimSites(client: ClientBase, heads: HeldHeads, sites: readonly string[]): Promise<void> {
  if (sites.length === 0) return;
  const sorted = [...sites].sort();
  const { rows } = await client.query<HeadRow>(CLAIM, [sorted, sorted.map(genesisHash)]);
  for (const row of rows) heads.set(row.site_id, { point: { seq: row.seq, entryHash: row.entry_hash }, keyId: row.key_id, epoch: row.epoch });
}

async function findSealed(client: ClientBase, rows: readonly OutboxRow[]): Promise<ReadonlySet<string>> {
  const found = await client.query<{ event_id: string }>('SELECT event_id FROM audit_event WHERE event_id = ANY ($1::text[])', [rows.map((row) => row.event_id)]);
  return new Set(found.rows.map((row) => row.event_id));
}

/** Moves the heads and inserts the entries, or does neither. @throws FencedSealer when a head is no longer this sealer's. */
async function storeEntries(client: ClientBase, sealed: readonly StoredRow[], heads: HeldHeads, before: ReadonlyMap<string, HeldHead>): Promise<void> {
  const moved = [...before].map(([site, from]) => ({ site, from, to: heldHead(heads, site).point }));
  const stored = await client.query({
    name: 'audit-seal',
    text: SEAL,
    values: [
      JSON.stringify(sealed), moved.map((m) => m.site), moved.map((m) => m.to.seq), moved.map((m) => m.to.entryHash), moved.map((m) => m.from.epoch),
      moved.map((m) => m.from.point.seq),
    ],
  });
  if (stored.rowCount !== sealed.length) throw new FencedSealer('Another sealer has claimed a site of this batch.');
}
