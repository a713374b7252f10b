// Complete lives of requests: intake, one approval, active, expiry, absence read back, closed, the ticket commented on and moved on. Rounds of the product and of
// the bare workflow take turns on one engine, so that their ratio holds on a machine that changes its speed.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cpuSeconds, inLanes, median, round, say } from '../support/measure.mjs';
import { readProfiles } from '../support/cpu-profile.mjs';
import { startServers } from '../support/servers.mjs';
import { startBareArm } from './bare-arm.mjs';
import { startProductArm } from './product-arm.mjs';

const BUDGET = { ratio: { mustShow: 0.6, target: 0.8 }, events: { connected: 56, connectorless: 36 } };
const WIDE = 16;
/** Lives of a round at one at a time: enough to even out, and not minutes. */
const SINGLE_LIVES = 8;

/** @param {{ rounds?: number, lives?: number, only?: string, profile?: string }} options */
export async function run({ rounds = 5, lives = 48, only, profile }) {
  const servers = await startServers();
  const running = [];
  try {
    const payloadKey = randomBytes(32).toString('base64url');
    const arms = {};
    for (const [name, start] of [['product', () => startProductArm(servers, { payloadKey, profiled: profile !== undefined })], ['bare', () => startBareArm(servers.temporal, payloadKey)]]) {
      arms[name] = await start();
      running.push(arms[name]);
    }
    const results = {};
    const recorder = profile === undefined ? null : await profileRecorder(resolve(profile), arms.product.workers);
    for (const kind of ['connected', 'connectorless']) {
      if (only === undefined || only === kind) results[kind] = await measureKind({ arms, servers, kind, rounds, lives, recorder });
    }
    await Promise.all(running.splice(0).map((arm) => arm.stop()));
    const profiles = recorder === null ? {} : { profile: await recorder.read() };
    return { budget: BUDGET, unansweredByTheEngine: arms.product.unanswered(), ...results, ...profiles };
  } finally {
    await Promise.all(running.map((arm) => arm.stop()));
    await servers.stop();
  }
}

/** Profiles of the workers, one for each timed round at full width. */
async function profileRecorder(folder, workers) {
  await mkdir(folder, { recursive: true });
  const files = Object.fromEntries(Object.keys(workers).map((name) => [name, []]));
  return {
    start: () => Object.values(workers).forEach((worker) => worker.startProfile()),
    stop: () => Promise.all(Object.entries(workers).map(async ([name, worker]) => {
      const file = `${folder}/${name}-${files[name].length + 1}.cpuprofile`;
      await worker.stopProfile(file);
      files[name].push(file);
    })),
    read: async () => ({ folder, ...Object.fromEntries(await Promise.all(Object.entries(files).map(async ([name, own]) => [name, await readProfiles(own)]))) }),
  };
}

async function measureKind({ arms, servers, kind, rounds, lives, recorder }) {
  const connected = kind === 'connected';
  for (const arm of Object.values(arms)) await live(arm, { servers, count: WIDE, width: WIDE, connected }); // warm
  const at16 = await compare(arms, { servers, count: lives, width: WIDE, connected, rounds, recorder, what: `${kind}, ${WIDE} at a time` });
  const at1 = await compare(arms, { servers, count: SINGLE_LIVES, width: 1, connected, rounds, what: `${kind}, one at a time` });
  const events = { product: await countEvents(arms.product, at16.last.product), bare: await countEvents(arms.bare, at16.last.bare) };
  return {
    at16: at16.figures, at1: at1.figures, events: { ...events, budget: BUDGET.events[kind] },
    meets: { ratio: at16.figures.ratio.median >= BUDGET.ratio.mustShow, target: at16.figures.ratio.median >= BUDGET.ratio.target, events: events.product.max <= BUDGET.events[kind] },
  };
}

async function compare(arms, { rounds, what, recorder = null, ...load }) {
  const seen = { product: [], bare: [] };
  const last = {};
  for (let at = 0; at < rounds; at += 1) {
    for (const name of at % 2 === 0 ? ['product', 'bare'] : ['bare', 'product']) {
      if (name === 'product') recorder?.start();
      const { lives, ...figures } = await live(arms[name], load);
      if (name === 'product') await recorder?.stop();
      seen[name].push(figures);
      last[name] = lives;
    }
    say(`${what}, round ${at + 1}/${rounds}: product ${seen.product[at].perSecond.toFixed(1)}/s, bare ${seen.bare[at].perSecond.toFixed(1)}/s, ratio ${(seen.product[at].perSecond / seen.bare[at].perSecond).toFixed(2)}`);
  }
  const ratios = seen.product.map(({ perSecond }, at) => perSecond / seen.bare[at].perSecond);
  const figures = {
    lives: load.count, rounds, perSecond: Object.fromEntries(Object.entries(seen).map(([name, all]) => [name, round(median(all.map((one) => one.perSecond)), 2)])),
    ratio: { median: round(median(ratios)), rounds: ratios.map((one) => round(one)) },
    cpuMsPerLife: Object.fromEntries(Object.entries(seen).map(([name, all]) => [name, cpuOf(all)])),
  };
  return { figures, last };
}

/** One round of one arm: all lives are opened, then time passes, then all are closed. */
async function live(arm, { servers, count, width, connected }) {
  const lives = await arm.prepare(count, connected);
  const processes = { ...arm.processes, engine: servers.temporal.pid };
  const cpu = () => ({ ...Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)])), driver: process.cpuUsage() });
  const before = cpu();
  const seconds = (await timed(() => inLanes(width, lives, (life) => arm.open(life, width)))) + (await timed(async () => {
    await arm.passTime();
    await inLanes(width, lives, (life) => arm.close(life));
  }));
  const after = cpu();
  await arm.check?.(lives, connected);
  const driver = process.cpuUsage(before.driver);
  const spent = Object.fromEntries(Object.keys(processes).map((name) => [name, before[name] === null ? null : ((after[name] - before[name]) * 1000) / count]));
  return { lives, perSecond: count / seconds, cpu: { ...spent, driver: (after.driver.user + after.driver.system - before.driver.user - before.driver.system) / 1000 / count, total: null }, driver };
}

async function timed(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function cpuOf(rounds) {
  const names = Object.keys(rounds[0].cpu).filter((name) => name !== 'total');
  const each = Object.fromEntries(names.map((name) => [name, rounds[0].cpu[name] === null ? null : round(median(rounds.map(({ cpu }) => cpu[name])), 1)]));
  return { ...each, total: round(Object.values(each).reduce((sum, one) => sum + (one ?? 0), 0), 1) };
}

async function countEvents(arm, lives) {
  const histories = [];
  for (const life of lives) histories.push(await arm.events(life));
  const counts = histories.map((events) => events.length);
  const typical = histories.find((events) => events.length === median(counts)) ?? histories[0];
  const types = {};
  for (const event of typical) {
    const name = EVENT_NAMES[event.eventType] ?? String(event.eventType);
    types[name] = (types[name] ?? 0) + 1;
  }
  return { median: median(counts), max: Math.max(...counts), types };
}
/** temporal.api.enums.v1.EventType */
const EVENT_NAMES = {
  1: 'started', 2: 'completed', 5: 'taskScheduled', 6: 'taskStarted', 7: 'taskCompleted', 9: 'taskFailed', 10: 'activityScheduled', 11: 'activityStarted', 12: 'activityCompleted',
  17: 'timerStarted', 18: 'timerFired', 19: 'timerCanceled', 25: 'marker', 26: 'signaled', 40: 'searchAttributes', 41: 'updateAccepted', 43: 'updateCompleted', 47: 'updateAccepted',
};
