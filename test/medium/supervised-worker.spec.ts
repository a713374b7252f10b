import { SupervisedWorker } from '../../src/worker/supervised-worker.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { connectTestEngine, type TestEngine } from '../support/temporal.js';
import { until } from '../support/until.js';

describe('a worker whose engine says nothing any more', () => {
  let engine: TestEngine;
  let proxy: TcpProxy;
  beforeAll(async () => {
    engine = await connectTestEngine();
    proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(engine.address.split(':')[1]) });
  });
  afterAll(async () => {
    await proxy.close();
    await engine.close();
  });

  it('stops in bounded time and says that it was given up', async () => {
    const said: string[] = [];
    const worker = new SupervisedWorker(
      { address: proxy.address, namespace: engine.namespace, tls: false }, { taskQueue: 'stops', activities: { work: () => Promise.resolve() } },
      { info: () => undefined, warn: (_fields, message) => { said.push(message); } }, { graceMs: 100, forceMs: 1_000 },
    );
    await until('it polls', () => worker.isRunning, { timeoutMs: 10_000 });
    proxy.setFault({ kind: 'hang' });
    await worker.stop();
    expect(said).toContain('worker was given up while stopping: the engine does not answer');
    proxy.setFault({ kind: 'reset' }); // and with it ends what was left open
  });
});
