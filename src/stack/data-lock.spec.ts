import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusalOf } from '../../test/support/stack-error.js';
import { lockDataFolder } from './data-lock.js';
import { findProcess } from './process-table.js';

describe('the lock of a data folder', () => {
  let dataDir: string;
  const children: ChildProcess[] = [];
  const idle = (): Promise<ChildProcess & { readonly pid: number }> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['-e', "process.stdout.write('up'); setInterval(() => {}, 1000)"], { stdio: ['ignore', 'pipe', 'ignore'], env: {} });
      children.push(child);
      const isStarted = (c: ChildProcess): c is ChildProcess & { readonly pid: number } => c.pid !== undefined;
      child.stdout.once('data', () => (isStarted(child) ? resolve(child) : reject(new Error('no pid'))));
    });
  const gone = (child: ChildProcess): Promise<NodeJS.Signals | null> =>
    child.signalCode !== null ? Promise.resolve(child.signalCode) : new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  const identity = (pid: number) => ({ pid, startedAt: findProcess(pid)?.startedAt ?? '' });
  const killedRun = async (processes: Record<string, { pid: number; startedAt: string }>): Promise<void> => {
    const holder = await idle();
    const content = { ...identity(holder.pid), processes };
    holder.kill('SIGKILL');
    await gone(holder);
    await writeFile(join(dataDir, 'lock'), JSON.stringify(content));
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'aiclearance-lock-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  });

  it('refuses a second run in the same folder and names the first one', async () => {
    const lock = await lockDataFolder(dataDir);
    const { message, whatToDo } = await refusalOf(lockDataFolder(dataDir));
    expect(message).toContain(`process ${process.pid}`);
    expect(whatToDo).toContain('--data');
    await lock.release();
    await (await lockDataFolder(dataDir)).release();
  });

  it('is given to exactly one of several runs that start at once over a stale one', async () => {
    await killedRun({});
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(dataDir)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is taken over from a killed run, and what that one left running is ended', async () => {
    const leftover = await idle();
    await killedRun({ engine: identity(leftover.pid) });
    await lockDataFolder(dataDir);
    await expect(gone(leftover)).resolves.toBe('SIGTERM');
  });

  it('leaves alone a process that merely has the number of an old one', async () => {
    const stranger = await idle();
    await killedRun({ engine: { pid: stranger.pid, startedAt: 'another boot/1' } });
    await lockDataFolder(dataDir);
    expect(findProcess(stranger.pid)).not.toBeNull();
  });

  it('is not held by a process of another time that has the number of the old holder', async () => {
    await writeFile(join(dataDir, 'lock'), JSON.stringify({ pid: process.pid, startedAt: 'another boot/1', processes: {} }));
    await expect(lockDataFolder(dataDir)).resolves.toBeDefined();
  });

  it.each(['', '{"pid":', '[]'])('is taken over when it is damaged (%j)', async (text) => {
    await writeFile(join(dataDir, 'lock'), text);
    await expect(lockDataFolder(dataDir)).resolves.toBeDefined();
  });

  it('notes the processes of a run', async () => {
    const child = await idle();
    const lock = await lockDataFolder(dataDir);
    lock.note('engine', child.pid);
    lock.note('gone', 2 ** 22 - 1);
    lock.note('self', process.pid);
    lock.note('self', null);
    await lock.flushed();
    expect(JSON.parse(await readFile(join(dataDir, 'lock'), 'utf8'))).toEqual({ ...identity(process.pid), processes: { engine: identity(child.pid) } });
    await lock.release();
  });
});
