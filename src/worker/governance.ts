import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import type { DataSource } from 'typeorm';
import type { GovernanceConfig } from '../config/env.js';
import { remoteCoreOf } from '../config/remote-core.js';
import { createRecordActivities } from '../activities/record.activities.js';
import { createTicketActivities } from '../activities/ticket.activities.js';
import { createLeaverActivities } from '../activities/leaver.activities.js';
import { createMassActionActivities } from '../activities/mass-action.activities.js';
import { createCoreCallActivities, createSweepActivities } from '../activities/admin.activities.js';
import type { IntakeDeps } from '../application/access/submit/issue-created.js';
import { createGroupReader } from '../application/access/submit/requester-groups.js';
import { startLeaverChecks } from '../application/leavers/start-checks.js';
import { startOpenMassActions } from '../application/mass-actions/start-open.js';
import { warnOfExpiry } from '../application/sweeps/credential-expiry.js';
import { finishPendingIntake } from '../application/sweeps/pending-intake.js';
import { rebuildRuns, wakeOverdue, type SweepDeps } from '../application/sweeps/sweeps.js';
import { updateTicket, type TicketDeps } from '../application/tickets/update-ticket.js';
import { MacKeyRing } from '../audit/hashing.js';
import { Sealer } from '../audit/sealer.js';
import { createAccessEngine } from '../engine/access-engine.js';
import { createMassActionEngine } from '../engine/mass-action-engine.js';
import { EncryptingCodec, encryptingConverter } from '../engine/payload-codec.js';
import { createSchedules, schedulesMissing } from '../engine/schedules.js';
import { createClient } from '../engine/temporal-connection.js';
import { paragraphs } from '../integrations/jira/adf.js';
import { createJiraSites } from '../integrations/jira/jira-sites.js';
import { createSymmetricSealing } from '../integrations/sealing/symmetric-sealing.js';
import { refusePowerfulRole, refusePowerfulSealer } from '../persistence/bootstrap.js';
import { createDataSource } from '../persistence/data-source.js';
import { PgCommandStore } from '../persistence/stores/command.store.js';
import { PgConnectorStore } from '../persistence/stores/connector.store.js';
import { PgMappingImportStore } from '../persistence/stores/mapping-import.store.js';
import { PgMappingStore } from '../persistence/stores/mapping.store.js';
import { PgLeaverStore } from '../persistence/stores/leaver.store.js';
import { PgMassActionStore } from '../persistence/stores/mass-action.store.js';
import { PgToolStore } from '../persistence/stores/tool.store.js';
import { PgToolRoleStore } from '../persistence/stores/tool-role.store.js';
import { createSiteDirectory } from '../persistence/stores/site-directory.store.js';
import { intakeStore } from '../persistence/stores/intake.store.js';
import { PgReconciliationStore } from '../persistence/stores/reconciliation.store.js';
import { PgRecordStore } from '../persistence/stores/record.store.js';
import { requestLookup } from '../persistence/stores/request-lookup.store.js';
import { createSweepStore } from '../persistence/stores/sweep.store.js';
import { ticketStore } from '../persistence/stores/ticket.store.js';
import { PgSettingStore } from '../persistence/stores/setting.store.js';
import { PgUnitOfWork, type ClockOverride } from '../persistence/unit-of-work.js';
import { createHeartbeat } from '../persistence/stores/worker-heartbeat.store.js';
import { heartbeatOf } from './heartbeat.js';
import { createLog } from './log.js';
import { createMappingImportWorker, type MappingImportWorker } from './mapping-imports.js';
import { createReconciliationWorker, type ReconciliationWorker } from './reconciliation.js';
import { pollForRemoteCore } from './remote-core-worker.js';
import { repeating } from './repeating.js';
import { SupervisedWorker, unwrapped, type WorkerLog, type WrapActivities } from './supervised-worker.js';

/** As built, also where this file runs from its source (tests). */
const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));
/** How often a wiped namespace is looked for. Milliseconds. */
const REBUILD_CHECK_MS = 10_000;
/** How often runs of reconciliation that lost their workflow, and connectors without a Schedule, are looked for. Milliseconds. */
const RECONCILIATION_CHECK_MS = 30_000;

