// `npm start` as a person types it, from the command to the line that says ready: with new data, and again with the same data. The limit it is compared with: its two
// servers alone, Postgres with a new data folder and the Temporal dev server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median, round, say } from '../support/measure.mjs';
import { startServers } from '../support/servers.mjs';

const BUDGET = { readySeconds: 20 };
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @param {{ rounds?: number }} options */
export async function run({ rounds = 3 }) {
  const seen = { first: [], again: [], bare: [] };
  for (let at = 0; at < rounds; at += 1) {
    const dataDir = await mkdtemp(join(tmpdir(), 'aiclearance-bench-'));
    try {
      for (const kind of ['first', 'again']) {
        seen[kind].push(await startOnce(dataDir));
        say(`round ${at + 1}/${rounds}, ${kind === 'first' ? 'new data' : 'same data'}: ready after ${seen[kind].at(-1).toFixed(1)} s`);
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
    seen.bare.push(await bareStart());
  }
  const seconds = Object.fromEntries(Object.entries(seen).map(([kind, all]) => [kind, round(median(all), 1)]));
  return { rounds, budget: BUDGET, seconds, ratio: round(seconds.bare / seconds.first), meets: { first: seconds.first <= BUDGET.readySeconds, again: seconds.again <= BUDGET.readySeconds } };
}

/** Seconds until ready; then Ctrl-C, and the end of all it started. */
async function startOnce(dataDir) {
  const started = performance.now();
  const child = spawn('npm', ['start', '--', '--data', dataDir, '--port', '0'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = once(child, 'exit');
  const said = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (line.startsWith('AI Clearance is ready')) return (performance.now() - started) / 1000;
    }
    throw new Error(`npm start ended before it was ready:\n${said.slice(-15).join('\n')}`);
  } finally {
    child.stdout.resume();
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
    await ended;
  }
}

async function bareStart() {
  const started = performance.now();
  const servers = await startServers();
  const seconds = (performance.now() - started) / 1000;
  await servers.stop();
  return seconds;
}
