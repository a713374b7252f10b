import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { readStackEnvironment } from '../../../src/config/stack-env.js';
import { DAY_MS } from '../../../src/domain/grant/grant.js';
import { sendUpdate } from '../../../src/engine/send-update.js';
import { findTemporalBinary } from '../../../src/stack/temporal-binary.js';
import { startTemporalServer, type TemporalServer } from '../../../src/stack/temporal-server.js';
import { wakeSignal, workflowIdOf, WORKFLOW_TYPE, type CommandResult } from '../../../src/workflows/access-request/messages.js';
import { MAPPING_IMPORT_WORKFLOW, mappingImportIdOf } from '../../../src/workflows/mapping-import/messages.js';
import { RECONCILIATION_TYPE, reconciliationIdOf } from '../../../src/workflows/reconciliation/messages.js';
import { until } from '../../support/until.js';
import { ToyImport } from './toy-import.js';
import { ToyReconciliation } from './toy-reconciliation.js';
import { ToyRecord, type ToyCommand } from './toy-record.js';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'temporalio_sdk_core=ERROR' } } });

const BUNDLE = join(import.meta.dirname, '../../../dist/workflow-bundle.js');
/** The server asks for a new run after so few events; a real one does after 4096, which takes a provider that is away some days. */
const SUGGEST_AFTER_EVENTS = 60;
const seconds = (n: number): number => (n * 1_000) / DAY_MS;

