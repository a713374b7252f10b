import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { endProcess, findProcess, isStillRunning } from './process-table.js';
import { explainFileError, StackError, systemErrorCode } from './stack-error.js';

const identity = z.object({ pid: z.number().int(), startedAt: z.string() });
const lockFile = identity.extend({ processes: z.record(z.string(), identity) });
type LockContent = z.infer<typeof lockFile>;

/** A data folder belongs to one run at a time. */
export interface DataLock {
  /** Notes a process of this run (null: it has ended), so that a later run can end what a killed one left behind. */
  note(name: string, pid: number | null): void;
  /** Settles when every note is on disk. */
  flushed(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the folder for this process. The lock of a run that was killed is taken over: what is still running of it is ended first.
 * @throws StackError when another run is alive in this folder
 */
export async function lockDataFolder(dataDir: string): Promise<DataLock> {
  const path = join(dataDir, 'lock');
  const self = findProcess(process.pid);
  if (self === null) throw new Error('this process is not in the process table');
  const content: LockContent = { pid: self.pid, startedAt: self.startedAt, processes: {} };
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    while (!(await tryCreate(path, content))) await removeStale(path, dataDir);
  } catch (error) {
    throw explainFileError(error, dataDir);
  }
  let writing = Promise.resolve();
  return {
    note: (name, pid) => {
      const found = pid === null ? null : findProcess(pid);
      if (found === null) content.processes = Object.fromEntries(Object.entries(content.processes).filter(([known]) => known !== name));
      else content.processes[name] = { pid: found.pid, startedAt: found.startedAt };
      const text = JSON.stringify(content);
      // A full disk must not end a run that works; the note only helps after a kill.
      writing = writing.then(() => replace(path, text)).catch(() => undefined);
    },
    flushed: () => writing,
    release: async () => {
      await writing;
      await rm(path, { force: true });
    },
  };
}

/** A link appears with its whole content or not at all, and only if the name is free. */
async function tryCreate(path: string, content: LockContent): Promise<boolean> {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, JSON.stringify(content), { mode: 0o600 });
  try {
    await link(fresh, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(fresh, { force: true });
  }
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text, { mode: 0o600 });
  await rename(`${path}.next`, path);
}

async function removeStale(path: string, dataDir: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return;
  const holder = parse(text);
  if (holder !== null && isStillRunning(holder)) throw inUse(holder.pid, dataDir);
  // Of two runs that find the same stale lock one moves it away; the other one must not move the winner's new lock.
  const aside = `${path}.stale.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readFile(aside, 'utf8');
  if (moved !== text) {
    await link(aside, path).catch(() => undefined);
    await rm(aside, { force: true });
    return;
  }
  await rm(aside, { force: true });
  if (holder !== null) await endLeftovers(holder.processes);
}

function parse(text: string): LockContent | null {
  try {
    return lockFile.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Number and start time together name one process: nothing else can be hit. Postgres is left to the embedded start, which knows how to end it safely. */
async function endLeftovers(processes: LockContent['processes']): Promise<void> {
  const others = Object.entries(processes).filter(([name]) => name !== 'postgres');
  await Promise.all(others.map(([, known]) => endProcess(known, [{ signal: 'SIGTERM', graceMs: 5_000 }, { signal: 'SIGKILL', graceMs: 5_000 }])));
}

const inUse = (pid: number, dataDir: string): StackError =>
  new StackError(`Another run (process ${pid}) already works in ${dataDir}.`, `Stop it with Ctrl-C there (or kill ${pid}), or choose another folder: npm start -- --data DIR --port N.`);
