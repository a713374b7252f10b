import { spawn } from 'node:child_process';
import { access, chmod, chown, mkdir, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresRuntime } from './postgres-runtime.js';
import { endProcess, findProcess } from './process-table.js';
import { diskFull, explainFileError, StackError, systemErrorCode } from './stack-error.js';

export const SUPERUSER = 'aiclearance_owner';
const NEEDED_BYTES = 200 * 1024 * 1024;

/** What Postgres processes get to see: nothing of ours, so that PGDATA, PGPORT or LC_ALL of a developer's shell change nothing. */
export const POSTGRES_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/**
 * How the server is told where its data is. Started by root, its user may be shut out of the folders above the cluster;
 * Linux lets a process go by its working directory all the same, which root has entered for it.
 */
export const pgdata = (runtime: PostgresRuntime, clusterDir: string): string => (runtime.user !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : clusterDir);

/** Makes the cluster unless it is there. A crash on the way leaves `<clusterDir>.new`, which the next try throws away. */
export async function ensureCluster(runtime: PostgresRuntime, clusterDir: string, password: string, onLog: (line: string) => void): Promise<void> {
  const version = await readVersion(clusterDir);
  if (version === null) {
    await initialise(runtime, clusterDir, password, onLog);
  } else if (version !== '18') {
    throw new StackError(
      `The database in ${clusterDir} was made by Postgres ${version}; this release runs Postgres 18.`,
      `Move the data with pg_dump of version ${version}, or start anew with another folder: --data DIR.`,
    );
  }
}

async function readVersion(clusterDir: string): Promise<string | null> {
  try {
    return (await readFile(join(clusterDir, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw explainFileError(error, clusterDir);
  }
}

async function initialise(runtime: PostgresRuntime, clusterDir: string, password: string, onLog: (line: string) => void): Promise<void> {
  const fresh = `${clusterDir}.new`;
  try {
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true, mode: 0o700 });
    await chmod(fresh, 0o700);
    const space = await statfs(fresh);
    if (space.bavail * space.bsize < NEEDED_BYTES) throw diskFull(clusterDir);
    if (runtime.user !== undefined) await chown(fresh, runtime.user.uid, runtime.user.gid);
    await withPasswordFile(runtime, `${clusterDir}.password`, password, (handle) => runInitdb(runtime, fresh, handle, onLog));
    await rename(fresh, clusterDir);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw explainFileError(error, clusterDir);
  }
}

/** initdb reads the password from an open file that has no name any more: nothing is left behind, and no folder is in the way of its user. */
async function withPasswordFile(runtime: PostgresRuntime, path: string, password: string, work: (handle: number) => Promise<void>): Promise<void> {
  await writeFile(path, `${password}\n`, { mode: 0o600 });
  const file = await open(path, 'r');
  try {
    if (runtime.user !== undefined) await file.chown(runtime.user.uid, runtime.user.gid);
    await rm(path);
    await work(file.fd);
  } finally {
    await file.close();
  }
}

function runInitdb(runtime: PostgresRuntime, clusterDir: string, passwordHandle: number, onLog: (line: string) => void): Promise<void> {
  // The built-in provider sorts the same on every machine; a libc's order may change under an index.
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--lc-messages=C'];
  const arguments_ = ['-D', pgdata(runtime, clusterDir), `--username=${SUPERUSER}`, '--pwfile=/dev/fd/3', '--auth=scram-sha-256', ...locale];
  return new Promise((resolve, reject) => {
    const child = spawn(runtime.initdb, arguments_, { cwd: clusterDir, env: POSTGRES_ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe', passwordHandle], detached: true, ...runtime.user });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error) => reject(explainFileError(error, runtime.initdb)));
    child.once('close', (code) => {
      for (const line of output.split('\n')) onLog(line);
      if (code === 0) resolve();
      else reject(explainInitdb(output, clusterDir.replace(/\.new$/, '')));
    });
  });
}

function explainInitdb(output: string, clusterDir: string): StackError {
  if (saysDiskFull(output)) return diskFull(clusterDir);
  if (/shared librar/i.test(output)) return new StackError('The Postgres binaries in node_modules are incomplete.', 'Run npm ci again without --ignore-scripts.');
  const said = lastWords(output, /error|fatal|could not/i);
  return new StackError(`Postgres could not make its database in ${clusterDir}: ${said}`, 'Repair what it names, choose another folder with --data DIR, or set DATABASE_URL to a Postgres server of your own.');
}

/** Also a short write, which is how Postgres sees the last page that did not fit. */
export const saysDiskFull = (output: string): boolean => /no space left|disk quota|wrote only \d+ of \d+ bytes/i.test(output);

/** The last line of a log that matches, else the last one. */
export function lastWords(output: string, telling: RegExp): string {
  const lines = output.split('\n').map((line) => line.trim()).filter(Boolean);
  return lines.findLast((line) => telling.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}

/**
 * Clears what a killed run left behind: a server that still works on this cluster is asked to end (it commits what it
 * has acknowledged), and the note of its number is removed when no such process exists any more. Postgres itself would
 * take any process that happens to have the number for a live server and refuse to start.
 */
export async function clearLeftovers(clusterDir: string): Promise<void> {
  const note = join(clusterDir, 'postmaster.pid');
  const pid = await readNote(note);
  if (pid === null) return;
  const found = findProcess(pid);
  if (found !== null && worksOn(found, clusterDir)) {
    const ended = await endProcess(found, [{ signal: 'SIGINT', graceMs: 15_000 }, { signal: 'SIGQUIT', graceMs: 5_000 }]);
    if (!ended) throw new StackError(`An earlier run's Postgres (process ${pid}) still holds ${clusterDir} and does not stop.`, `End it with kill -QUIT ${pid}, then start again.`);
  }
  await rm(note, { force: true });
}

async function readNote(path: string): Promise<number | null> {
  try {
    const pid = Number.parseInt((await readFile(path, 'utf8')).split('\n')[0] ?? '', 10);
    return Number.isInteger(pid) ? pid : 0;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw explainFileError(error, path);
  }
}

function worksOn(found: { readonly command: string; readonly workingDirectory: string | null }, clusterDir: string): boolean {
  if (!/postgres/.test(found.command)) return false;
  return found.workingDirectory === null ? found.command.includes(clusterDir) : found.workingDirectory === clusterDir;
}

/** @throws StackError when this user can't open the cluster (it was made by another one). */
export async function assertReachable(clusterDir: string): Promise<void> {
  try {
    await access(join(clusterDir, 'global'));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw new StackError(`The database in ${clusterDir} belongs to another user.`, 'Start as the user who made it, or choose another folder with --data DIR.', { cause: error });
  }
}
