import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { watchForOurDeath } from './death-watch.js';
import { claimPort, portTaken } from './ports.js';
import { diskFull, StackError } from './stack-error.js';
import { ensureNamespace, isServing, SEARCH_ATTRIBUTES, setRetention } from './temporal-namespace.js';

export interface TemporalServerOptions {
  /** Path of the Temporal CLI. */
  readonly binary: string;
  /** File of the engine's data; without it everything is gone when the server ends. */
  readonly dbFilename?: string;
  readonly namespace?: string;
  /** Ports on 127.0.0.1; free ones when left out or 0. `uiPort: null` starts no Web UI. */
  readonly port?: number;
  readonly uiPort?: number | null;
  /** Address that the browser asks to decode payloads. */
  readonly codecEndpoint?: string;
  /** Dynamic configuration, `key: value` with JSON values. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly onLog?: (line: string) => void;
}

export interface TemporalServer {
  /** host:port of the frontend. */
  readonly address: string;
  readonly port: number;
  readonly namespace: string;
  readonly uiUrl: string | null;
  readonly pid: number;
  /** Settles when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the dev server as a process of its own, with the namespace, its search attributes and 30 days of retention.
 * With the same file it goes on with open workflows and timers, also after kill -9.
 * @throws StackError: port taken, disk full, or what the server said before it gave up
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const namespace = options.namespace ?? 'access';
  const port = await claimPort(options.port ?? 0, 'Temporal');
  const uiPort = options.uiPort === null ? null : await claimPort(options.uiPort ?? 0, 'Temporal Web UI');
  // Detached: Ctrl-C must reach the supervisor alone, which ends the engine after those who use it.
  const child = spawn(options.binary, commandLine(options, namespace, port, uiPort), { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const failure = new Promise<never>((_, reject) => child.once('error', reject));
  const said = collectLines(child, options.onLog);
  const pid = child.pid;
  if (pid === undefined) return await failure;
  failure.catch(() => undefined);
  const ended = untilEnded(child, pid);
  const engine = { address: `127.0.0.1:${port}`, namespace };
  await untilServing(child, engine, () => explain(said.join('\n'), options.dbFilename, port));
  await Promise.all([ensureNamespace(engine), setRetention(engine)]);
  return { ...engine, port, pid, uiUrl: uiPort === null ? null : `http://127.0.0.1:${uiPort}`, ended, stop: () => stopServer(child, ended) };
}

function commandLine(options: TemporalServerOptions, namespace: string, port: number, uiPort: number | null): string[] {
  return [
    'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace, '--log-level', 'error', '--log-format', 'json',
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...(options.dbFilename === undefined ? [] : ['--db-filename', options.dbFilename]),
    ...(options.codecEndpoint === undefined || uiPort === null ? [] : ['--ui-codec-endpoint', options.codecEndpoint]),
    ...SEARCH_ATTRIBUTES.flatMap(({ name, type }) => ['--search-attribute', `${name}=${type}`]),
    ...Object.entries(options.settings ?? {}).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]),
  ];
}

/** The first lines are kept: they say why a server gave up. */
function collectLines(child: ChildProcess, onLog: ((line: string) => void) | undefined): string[] {
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      onLog?.(line);
      if (said.length < 200) said.push(line);
    });
  }
  return said;
}

function untilEnded(child: ChildProcess, pid: number): Promise<void> {
  const watch = watchForOurDeath(pid, 'TERM');
  return new Promise((resolve) => {
    child.once('exit', () => {
      watch.release();
      resolve();
    });
  });
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function untilServing(child: ChildProcess, engine: { readonly address: string; readonly namespace: string }, explained: () => StackError): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isServing(engine))) {
    if (hasEnded(child)) throw explained();
    if (performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new StackError('The Temporal engine was started but does not serve after a minute.', 'Look into logs/temporal.log of the data folder, or set TEMPORAL_ADDRESS to a server of your own.');
    }
    await pause(50);
  }
}

function explain(output: string, dbFilename: string | undefined, port: number): StackError {
  const where = dbFilename ?? 'its data';
  if (/no space left|disk is full|quota/i.test(output)) return diskFull(where);
  if (/address already in use|port.*in use/i.test(output)) return portTaken(port, 'Temporal');
  const said = output.split('\n').map((line) => line.trim()).filter(Boolean).at(-1) ?? 'it said nothing';
  return new StackError(`The Temporal engine does not start: ${said.slice(0, 300)}`, `If ${where} is damaged, move that file away: open requests are rebuilt from Postgres. Or set TEMPORAL_ADDRESS to a server of your own.`);
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  for (const [signal, graceMs] of [['SIGTERM', 10_000], ['SIGKILL', 5_000]] as const) {
    if (hasEnded(child)) return ended;
    child.kill(signal);
    const timer = new AbortController();
    await Promise.race([ended, pause(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }
}