export interface Governance { readonly worker: SupervisedWorker; readonly sealer: Sealer; readonly dataSource: DataSource; stop: () => Promise<void> }

/** The governance worker: runs workflows and database steps, writes tickets, seals the audit trail, polls and rebuilds. Holds no provider credential. */
export async function startGovernance(config: GovernanceConfig, options: { readonly workflowBundle?: string; readonly clock?: ClockOverride; readonly maxCachedWorkflows?: number; readonly wrapActivities?: WrapActivities } = {}): Promise<Governance> {
  const log = createLog('governance', config.LOG_LEVEL);
  const dataSource = await createDataSource({ url: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, applicationName: 'aiclearance-governance' }).initialize();
  await refusePowerfulRole((sql) => dataSource.query(sql));
  const uow = new PgUnitOfWork(dataSource, { statementTimeoutMs: 4_000, lockTimeoutMs: 3_000, ...(options.clock === undefined ? {} : { clock: options.clock }) });
  const target = { address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE, tls: config.TEMPORAL_TLS, apiKey: config.TEMPORAL_API_KEY };
  const dataConverter = encryptingConverter(new EncryptingCodec(config.PAYLOAD_KEYS, config.TEMPORAL_NAMESPACE));
  const client = createClient(target, dataConverter);
  const taskQueue = `${config.TASK_QUEUE_PREFIX}governance`;
  const sealer = new Sealer({ connection: config.SEALER_DATABASE_URL, keyRing: new MacKeyRing(config.AUDIT_MAC_KEYS), onError: (error) => log.warn({ why: String(error) }, 'the audit sealer was interrupted; it goes on') });
  await refusePowerfulSealer(config.SEALER_DATABASE_URL);
  sealer.start();
  const store = new PgRecordStore();
  const massActions = new PgMassActionStore();
  const engine = createAccessEngine(client, taskQueue);
  const massActionEngine = createMassActionEngine(client, taskQueue);
  const leavers = new PgLeaverStore();
  const jiraSites = createJiraSites(createSiteDirectory(dataSource), createSymmetricSealing(config.JIRA_SEALING_KEYS), { allowLoopbackHttp: config.SANDBOX });
  const say = (message: string, detail: Readonly<Record<string, string | number>>): void => log.info(detail, message);
  const sweep: SweepDeps = { uow, sweeps: createSweepStore(dataSource), engine, imports: new PgMappingImportStore(), jobRetentionDays: config.JOB_RETENTION_DAYS, log: say };
  const tickets: TicketDeps = { uow, tickets: ticketStore, jiraSites, pause: (ms) => sleep(ms), adf: (lines) => paragraphs(...lines) };
  const intake: IntakeDeps = { uow, store, engine, jiraSites, lookup: requestLookup, intake: intakeStore, log: say, pause: (ms) => sleep(ms) };
  const access = { uow, store, readGroups: createGroupReader(jiraSites) };
  const reconciliation = createReconciliationWorker({ access, engine, client, taskQueue, sweeps: sweep.sweeps, committed: () => sealer.nudge() });
  const mappingImports = createMappingImportWorker(uow, sweep, client, taskQueue);
  const worker = new SupervisedWorker(target, {
    taskQueue, dataConverter,
    workflowBundle: { codePath: options.workflowBundle ?? BUNDLE },
    ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
    activities: (options.wrapActivities ?? unwrapped)({
      ...createRecordActivities(access, () => sealer.nudge()), ...reconciliation.activities, ...mappingImports.activities, ...createTicketActivities(tickets),
      ...createCoreCallActivities(uow, { commands: new PgCommandStore(), connectors: new PgConnectorStore(), tools: new PgToolStore(), roles: new PgToolRoleStore(), mappings: new PgMappingStore(), newId: randomUUID }), ...createSweepActivities(sweep),
      ...createMassActionActivities({ uow, massActions, commands: new PgCommandStore(), engine, log: say }),
      ...createLeaverActivities({ uow, massActions, leavers, settings: new PgSettingStore(), jiraSites, massActionEngine, siteIds: () => sweep.sweeps.siteIds() }),
    }),
  }, log);
  const heartbeat = heartbeatOf(createHeartbeat(dataSource, 'governance', randomUUID()), worker, log);
  const remoteCore = remoteCoreOf(config);
  const coreWorker = remoteCore === null ? null : pollForRemoteCore(remoteCore, target, { taskQueue: `${config.TASK_QUEUE_PREFIX}core`, dataConverter }, createHeartbeat(dataSource, 'core', randomUUID()), log, options.wrapActivities);
  const loops = startLoops({ config, client, taskQueue, sweep, intake, tickets, reconciliation, mappingImports, log, startMassActions: async () => {
    await startOpenMassActions({ uow, massActions, siteIds: () => sweep.sweeps.siteIds(), engine: massActionEngine });
    await startLeaverChecks({ uow, leavers, siteIds: () => sweep.sweeps.siteIds(), engine: massActionEngine });
  } });
  return {
    worker, sealer, dataSource,
    stop: async () => {
      await heartbeat.stop();
      await Promise.all(loops.map((loop) => loop.stop()));
      await Promise.all([worker.stop(), coreWorker?.stop()]);
      await sealer.stop();
      await client.connection.close();
      await dataSource.destroy();
    },
  };
}

