import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerOptions } from '@temporalio/worker';
import { createCoreActivities } from '../activities/core.activities.js';
import type { RemoteCoreConfig } from '../config/remote-core.js';
import type { TemporalTarget } from '../engine/temporal-connection.js';
import { RemoteCore } from '../integrations/core/remote-core.js';
import type { Heartbeat } from '../persistence/stores/worker-heartbeat.store.js';
import { heartbeatOf } from './heartbeat.js';
import { repeating } from './repeating.js';
import { SupervisedWorker, unwrapped, type WorkerLog, type WrapActivities } from './supervised-worker.js';

const LOOK_EVERY_MS = 2_000;
/** Misses in a row after which the queue is left alone. */
const MISSES = 3;

/**
 * Polls queue `core` on behalf of a Core behind HTTP, for as long as that Core answers signed requests: while it is away, work waits in the queue as it does for
 * a core worker that is away, costs no attempt, and the heartbeat says so to whoever asks whether Core is there (SPEC F3).
 */
export function pollForRemoteCore(remote: RemoteCoreConfig, target: TemporalTarget, options: Pick<WorkerOptions, 'taskQueue' | 'dataConverter'>, heartbeat: Heartbeat, log: WorkerLog, wrap: WrapActivities = unwrapped): { stop: () => Promise<void> } {
  const core = new RemoteCore({ ...remote, now: () => new Date(), pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined) });
  const activities = wrap(createCoreActivities(core));
  let worker: SupervisedWorker | null = null;
  let misses = 0;
  const seen = { get isRunning() { return worker?.isRunning ?? false; }, onChange: (): void => undefined };
  const beating = heartbeatOf(heartbeat, seen, log);
  const leave = async (): Promise<void> => {
    const leaving = worker;
    worker = null;
    await leaving?.stop();
    seen.onChange();
  };
  const look = async (): Promise<void> => {
    try {
      await core.ping();
      misses = 0;
    } catch (error) {
      misses += 1;
      if (misses % 30 === 1) log.warn({ why: error instanceof Error ? error.message : 'unknown' }, 'Core does not answer over HTTP; its work waits in the queue');
      if (misses >= MISSES) await leave();
      return;
    }
    if (worker !== null) return;
    worker = new SupervisedWorker(target, { ...options, activities: { ...activities }, maxHeartbeatThrottleInterval: '500ms' }, log);
    worker.onChange = () => seen.onChange();
  };
  const looking = repeating(LOOK_EVERY_MS, look, (error) => log.warn({ why: error instanceof Error ? error.message : 'unknown' }, 'the look after Core did not finish; it is tried again'));
  return {
    stop: async () => {
      await beating.stop();
      await looking.stop();
      await leave();
    },
  };
}
