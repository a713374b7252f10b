import type { AuditDraft } from '../domain/audit/entry.js';
import type { ChainPoint } from '../domain/audit/verify-rules.js';
import type { ChainReader, StoredEntry } from './chain-reader.js';
import { entryHashOf, genesisPoint, MacKeyRing, rotationData, sealEntry, type SealedEntry } from './hashing.js';
import { verifyChain } from './verify.js';

const SITE = 'site-1';
const keyA = { id: 'a', key: Buffer.alloc(32, 1).toString('base64url') };
const keyB = { id: 'b', key: Buffer.alloc(32, 2).toString('base64url') };
const ring = new MacKeyRing([keyA]);
/** What an attacker with the database but without the keys has. */
const forger = new MacKeyRing([{ id: 'a', key: Buffer.alloc(32, 9).toString('base64url') }]);

const draft = (n: number, change: Partial<AuditDraft> = {}): AuditDraft => ({
  action: 'request.created', actor: { kind: 'person', accountId: `acc "${n}"` }, subject: { requestId: `req-${n}`, issueKey: 'AI-1' },
  data: { n, note: ',"eventId":"x","prevHash":"y","seq":9,"site":"z","subject":{', inner: { eventId: 'x', prevHash: 'y', seq: 9, site: 'z', subject: {} } },
  at: `2026-01-01T00:00:${String(n % 60).padStart(2, '0')}.${String(n).padStart(3, '0')}Z`, ...change,
});
const store = (entry: SealedEntry): StoredEntry => ({ ...entry, atMs: Date.parse(entry.at) });
const pointOf = (rows: readonly StoredEntry[]): ChainPoint => rows.at(-1) ?? genesisPoint(SITE);
/** Seals the drafts behind `rows`, with event ids `e<seq>`. */
function extend(rows: readonly StoredEntry[], drafts: readonly AuditDraft[], by: MacKeyRing = ring): StoredEntry[] {
  return drafts.reduce<StoredEntry[]>((chain, next) => [...chain, store(sealEntry(by, SITE, pointOf(chain), `e${chain.length + 1}`, next))], [...rows]);
}
const drafts = (from: number, to: number): AuditDraft[] => Array.from({ length: to - from + 1 }, (_, i) => draft(from + i));
const at = (rows: readonly StoredEntry[], seq: number): StoredEntry => {
  const row = rows[seq - 1];
  if (row === undefined) throw new Error(`the test's chain has no entry ${seq}`);
  return row;
};
const replace = (rows: readonly StoredEntry[], seq: number, change: Partial<StoredEntry>): StoredEntry[] => rows.map((row) => (row.seq === seq ? { ...row, ...change } : row));
const renumber = (rows: readonly StoredEntry[]): StoredEntry[] => rows.map((row, i) => ({ ...row, seq: i + 1 }));

/** The tables of one site as somebody left them. */
function reader(rows: readonly StoredEntry[], head: ChainPoint | null): ChainReader {
  const sorted = [...rows].sort((a, b) => a.seq - b.seq);
  return {
    readEnds: () => Promise.resolve({ head: head === null ? null : { seq: head.seq, entryHash: head.entryHash }, lastSeq: sorted.at(-1)?.seq ?? 0 }),
    readPage: (_site, { after, upTo, limit }) => Promise.resolve(sorted.filter((row) => row.seq > after && row.seq <= upTo).slice(0, limit)),
  };
}
async function verdict(rows: readonly StoredEntry[], head: ChainPoint | null, by: MacKeyRing = ring): Promise<string> {
  const result = await verifyChain(reader(rows, head), by, SITE, { pageSize: 3, now: () => 0 });
  return result.firstBad === undefined ? `ok ${result.entries}` : `${result.firstBad.seq} ${result.firstBad.reason}`;
}

const chain = extend([], drafts(1, 10));
const head = pointOf(chain);

