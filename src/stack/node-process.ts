import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Running } from './supervisor.js';
import { StackError } from './stack-error.js';

export interface NodeProcessSpec {
  /** As it appears in messages and log files. */
  readonly name: string;
  /** Path of the compiled main module. */
  readonly module: string;
  readonly args?: readonly string[];
  /** The whole environment: a process gets the secrets that are meant for it and no others. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLog: (line: string) => void;
  /** Time to become ready and time to end after SIGTERM, in milliseconds. */
  readonly readyWithinMs?: number;
  readonly graceMs?: number;
}

const readyMessage = z.looseObject({ ready: z.literal(true) });
export type NodeProcess = Running & { readonly info: Readonly<Record<string, unknown>> };

/**
 * Starts one of our own programs and waits for its message `{ready: true, …}`; the message is its `info`.
 * @throws StackError with the last line it wrote when it ends before that or takes too long
 */
export async function startNodeProcess(spec: NodeProcessSpec): Promise<NodeProcess> {
  // Detached: Ctrl-C in a terminal signals the whole foreground group, but the order of ending is the supervisor's.
  const child = fork(spec.module, [...(spec.args ?? [])], { env: { ...spec.env }, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true, serialization: 'json' });
  const lastLines = forwardLines(child, spec.onLog);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = (): Promise<void> => endChild(child, ended, spec.graceMs ?? 15_000);
  try {
    const info = await untilReady(child, spec, lastLines);
    return { pid: child.pid ?? 0, ended, stop, info };
  } catch (error) {
    await stop();
    throw error;
  }
}

function forwardLines(child: ChildProcess, onLog: (line: string) => void): string[] {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      onLog(line);
      last.push(line);
      if (last.length > 20) last.shift();
    });
  }
  return last;
}

function untilReady(child: ChildProcess, spec: NodeProcessSpec, lastLines: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const patienceMs = spec.readyWithinMs ?? 60_000;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StackError(`The ${spec.name} did not become ready within ${patienceMs / 1000} s.`, `Look into logs/${spec.name}.log of the data folder.`)), patienceMs);
    const settled = (): void => clearTimeout(timer);
    child.on('message', (message) => {
      const parsed = readyMessage.safeParse(message);
      if (!parsed.success) return;
      settled();
      resolve(parsed.data);
    });
    child.once('error', (error) => {
      settled();
      reject(error);
    });
    // 'close' rather than 'exit': by then its last words have arrived.
    child.once('close', () => {
      settled();
      reject(new StackError(`The ${spec.name} ended before it was ready: ${lastWords(lastLines)}`, `Look into logs/${spec.name}.log of the data folder.`));
    });
  });
}

/** The line that names the error; a stack trace's frames say less than its first line. */
function lastWords(lines: readonly string[]): string {
  const telling = lines.findLast((line) => /error|can't|cannot|refus/i.test(line) && !/^\s+at /.test(line)) ?? lines.findLast((line) => line.trim() !== '');
  return (telling ?? 'it said nothing').trim().slice(0, 500);
}

async function endChild(child: ChildProcess, ended: Promise<void>, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}
