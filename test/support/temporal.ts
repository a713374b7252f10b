import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { ensureNamespace, SEARCH_ATTRIBUTES } from '../../src/stack/temporal-namespace.js';
import { runServer } from './run-servers.js';

export interface TestEngine {
  readonly address: string;
  /** Of this test file alone, so that workflow ids, queues and Schedules of others are out of sight. */
  readonly namespace: string;
  readonly connection: Connection;
  readonly client: Client;
  /** For workers. */
  readonly nativeConnection: NativeConnection;
  close(): Promise<void>;
}

/** A namespace with the search attributes on the run's dev server, or on the server named (about a second). Close it after its workers are shut down. */
export async function connectTestEngine(on: { readonly address?: string; readonly namespace?: string } = {}): Promise<TestEngine> {
  const { address = runServer('TEST_TEMPORAL_ADDRESS'), namespace = `t-${randomBytes(8).toString('hex')}` } = on;
  await ensureNamespace({ address, namespace });
  const [connection, nativeConnection] = await Promise.all([Connection.connect({ address }), NativeConnection.connect({ address })]);
  return {
    address,
    namespace,
    connection,
    client: new Client({ connection, namespace }),
    nativeConnection,
    close: async () => {
      await Promise.all([connection.close(), nativeConnection.close()]);
    },
  };
}

/**
 * A server whose clock jumps to the next timer while a result is awaited, with the search attributes registered (it
 * would repeat a task that sets an unknown one for ever). Its clock is one for all its workflows: one server per test
 * file. Call `teardown()` at the end.
 */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path: runServer('TEST_TIME_SKIPPING_SERVER') } } });
  const valueType = { Keyword: 2, Bool: 5, Datetime: 6 } as const;
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map(({ name, type }) => [name, valueType[type]])),
  });
  return environment;
}