describe('verifying a chain', () => {
  it('reports every entry and the head of an untouched chain', async () => {
    expect(await verifyChain(reader(chain, head), ring, SITE, { now: () => 0 })).toEqual({ ok: true, entries: 10, head: { seq: 10, hash: head.entryHash }, verifiedAt: '1970-01-01T00:00:00.000Z' });
  });

  it('takes a site that has no entry', async () => {
    expect(await verifyChain(reader([], null), ring, SITE, { now: () => 0 })).toEqual({ ok: true, entries: 0, head: null, verifiedAt: '1970-01-01T00:00:00.000Z' });
  });

  it('counts the entries before the first bad one and names the last that was right', async () => {
    const result = await verifyChain(reader(replace(chain, 5, { body: at(chain, 5).body.replace('AI-1', 'AI-2') }), head), ring, SITE);
    expect(result).toMatchObject({ ok: false, entries: 4, head: { seq: 4, hash: at(chain, 4).entryHash }, firstBad: { seq: 5, reason: 'entry_hash.mismatch' } });
  });

  it.each([1, 3, 4, 10])('names entry %i when its body was edited', async (seq) => {
    expect(await verdict(replace(chain, seq, { body: at(chain, seq).body.replace('AI-1', 'AI-2') }), head)).toBe(`${seq} entry_hash.mismatch`);
  });

  it('names an edited entry whose hash was made right again', async () => {
    const body = at(chain, 5).body.replace('AI-1', 'AI-2');
    expect(await verdict(replace(chain, 5, { body, entryHash: entryHashOf(body) }), head)).toBe('5 mac.mismatch');
  });

  it.each([1, 5, 7])('names entry %i when it was deleted', async (seq) => {
    expect(await verdict(chain.filter((row) => row.seq !== seq), head)).toBe(`${seq} seq.gap`);
  });

  it('names the first of two entries that changed places', async () => {
    expect(await verdict(chain.map((row) => (row.seq === 4 ? { ...at(chain, 5), seq: 4 } : row.seq === 5 ? { ...at(chain, 4), seq: 5 } : row)), head)).toBe('4 prev_hash.mismatch');
  });

  it('names the place of a deletion after which the numbers were closed up', async () => {
    expect(await verdict(renumber(chain.filter((row) => row.seq !== 5)), head)).toBe('5 prev_hash.mismatch');
  });

  it('names the first entry written without the key when the rest was relinked after a deletion', async () => {
    const rewritten = extend(chain.slice(0, 4), drafts(6, 10), forger);
    expect(await verdict(rewritten, pointOf(rewritten))).toBe('5 mac.mismatch');
  });

  it('names an inserted entry when the rest was relinked without the key', async () => {
    const rewritten = extend(chain.slice(0, 4), [draft(99), ...drafts(5, 10)], forger);
    expect(await verdict(rewritten, pointOf(rewritten))).toBe('5 mac.mismatch');
  });

  it('refuses a whole chain written without the key', async () => {
    const rewritten = extend([], drafts(1, 10), forger);
    expect(await verdict(rewritten, pointOf(rewritten))).toBe('1 mac.mismatch');
  });

  it('names the first missing entry of a cut tail by the head row', async () => {
    expect(await verdict(chain.slice(0, 7), head)).toBe('8 tail.missing');
    expect(await verdict([], head)).toBe('1 tail.missing');
  });

  it('names the last entry when the head row was put back, changed or deleted', async () => {
    expect([await verdict(chain, at(chain, 9)), await verdict(chain, { ...head, entryHash: genesisPoint(SITE).entryHash }), await verdict(chain, null)])
      .toEqual(['10 head.mismatch', '10 head.mismatch', '10 head.missing']);
  });

  it("refuses another site's chain under this site's name, also when its first link was made to fit", async () => {
    const foreign = [store(sealEntry(ring, 'site-2', genesisPoint('site-2'), 'e1', draft(1)))];
    const fitted = [store(sealEntry(ring, 'site-2', genesisPoint(SITE), 'e1', draft(1)))];
    expect([await verdict(foreign, pointOf(foreign)), await verdict(fitted, pointOf(fitted))]).toEqual(['1 prev_hash.mismatch', '1 mac.mismatch']);
  });

  it('can say nothing about an entry whose key is not in the ring', async () => {
    expect(await verdict(chain, head, new MacKeyRing([keyB]))).toBe('1 key.unknown');
  });

  it.each<[string, Partial<StoredEntry>]>([
    ['action', { action: 'request.approved' }],
    ['at', { atMs: Date.parse('2026-01-02T00:00:00.000Z') }],
    ['event_id', { eventId: 'e6' }],
    ['request_id', { requestId: 'req-6' }],
    ['request_id', { requestId: null }],
    ['grant_id', { grantId: 'grant-1' }],
    ['actor', { actor: 'acc-2' }],
    ['actor', { actor: null }],
  ])('names an entry whose column %s was changed, which would hide it from filters', async (_column, change) => {
    expect(await verdict(replace(chain, 5, change), head)).toBe('5 column.mismatch');
  });

  it('compares the columns of every kind of actor and subject', async () => {
    const rows = extend([], [
      draft(1, { actor: { kind: 'policy', name: 'auto "low" risk' }, subject: {} }),
      draft(2, { actor: { kind: 'system' }, subject: { grantId: 'g"2', requestId: 'r\\2' } }),
      draft(3, { actor: { kind: 'service', accountId: 'svc', name: 'cli' }, subject: { toolKey: '"requestId":' } }),
      draft(4, { actor: { kind: 'provider', name: 'okta},"at":"' } }),
    ]);
    expect(await verdict(rows, pointOf(rows))).toBe('ok 4');
    expect([await verdict(replace(rows, 1, { actor: 'policy' }), pointOf(rows)), await verdict(replace(rows, 3, { actor: 'cli' }), pointOf(rows))]).toEqual(['1 column.mismatch', '3 column.mismatch']);
  });

  it('names a body with a right MAC that was sealed for another place', async () => {
    const place = (change: Partial<Pick<SealedEntry, 'site' | 'seq'>> & { readonly prevHash?: string }): StoredEntry => {
      const point = { seq: (change.seq ?? 5) - 1, entryHash: change.prevHash ?? at(chain, 4).entryHash };
      const sealed = sealEntry(ring, change.site ?? SITE, point, 'e5', draft(5));
      return { ...store(sealed), seq: 5, prevHash: at(chain, 4).entryHash, entryMac: ring.mac('a', SITE, sealed.entryHash) };
    };
    const verdictOf = (row: StoredEntry): Promise<string> => verdict([...chain.slice(0, 4), row], row);
    expect([await verdictOf(place({ seq: 6 })), await verdictOf(place({ prevHash: 'f'.repeat(64) })), await verdictOf(place({ site: 'site-2' }))])
      .toEqual(['5 body.seq_mismatch', '5 body.prev_hash_mismatch', '5 body.site_mismatch']);
  });
});

