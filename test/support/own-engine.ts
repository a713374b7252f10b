import { readStackEnvironment } from '../../src/config/stack-env.js';
import { findTemporalBinary } from '../../src/stack/temporal-binary.js';
import { startTemporalServer } from '../../src/stack/temporal-server.js';
import { connectTestEngine, type TestEngine } from './temporal.js';

/** A dev server of this test's own, which forgets everything when it dies. */
export interface OwnEngine {
  readonly engine: TestEngine;
  /** kill -9; resolves when nothing listens any more. */
  kill(): Promise<void>;
  /** An empty server at the same address, as after the loss of its disk. */
  startEmpty(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it with its data in memory (about two seconds). */
export async function startOwnEngine(): Promise<OwnEngine> {
  const { path, cacheDir } = readStackEnvironment();
  const binary = await findTemporalBinary('cli', { path, cacheDir });
  const start = (port?: number): ReturnType<typeof startTemporalServer> => startTemporalServer({ binary, uiPort: null, namespace: 'own', ...(port === undefined ? {} : { port }) });
  let server = await start();
  const { port, address, namespace } = server;
  const engine = await connectTestEngine({ address, namespace });
  return {
    engine,
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
    },
    startEmpty: async () => { server = await start(port); },
    stop: async () => {
      await engine.close();
      await server.stop();
    },
  };
}
