import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { TemporalTarget } from '../engine/temporal-connection.js';

/** Lets a test fail or repeat activities; the product itself never passes one. */
export type WrapActivities = <T extends object>(activities: T) => T;
export const unwrapped: WrapActivities = (activities) => activities;

export interface WorkerLog { info(fields: object, message: string): void; warn(fields: object, message: string): void }

/** How a stop ends: what is under way has so long to finish, and after so long the worker is given up, whatever the engine still owes it. */
export interface StopBounds { readonly graceMs: number; readonly forceMs: number }
/** Below the thirty seconds after which orchestrators kill. */
const BOUNDS: StopBounds = { graceMs: 10_000, forceMs: 20_000 };

/** A worker that outlives its server: while the engine is away it tries again, with pauses up to five seconds. */
export class SupervisedWorker {
  private worker: Worker | undefined;
  private connection: NativeConnection | undefined;
  /** Called when it begins or stops to poll. */
  onChange: () => void = () => undefined;
  private stopping = false;
  private readonly running: Promise<void>;
  private readonly pauses = new AbortController();

  constructor(private readonly target: TemporalTarget, private readonly options: Omit<WorkerOptions, 'connection' | 'namespace' | 'shutdownGraceTime'>, private readonly log: WorkerLog, private readonly bounds: StopBounds = BOUNDS) {
    this.running = this.supervise();
  }

  get isRunning(): boolean { return this.worker?.getState() === 'RUNNING'; }

  /** Lets what is under way finish, in bounded time: an engine that says nothing any more holds no process back. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.pauses.abort();
    if (this.worker?.getState() === 'RUNNING') this.worker.shutdown();
    const enough = new AbortController();
    const given = sleep(this.bounds.forceMs, 'given up' as const, { signal: enough.signal }).catch(() => 'ended' as const);
    const end = await Promise.race([this.running.then(() => 'ended' as const), given]);
    enough.abort();
    if (end === 'ended') return this.connection?.close();
    // The SDK's own time-out for this waits for the same answers of the engine. What is left open ends when they come, or with the process.
    this.log.warn({ taskQueue: this.options.taskQueue }, 'worker was given up while stopping: the engine does not answer');
    void this.running.then(() => this.connection?.close()).catch(() => undefined);
  }

  private async supervise(): Promise<void> {
    for (let pauseMs = 200; !this.isStopping(); pauseMs = Math.min(pauseMs * 2, 5_000)) {
      try {
        this.connection ??= await NativeConnection.connect({ address: this.target.address, ...(this.target.tls ? { tls: true } : {}), ...(this.target.apiKey === undefined ? {} : { apiKey: this.target.apiKey }) });
        this.worker = await Worker.create({ ...this.options, shutdownGraceTime: this.bounds.graceMs, connection: this.connection, namespace: this.target.namespace });
        this.log.info({ taskQueue: this.options.taskQueue }, 'worker polls');
        if (this.isStopping()) this.worker.shutdown();
        const running = this.worker.run();
        this.onChange();
        await running;
        pauseMs = 200;
      } catch (error) {
        if (!this.isStopping()) this.log.warn({ taskQueue: this.options.taskQueue, why: error instanceof Error ? error.message : 'unknown' }, 'worker is not running; it tries again');
      }
      this.onChange();
      if (!this.isStopping()) await this.pause(pauseMs);
    }
  }
  private isStopping(): boolean { return this.stopping; }
  private pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.pauses.signal }).catch(() => undefined); // stopped: no need to wait
  }
}
