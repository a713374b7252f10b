import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { TemporalTarget } from '../engine/temporal-connection.js';

/** Lets a test fail or repeat activities; the product itself never passes one. */
export type WrapActivities = <T extends object>(activities: T) => T;
export const unwrapped: WrapActivities = (activities) => activities;

export interface WorkerLog { info(fields: object, message: string): void; warn(fields: object, message: string): void }

/** A worker that outlives its server: while the engine is away it tries again, with pauses up to five seconds. */
export class SupervisedWorker {
  private worker: Worker | undefined;
  private connection: NativeConnection | undefined;
  /** Called when it begins or stops to poll. */
  onChange: () => void = () => undefined;
  private stopping = false;
  private readonly running: Promise<void>;
  private readonly pauses = new AbortController();

  constructor(private readonly target: TemporalTarget, private readonly options: Omit<WorkerOptions, 'connection' | 'namespace'>, private readonly log: WorkerLog) {
    this.running = this.supervise();
  }

  get isRunning(): boolean { return this.worker?.getState() === 'RUNNING'; }

  /** Lets what is under way finish. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.pauses.abort();
    if (this.worker?.getState() === 'RUNNING') this.worker.shutdown();
    await this.running;
    await this.connection?.close();
  }

  private async supervise(): Promise<void> {
    for (let pauseMs = 200; !this.isStopping(); pauseMs = Math.min(pauseMs * 2, 5_000)) {
      try {
        this.connection ??= await NativeConnection.connect({ address: this.target.address, ...(this.target.tls ? { tls: true } : {}), ...(this.target.apiKey === undefined ? {} : { apiKey: this.target.apiKey }) });
        this.worker = await Worker.create({ ...this.options, connection: this.connection, namespace: this.target.namespace });
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
