// A kill switch on many active grants: its governance worker is killed half-way and started again, everything is verified absent, and a restore brings the survivors
// back. The limit it is compared with: the vendor calls that were made for it, read from the sandbox's own log and made again directly, as many at a time.
import { randomBytes, randomUUID } from 'node:crypto';
import { startProductArm } from '../lifecycle/product-arm.mjs';
import { inLanes, round, say } from '../support/measure.mjs';
import { startServers } from '../support/servers.mjs';

const TOOL = 'chatgpt-enterprise';
const LANES = 8;
const LOOK_MS = 250;
const DAY_MS = 86_400_000;

/** @param {{ grants?: number }} options */
export async function run({ grants = 1_000 }) {
  const servers = await startServers();
  try {
    const arm = await startProductArm(servers, { payloadKey: randomBytes(32).toString('base64url'), profiled: false, pollIntervalMs: 15_000 });
    try {
      return await measure(arm, grants);
    } finally {
      await arm.stop();
    }
  } finally {
    await servers.stop();
  }
}

async function measure(arm, count) {
  const { sql, api, okta } = arm;
  const admin = (path) => ({ principal: { siteId: 'acme', accountId: 'acc-admin', kind: 'person', roles: new Set(['requester', 'admin']) }, idempotencyKey: randomUUID(), methodAndPath: `POST /api/v1/kill-switches${path}`, bodyHash: 'hash', correlationId: 'bench' });
  await sql.query(`INSERT INTO site_setting (site_id, name, value) VALUES ('acme', 'defaults', '{"outcomeByRisk":{"low":"autoApprove","medium":"autoApprove","high":"review","critical":"review"}}')`);
  const made = performance.now();
  await inLanes(16, Array.from({ length: count }, (_none, at) => at), async () => {
    const accountId = await arm.person();
    await arm.askFor(accountId, TOOL);
  });
  await until(async () => (await one(sql, "SELECT count(*)::int AS n FROM access_grant WHERE status = 'active'")).n === count);
  say(`${count} active grants after ${((performance.now() - made) / 1_000).toFixed(0)} s`);
  const before = new Map((await sql.query('SELECT id, expires_at FROM access_grant')).rows.map((row) => [row.id, row.expires_at.getTime()]));

  const since = new Date().toISOString();
  const started = performance.now();
  const begun = ok(await api.killSwitchCommands.create(admin(''), { scope: 'tool', key: TOOL, reason: 'Benchmark', mode: 'execute' }));
  const openedMs = performance.now() - started;
  await until(async () => (await one(sql, 'SELECT count(*) FILTER (WHERE outcome IS NOT NULL)::int AS n FROM mass_action_item')).n >= count / 2, 20);
  const killedMs = performance.now() - started;
  await arm.killGovernance();
  const stopped = (await one(sql, 'SELECT count(*) FILTER (WHERE outcome IS NOT NULL)::int AS n FROM mass_action_item')).n;
  await arm.startGovernance();
  say(`killed after ${stopped} of ${count}, started again`);
  const done = await until(async () => {
    const view = await api.killSwitchQueries.find(admin('').principal, begun.id);
    return view.status === 'done' ? view : undefined;
  });
  const verifiedMs = performance.now() - started;
  say(`all verified absent after ${(verifiedMs / 1_000).toFixed(1)} s`);
  const left = await okta.members();
  const doubled = await doubledAudits(sql, 'grant.revoked', count);
  const calls = await okta.callsSince(since);

  const restoring = performance.now();
  ok(await api.killSwitchCommands.restore(admin(`/${begun.id}/restore`), { id: begun.id }));
  await until(async () => (await one(sql, "SELECT count(*)::int AS n FROM access_grant WHERE status = 'active'")).n === count);
  const restoredMs = performance.now() - restoring;
  const restored = await until(async () => {
    const view = await api.killSwitchQueries.find(admin('').principal, begun.id);
    return view.restoreStatus === 'done' ? view : undefined;
  });
  const gained = (await sql.query('SELECT id, expires_at FROM access_grant')).rows.map((row) => row.expires_at.getTime() - before.get(row.id));

  // The members are back: the same calls again, without the product between.
  const direct = performance.now();
  await inLanes(LANES, calls, ({ method, path }) => okta.call(method, path));
  const directMs = performance.now() - direct;
  const lost = await okta.members();
  return {
    grants: count, killedAt: { items: stopped, afterMs: round(killedMs, 0) }, openedMs: round(openedMs, 0), verifiedMs: round(verifiedMs, 0), counts: done.counts,
    membersLeft: left, doubledRevocations: doubled.double, missingRevocations: doubled.missing,
    restored: { ...restored.counts, ms: round(restoredMs, 0), shiftedByMs: { least: Math.min(...gained), most: Math.max(...gained) }, withinADay: Math.max(...gained) < DAY_MS && Math.min(...gained) >= 0 },
    direct: { calls: calls.length, ms: round(directMs, 0), membersLeft: lost }, ratio: round(directMs / verifiedMs, 3),
  };
}

/** Grants that were revoked twice, and those that were not, by the audit trail and what waits for it. */
async function doubledAudits(sql, action, count) {
  const { rows } = await sql.query(
    `SELECT id, count(*)::int AS n FROM (SELECT grant_id AS id FROM audit_event WHERE action = $1 UNION ALL SELECT draft::jsonb -> 'subject' ->> 'grantId' FROM audit_outbox WHERE draft::jsonb ->> 'action' = $1) e GROUP BY id`, [action]);
  return { double: rows.filter(({ n }) => n !== 1).length, missing: count - rows.length };
}
const one = async (sql, text) => (await sql.query(text)).rows[0];
const ok = (outcome) => {
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return outcome.body;
};
/** Patient: a busy machine takes its time; 20 minutes are none. */
async function until(look, everyMs = LOOK_MS) {
  for (const deadline = Date.now() + 1_200_000; Date.now() < deadline;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error('not seen within 20 minutes');
}
