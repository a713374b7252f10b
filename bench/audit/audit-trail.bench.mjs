// Audit trail against its limits, on one machine in one run (DESIGN, budgets): commit + seal against a raw outbox with a
// bare sequencer, and verification against SHA-256 + HMAC over the same bytes. Build first; then: node bench/audit/audit-trail.bench.mjs [entries] [seconds]
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { chainReader, queryOf } from '../../dist/audit/chain-reader.js';
import { draftText, MacKeyRing } from '../../dist/audit/hashing.js';
import { Sealer } from '../../dist/audit/sealer.js';
import { verifyChain } from '../../dist/audit/verify.js';
import { bootstrapDatabase } from '../../dist/persistence/bootstrap.js';
import { startEmbeddedPostgres } from '../../dist/stack/embedded-postgres.js';

const ENTRIES = Number(process.argv[2] ?? 200_000);
const SECONDS = Number(process.argv[3] ?? 2);
const WRITERS = 8;
const SITE = 'bench';
const ROUNDS = 7;
const key = Buffer.alloc(32, 7);
const ring = new MacKeyRing([{ id: 'k1', key: key.toString('base64url') }]);
const draft = (n) => ({
  action: 'request.approved', actor: { kind: 'person', accountId: '712020:11111111-2222-3333-4444-555555555555' },
  subject: { requestId: `01J9Z${n}`, grantId: `01J9Y${n}`, issueKey: `AI-${n}`, toolKey: 'chatgpt-enterprise' },
  data: { decision: 'approve', durationDays: 30, stage: 'manager', rules: ['risk.medium', 'duration.within_limit'], policyHash: 'a'.repeat(64), inputHash: 'b'.repeat(64), version: n },
  at: '2026-03-01T10:00:00.000Z',
});
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const connect = async (connectionString) => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
};

/** Writers commit one audit row a transaction until time is up; the result is transactions a second with everything sealed. */
async function commitAndSeal(writers, record, drained) {
  const started = performance.now();
  const until = started + SECONDS * 1_000;
  let commits = 0;
  await Promise.all(writers.map(async (client) => {
    while (performance.now() < until) {
      await client.query('BEGIN');
      await client.query(`SELECT set_config('aic.site_id', $1, true)`, [SITE]);
      await record(client, commits++);
      await client.query('COMMIT');
    }
  }));
  await drained();
  return commits / ((performance.now() - started) / 1_000);
}

/** The least that could be done: no validation, no canonical form, no site key, no fence, a table with its key only. */
function bareSequencer(client) {
  let stopped = false;
  let seq = 0;
  let prev = '0'.repeat(64);
  let idle = [];
  const run = async () => {
    while (!stopped) {
      const waiting = idle.splice(0);
      await client.query('BEGIN');
      const { rows } = await client.query('WITH t AS (DELETE FROM raw_outbox WHERE id = ANY (ARRAY(SELECT id FROM raw_outbox ORDER BY id LIMIT 1000)) RETURNING id, draft) SELECT * FROM t ORDER BY id');
      const out = rows.map((row) => {
        const body = `{"seq":${++seq},"prevHash":"${prev}",${row.draft.slice(1)}`;
        prev = createHash('sha256').update(body).digest('hex');
        return [seq, body, prev, createHmac('sha256', key).update(body).digest('hex')];
      });
      if (out.length > 0) await client.query('INSERT INTO raw_event SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[])', [0, 1, 2, 3].map((i) => out.map((r) => r[i])));
      await client.query('COMMIT');
      if (out.length > 0) idle.push(...waiting);
      else {
        waiting.forEach((resolve) => resolve());
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
  };
  const running = run();
  return { drained: () => new Promise((resolve) => idle.push(resolve)), stop: () => { stopped = true; return running; } };
}

async function measureSealing(urls, owner) {
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => connect(urls.governanceUrl)));
  const sealerClient = await connect(urls.migrationUrl);
  await owner.query('CREATE TABLE raw_outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, site_id text, event_id text, draft text); CREATE TABLE raw_event (seq bigint PRIMARY KEY, body text, hash text, mac text); GRANT INSERT ON raw_outbox TO aic_governance');
  const raw = [];
  const ours = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = bareSequencer(sealerClient);
    raw.push(await commitAndSeal(writers, (client, n) => client.query('INSERT INTO raw_outbox (site_id, event_id, draft) VALUES ($1, $2, $3)', [SITE, randomUUID(), JSON.stringify(draft(n))]), bare.drained));
    await bare.stop();
    await owner.query('TRUNCATE raw_event');
    const sealer = new Sealer({ connection: urls.sealerUrl, keyRing: ring, pollMs: 2, onError: (error) => console.error(error) });
    sealer.start();
    await sealer.whenIdle();
    ours.push(await commitAndSeal(writers, (client, n) => client.query('INSERT INTO audit_outbox (site_id, event_id, draft) VALUES ($1, $2, $3)', [SITE, randomUUID(), draftText(draft(n)).value]), () => sealer.whenIdle()));
    await sealer.stop();
  }
  await Promise.all([...writers, sealerClient].map((client) => client.end()));
  // Pair by pair, because a machine that others use changes its speed between rounds.
  const ratio = median(ours.map((rate, round) => rate / raw[round]));
  console.log(`commit + seal, ${WRITERS} writers: ${median(ours).toFixed(0)}/s; raw outbox + bare sequencer: ${median(raw).toFixed(0)}/s; ratio ${ratio.toFixed(2)} (budget 0.80)`);
}