interface Loops { readonly config: GovernanceConfig; readonly client: Client; readonly taskQueue: string; readonly sweep: SweepDeps; readonly intake: IntakeDeps; readonly tickets: TicketDeps; readonly reconciliation: ReconciliationWorker; readonly mappingImports: MappingImportWorker; readonly log: WorkerLog; readonly startMassActions: () => Promise<void> }
/** What no timer of the engine may be trusted with: overdue requests, pending deliveries, a wiped namespace (DESIGN, workflow). */
function startLoops({ config, client, taskQueue, sweep, intake, tickets, reconciliation, mappingImports, log, startMassActions }: Loops): { stop: () => Promise<void> }[] {
  const quietly = (what: string) => (error: unknown): void => log.warn({ why: error instanceof Error ? error.message : 'unknown' }, `${what} did not finish; it is tried again`);
  const rebuild = async (): Promise<void> => {
    if (!(await schedulesMissing(client))) return;
    await sweep.sweeps.withRebuildLock(async () => {
      const rebuilt = await rebuildRuns(sweep);
      await startMassActions();
      await createSchedules(client, taskQueue);
      if (rebuilt > 0) log.info({ rebuilt }, 'open requests were given their runs again');
    });
  };
  return [
    repeating(config.POLL_INTERVAL_MS, () => wakeOverdue(sweep), quietly('the poll of overdue requests')),
    repeating(Math.min(5_000, config.POLL_INTERVAL_MS), () => finishPendingIntake({ ...intake, sweeps: sweep.sweeps, tickets: tickets.tickets, writeTicket: (siteId, id) => updateTicket(tickets, siteId, id, AbortSignal.timeout(30_000)) }), quietly('the poll of pending deliveries')),
    repeating(config.POLL_INTERVAL_MS, startMassActions, quietly('the poll of mass actions')),
    repeating(REBUILD_CHECK_MS, rebuild, quietly('the check of the namespace')),
    repeating(RECONCILIATION_CHECK_MS, async () => {
      await reconciliation.wakeStalled();
      await reconciliation.syncSchedules();
    }, quietly('the check of reconciliations')),
    repeating(RECONCILIATION_CHECK_MS, () => warnOfExpiry({ uow: sweep.uow, connectors: new PgConnectorStore(), findings: new PgReconciliationStore(), siteIds: () => sweep.sweeps.siteIds(), newId: randomUUID }), quietly('the check of credentials')),
    repeating(RECONCILIATION_CHECK_MS, () => mappingImports.startStalled(), quietly('the check of imports')),
  ];
}