describe('verifying across a change of the MAC key', () => {
  const both = new MacKeyRing([keyB, keyA]);
  const rotate = (rows: readonly StoredEntry[], by: MacKeyRing): StoredEntry[] =>
    extend(rows, [draft(90, { action: 'audit.key_rotated', actor: { kind: 'system', name: 'sealer' }, subject: {}, data: rotationData(by, 'a', SITE, pointOf(rows).entryHash) })], by);

  it('takes a rotation that the old key vouches for', async () => {
    const rows = extend(rotate(chain, both), drafts(11, 13), both);
    expect(await verdict(rows, pointOf(rows), both)).toBe('ok 14');
  });

  it('names the entry at which a key took over without a rotation', async () => {
    const rows = extend(chain, drafts(11, 13), both);
    expect(await verdict(rows, pointOf(rows), both)).toBe('11 key.switched');
  });

  it('names a way back to an old key by somebody who has only that one', async () => {
    const rows = extend(rotate(chain, both), drafts(11, 12), both);
    const thief = new MacKeyRing([keyA, { id: 'b', key: Buffer.alloc(32, 7).toString('base64url') }]);
    const back = extend(rows, [draft(91, { action: 'audit.key_rotated', data: rotationData(thief, 'b', SITE, pointOf(rows).entryHash) }), draft(92)], thief);
    expect(await verdict(back, pointOf(back), both)).toBe('14 key.switched');
  });
});
