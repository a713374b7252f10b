import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * One process of a benchmark: resolves with its ready message.
 * @param {{ module: string | URL, args?: readonly string[], env?: Record<string, string>, profiled?: boolean }} spec
 */
export async function startChild({ module, args = [], env = {}, profiled = false }) {
  const path = typeof module === 'string' ? module : fileURLToPath(module);
  const child = fork(path, [...args], { env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env }, execArgv: profiled ? ['--import', new URL('profiled.mjs', import.meta.url).href] : [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => { said.push(line); if (said.length > 15) said.shift(); });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const info = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${path} ended with ${code} before it was ready:\n${said.join('\n')}`)));
    child.once('error', reject);
    child.on('message', (message) => { if (message.ready === true) resolve(message); });
  });
  return {
    pid: child.pid ?? 0, info,
    onMessage: (listener) => child.on('message', listener),
    startProfile: () => child.send({ profile: 'start' }),
    /** @param {string} file */
    stopProfile: (file) => new Promise((resolve) => {
      child.on('message', (message) => { if (message.profiled === file) resolve(undefined); });
      child.send({ profile: 'stop', file });
    }),
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** For the other side: ready, and ended by SIGTERM or with the parent. @param {object} info @param {() => Promise<unknown>} stop */
export function serveAsChild(info, stop) {
  const leave = () => void stop().then(() => process.exit(0), () => process.exit(1));
  process.once('SIGTERM', leave);
  process.once('disconnect', leave);
  process.send?.({ ready: true, ...info });
}
