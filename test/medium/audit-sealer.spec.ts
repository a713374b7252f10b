import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { chainReader, queryOf } from '../../src/audit/chain-reader.js';
import { canonicalJson, MacKeyRing } from '../../src/audit/hashing.js';
import { FencedSealer } from '../../src/audit/seal-batch.js';
import { Sealer, SiteNotSealed, type SealerOptions } from '../../src/audit/sealer.js';
import { verifyChain, type VerificationResult } from '../../src/audit/verify.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/postgres.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const keyA = { id: 'a', key: Buffer.alloc(32, 1).toString('base64url') };
const keyB = { id: 'b', key: Buffer.alloc(32, 2).toString('base64url') };
const ring = new MacKeyRing([keyA]);

let database: TestDatabase;
const open: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
  await database.drop();
});

function startSealer(options: Partial<SealerOptions> = {}): { readonly sealer: Sealer; readonly errors: unknown[] } {
  const errors: unknown[] = [];
  const sealer = new Sealer({ connection: database.sealerUrl, keyRing: ring, pollMs: 5, maxBackoffMs: 20, onError: (error) => errors.push(error), ...options });
  sealer.start();
  open.push(sealer);
  return { sealer, errors };
}
async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // Dropping a test's database cuts what is still connected.
  client.on('error', () => undefined);
  await client.connect();
  open.push({ stop: () => client.end() });
  return client;
}
/** A process that changes things of one site and records each change, as the governance worker's role. */
async function writer(site: string): Promise<{ begin(): Promise<void>; record(eventId?: string): Promise<void>; commit(): Promise<void> }> {
  const client = await connect(database.governanceUrl);
  let n = 0;
  return {
    begin: async () => {
      await client.query('BEGIN');
      await client.query(`SELECT set_config('aic.site_id', $1, true)`, [site]);
    },
    record: async (eventId = randomUUID()) => {
      const text = canonicalJson({ action: 'request.created', actor: { kind: 'system' }, subject: { requestId: `r${n++}` }, data: { n }, at: new Date().toISOString() });
      await client.query('INSERT INTO audit_outbox (site_id, event_id, draft) VALUES ($1, $2, $3)', [site, eventId, text]);
    },
    commit: async () => {
      await client.query('COMMIT');
    },
  };
}
async function write(site: string, count: number): Promise<void> {
  const one = await writer(site);
  for (let i = 0; i < count; i++) {
    await one.begin();
    await one.record();
    await one.commit();
  }
}
const count = async (table: string, where = 'true'): Promise<number> => Number((await queryOnce(database.superuserUrl, `SELECT count(*) AS n FROM ${table} WHERE ${where}`))[0]?.['n']);
async function verify(site: string, by: MacKeyRing = ring): Promise<VerificationResult> {
  const client = await connect(database.sealerUrl);
  return await verifyChain(chainReader(queryOf(client)), by, site);
}
/** What only somebody with the whole database can do. */
const tamper = async (sql: string): Promise<void> => {
  const client = await connect(database.superuserUrl);
  await client.query(`ALTER TABLE audit_event DISABLE TRIGGER ALL; ${sql}; ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_append_only`);
};

