import { createServer } from 'node:net';
import { StackError, systemErrorCode } from './stack-error.js';

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('a TCP server has no port'));
        else resolve(address.port);
      });
    });
  });
}

/**
 * Systems give outgoing connections ports from 32768 (Linux) or 49152 on. A free port from there may be gone again
 * before a server that is still starting listens on it, so ours come from below.
 */
const LOWEST = 15_000;
const HIGHEST = 32_000;

/** The first of `count` ports in a row on 127.0.0.1 that nobody listens on right now; `preferred` if they begin there. */
export async function freePortBlock(count: number, preferred?: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const isUsable = attempt === 0 && preferred !== undefined && preferred >= LOWEST && preferred + count <= HIGHEST;
    const first = isUsable ? preferred : LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count));
    const all = Array.from({ length: count }, (_, i) => listenOnce(first + i));
    if ((await Promise.allSettled(all)).every(({ status }) => status === 'fulfilled')) return first;
  }
  throw new StackError(`No ${count} free ports in a row were found between ${LOWEST} and ${HIGHEST}.`, 'Choose the first port yourself: --port N.');
}

/** A TCP port on 127.0.0.1 that nobody listens on right now. */
export function freePort(): Promise<number> {
  return freePortBlock(1);
}

/**
 * The wanted port if nobody listens on it, or a free one when `wanted` is 0.
 * @throws StackError naming what the port is for.
 */
export async function claimPort(wanted: number, what: string): Promise<number> {
  if (wanted === 0) return freePort();
  try {
    return await listenOnce(wanted);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EADDRINUSE') throw portTaken(wanted, what, { cause: error });
    if (code === 'EACCES') throw new StackError(`This user may not open port ${wanted} (${what}).`, 'Choose a port above 1023 with --port N.', { cause: error });
    throw error;
  }
}

export function portTaken(port: number, what: string, options?: ErrorOptions): StackError {
  return new StackError(`Port ${port} (${what}) is taken by another program.`, 'Stop that program, or start with other ports: --port N uses N and those up to N+15, --port 0 takes free ones.', options);
}