/** Long histories: the run continues as new with its input only, and the record says where it was. */
describe('a request with a long history', () => {
  let server: TemporalServer;
  let connection: Connection;
  let nativeConnection: NativeConnection;
  let client: Client;
  let record: ToyRecord;
  let workers: readonly Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();

  beforeAll(async () => {
    const { path, cacheDir } = readStackEnvironment();
    server = await startTemporalServer({ binary: await findTemporalBinary('cli', { path, cacheDir }), uiPort: null, settings: { 'limit.historyCount.suggestContinueAsNew': SUGGEST_AFTER_EVENTS } });
    [connection, nativeConnection] = await Promise.all([Connection.connect({ address: server.address }), NativeConnection.connect({ address: server.address })]);
    client = new Client({ connection, namespace: server.namespace });
    record = new ToyRecord(() => Promise.resolve(Date.now()));
    const options = { connection: nativeConnection, namespace: server.namespace, maxHeartbeatThrottleInterval: '100ms' } as const;
    workers = await Promise.all([
      Worker.create({ ...options, taskQueue: 'governance', workflowBundle: { codePath: BUNDLE }, activities: { ...record.governance } }),
      Worker.create({ ...options, taskQueue: 'core', activities: { ...record.core } }),
    ]);
    running = Promise.all(workers.map((worker) => worker.run()));
  });
  afterAll(async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await Promise.all([connection.close(), nativeConnection.close()]);
    await server.stop();
  });

  interface Life { readonly requestId: string; readonly firstRunId: string; readonly handle: WorkflowHandle; send(command: ToyCommand): Promise<CommandResult>; wakeOften(): Promise<void>; runId(): Promise<string> }
  async function begin(): Promise<Life> {
    const requestId = randomUUID();
    await record.create(requestId);
    const started = await client.workflow.start(WORKFLOW_TYPE, { taskQueue: 'governance', workflowId: workflowIdOf('toy', requestId), args: [{ siteId: 'toy', requestId }] });
    const handle = client.workflow.getHandle(started.workflowId); // of whatever run there is
    return {
      requestId, firstRunId: started.firstExecutionRunId, handle,
      send: (command) => {
        const commandId = `${requestId.slice(0, 8)}${randomUUID().slice(8)}`;
        record.commands.set(commandId, command);
        return sendUpdate(handle, 'decide', commandId);
      },
      wakeOften: async () => {
        for (let wakes = 0; wakes < SUGGEST_AFTER_EVENTS / 4; wakes += 1) {
          const loads = record.loads;
          await handle.signal(wakeSignal, 'due');
          await until('the load after a wake', () => record.loads > loads);
        }
      },
      runId: async () => (await handle.describe()).runId,
    };
  }
  const ended = (life: Life): Promise<unknown> => until('the end of the run', async () => (await life.handle.describe()).status.name === 'COMPLETED', { timeoutMs: 30_000 });

  it('goes on in a new run, and its alarm rings there on time', async () => {
    const life = await begin();
    await life.send({ kind: 'approve', days: seconds(8) });
    const expiresAt = record.of(life.requestId).grant?.expiresAt.getTime() ?? 0;
    await life.wakeOften();
    await until('another run', async () => (await life.runId()) !== life.firstRunId);
    expect(record.of(life.requestId).grant?.status).toBe('active');
    await ended(life);
    const [expired = 0] = record.when('expire');
    expect(expired).toBeGreaterThanOrEqual(expiresAt);
    expect(expired).toBeLessThan(expiresAt + 3_000);
    const { events } = await client.workflow.getHandle(life.handle.workflowId, life.firstRunId).fetchHistory();
    expect(events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.input?.payloads).toHaveLength(1);
  });

  it('answers commands that arrive around the change of runs, each once', async () => {
    const life = await begin();
    await life.send({ kind: 'approve', days: seconds(60) });
    const [answers] = await Promise.all([Promise.all([0, 1, 2, 3, 4, 5].map(async (n) => {
      await until('its turn', () => record.loads % 6 === n, { everyMs: 5 });
      return life.send({ kind: 'extend', days: seconds(1) });
    })), life.wakeOften()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(record.when('extend')).toHaveLength(6);
    await life.send({ kind: 'revoke' });
    await ended(life);
  });

  it('waits with the new run for a provider step that is under way, and still hears a revoke', async () => {
    const life = await begin();
    record.provider.push('hangsUntilCancelled');
    await life.send({ kind: 'approve', days: seconds(60) });
    await until('the step under way', () => record.when('converge present: hangsUntilCancelled').length === 1);
    await life.wakeOften();
    expect(await life.runId()).toBe(life.firstRunId);
    expect(await life.send({ kind: 'revoke' })).toMatchObject({ status: 200 });
    await ended(life);
    expect(record.of(life.requestId)).toMatchObject({ present: false, grant: { status: 'revoked' } });
  });

  it('waits with the new run for a ticket that can\'t be written, and still ends access on time', async () => {
    const life = await begin();
    record.ticketFailures = 2; // tried again after two and after four seconds
    await life.send({ kind: 'approve', days: seconds(4) });
    await life.wakeOften();
    await ended(life);
    expect(record.of(life.requestId)).toMatchObject({ present: false, tickets: 0, grant: { status: 'revoked' } });
  });

  /** Lets a workflow live to its end over a record of its own. */
  async function execute(toy: { readonly governance: object; readonly core: object }, type: string, workflowId: string, input: Readonly<Record<string, string>>): Promise<unknown> {
    const options = { connection: nativeConnection, namespace: server.namespace } as const;
    const own = await Promise.all([
      Worker.create({ ...options, taskQueue: 'runs-governance', workflowBundle: { codePath: BUNDLE }, activities: { ...toy.governance } }),
      Worker.create({ ...options, taskQueue: 'runs-core', activities: { ...toy.core } }),
    ]);
    const serving = Promise.all(own.map((worker) => worker.run()));
    try {
      return await client.workflow.execute(type, { taskQueue: 'runs-governance', workflowId, args: [input] });
    } finally {
      for (const worker of own) worker.shutdown();
      await serving;
    }
  }

  it('is no matter of requests alone: a reconciliation is carried on in each of its phases, and repeats no removal', async () => {
    const EACH = 8;
    const run = new ToyReconciliation({ ask: EACH, deliver: EACH, converge: EACH, wait: EACH });
    expect(await execute(run, RECONCILIATION_TYPE, reconciliationIdOf('toy', 'con'), { siteId: 'toy', connectorId: 'con' })).toEqual({ status: 'done' });
    for (const phase of ['ask', 'deliver', 'converge', 'wait'] as const) expect({ phase, isCarriedOn: (run.runsOf.get(phase)?.size ?? 0) > 1 }).toEqual({ phase, isCarriedOn: true });
    expect({ lost: run.lost, ...Object.fromEntries(run.carriedOut) }).toEqual({ lost: 0, ask: EACH, deliver: EACH, converge: EACH });
  });

  it('is none of reconciliations either: an import is carried on, and cuts no pause of the provider short', async () => {
    const run = new ToyImport(['wait', 'wait', 'wait', 'ask'], 3);
    expect(await execute(run, MAPPING_IMPORT_WORKFLOW, mappingImportIdOf('toy', 'imp'), { siteId: 'toy', importId: 'imp' })).toEqual({ status: 'done' });
    expect(run.runIds.size).toBeGreaterThan(1);
    expect({ cutShort: run.cutShort, lookedUp: run.lookedUp }).toEqual({ cutShort: 0, lookedUp: 3 });
  });
});
