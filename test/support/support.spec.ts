import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { defineSearchAttributeKey } from '@temporalio/common';
import { createTestDatabase, queryOnce } from './postgres.js';
import type { TestDatabase } from './postgres.js';
import { startTcpProxy } from './tcp-proxy.js';
import type { TcpProxy } from './tcp-proxy.js';
import { connectTestEngine, timeSkippingServer } from './temporal.js';
import { until } from './until.js';

describe('a test database', () => {
  const made: TestDatabase[] = [];
  afterAll(async () => {
    await Promise.all(made.map((database) => database.drop()));
  });

  it('is migrated and shares no rows with that of another test', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    made.push(one, two);
    await queryOnce(one.migrationUrl, "INSERT INTO site (id, name, time_zone) VALUES ('only-here', 'Only here', 'UTC')");
    const rows = await queryOnce(two.superuserUrl, "SELECT count(*)::int AS count FROM site WHERE id = 'only-here'");
    expect(rows).toEqual([{ count: 0 }]);
  });

  it("lets each process in under its own role", async () => {
    const database = await createTestDatabase();
    made.push(database);
    const roles = await Promise.all([database.apiUrl, database.governanceUrl, database.coreUrl, database.sealerUrl].map((url) => queryOnce(url, 'SELECT current_user AS role')));
    expect(roles.flat().map(({ role }) => role)).toEqual(['aic_api', 'aic_governance', 'aic_core', 'aic_sealer']);
  });
});

describe('a test engine', () => {
  it('has a namespace of its own in which a workflow can be started with our search attributes', async () => {
    const engine = await connectTestEngine();
    try {
      const phase = defineSearchAttributeKey('AccessPhase', 'KEYWORD');
      const handle = await engine.client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'w', typedSearchAttributes: [{ key: phase, value: 'pending' }] });
      const listed = await until('the workflow in the list', async () => {
        for await (const run of engine.client.workflow.list({ query: 'AccessPhase="pending"' })) return run.workflowId;
        return undefined;
      });
      expect(listed).toBe('w');
      await handle.terminate();
    } finally {
      await engine.close();
    }
  });

  it('skips time with our search attributes known', async () => {
    const environment = await timeSkippingServer();
    try {
      const before = await environment.currentTimeMs();
      await environment.sleep('180 days');
      expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(180 * 86_400_000);
    } finally {
      await environment.teardown();
    }
  });
});

describe('the TCP proxy', () => {
  let upstream: Server;
  let port: number;
  let proxy: TcpProxy;
  let received: string[];
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    received = [];
    upstream = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        received.push(chunk.toString());
        socket.write(`re:${chunk.toString()}`);
      });
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const address = upstream.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    port = address.port;
    proxy = await startTcpProxy({ port });
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await proxy.close();
    await new Promise((resolve) => upstream.close(resolve));
  });

  const ask = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(proxy.port, '127.0.0.1', () => socket.write(text));
      sockets.add(socket);
      socket.once('data', (chunk) => resolve(chunk.toString()));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed without an answer')));
    });

  it('passes both directions without a fault', async () => {
    await expect(ask('a')).resolves.toBe('re:a');
  });

  it('loses one answer after the request has taken effect, and lets the next one through', async () => {
    proxy.setFault({ kind: 'dropResponse', whenRequestIncludes: 'COMMIT' });
    await expect(ask('BEGIN')).resolves.toBe('re:BEGIN');
    await expect(ask('COMMIT')).rejects.toThrow();
    expect(received).toContain('COMMIT');
    expect(proxy.droppedResponses()).toBe(1);
    await expect(ask('COMMIT')).resolves.toBe('re:COMMIT');
  });

  it('resets connections, and heals', async () => {
    proxy.setFault({ kind: 'reset' });
    await expect(ask('a')).rejects.toThrow();
    expect(received).toEqual([]);
    proxy.setFault({ kind: 'none' });
    await expect(ask('b')).resolves.toBe('re:b');
  });

  it('holds what is sent into a black hole, and delivers it when that ends', async () => {
    await expect(ask('a')).resolves.toBe('re:a');
    proxy.setFault({ kind: 'hang' });
    const answer = ask('b');
    // What goes the direct way afterwards has been answered before.
    await new Promise<void>((resolve) => {
      const direct = connect(port, '127.0.0.1', () => direct.write('c'));
      sockets.add(direct);
      direct.once('data', () => resolve());
    });
    expect(received).toEqual(['a', 'c']);
    proxy.setFault({ kind: 'none' });
    await expect(answer).resolves.toBe('re:b');
  });

  it('delays both directions', async () => {
    proxy.setFault({ kind: 'delay', ms: 60 });
    const before = performance.now();
    await ask('a');
    expect(performance.now() - before).toBeGreaterThanOrEqual(115);
  });
});

describe('until', () => {
  it('names what it waited for and keeps the last error', async () => {
    const waiting = until('the moon', () => Promise.reject(new Error('clouds')), { timeoutMs: 30, everyMs: 5 });
    await expect(waiting).rejects.toMatchObject({ message: 'the moon: not seen within 30 ms', cause: new Error('clouds') });
  });

  it('gives back the first thing it sees', async () => {
    let looks = 0;
    await expect(until('the third look', () => ((looks += 1) < 3 ? undefined : looks))).resolves.toBe(3);
  });
});
