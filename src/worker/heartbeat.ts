import { HEARTBEAT_MS, type Heartbeat } from '../persistence/stores/worker-heartbeat.store.js';
import { repeating } from './repeating.js';
import type { SupervisedWorker, WorkerLog } from './supervised-worker.js';

/** Says every few seconds that this process works, and that it is gone when it ends in order. A database that is away is for others to report. */
export function heartbeatOf(heartbeat: Heartbeat, worker: Pick<SupervisedWorker, 'isRunning' | 'onChange'>, log: WorkerLog): { stop: () => Promise<void> } {
  const quietly = (error: unknown): void => log.warn({ why: error instanceof Error ? error.message : 'unknown' }, 'the heartbeat did not reach the database; it is tried again');
  const loop = repeating(HEARTBEAT_MS, () => heartbeat.beat(worker.isRunning), quietly);
  worker.onChange = loop.nudge;
  return {
    stop: async () => {
      await loop.stop();
      await heartbeat.end().catch(quietly);
    },
  };
}