describe('the sealer', () => {
  it('seals what concurrent writers commit, gapless in each site, and does not skip a transaction that commits late', async () => {
    const { sealer, errors } = startSealer({ batchSize: 7 });
    const late = await writer('s1');
    await late.begin();
    await late.record('late');
    await Promise.all([write('s1', 40), write('s1', 40), write('s2', 40), write('s2', 40)]);
    await sealer.whenIdle();
    expect([await count('audit_event'), await count('audit_event', "event_id = 'late'")]).toEqual([160, 0]);
    await late.commit();
    await sealer.whenIdle();
    expect([await count('audit_event'), await count('audit_event', "event_id = 'late'"), await count('audit_outbox')]).toEqual([161, 1, 0]);
    expect([await verify('s1'), await verify('s2'), errors]).toMatchObject([{ ok: true, entries: 81 }, { ok: true, entries: 80 }, []]);
  });

  it('keeps the order of one transaction and takes nothing of one that rolled back', async () => {
    const { sealer } = startSealer();
    const lost = await connect(database.apiUrl);
    await lost.query(`BEGIN; SELECT set_config('aic.site_id', 's1', true); INSERT INTO audit_outbox (site_id, event_id, draft) VALUES ('s1', 'lost', '{}'); ROLLBACK`);
    const one = await writer('s1');
    await one.begin();
    for (const id of ['e1', 'e2', 'e3']) await one.record(id);
    await one.commit();
    await sealer.whenIdle();
    expect(await queryOnce(database.superuserUrl, 'SELECT event_id FROM audit_event ORDER BY seq')).toEqual([{ event_id: 'e1' }, { event_id: 'e2' }, { event_id: 'e3' }]);
  });

  it('leads alone: a second one stands by and takes over when the first has stopped', async () => {
    const first = startSealer();
    await first.sealer.whenIdle();
    const second = startSealer();
    await until('the second sealer stands by', () => second.sealer.status().state === 'standby');
    await write('s1', 5);
    await first.sealer.whenIdle();
    await first.sealer.stop();
    await write('s1', 5);
    await second.sealer.whenIdle();
    expect([first.sealer.status(), second.sealer.status()]).toMatchObject([{ state: 'stopped', sealed: 5 }, { state: 'leading', sealed: 5 }]);
    expect(await verify('s1')).toMatchObject({ ok: true, entries: 10 });
  });

  // Two divisions of the sites at once have different locks, and what is in the second half of one is in the other too.
  const SITES = Array.from({ length: 8 }, (_, i) => `s${i}`);
  const writeAll = async (each: number): Promise<void> => {
    await Promise.all(SITES.map((site) => write(site, each)));
  };

  it('is stopped by the fence when another one has claimed its sites, and forks nothing', async () => {
    const everything = startSealer({ pollMs: 3_600_000 });
    await writeAll(1);
    await everything.sealer.whenIdle();
    const half = startSealer({ pollMs: 3_600_000, shard: { index: 1, of: 2 } });
    await writeAll(1);
    await half.sealer.whenIdle();
    await writeAll(1);
    await everything.sealer.whenIdle();
    expect([half.errors, everything.errors.map((error) => error instanceof FencedSealer)]).toEqual([[], [true]]);
    expect(await queryOnce(database.superuserUrl, 'SELECT DISTINCT epoch::int AS epoch FROM audit_head ORDER BY epoch')).toEqual([{ epoch: 2 }, { epoch: 3 }]);
    for (const site of SITES) expect(await verify(site)).toMatchObject({ ok: true, entries: 3 });
  });

  it('forks nothing when two that both lead work on the same sites all the time', async () => {
    startSealer({ shard: { index: 1, of: 2 }, batchSize: 3, pollMs: 1 });
    startSealer({ batchSize: 3, pollMs: 1 });
    await writeAll(20);
    await until('everything is sealed', async () => (await count('audit_outbox')) === 0);
    for (const site of SITES) expect(await verify(site)).toMatchObject({ ok: true, entries: 20 });
  });

  it('divides the sites of one database among the sealers of its shards', async () => {
    const shards = [0, 1].map((index) => startSealer({ shard: { index, of: 2 } }));
    await Promise.all(Array.from({ length: 8 }, (_, i) => write(`s${i}`, 2)));
    for (const { sealer } of shards) await sealer.whenIdle();
    expect(await count('audit_event')).toBe(16);
    expect(shards.map(({ sealer }) => sealer.status().sealed > 0)).toEqual([true, true]);
    expect(shards.flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('takes the next key after an entry that the old key vouches for', async () => {
    const first = startSealer();
    await write('s1', 2);
    await first.sealer.whenIdle();
    await first.sealer.stop();
    const both = new MacKeyRing([keyB, keyA]);
    const { sealer } = startSealer({ keyRing: both });
    await write('s1', 2);
    await sealer.whenIdle();
    expect(await queryOnce(database.superuserUrl, 'SELECT action, key_id FROM audit_event ORDER BY seq')).toEqual([
      { action: 'request.created', key_id: 'a' }, { action: 'request.created', key_id: 'a' },
      { action: 'audit.key_rotated', key_id: 'b' }, { action: 'request.created', key_id: 'b' }, { action: 'request.created', key_id: 'b' },
    ]);
    expect([await verify('s1', both), await verify('s1', new MacKeyRing([keyB]))]).toMatchObject([{ ok: true, entries: 5 }, { firstBad: { seq: 1, reason: 'key.unknown' } }]);
  });
});

describe('the sealer when something goes wrong', () => {
  async function behindProxy(): Promise<{ readonly proxy: TcpProxy; readonly sealer: Sealer; readonly errors: unknown[] }> {
    const target = new URL(database.sealerUrl);
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port) });
    open.push({ stop: () => proxy.close() });
    target.hostname = '127.0.0.1';
    target.port = String(proxy.port);
    return { proxy, ...startSealer({ connection: target.toString() }) };
  }

  it.each([
    ['in the middle of a batch', 'UPDATE audit_head AS head'],
    ['after a commit whose answer is lost', 'COMMIT'],
  ])('loses and doubles nothing when its connection breaks %s', async (_when, telling) => {
    const { proxy, sealer, errors } = await behindProxy();
    await sealer.whenIdle();
    const one = await writer('s1');
    await one.begin();
    for (let i = 0; i < 50; i++) await one.record();
    proxy.setFault({ kind: 'dropResponse', whenRequestIncludes: telling });
    await one.commit();
    await until('the connection was cut', () => proxy.droppedResponses() === 1);
    await sealer.whenIdle();
    await write('s1', 1);
    await sealer.whenIdle();
    expect([await count('audit_outbox'), await count('audit_event'), errors.length]).toEqual([0, 51, 1]);
    expect(await verify('s1')).toMatchObject({ ok: true, entries: 51 });
  });

  it('comes back after Postgres was away and seals what was written meanwhile', async () => {
    const { proxy, sealer, errors } = await behindProxy();
    await sealer.whenIdle();
    proxy.setFault({ kind: 'reset' });
    await until('two attempts have failed', () => errors.length >= 2);
    await write('s1', 3);
    proxy.setFault({ kind: 'none' });
    await sealer.whenIdle();
    expect(await verify('s1')).toMatchObject({ ok: true, entries: 3 });
  });

  it('goes on when its session is ended on the server', async () => {
    const { sealer, errors } = startSealer();
    await write('s1', 3);
    await sealer.whenIdle();
    await queryOnce(database.superuserUrl, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'aiclearance-sealer' AND datname = current_database()");
    await until('the loss was noticed', () => errors.length === 1);
    await write('s1', 3);
    await sealer.whenIdle();
    expect(await verify('s1')).toMatchObject({ ok: true, entries: 6 });
  });

  it('seals an unreadable draft and a repeated event as they stood, behind what was right', async () => {
    const { sealer, errors } = startSealer();
    const one = await writer('s1');
    await one.begin();
    await one.record('e1');
    await one.commit();
    await sealer.whenIdle();
    await queryOnce(database.superuserUrl, `INSERT INTO audit_outbox (site_id, event_id, draft) VALUES ('s1', 'e2', 'no json'), ('s1', 'e1', '{"again":1}'), ('s1', 'e3', '{"action":"no.such"}')`);
    await write('s2', 1);
    await sealer.whenIdle();
    const rows = await queryOnce(database.superuserUrl, `SELECT action, body::json->'data'->>'reason' AS reason, body::json->'data'->>'draft' AS draft FROM audit_event WHERE site_id = 's1' AND seq > 1 ORDER BY seq`);
    expect(rows).toEqual([
      { action: 'audit.quarantined', reason: 'value.undefined', draft: 'no json' },
      { action: 'audit.quarantined', reason: 'event_id.repeated', draft: '{"again":1}' },
      { action: 'audit.quarantined', reason: 'draft.missing_field', draft: '{"action":"no.such"}' },
    ]);
    expect([await verify('s1'), await verify('s2'), errors]).toMatchObject([{ ok: true, entries: 4 }, { ok: true, entries: 1 }, []]);
  });

  it('goes on with the other sites when the chain of one was tampered with', async () => {
    const { sealer, errors } = startSealer();
    await Promise.all([write('s1', 2), write('s2', 2)]);
    await sealer.whenIdle();
    await sealer.stop();
    await tamper("DELETE FROM audit_head WHERE site_id = 's1'");
    sealer.start();
    await Promise.all([write('s1', 2), write('s2', 2)]);
    await until('the other site is sealed', async () => (await count('audit_event', "site_id = 's2'")) === 4);
    await until('the site is named', () => errors.some((error) => error instanceof SiteNotSealed && error.site === 's1'));
    expect([sealer.status().blockedSites, await count('audit_outbox', "site_id = 's1'"), await count('audit_event', "site_id = 's1'")]).toEqual([['s1'], 2, 2]);
  });
});

describe('the stored trail', () => {
  it.each([
    ['UPDATE', "UPDATE audit_event SET actor = 'x'"],
    ['DELETE', 'DELETE FROM audit_event'],
    ['TRUNCATE', 'TRUNCATE audit_event'],
    ['DELETE in a replica session', "SET session_replication_role = 'replica'; DELETE FROM audit_event"],
  ])('refuses %s even to a superuser', async (_what, sql) => {
    const client = await connect(database.superuserUrl);
    await expect(client.query(sql)).rejects.toThrow('audit_event is append-only');
  });

  it.each(['sealerUrl', 'governanceUrl', 'apiUrl'] as const)('gives the role of %s no right to change an entry', async (url) => {
    const client = await connect(database[url]);
    for (const sql of ["UPDATE audit_event SET actor = 'x'", 'DELETE FROM audit_event', 'TRUNCATE audit_event']) await expect(client.query(sql)).rejects.toThrow('permission denied');
  });

  it('shows a tampered row and a cut tail to a verification inside a transaction of the site', async () => {
    const { sealer } = startSealer();
    await write('s1', 5);
    await sealer.whenIdle();
    const client = await connect(database.governanceUrl);
    const verifyInSite = async (site: string): Promise<VerificationResult> => {
      await client.query('BEGIN READ ONLY');
      await client.query(`SELECT set_config('aic.site_id', $1, true)`, [site]);
      const result = await verifyChain(chainReader(queryOf(client)), ring, 's1', { pageSize: 2 });
      await client.query('COMMIT');
      return result;
    };
    expect([await verifyInSite('s1'), await verifyInSite('s2')]).toMatchObject([{ ok: true, entries: 5 }, { ok: true, entries: 0 }]);
    await tamper("DELETE FROM audit_event WHERE seq = 5");
    expect(await verifyInSite('s1')).toMatchObject({ ok: false, entries: 4, firstBad: { seq: 5, reason: 'tail.missing' } });
    await tamper("UPDATE audit_event SET at = at + interval '1 microsecond' WHERE seq = 3");
    expect(await verifyInSite('s1')).toMatchObject({ ok: false, entries: 2, firstBad: { seq: 3, reason: 'column.mismatch' } });
    await tamper("UPDATE audit_event SET body = replace(body, '\"n\":2', '\"n\":7') WHERE seq = 2");
    expect(await verifyInSite('s1')).toMatchObject({ ok: false, entries: 1, firstBad: { seq: 2, reason: 'entry_hash.mismatch' } });
  });
});
