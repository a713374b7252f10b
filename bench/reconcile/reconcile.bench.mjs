// One reconciliation of many grants with a known drift: what it finds against what was seeded, how long it takes against the same vendor calls made directly, what memory
// it needs, and how fast a revocation is verified while the next one runs at ten requests a second.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { composeApi } from '../../dist/api/composition.js';
import { externalIdentityContext } from '../../dist/application/ports/sealing.port.js';
import { readApiConfig } from '../../dist/config/env.js';
import { createSealer, generateSealingKeys } from '../../dist/integrations/sealing/asymmetric-sealing.js';
import { createIdentityHash } from '../../dist/integrations/sealing/identity-hash.js';
import { bootstrapDatabase } from '../../dist/persistence/bootstrap.js';
import { environmentsOf, openSuperuser, seedSite } from '../lifecycle/product-arm.mjs';
import { startChild } from '../support/child.mjs';
import { inLanes, round, say } from '../support/measure.mjs';
import { startServers } from '../support/servers.mjs';

const SITE = 'acme';
const GROUPS = 50;
const PAGE = 200;
const key = () => randomBytes(32).toString('base64url');
const rssMb = (pid) => round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024, 0);
const hwmMb = (pid) => round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024, 0);

/** @param {{ grants?: number }} options */
export async function run({ grants = 10_000 }) {
  const servers = await startServers();
  const stops = [];
  try {
    const vendors = await startChild({ module: new URL('../support/vendors.mjs', import.meta.url) });
    stops.push(() => vendors.stop());
    const { okta, jira } = vendors.info;
    const urls = await bootstrapDatabase({ superuserUrl: servers.postgres.superuserUrl, passwords: { owner: key(), api: key(), governance: key(), core: key(), sealer: key(), keeper: key() } });
    const keys = { jira: key(), identity: key(), mac: key(), ...(await generateSealingKeys()) };
    const sql = await openSuperuser(servers.postgres.superuserUrl);
    stops.push(() => sql.end());
    await seedSite({ urls, sql, okta, jira, keys, seal: await createSealer(keys.publicJwks) });
    await sql.query('UPDATE entitlement_group SET baseline_recorded_at = now()');
    const environment = environmentsOf(servers.temporal, urls, keys, key());
    const worker = (role, more = {}) => startChild({ module: new URL('../../dist/worker/main.js', import.meta.url), args: [role], env: { ...environment[role], ...more } });
    const governance = await worker('governance');
    stops.push(() => governance.stop());
    await new Promise((resolve) => setTimeout(resolve, 12_000)); // its Schedules are made: what is seeded now is not taken for runs that a wiped namespace lost
    const seeded = await seed({ sql, okta, keys, grants });
    const api = await composeApi(readApiConfig(environment.api));
    stops.push(() => api.close());
    const product = { api, sql, admin: (path) => ({ principal: { siteId: SITE, accountId: 'acc-admin', kind: 'person', roles: new Set(['requester', 'admin']) }, idempotencyKey: randomUUID(), methodAndPath: `POST ${path}`, bodyHash: 'hash', correlationId: 'bench' }) };

    let core = await worker('core');
    const before = { governance: rssMb(governance.pid), core: rssMb(core.pid) };
    const since = (await callsOf(okta)).length;
    const unpaced = await reconcile(product);
    const memory = { before, after: { governance: rssMb(governance.pid), core: rssMb(core.pid) }, peak: { governance: hwmMb(governance.pid), core: hwmMb(core.pid) } };
    const found = await compare(sql, seeded);
    const bare = await bareCalls(okta, seeded, unpaced.record.counts.confirmed + unpaced.record.counts.vanished);
    const vendorCalls = (await callsOf(okta)).length - since - bare.calls;
    await core.stop();
    core = await worker('core', { OKTA_REQUESTS_PER_SECOND: '10' });
    stops.push(() => core.stop());
    const paced = await revokeMeanwhile(product, okta, seeded);
    return {
      grants, groups: GROUPS, drift: found, seconds: unpaced.seconds, counts: unpaced.record.counts, vendorCalls,
      bare: { ...bare, note: 'the same pages and single reads, one after the other, without the product' }, ratio: round(bare.seconds / unpaced.seconds, 2), memoryMb: memory, atTenRequestsASecond: paced,
      budget: { everySeededDriftAndNothingElse: true, revokedWithinSeconds: 2 },
    };
  } finally {
    for (const stop of stops.reverse()) await stop().catch(() => undefined);
    await servers.stop();
  }
}

