import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { readStackEnvironment } from '../../../src/config/stack-env.js';
import { freePort } from '../../../src/stack/ports.js';
import { findTemporalBinary } from '../../../src/stack/temporal-binary.js';
import { SEARCH_ATTRIBUTES } from '../../../src/stack/temporal-namespace.js';
import { startTemporalServer } from '../../../src/stack/temporal-server.js';
import type { TemporalServer } from '../../../src/stack/temporal-server.js';
import { refusalOf } from '../../support/stack-error.js';

describe('the embedded Temporal engine', () => {
  let folder: string;
  let binary: string;
  const started: TemporalServer[] = [];
  const start = async (options: { readonly port?: number; readonly uiPort?: number | null } = {}): Promise<TemporalServer> => {
    const server = await startTemporalServer({ binary, dbFilename: join(folder, 'temporal.db'), uiPort: null, ...options });
    started.push(server);
    return server;
  };
  const withClient = async <T>(server: TemporalServer, work: (client: Client) => Promise<T>): Promise<T> => {
    const connection = await Connection.connect({ address: server.address });
    try {
      return await work(new Client({ connection, namespace: server.namespace }));
    } finally {
      await connection.close();
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiclearance-temporal-'));
    const { path, cacheDir } = readStackEnvironment();
    binary = await findTemporalBinary('cli', { path, cacheDir });
  });
  afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has the namespace with every search attribute and thirty days of retention', async () => {
    const server = await start();
    const [attributes, described] = await withClient(server, ({ connection }) =>
      Promise.all([Connection.connect({ address: server.address }).then(async (c) => {
        const listed = await c.operatorService.listSearchAttributes({ namespace: server.namespace });
        await c.close();
        return listed;
      }), connection.workflowService.describeNamespace({ namespace: server.namespace })]),
    );
    expect(Object.keys(attributes.customAttributes)).toEqual(expect.arrayContaining(SEARCH_ATTRIBUTES.map(({ name }) => name)));
    expect(Number(described.config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
  });

  it('goes on with open workflows after kill -9, on the same port', async () => {
    const first = await start();
    await withClient(first, (client) => client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'open-before-the-kill' }));
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await start({ port: first.port });
    const { status } = await withClient(second, (client) => client.workflow.getHandle('open-before-the-kill').describe());
    expect(status.name).toBe('RUNNING');
  });

  it('serves its Web UI', async () => {
    const server = await start({ uiPort: 0 });
    const answer = await fetch(`${server.uiUrl ?? ''}/api/v1/settings`);
    expect(answer.status).toBe(200);
  });

  it('says which port is taken', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      expect((await refusalOf(start({ port }))).message).toBe(`Port ${port} (Temporal) is taken by another program.`);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
