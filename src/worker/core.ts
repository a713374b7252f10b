import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { CoreConfig } from '../config/env.js';
import { createCoreActivities } from '../activities/core.activities.js';
import { readProviderConnection } from '../application/core/provider-connection.js';
import { Registry } from 'prom-client';
import type { IdentityProviderFactory } from '../application/ports/identity-provider.port.js';
import type { MembershipFence } from '../application/ports/membership-fence.port.js';
import { connectorConfigContext, externalIdentityContext, SealingFailure, type Unsealer } from '../application/ports/sealing.port.js';
import type { ConvergeDeps } from '../application/core/converge.js';
import { EncryptingCodec, encryptingConverter } from '../engine/payload-codec.js';
import { createIdentityProviderFactory } from '../integrations/identity-provider.factory.js';
import type { PaceEvents } from '../integrations/pacing/pace.js';
import { createPaces } from '../integrations/pacing/paces.js';
import { createUnsealer } from '../integrations/sealing/asymmetric-sealing.js';
import { createIdentityHash } from '../integrations/sealing/identity-hash.js';
import { createDataSource } from '../persistence/data-source.js';
import { refusePowerfulRole } from '../persistence/bootstrap.js';
import { createMembershipFence } from '../persistence/stores/membership-fence.store.js';
import { createRateBudgetStore } from '../persistence/stores/rate-budget.store.js';
import { PgUnitOfWork } from '../persistence/unit-of-work.js';
import { createHeartbeat } from '../persistence/stores/worker-heartbeat.store.js';
import { heartbeatOf } from './heartbeat.js';
import { createLog } from './log.js';
import { serveMetrics } from './metrics-server.js';
import { createPaceMetrics } from './pace-metrics.js';
import { SupervisedWorker, unwrapped, type WrapActivities } from './supervised-worker.js';

export interface CoreOptions {
  readonly wrapActivities?: WrapActivities;
  /** Lets a test pause an attempt just before its write; the product itself never passes one. */
  readonly wrapFence?: (fence: MembershipFence) => MembershipFence;
}

/** The core worker: the only process that opens provider credentials; it polls queue `core` and touches its own tables (SPEC F9). */
export async function startCore(config: CoreConfig, options: CoreOptions = {}): Promise<{ stop: () => Promise<void>; readonly worker: SupervisedWorker }> {
  const log = createLog('core', config.LOG_LEVEL);
  const dataSource = await createDataSource({ url: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, applicationName: 'aiclearance-core' }).initialize();
  await refusePowerfulRole((sql) => dataSource.query(sql));
  const sealing = await createUnsealer(config.SEALING_PRIVATE_KEYS);
  const registry = new Registry();
  const providers = providerFactory(config, dataSource, createPaceMetrics(registry));
  const metrics = config.METRICS_PORT === undefined ? null : await serveMetrics(registry, { host: config.METRICS_HOST, port: config.METRICS_PORT });
  const fence = createMembershipFence(new PgUnitOfWork(dataSource));
  const converge: ConvergeDeps = {
    fence: options.wrapFence?.(fence) ?? fence, connect: connector(sealing, providers), now: () => new Date(),
    pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  };
  const activities = (options.wrapActivities ?? unwrapped)(createCoreActivities(converge, { sealing, identityHash: createIdentityHash(config.IDENTITY_HASH_KEY), providers }));
  const worker = new SupervisedWorker(
    { address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE, tls: config.TEMPORAL_TLS, apiKey: config.TEMPORAL_API_KEY },
    { taskQueue: `${config.TASK_QUEUE_PREFIX}core`, activities: { ...activities }, dataConverter: encryptingConverter(new EncryptingCodec(config.PAYLOAD_KEYS, config.TEMPORAL_NAMESPACE)), maxHeartbeatThrottleInterval: '500ms', shutdownGraceTime: '10s' },
    log,
  );
  const heartbeat = heartbeatOf(createHeartbeat(dataSource, 'core', randomUUID()), worker, log);
  return {
    worker,
    stop: async () => {
      await heartbeat.stop();
      await worker.stop();
      await metrics?.stop();
      await dataSource.destroy();
    },
  };
}

const providerFactory = (config: CoreConfig, dataSource: DataSource, events: PaceEvents): IdentityProviderFactory => {
  const limits = { okta: { ratePerSecond: config.OKTA_REQUESTS_PER_SECOND }, entra: { ratePerSecond: config.ENTRA_REQUESTS_PER_SECOND } };
  const pace = createPaces({ store: createRateBudgetStore(dataSource), limits, events });
  return createIdentityProviderFactory({ allowLoopbackHttp: config.SANDBOX, pace, ...(config.EXTRA_CA_PEM === undefined ? {} : { extraCaPem: config.EXTRA_CA_PEM }) });
};

/** Opens configuration and identity for each attempt; the factory keeps one client, and so one token, per connection. */
function connector(sealing: Unsealer, providers: IdentityProviderFactory): ConvergeDeps['connect'] {
  return async ({ siteId, connectorId, provider, sealedConfig, sealedIdentity, identityConnectorId, desired }) => {
    try {
      const userId = await sealing.open(externalIdentityContext(siteId, identityConnectorId ?? connectorId), sealedIdentity);
      const connection = readProviderConnection(await sealing.open(connectorConfigContext(siteId, connectorId), sealedConfig), provider);
      return connection === null ? null : { provider: providers(connection, desired === 'absent' ? 'removal' : 'addition'), userId };
    } catch (error) {
      if (error instanceof SealingFailure) return null;
      throw error;
    }
  };
}
