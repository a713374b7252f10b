import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { createReconciliationActivities } from '../activities/reconciliation.activities.js';
import type { ReconciliationActivities } from '../activities/reconciliation.port.js';
import type { AccessDeps } from '../application/access/access-deps.js';
import { takeUpDeactivated, type DeactivatedIdentity } from '../application/reconciliation/identity-deactivated.js';
import { RECONCILIATION } from '../application/reconciliation/run-case.js';
import { startRun } from '../application/reconciliation/start-run.js';
import type { AccessEngine } from '../application/ports/engine.port.js';
import type { LeaverStore } from '../application/ports/leaver-store.port.js';
import { PgLeaverStore } from '../persistence/stores/leaver.store.js';
import type { SettingStore } from '../application/ports/governance-store.port.js';
import type { ReconciliationStore } from '../application/ports/reconciliation-store.port.js';
import type { SweepStore } from '../application/ports/sweep-store.port.js';
import type { SiteTx } from '../application/ports/unit-of-work.port.js';
import { readSetting } from '../contracts/setting-documents.js';
import { createReconciliationEngine, syncReconciliationSchedules, type WantedSchedule } from '../engine/reconciliation-engine.js';
import { PgCommandStore } from '../persistence/stores/command.store.js';
import { PgReconciliationStore } from '../persistence/stores/reconciliation.store.js';
import { PgSettingStore } from '../persistence/stores/setting.store.js';

export interface ReconciliationWorker {
  readonly activities: ReconciliationActivities;
  /** Wakes runs that lost their workflow. */
  wakeStalled(): Promise<void>;
  /** Brings the Schedules in line with the connectors and the interval of each site. */
  syncSchedules(): Promise<void>;
}
/** A run whose last step is older has no workflow, or one that waits for a core worker; being woken harms neither. Milliseconds. */
const STALLED_MS = 90_000;

interface Needed { readonly access: AccessDeps; readonly engine: AccessEngine; readonly client: Client; readonly taskQueue: string; readonly sweeps: Pick<SweepStore, 'siteIds'>; readonly committed: () => void }

/** The governance worker's part of reconciliation, wired once. */
export function createReconciliationWorker({ access, engine, client, taskQueue, sweeps, committed }: Needed): ReconciliationWorker {
  const runs: ReconciliationStore = new PgReconciliationStore();
  const settings: SettingStore = new PgSettingStore();
  const leavers: LeaverStore = new PgLeaverStore();
  const { uow } = access;
  const settingsOf = async (tx: SiteTx): Promise<{ intervalHours: number; stopAboveChanges: number; stopAbovePercent: number }> => readSetting('reconciliation', await settings.find(tx, 'reconciliation'));
  const reconciliation = createReconciliationEngine(client, taskQueue);
  const deps = {
    ...access, engine, runs, commands: new PgCommandStore(), newId: randomUUID,
    limits: async (tx: SiteTx) => {
      const { stopAboveChanges, stopAbovePercent } = await settingsOf(tx);
      return { minimum: stopAboveChanges, sharePercent: stopAbovePercent };
    },
    identityDeactivated: (tx: SiteTx, who: DeactivatedIdentity) => takeUpDeactivated({ runs, leavers, settings, newId: randomUUID }, tx, who),
  };
  return {
    activities: createReconciliationActivities(deps, async (siteId, connectorId) => {
      const recordId = await uow.run(siteId, async (tx) => (await runs.enabledConnectors(tx)).includes(connectorId) ? (await startRun(deps, tx, { connectorId, toolKey: null, trigger: 'schedule', actor: RECONCILIATION })).id : null);
      if (recordId !== null) await reconciliation.wake(siteId, connectorId);
      return { recordId };
    }, committed),
    async wakeStalled() {
      for (const siteId of await sweeps.siteIds()) {
        for (const connectorId of await uow.run(siteId, (tx) => runs.stalled(tx, STALLED_MS))) await reconciliation.wake(siteId, connectorId);
      }
    },
    async syncSchedules() {
      const wanted: WantedSchedule[] = [];
      for (const siteId of await sweeps.siteIds()) {
        const { connectors, intervalHours } = await uow.run(siteId, async (tx) => ({ connectors: await runs.enabledConnectors(tx), intervalHours: (await settingsOf(tx)).intervalHours }));
        wanted.push(...connectors.map((connectorId) => ({ siteId, connectorId, intervalHours })));
      }
      await syncReconciliationSchedules(client, taskQueue, wanted);
    },
  };
}
