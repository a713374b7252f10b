import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { watchForOurDeath } from './death-watch.js';
import { claimPort, portTaken } from './ports.js';
import { assertReachable, clearLeftovers, ensureCluster, lastWords, pgdata, POSTGRES_ENVIRONMENT, saysDiskFull, SUPERUSER } from './postgres-cluster.js';
import { findPostgresRuntime } from './postgres-runtime.js';
import type { PostgresRuntime } from './postgres-runtime.js';
import { loadSecrets } from './secrets.js';
import { diskFull, explainFileError, StackError } from './stack-error.js';

export interface EmbeddedPostgresOptions {
  /** Folder of all data; the cluster lies in `<dataDir>/postgres`. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1; a free one when left out or 0. */
  readonly port?: number;
  readonly onLog?: (line: string) => void;
  /** False only in tests: a power cut may then lose what was committed. */
  readonly durable?: boolean;
  /** Further server settings, `name: value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** Address with name and password of the superuser, database `postgres`: for bootstrap only, no process of the product gets it. */
  readonly superuserUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends the server: sessions are cut, what was committed is kept. */
  stop(): Promise<void>;
}

interface Launch {
  readonly runtime: PostgresRuntime;
  readonly clusterDir: string;
  readonly port: number;
  readonly options: EmbeddedPostgresOptions;
}

/**
 * Starts Postgres 18 on the loopback address with the data in `<dataDir>/postgres`, making the cluster at the first
 * start. Works as root and below folders that only root may enter; clears what a killed run left behind.
 * @throws StackError with one sentence and what to do: port taken, disk full, other version, other owner.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = await makeFolder(options.dataDir);
  const clusterDir = join(dataDir, 'postgres');
  const onLog = options.onLog ?? (() => undefined);
  const [{ postgresSuperuser: password }, runtime] = await Promise.all([loadSecrets(dataDir, ['postgresSuperuser']), findPostgresRuntime(clusterDir)]);
  await assertReachable(clusterDir);
  await clearLeftovers(clusterDir);
  await ensureCluster(runtime, clusterDir, password, onLog);
  const port = await claimPort(options.port ?? 0, 'Postgres');
  const child = await launchWithPatience({ runtime, clusterDir, port, options });
  const pid = child.pid ?? 0;
  const ended = new Promise<void>((resolve) => {
    if (hasEnded(child)) resolve();
    else child.once('exit', () => resolve());
  });
  const server: EmbeddedPostgres = {
    superuserUrl: `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid,
    ended,
    stop: () => stopServer(child, ended),
  };
  await assertPassword(server, dataDir);
  return server;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** The real path: Postgres and the process table know the cluster by it. */
async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return await realpath(path);
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/** After kill -9 of a server its sessions need a moment to notice; until then the shared memory is in use. */
async function launchWithPatience(launch: Launch): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launchOnce(launch);
    } catch (error) {
      if (!(error instanceof StillInUseError) || attempt >= 40) throw error;
      await pause(250);
    }
  }
}

class StillInUseError extends StackError {}

function launchOnce({ runtime, clusterDir, port, options }: Launch): Promise<ChildProcess> {
  const fixed = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' };
  const durability = options.durable === false ? { fsync: 'off', full_page_writes: 'off' } : {};
  const flags = Object.entries({ ...fixed, ...durability, ...options.settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return new Promise((resolve, reject) => {
    // Detached: Ctrl-C must reach the supervisor alone, which ends the database after those who use it.
    const child = spawn(runtime.postgres, ['-D', pgdata(runtime, clusterDir), '-p', String(port), ...flags], {
      cwd: clusterDir, env: POSTGRES_ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'], detached: true, ...runtime.user,
    });
    const watch = child.pid === undefined ? null : watchForOurDeath(child.pid, 'INT');
    child.once('exit', () => watch?.release());
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      options.onLog?.(line);
      if (said.length < 200) said.push(line);
      if (line.includes('database system is ready to accept connections')) resolve(child);
    });
    child.once('error', (error) => reject(error));
    child.once('close', () => reject(explainStart(said.join('\n'), clusterDir, port)));
  });
}

function explainStart(output: string, clusterDir: string, port: number): StackError {
  if (saysDiskFull(output)) return diskFull(clusterDir);
  if (/could not bind|address already in use/i.test(output)) return portTaken(port, 'Postgres');
  if (/pre-existing shared memory|lock file .* already exists/i.test(output)) {
    return new StillInUseError(`Another Postgres still works on ${clusterDir}.`, 'End it, or choose another folder with --data DIR.');
  }
  return new StackError(`Postgres does not start on ${clusterDir}: ${lastWords(output, /FATAL|PANIC|error/i)}`, 'Repair what it names, choose another folder with --data DIR, or set DATABASE_URL to a server of your own.');
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  // Fast, then immediate shutdown: both are safe for committed data; the last resort is only for a server that hangs.
  for (const [signal, graceMs] of [['SIGINT', 15_000], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]] as const) {
    if (hasEnded(child)) return ended;
    child.kill(signal);
    const timer = new AbortController();
    await Promise.race([ended, pause(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }
}

/** The cluster may be older than the secrets file, if somebody deleted that; better told here than by every process later. */
async function assertPassword(server: EmbeddedPostgres, dataDir: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.superuserUrl });
  try {
    await client.connect();
    await client.end();
  } catch (error) {
    await server.stop();
    if (!(error instanceof pg.DatabaseError) || error.code !== '28P01') throw error;
    throw new StackError(`The database in ${dataDir} does not know the password in secrets.json.`, 'Restore secrets.json from a backup, or start anew with another folder: --data DIR.', { cause: error });
  }
}
