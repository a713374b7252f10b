// From a person's approval to the membership read back and the grant active, over HTTP on the whole stack as `npm start` runs it. The limit it is compared with: the
// vendor calls that were made for it, read from the sandbox's own log and made again directly, one after the other.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readStackEnvironment } from '../../dist/config/stack-env.js';
import { EmbeddedStack } from '../../dist/stack/stack.js';
import { median, percentile, round, say } from '../support/measure.mjs';

const BUDGET = { p50Ms: 150, p99Ms: 500 };
const TOOL = 'chatgpt-enterprise';
const REQUESTER = '712020:ada-requester';
const APPROVER = '712020:carla-approver';
const WARM = 10;
/** How often a client asks whether it is active; part of what is measured. Milliseconds. */
const LOOK_MS = 10;
/** Nobody decides while a request is still being taken in, or while the life before it is still being written down. Milliseconds. */
const REST_MS = 500;

/** @param {{ rounds?: number }} options */
export async function run({ rounds = 100 }) {
  const dataDir = await mkdtemp(join(tmpdir(), 'aiclearance-bench-'));
  const stack = new EmbeddedStack({ environment: readStackEnvironment(), dataDir, port: 0, onEvent: say });
  try {
    const { apiUrl } = await stack.start();
    const world = await openWorld(`${apiUrl}/api/v1`);
    const seen = [];
    for (let at = 0; at < WARM + rounds; at += 1) {
      const one = await decideOnce(world);
      if (at >= WARM) seen.push(one);
      if (at % 25 === 0) say(`decision ${at}: active after ${one.activeMs.toFixed(0)} ms, the same calls directly ${one.directMs.toFixed(0)} ms`);
    }
    const activeMs = seen.map((one) => one.activeMs);
    const p50 = percentile(activeMs, 0.5);
    const p99 = percentile(activeMs, 0.99);
    return {
      rounds, budget: BUDGET, activeMs: { p50: round(p50, 1), p90: round(percentile(activeMs, 0.9), 1), p99: round(p99, 1), max: round(Math.max(...activeMs), 1) },
      answeredMs: { p50: round(percentile(seen.map((one) => one.answeredMs), 0.5), 1) },
      direct: { calls: seen[0].calls, p50Ms: round(percentile(seen.map((one) => one.directMs), 0.5), 1) },
      ratio: round(median(seen.map((one) => one.directMs / one.activeMs)), 3), meets: { p50: p50 <= BUDGET.p50Ms, p99: p99 <= BUDGET.p99Ms },
    };
  } finally {
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** One whole life; only the way from the approval to active is timed. */
async function decideOnce({ ask, requester, approver, okta }) {
  const asked = await ask(requester, 'POST', '/requests', { toolKey: TOOL, businessUse: 'Benchmark', dataClasses: ['internal'], durationDays: 7 });
  await pause(REST_MS);
  const since = new Date().toISOString();
  const started = performance.now();
  const approved = await ask(approver, 'POST', `/requests/${asked.id}/decisions`, { decision: 'approve' });
  const answeredMs = performance.now() - started;
  const grantId = approved.grant.id;
  await until(async () => (await ask(requester, 'GET', `/grants/${grantId}`)).status === 'active');
  const activeMs = performance.now() - started;
  const calls = await okta.callsSince(since);
  await ask(requester, 'POST', `/grants/${grantId}/return`, {});
  await until(async () => (await ask(requester, 'GET', `/requests/${asked.id}`)).grant.status === 'revoked');
  const directStarted = performance.now();
  for (const { method, path } of calls) await okta.call(method, path);
  const directMs = performance.now() - directStarted;
  for (const { path } of calls.filter(({ method }) => method === 'PUT')) await okta.call('DELETE', path);
  return { answeredMs, activeMs, directMs, calls: calls.map(({ method, path }) => `${method} ${path.replace(/00[a-z0-9]{18}/gi, '…')}`) };
}

async function openWorld(api) {
  const ask = async (token, method, path, body) => {
    const answer = await fetch(`${api}${path}`, {
      method, headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const signIn = async (accountId) => (await ask(null, 'POST', '/sandbox/sign-in', { accountId })).token;
  const { okta } = await ask(null, 'GET', '/sandbox');
  const call = async (method, path) => {
    const answer = await fetch(`${okta.baseUrl}${path}`, { method, headers: { authorization: `SSWS ${okta.apiToken}`, accept: 'application/json' } });
    await answer.arrayBuffer();
  };
  const callsSince = async (since) => {
    const calls = await (await fetch(`${okta.baseUrl}/_control/calls?since=${encodeURIComponent(since)}`)).json();
    return calls.map(({ method, path }) => ({ method, path }));
  };
  return { ask, requester: await signIn(REQUESTER), approver: await signIn(APPROVER), okta: { call, callsSince } };
}

async function until(look) {
  const deadline = performance.now() + 30_000;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error('not seen within 30 s');
    await pause(LOOK_MS);
  }
}
