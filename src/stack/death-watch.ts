import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** A watch over one process; `release` ends it without a signal. */
export interface DeathWatch {
  release(): void;
}

/**
 * Ends `pid` with `signal` as soon as this process is gone, also after kill -9, so that a database or an engine never
 * outlives the run that started it. A shell holds the reading end of a pipe whose writing end only this process has:
 * the end of file is the news of our death. Release it when the watched process has ended, before its number is given out again.
 */
export function watchForOurDeath(pid: number, signal: 'INT' | 'TERM'): DeathWatch {
  // Detached: Ctrl-C in a terminal signals the whole foreground group, and this shell must outlive us to do its work.
  const shell = spawn('/bin/sh', ['-c', 'read -r word || kill -s "$1" "$2"', 'death-watch', signal, String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], cwd: '/', env: {} });
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return {
    release: () => {
      shell.stdin.end('done\n');
    },
  };
}
