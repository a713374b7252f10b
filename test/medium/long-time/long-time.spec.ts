import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import fc from 'fast-check';
import { DAY_MS } from '../../../src/domain/grant/grant.js';
import { UPDATES, wakeSignal, workflowIdOf, WORKFLOW_TYPE, type CommandResult } from '../../../src/workflows/access-request/messages.js';
import { timeSkippingServer } from '../../support/temporal.js';
import { until } from '../../support/until.js';
import { ToyRecord, type ToyCommand } from './toy-record.js';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'temporalio_sdk_core=ERROR' } } });

const HOUR_MS = 3_600_000;
/** Timers are exact in the engine's time; what a step itself takes on a busy machine is real time. */
const SLACK_MS = 5_000;
/** Between reading the server's clock for a test and the toy record reading it for its first step. */
const READING_MS = 1_000;

/** The workflow's own timers over half a year, on a server whose clock jumps, over a record in memory. */
describe('a request over a long time', () => {
  let environment: TestWorkflowEnvironment;
  let record: ToyRecord;
  let workers: readonly Worker[] = [];
  let running: Promise<unknown> = Promise.resolve();

  beforeAll(async () => {
    environment = await timeSkippingServer();
    record = new ToyRecord(() => environment.currentTimeMs());
    const options = { connection: environment.nativeConnection, maxHeartbeatThrottleInterval: '100ms' } as const;
    workers = await Promise.all([
      Worker.create({ ...options, taskQueue: 'governance', workflowBundle: { codePath: join(import.meta.dirname, '../../../dist/workflow-bundle.js') }, activities: { ...record.governance } }),
      Worker.create({ ...options, taskQueue: 'core', activities: { ...record.core } }),
    ]);
    running = Promise.all(workers.map((worker) => worker.run()));
  });
  afterAll(async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await environment.teardown();
  });

  interface Life {
    readonly requestId: string; readonly startMs: number; readonly handle: WorkflowHandle;
    /** Lets time run until so long after the start and waits for the run to end: awaiting its result would let the clock run on for years. */
    ended(afterMs: number): Promise<void>;
    send(command: ToyCommand, commandId?: string): Promise<CommandResult>;
    wake(): Promise<void>;
    timers(): Promise<{ started: number; fired: number; cancelled: number }>;
  }
  async function begin(): Promise<Life> {
    const requestId = randomUUID();
    await record.create(requestId);
    const startMs = await environment.currentTimeMs();
    const handle = await environment.client.workflow.start(WORKFLOW_TYPE, { taskQueue: 'governance', workflowId: workflowIdOf('toy', requestId), args: [{ siteId: 'toy', requestId }] });
    const life: Life = {
      requestId, startMs, handle,
      ended: async (afterMs) => {
        await environment.sleep(Math.max(1, startMs + afterMs + HOUR_MS - (await environment.currentTimeMs())));
        await until('the end of the run', async () => (await handle.describe()).status.name === 'COMPLETED');
      },
      send: (command, commandId = `${requestId.slice(0, 8)}${randomUUID().slice(8)}`) => {
        record.commands.set(commandId, command);
        return handle.executeUpdate(UPDATES.decide, { args: [commandId], updateId: commandId });
      },
      wake: () => handle.signal(wakeSignal, 'due'),
      timers: async () => {
        const { events } = await handle.fetchHistory();
        const count = (field: 'timerStartedEventAttributes' | 'timerFiredEventAttributes' | 'timerCanceledEventAttributes'): number => events?.filter((event) => event[field] != null).length ?? 0;
        return { started: count('timerStartedEventAttributes'), fired: count('timerFiredEventAttributes'), cancelled: count('timerCanceledEventAttributes') };
      },
    };
    // A command that comes together with the start finds no alarm to replace; people are later than that.
    await until('the first alarm', async () => (await life.timers()).started === 1);
    return life;
  }
  const since = (life: Life, what: string): number[] => record.when(what).filter((atMs) => atMs >= life.startMs).map((atMs) => atMs - life.startMs);
  const near = (actual: number | undefined, expectedMs: number): void => {
    // The start is read from the server beside the first step, not in it: the two readings may lie a moment apart, either way.
    expect(actual).toBeGreaterThan(expectedMs - READING_MS);
    expect(actual).toBeLessThan(expectedMs + SLACK_MS);
  };

  it('reminds, warns and lapses to the second when nobody decides, with one timer each', async () => {
    const life = await begin();
    await life.ended(30 * DAY_MS);
    near(since(life, 'remind')[0], DAY_MS);
    near(since(life, 'breach')[0], 2 * DAY_MS);
    near(since(life, 'lapse')[0], 30 * DAY_MS);
    expect(await life.timers()).toEqual({ started: 3, fired: 3, cancelled: 0 });
  });

  it('ends access after 180 days to the second, with one timer for all of them', async () => {
    const life = await begin();
    expect(await life.send({ kind: 'approve', days: 180 })).toEqual({ status: 200, stored: '{"ok":true,"answer":{}}' });
    await life.ended(180 * DAY_MS);
    near(since(life, 'expire')[0], 180 * DAY_MS);
    expect(record.of(life.requestId)).toMatchObject({ present: false, grant: { status: 'revoked' } });
    expect(await life.timers()).toEqual({ started: 2, fired: 1, cancelled: 1 }); // the reminder's is cancelled by the approval
  });

  it('keeps one alarm through forty wakes', async () => {
    const life = await begin();
    await life.send({ kind: 'approve', days: 90 });
    for (let day = 0; day < 40; day += 1) {
      await environment.sleep(2 * DAY_MS);
      await life.wake();
    }
    await life.ended(90 * DAY_MS);
    near(since(life, 'expire')[0], 90 * DAY_MS);
    expect(await life.timers()).toEqual({ started: 2, fired: 1, cancelled: 1 });
  });

  it('replaces the alarm when access is extended', async () => {
    const life = await begin();
    await life.send({ kind: 'approve', days: 30 });
    await environment.sleep(29 * DAY_MS);
    await life.send({ kind: 'extend', days: 60 });
    await environment.sleep(2 * DAY_MS);
    expect(record.of(life.requestId).grant?.status).toBe('active');
    await life.ended(90 * DAY_MS);
    near(since(life, 'expire')[0], 90 * DAY_MS);
    expect(await life.timers()).toEqual({ started: 3, fired: 1, cancelled: 2 });
  });

  it('rings earlier when the end was moved forward', async () => {
    const life = await begin();
    await life.send({ kind: 'approve', days: 30 });
    await environment.sleep(DAY_MS);
    await life.send({ kind: 'extend', days: -20 });
    await life.ended(10 * DAY_MS);
    near(since(life, 'expire')[0], 10 * DAY_MS);
  });

  it('ends at once when the end was moved into the past', async () => {
    const life = await begin();
    await life.send({ kind: 'approve', days: 30 });
    await environment.sleep(5 * DAY_MS);
    await life.send({ kind: 'extend', days: -28 });
    await life.ended(5 * DAY_MS);
    near(since(life, 'expire')[0], 5 * DAY_MS);
  });

  it('waits out a provider that is away, longer each time', async () => {
    const life = await begin();
    record.provider.push('isAway', 'isAway', 'isAway', 'isAway');
    await life.send({ kind: 'approve', days: 10 });
    await life.ended(10 * DAY_MS);
    const attempts = since(life, 'converge present: isAway');
    expect(attempts).toHaveLength(4);
    near(since(life, 'active')[0], 15_000); // 1 + 2 + 4 + 8 seconds
  });

  it('lets a revoke overtake a provider that hangs: the older step is called off and never adds', async () => {
    const life = await begin();
    record.provider.push('hangsUntilCancelled');
    await life.send({ kind: 'approve', days: 10 });
    await life.send({ kind: 'revoke' });
    await life.ended(0);
    expect([since(life, 'active').length, since(life, 'converge absent: succeeds').length]).toEqual([0, 1]);
    expect(record.of(life.requestId)).toMatchObject({ present: false, grant: { status: 'revoked' } });
  });

  it('lets no ticket hold access up: a Jira that is away for a day changes nothing, and is written to in the end', async () => {
    const life = await begin();
    record.ticketFailures = 150;
    await life.send({ kind: 'approve', days: 5 });
    await environment.sleep(HOUR_MS);
    expect(record.of(life.requestId)).toMatchObject({ tickets: 1, grant: { status: 'active' } });
    await life.ended(5 * DAY_MS);
    near(since(life, 'expire')[0], 5 * DAY_MS);
    expect(record.of(life.requestId)).toMatchObject({ tickets: 0, grant: { status: 'revoked' } });
  });

  it('lets a ticket that will never be written hold nothing up either', async () => {
    const life = await begin();
    record.ticketRefused = true;
    await life.send({ kind: 'approve', days: 5 });
    await environment.sleep(HOUR_MS);
    expect(record.of(life.requestId)).toMatchObject({ tickets: 1, grant: { status: 'active' } });
    await environment.sleep(6 * DAY_MS);
    near(since(life, 'expire')[0], 5 * DAY_MS);
    expect(record.of(life.requestId)).toMatchObject({ present: false, grant: { status: 'revoked' } });
    await life.ended(6 * DAY_MS);
    expect(record.of(life.requestId).tickets).toBe(1); // what is queued is the poller's, which starts a run for it
    record.ticketRefused = false;
  });

  it('applies a command that is sent twice once, and answers both the same', async () => {
    const life = await begin();
    const commandId = `${life.requestId.slice(0, 8)}${randomUUID().slice(8)}`;
    const [first, second] = await Promise.all([life.send({ kind: 'approve', days: 5 }, commandId), life.send({ kind: 'approve', days: 5 }, commandId)]);
    expect(second).toEqual(first);
    expect(await life.send({ kind: 'approve', days: 5 }, commandId)).toEqual(first);
    expect(record.applied.filter((id) => id === commandId)).toHaveLength(1);
    expect(since(life, 'approve')).toHaveLength(1);
    await life.ended(5 * DAY_MS);
  });

  it('refuses what is no command id before it reaches the record', async () => {
    const life = await begin();
    await expect(life.handle.executeUpdate(UPDATES.decide, { args: ['approve, please'] })).rejects.toMatchObject({ cause: { type: 'command.shape' } });
    await life.ended(30 * DAY_MS);
  });

  it('never loses or keeps an alarm too many, whatever is delivered and whenever', async () => {
    const message = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('wake' as const), times: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('extend' as const), days: fc.integer({ min: -3, max: 20 }) }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'refused' as const }) },
    );
    const plan = fc.record({ days: fc.integer({ min: 15, max: 60 }), messages: fc.array(fc.record({ afterHours: fc.integer({ min: 0, max: 60 }), message }), { maxLength: 8 }) });
    await fc.assert(fc.asyncProperty(plan, async ({ days, messages }) => {
      const life = await begin();
      await life.send({ kind: 'approve', days });
      for (const { afterHours, message: sent } of messages) {
        if (afterHours > 0) await environment.sleep(afterHours * HOUR_MS);
        if (record.of(life.requestId).grant?.status !== 'active') break;
        if (sent.kind === 'wake') await Promise.all(Array.from({ length: sent.times }, () => life.wake()));
        else await life.send(sent);
      }
      const wanted = record.of(life.requestId).grant?.expiresAt.getTime() ?? 0;
      await life.ended(wanted - life.startMs);
      const expired = record.when('expire').filter((atMs) => atMs >= life.startMs);
      expect(expired).toHaveLength(1);
      near(expired[0], Math.max(wanted, ...record.when('extend').filter((atMs) => atMs >= life.startMs && atMs > wanted)));
      const timers = await life.timers();
      expect(timers.started).toBe(timers.fired + timers.cancelled);
    }), { numRuns: 20 });
  }, 180_000);
});
