import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { CoreApiConfig } from '../config/env.js';
import type { ConvergeDeps } from '../application/core/converge.js';
import { createLocalCore } from '../application/core/local-core.js';
import { readProviderConnection } from '../application/core/provider-connection.js';
import type { CoreWork } from '../application/ports/core-work.port.js';
import type { IdentityProviderFactory } from '../application/ports/identity-provider.port.js';
import type { MembershipFence } from '../application/ports/membership-fence.port.js';
import { connectorConfigContext, externalIdentityContext, SealingFailure, type Unsealer } from '../application/ports/sealing.port.js';
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
import { serveMetrics } from './metrics-server.js';
import { createPaceMetrics } from './pace-metrics.js';

export type OpenCoreConfig = Omit<CoreApiConfig, 'NODE_ENV' | 'LOG_LEVEL' | 'CORE_HTTP_HOST' | 'CORE_HTTP_PORT' | 'CORE_PUBLIC_URL' | 'CORE_CLIENTS'>;
export interface OpenCoreOptions {
  /** Lets a test pause an attempt just before its write; the product itself never passes one. */
  readonly wrapFence?: (fence: MembershipFence) => MembershipFence;
}
export interface OpenedCore {
  readonly work: CoreWork;
  readonly uow: PgUnitOfWork;
  readonly dataSource: DataSource;
  /** Served at METRICS_PORT, where that is set. */
  readonly registry: Registry;
  close(): Promise<void>;
}

/** What works beside the credentials, whoever asks it: the queue's activities or signed HTTP. @throws Error when the database role may do more than this process should */
export async function openCore(config: OpenCoreConfig, options: OpenCoreOptions = {}): Promise<OpenedCore> {
  const dataSource = await createDataSource({ url: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, applicationName: 'aiclearance-core' }).initialize();
  await refusePowerfulRole((sql) => dataSource.query(sql));
  const uow = new PgUnitOfWork(dataSource);
  const sealing = await createUnsealer(config.SEALING_PRIVATE_KEYS);
  const registry = new Registry();
  const providers = providerFactory(config, dataSource, createPaceMetrics(registry));
  const metrics = config.METRICS_PORT === undefined ? null : await serveMetrics(registry, { host: config.METRICS_HOST, port: config.METRICS_PORT });
  const fence = createMembershipFence(uow);
  const converge: ConvergeDeps = {
    fence: options.wrapFence?.(fence) ?? fence, connect: connector(sealing, providers), now: () => new Date(),
    pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  };
  return {
    work: createLocalCore(converge, { sealing, identityHash: createIdentityHash(config.IDENTITY_HASH_KEY), providers }), uow, dataSource, registry,
    close: async () => {
      await metrics?.stop();
      await dataSource.destroy();
    },
  };
}

const providerFactory = (config: OpenCoreConfig, dataSource: DataSource, events: PaceEvents): IdentityProviderFactory => {
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
