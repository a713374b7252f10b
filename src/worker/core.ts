import { randomUUID } from 'node:crypto';
import type { CoreConfig } from '../config/env.js';
import { createCoreActivities } from '../activities/core.activities.js';
import { serveCore } from '../core-api/serve.js';
import { EncryptingCodec, encryptingConverter } from '../engine/payload-codec.js';
import { createHeartbeat } from '../persistence/stores/worker-heartbeat.store.js';
import { heartbeatOf } from './heartbeat.js';
import { createLog } from './log.js';
import { openCore, type OpenCoreOptions } from './open-core.js';
import { SupervisedWorker, unwrapped, type WrapActivities } from './supervised-worker.js';

export interface CoreOptions extends OpenCoreOptions {
  readonly wrapActivities?: WrapActivities;
}
export interface Core {
  readonly worker: SupervisedWorker;
  /** Where it answers signed HTTP; null: not at all. */
  readonly url: string | null;
  stop(): Promise<void>;
}

/** The core worker: the only process that opens provider credentials; it polls queue `core`, answers signed HTTP if told to, and touches its own tables (SPEC F9). */
export async function startCore(config: CoreConfig, options: CoreOptions = {}): Promise<Core> {
  const log = createLog('core', config.LOG_LEVEL);
  const opened = await openCore(config, options);
  const activities = (options.wrapActivities ?? unwrapped)(createCoreActivities(opened.work));
  const worker = new SupervisedWorker(
    { address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE, tls: config.TEMPORAL_TLS, apiKey: config.TEMPORAL_API_KEY },
    { taskQueue: `${config.TASK_QUEUE_PREFIX}core`, activities: { ...activities }, dataConverter: encryptingConverter(new EncryptingCodec(config.PAYLOAD_KEYS, config.TEMPORAL_NAMESPACE)), maxHeartbeatThrottleInterval: '500ms' },
    log,
  );
  const heartbeat = heartbeatOf(createHeartbeat(opened.dataSource, 'core', randomUUID()), worker, log);
  const { CORE_HTTP_PORT: port, CORE_CLIENTS: clients } = config;
  const served = port === undefined || clients === undefined ? null : await serveCore(opened, { host: config.CORE_HTTP_HOST, port, publicUrl: config.CORE_PUBLIC_URL ?? null, clients, log });
  return {
    worker, url: served?.url ?? null,
    stop: async () => {
      await heartbeat.stop();
      await Promise.all([worker.stop(), served?.close()]);
      await opened.close();
    },
  };
}
