import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A running process: the number alone says little, since the system gives numbers out again. */
export interface RunningProcess {
  readonly pid: number;
  /** Differs between two processes that had the same number, also across a restart of the machine. */
  readonly startedAt: string;
  readonly command: string;
  /** Null where the system does not tell us. */
  readonly workingDirectory: string | null;
}

/** The process with this number, or null when there is none (or only the remains of one that has ended). */
export function findProcess(pid: number): RunningProcess | null {
  if (!Number.isInteger(pid) || pid <= 1) return null;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): RunningProcess | null {
  const stat = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  // The second field is the name in brackets and may itself contain spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))?.trim() ?? '';
  const command = tryRead(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '';
  return {
    pid,
    startedAt: `${boot}/${fields[19] ?? ''}`,
    command: command.replaceAll('\0', ' ').trim(),
    workingDirectory: tryRead(() => readlinkSync(`/proc/${pid}/cwd`)),
  };
}

function fromPs(pid: number): RunningProcess | null {
  const line = tryRead(() => execFileSync('ps', ['-o', 'lstart=,command=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))?.trim();
  if (line === undefined || line === '') return null;
  return { pid, startedAt: line.slice(0, 24), command: line.slice(24).trim(), workingDirectory: null };
}

/** A process may end or be out of reach between two looks: both read as "not there". */
function tryRead<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

/** Is this very process, not another one with its number, still running? */
export function isStillRunning(known: Pick<RunningProcess, 'pid' | 'startedAt'>): boolean {
  return findProcess(known.pid)?.startedAt === known.startedAt;
}

/**
 * Ends one process: the signals in turn, each with its time to act in milliseconds, until it is gone.
 * @returns false when it outlived them all.
 */
export async function endProcess(known: Pick<RunningProcess, 'pid' | 'startedAt'>, steps: readonly { readonly signal: NodeJS.Signals; readonly graceMs: number }[]): Promise<boolean> {
  for (const { signal, graceMs } of steps) {
    if (!isStillRunning(known)) return true;
    tryRead(() => process.kill(known.pid, signal));
    const deadline = performance.now() + graceMs;
    while (performance.now() < deadline) {
      if (!isStillRunning(known)) return true;
      await pause(20);
    }
  }
  return !isStillRunning(known);
}
