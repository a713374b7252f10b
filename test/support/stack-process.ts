import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const MAIN = fileURLToPath(new URL('../../dist/stack/main.js', import.meta.url));

/** `npm start` as a process, without npm around it. */
export interface StackProcess {
  readonly child: ChildProcess;
  /** Everything it has written so far, stdout and stderr, line by line. */
  readonly lines: readonly string[];
  /** Resolves to the line that matches, also one from before; fails when the process ends without it. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
}

export function startStackProcess(args: readonly string[], environment: Readonly<Record<string, string>> = {}): StackProcess {
  // Without Jest's own switches, which would reach every process of the stack.
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS'));
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...inherited, ...environment } });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => lines.push(line));
  let isOver = false;
  const exit = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      isOver = true;
      resolve(code ?? signal ?? -1);
    });
  });
  const line = (pattern: RegExp, timeoutMs = 90_000): Promise<string> =>
    until(`a line like ${String(pattern)}`, () => {
      const found = lines.find((one) => pattern.test(one));
      if (found === undefined && isOver) throw new Error(`it has ended; its last lines: ${lines.slice(-5).join('\n')}`);
      return found;
    }, { timeoutMs, everyMs: 50 });
  return { child, lines, line, exit };
}
