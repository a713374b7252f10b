import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/worker/main.js', import.meta.url));

/** A worker as a process of its own, which a test can kill without a goodbye. */
export function startWorkerProcess(role: 'governance' | 'core', environment: Readonly<Record<string, string>>): { readonly child: ChildProcess; kill(): Promise<void> } {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS'));
  const child = spawn(process.execPath, [MAIN, role], { stdio: 'ignore', env: { ...inherited, ...environment } });
  const over = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    child,
    kill: async () => {
      child.kill('SIGKILL');
      await over;
    },
  };
}
