import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { createMappingImportActivities } from '../activities/mapping-import.activities.js';
import type { MappingImportActivities } from '../activities/mapping-import.port.js';
import { wakeWaiting } from '../application/admin/wake-after.js';
import type { SweepDeps } from '../application/sweeps/sweeps.js';
import { createMappingImportEngine } from '../engine/mapping-import-engine.js';
import { PgConnectorStore } from '../persistence/stores/connector.store.js';
import { PgMappingImportStore } from '../persistence/stores/mapping-import.store.js';
import { PgMappingStore } from '../persistence/stores/mapping.store.js';
import type { PgUnitOfWork } from '../persistence/unit-of-work.js';

/** An import whose last step is older has no workflow, or one that waits; being started again harms neither. Milliseconds. */
const STALLED_MS = 60_000;

export interface MappingImportWorker { readonly activities: MappingImportActivities; /** Starts imports that lost their workflow. */ startStalled(): Promise<void> }

/** The governance worker's part of imports, wired once. */
export function createMappingImportWorker(uow: PgUnitOfWork, { sweeps, engine: accessEngine, log }: Pick<SweepDeps, 'sweeps' | 'engine' | 'log'>, client: Client, taskQueue: string): MappingImportWorker {
  const imports = new PgMappingImportStore();
  const engine = createMappingImportEngine(client, taskQueue);
  return {
    activities: createMappingImportActivities({ uow, imports, connectors: new PgConnectorStore(), mappings: new PgMappingStore(), newId: randomUUID, wake: (siteId, requestIds) => wakeWaiting({ uow, sweeps, engine: accessEngine, log }, siteId, { requestIds }, 'mappingChanged') }),
    async startStalled() {
      for (const siteId of await sweeps.siteIds()) for (const id of await uow.run(siteId, (tx) => imports.stalled(tx, STALLED_MS))) await engine.run(siteId, id);
    },
  };
}