async function measureVerifying(urls, owner) {
  const sealer = new Sealer({ connection: urls.sealerUrl, keyRing: ring, onError: (error) => console.error(error) });
  for (let n = 0; n < ENTRIES; n += 5_000) {
    const texts = Array.from({ length: 5_000 }, (_, i) => draftText(draft(n + i)).value);
    await owner.query(`INSERT INTO audit_outbox (site_id, event_id, draft) SELECT 'verify', gen_random_uuid()::text, text FROM unnest($1::text[]) AS text`, [texts]);
  }
  const started = performance.now();
  sealer.start();
  await sealer.whenIdle();
  const sealRate = ENTRIES / ((performance.now() - started) / 1_000);
  await sealer.stop();
  await owner.query('VACUUM ANALYZE audit_event');
  const client = await connect(urls.sealerUrl);
  const ours = [];
  const limit = [];
  const bytes = Number((await client.query(`SELECT avg(octet_length(body)) AS n FROM audit_event WHERE site_id = 'verify'`)).rows[0].n);
  for (let round = 0; round < ROUNDS; round++) {
    const cpu = process.cpuUsage();
    const t = performance.now();
    const result = await verifyChain(chainReader(queryOf(client)), ring, 'verify');
    const spent = process.cpuUsage(cpu);
    if (!result.ok || result.entries !== ENTRIES) throw new Error(`not verified: ${JSON.stringify(result)}`);
    ours.push({ wall: ENTRIES / ((performance.now() - t) / 1_000), cpu: ENTRIES / ((spent.user + spent.system) / 1e6) });
    limit.push(hashOnly(bytes));
  }
  await client.end();
  const rss = process.memoryUsage().rss / 2 ** 20;
  console.log(`seal a backlog: ${sealRate.toFixed(0)} entries/s`);
  console.log(`verify, ${bytes.toFixed(0)} bytes a body: ${median(ours.map((o) => o.wall)).toFixed(0)}/s by the clock, ${median(ours.map((o) => o.cpu)).toFixed(0)}/s a core (budget 85000); SHA-256 + HMAC of as many bytes: ${median(limit).toFixed(0)}/s; RSS ${rss.toFixed(0)} MB`);
}

function hashOnly(bytes) {
  const body = 'x'.repeat(Math.round(bytes));
  const t = performance.now();
  for (let i = 0; i < 50_000; i++) {
    createHash('sha256').update(body).digest('hex');
    createHmac('sha256', key).update(body).digest('hex');
  }
  return 50_000 / ((performance.now() - t) / 1_000);
}

const folder = await mkdtemp(join(tmpdir(), 'aiclearance-bench-'));
const server = await startEmbeddedPostgres({ dataDir: folder, settings: { max_wal_size: '4GB' } });
try {
  const urls = await bootstrapDatabase({ superuserUrl: server.superuserUrl, passwords: { owner: 'o', api: 'a', governance: 'g', core: 'c', sealer: 's', keeper: 'k' } });
  const superuser = new URL(server.superuserUrl);
  superuser.pathname = '/aiclearance';
  const owner = await connect(superuser.toString());
  // The bare sequencer connects as the tables' owner.
  await owner.query('GRANT ALL ON SCHEMA public TO aic_owner; SET ROLE aic_owner');
  await measureSealing(urls, owner);
  await owner.query('RESET ROLE');
  await measureVerifying(urls, owner);
  await owner.end();
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
