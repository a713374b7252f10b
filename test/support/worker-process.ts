import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/worker/main.js', import.meta.url));

/** A worker as a process of its own, as in production. */
export interface WorkerProcess {
  /** kill -9: nothing of it runs any more when this resolves. */
  kill(): Promise<void>;
  /** Lets it finish what is under way. */
  stop(): Promise<void>;
}

/** @param environment what the role reads (TestProduct.workerEnvironment); it polls once the engine hands it work */
export function startWorkerProcess(role: 'governance' | 'core', environment: Readonly<Record<string, string>>): WorkerProcess {
  const path = process.env['PATH'];
  const child = spawn(process.execPath, [MAIN, role], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...(path === undefined ? {} : { PATH: path }), ...environment } });
  let said = '';
  child.stderr.on('data', (text: Buffer) => { said = `${said}${text.toString()}`.slice(-4_000); });
  const ended = once(child, 'exit').then(() => {
    if (child.exitCode !== null && child.exitCode !== 0) process.stderr.write(`the ${role} worker ended with ${child.exitCode}: ${said}`);
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return { kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}