async function reconcile({ api, sql, admin }) {
  const startedAt = Date.now();
  const outcome = await api.dependencies.reconciliationCommands.start(admin('/api/v1/reconciliations'), { connectorId: 'con' });
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  for (;;) {
    const { rows: [record] } = await sql.query('SELECT * FROM reconciliation_record WHERE id = $1', [outcome.body.id]);
    if (record.status !== 'running') return { record, seconds: round((Date.now() - startedAt) / 1000, 1) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What it says against what was seeded, by kind and person. */
async function compare(sql, seeded) {
  const { rows } = await sql.query('SELECT kind, identity_hash FROM finding');
  const said = new Set(rows.map((row) => `${row.kind} ${row.identity_hash}`));
  const wanted = new Set(seeded.drift.map(({ kind, hash }) => `${kind} ${hash}`));
  return { seeded: wanted.size, found: said.size, missed: [...wanted].filter((one) => !said.has(one)).length, beside: [...said].filter((one) => !wanted.has(one)).length };
}

async function bareCalls(okta, { groupIds, drift }, reads) {
  const headers = { authorization: `SSWS ${okta.apiToken}` };
  const startedAt = Date.now();
  let calls = 0;
  const get = async (url) => {
    calls += 1;
    const answer = await fetch(url, { headers });
    await answer.text();
    return answer;
  };
  for (const id of groupIds) {
    for (let url = `${okta.baseUrl}/api/v1/groups/${id}/users?limit=${PAGE}`; url !== undefined;) url = /<([^>]+)>;\s*rel="next"/.exec((await get(url)).headers.get('link') ?? '')?.[1];
  }
  for (const { oktaId } of drift.slice(0, reads)) await get(`${okta.baseUrl}/api/v1/users/${oktaId}/groups`);
  return { seconds: round((Date.now() - startedAt) / 1000, 2), calls };
}

async function revokeMeanwhile(product, okta, { holder }) {
  const running = reconcile(product);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const startedAt = Date.now();
  const outcome = await product.api.dependencies.grantCommands.revoke(product.admin(`/api/v1/grants/${holder.grantId}/revoke`), { grantId: holder.grantId, reason: 'Benchmark' });
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  for (;;) {
    const { rows: [grant] } = await product.sql.query('SELECT status, end_evidence FROM access_grant WHERE id = $1', [holder.grantId]);
    if (grant.status === 'revoked') break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const revokedAfterSeconds = round((Date.now() - startedAt) / 1000, 2);
  const { rows: [open] } = await product.sql.query("SELECT status FROM reconciliation_record WHERE status = 'running'");
  const { record, seconds } = await running;
  return { revokedAfterSeconds, runWasUnderWay: open !== undefined, seconds, status: record.status, counts: record.counts };
}

const callsOf = async (okta) => (await fetch(`${okta.baseUrl}/_control/calls`)).json();

/** Grants as if they had been active for a day, in the record and at the vendor; then what drifted. */
async function seed({ sql, okta, keys, grants }) {
  const seal = await createSealer(keys.publicJwks);
  const hash = createIdentityHash(keys.identity);
  const control = async (method, path, body) => {
    const answer = await fetch(`${okta.baseUrl}/_control/${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  say(`seeding ${grants} grants in ${GROUPS} groups`);
  const groupIds = [];
  for (let g = 0; g < GROUPS; g += 1) {
    const { id } = await control('POST', 'groups', { name: `AI Clearance - Bench ${g} - Users` });
    groupIds.push(id);
    await sql.query(`INSERT INTO tool (id, site_id, key, name, vendor, status, risk, max_duration_days, provider, connector_id) VALUES ($1, $2, $1, $1, 'Vendor', 'approved', 'medium', 90, 'okta', 'con')`, [`bench-${g}`, SITE]);
    await sql.query(`INSERT INTO entitlement_group (id, site_id, tool_id, connector_id, external_group_id, name, origin, assignment_confirmed_at, baseline_recorded_at) VALUES ($1, $2, $3, 'con', $4, $3, 'bound', now(), now())`, [`grp-${g}`, SITE, `bench-${g}`, id]);
  }
  const parts = { outOfBandRemoval: 0.007, expiredPresent: 0.002, outOfBandAdd: 0.006, unknownMember: 0.005 };
  const counts = Object.fromEntries(Object.entries(parts).map(([kind, share]) => [kind, Math.round(grants * share)]));
  const people = [];
  const total = grants + counts.expiredPresent + counts.outOfBandAdd + counts.unknownMember;
  const kindOf = (n) => {
    if (n < counts.outOfBandRemoval) return 'outOfBandRemoval';
    if (n < grants) return 'granted';
    if (n < grants + counts.expiredPresent) return 'expiredPresent';
    return n < grants + counts.expiredPresent + counts.outOfBandAdd ? 'outOfBandAdd' : 'unknownMember';
  };
  await inLanes(16, Array.from({ length: total }, (_one, n) => n), async (n) => {
    const kind = kindOf(n);
    const group = n % GROUPS;
    const { id: oktaId } = await control('POST', 'users', { login: `bench-${n}@acme.example`, firstName: 'Bench', lastName: 'Person' });
    if (kind !== 'outOfBandRemoval') await control('POST', 'members', { group: groupIds[group], user: oktaId });
    people.push({ n, kind, group, oktaId, hash: hash(SITE, 'okta', oktaId), sealed: kind === 'unknownMember' ? '' : await seal.seal(externalIdentityContext(SITE, 'con'), oktaId) });
  });
  const known = people.filter(({ kind }) => kind !== 'unknownMember');
  const granted = known.filter(({ kind }) => kind !== 'outOfBandAdd');
  const insert = (text, rows, ...columns) => sql.query(text, columns.map((column) => rows.map(column)));
  await insert(`INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) SELECT 'ext_' || n, '${SITE}', 'okta', 'con', h, s, 'hint' FROM unnest($1::text[], $2::text[], $3::text[]) AS p (n, h, s)`, known, (p) => String(p.n), (p) => p.hash, (p) => p.sealed);
  await insert(`INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) SELECT 'map_' || n, '${SITE}', 'acc-' || n, 'okta', 'con', 'ext_' || n, 'bench' FROM unnest($1::text[]) AS p (n)`, known, (p) => String(p.n));
  await insert(`INSERT INTO request (id, site_id, project_key, tool_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, decision_source, decided_by, decided_at, decided_duration_days, policy, stages, started_at, closed_at, created_at)
    SELECT 'req_' || n, '${SITE}', 'AIACC', 'bench-' || g, 'acc-' || n, 'acc-' || n, 'bench', ARRAY['internal'], 30, 'hash', 'approved', 'human', 'acc-approver', now(), 30, '{"version": 1, "outcome": "review", "rules": [], "stages": [], "limits": {"maxDurationDays": 90}, "policyHash": "", "inputHash": ""}', '{}', now(), CASE WHEN k = 'expiredPresent' THEN now() END, now() - interval '1 day'
    FROM unnest($1::text[], $2::int[], $3::text[]) AS p (n, g, k)`, granted, (p) => String(p.n), (p) => p.group, (p) => p.kind);
  await insert(`INSERT INTO membership (id, site_id, connector_id, external_group_id, external_identity_id, identity_hash, desired, generation, observed, read_back_generation, last_read_at, touched_at)
    SELECT 'mem_' || n, '${SITE}', 'con', g, 'ext_' || n, h, CASE WHEN k = 'expiredPresent' THEN 'absent' ELSE 'present' END, CASE WHEN k = 'expiredPresent' THEN 2 ELSE 1 END, CASE WHEN k = 'expiredPresent' THEN 'absent' ELSE 'present' END, 1, now(), now() - interval '1 h'
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS p (n, g, k, h)`, granted, (p) => String(p.n), (p) => groupIds[p.group], (p) => p.kind, (p) => p.hash);
  await insert(`INSERT INTO access_grant (id, site_id, request_id, account_id, tool_key, status, fulfilment, membership_id, connector_id, external_group_id, duration_days, first_started_at, starts_at, expires_at, end_reason, ending_at, ended_at, end_evidence, start_evidence, created_at)
    SELECT 'grt_' || n, '${SITE}', 'req_' || n, 'acc-' || n, 'bench-' || g, CASE WHEN k = 'expiredPresent' THEN 'revoked' ELSE 'active' END, 'connector', 'mem_' || n, 'con', x, 30, now(), now(), now() + interval '29 days',
      CASE WHEN k = 'expiredPresent' THEN 'revoked' END, CASE WHEN k = 'expiredPresent' THEN now() END, CASE WHEN k = 'expiredPresent' THEN now() END, CASE WHEN k = 'expiredPresent' THEN 'readBack' END, 'readBack', now() - interval '1 day'
    FROM unnest($1::text[], $2::int[], $3::text[], $4::text[]) AS p (n, g, k, x)`, granted, (p) => String(p.n), (p) => p.group, (p) => p.kind, (p) => groupIds[p.group]);
  await insert(`INSERT INTO provisioning_job (id, site_id, request_id, grant_id, kind, status, attempts, created_at, finished_at) SELECT 'job_' || n, '${SITE}', 'req_' || n, 'grt_' || n, 'provision', 'succeeded', 1, now(), now() FROM unnest($1::text[]) AS p (n)`, granted, (p) => String(p.n));
  await insert(`INSERT INTO membership_intent (id, site_id, membership_id, grant_id, job_id, generation, desired, committed_at, deadline_at, outcome, ended_at) SELECT 'int_' || n, '${SITE}', 'mem_' || n, 'grt_' || n, 'job_' || n, 1, 'present', now() - interval '1 h', now() - interval '1 h', 'changed', now() - interval '1 h' FROM unnest($1::text[]) AS p (n)`, granted, (p) => String(p.n));
  await sql.query('ANALYZE');
  const holder = granted.find(({ kind }) => kind === 'granted');
  return { groupIds, drift: people.filter(({ kind }) => kind !== 'granted'), holder: { ...holder, grantId: `grt_${holder.n}` } };
}
