import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { findProcess } from '../../src/stack/process-table.js';
import { startStackProcess } from '../support/stack-process.js';
import type { StackProcess } from '../support/stack-process.js';
import { until } from '../support/until.js';

const VERIFIED = /^Chain head \d+ [0-9a-f]{64} verified$/;
const lock = z.object({ processes: z.record(z.string(), z.object({ pid: z.number() })) });

describe('npm start', () => {
  let folder: string;
  let dataDir: string;
  const started: StackProcess[] = [];
  const start = (...args: string[]): StackProcess => {
    const one = startStackProcess(['--data', dataDir, '--port', '0', ...args]);
    started.push(one);
    return one;
  };
  const processes = async (): Promise<Readonly<Record<string, { readonly pid: number }>>> => lock.parse(JSON.parse(await readFile(join(dataDir, 'lock'), 'utf8'))).processes;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-stack-'));
    dataDir = join(folder, 'data');
  });
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGTERM');
    await Promise.all(started.map(({ exit }) => exit));
    await rm(folder, { recursive: true, force: true });
  });

  it('walks a request through, survives kills, and goes on with the same data', async () => {
    const first = start();
    await first.line(VERIFIED, 180_000);
    await first.line(/^Serving until Ctrl-C/);

    const second = start();
    expect(await second.exit).toBe(1);
    expect(second.lines.join('\n')).toContain(`Another run (process ${first.child.pid ?? 0}) already works in`);

    const running = await processes();
    expect(Object.keys(running).sort()).toEqual(['api', 'core', 'governance', 'postgres', 'sandbox', 'temporal']);
    process.kill(running['core']?.pid ?? 0, 'SIGKILL');
    process.kill(running['temporal']?.pid ?? 0, 'SIGKILL');
    await Promise.all([first.line(/core runs again/), first.line(/temporal runs again/)]);

    const before = Object.values(await processes()).map(({ pid }) => pid);
    first.child.kill('SIGKILL');
    expect(await first.exit).toBe('SIGKILL');
    await until('the end of all its processes', () => before.every((pid) => findProcess(pid) === null), { timeoutMs: 20_000 });

    const third = start();
    await third.line(/^AI Clearance is ready after .* Going on with the data in/, 120_000);
    await third.line(/The sample request was walked through before/);
    third.child.kill('SIGINT');
    expect(await third.exit).toBe(0);
  }, 400_000);

  it('ends with Ctrl-C in the middle of the walk, and complains of nothing', async () => {
    const walking = start('--walk');
    await walking.line(/^One sample request/, 120_000);
    walking.child.kill('SIGINT');
    expect(await walking.exit).toBe(1);
    expect(walking.lines.at(-1)).toBe('Stopping …');
  }, 150_000);

  it('with --walk ends with the verified chain head as its last line and exits 0', async () => {
    const walk = start('--walk');
    // One assertion on both, so that a failure shows the last words next to the exit code.
    expect(`exit ${await walk.exit}: ${walk.lines.slice(-4).join('\n')}`).toMatch(/^exit 0: /);
    expect(walk.lines.at(-1)).toMatch(VERIFIED);
    expect(walk.lines.filter((line) => /^8\. Okta itself/.test(line))).toHaveLength(1);
  }, 240_000);

  it('leaves nothing running', async () => {
    await expect(processes()).rejects.toThrow('ENOENT');
  });
});
