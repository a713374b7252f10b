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

/** A TCP port on 127.0.0.1 that nobody listens on right now. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/**
 * The wanted port if nobody listens on it, or a free one when `wanted` is 0.
 * @throws StackError naming what the port is for.
 */
export async function claimPort(wanted: number, what: string): Promise<number> {
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
