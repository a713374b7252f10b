import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { pino, type Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { AccessApiDeps } from '../application/access/api/access-api-deps.js';
import { createGrantCommands } from '../application/access/api/grant-commands.js';
import { createJobCommands } from '../application/access/api/job-commands.js';
import { createRequestCommands } from '../application/access/api/request-commands.js';
import { issueCreated, type IntakeDeps } from '../application/access/submit/issue-created.js';
import { createGroupReader } from '../application/access/submit/requester-groups.js';
import { createAdminCommands } from '../application/admin/admin-commands.js';
import type { AdminDeps } from '../application/admin/admin-deps.js';
import { WakeAfter } from '../application/admin/wake-after.js';
import { createDiagnoses } from '../application/diagnosis/diagnose-issue.js';
import { createOktaHooks } from '../application/leavers/okta-hooks.js';
import { createKillSwitchCommands } from '../application/mass-actions/kill-switch-commands.js';
import { createMappingImportCommands } from '../application/mapping-imports/import-mappings.js';
import type { JiraSites } from '../application/ports/jira-sites.port.js';
import type { Sealer } from '../application/ports/sealing.port.js';
import { createReconciliationCommands, withBaseline, type ReconciliationCommandDeps } from '../application/reconciliation/reconciliation-commands.js';
import { MacKeyRing } from '../audit/hashing.js';
import type { ApiConfig } from '../config/env.js';
import { createAccessEngine } from '../engine/access-engine.js';
import { createCoreCalls } from '../engine/core-calls.js';
import { probeEngine } from '../engine/health.js';
import { createMappingImportEngine } from '../engine/mapping-import-engine.js';
import { createReconciliationEngine } from '../engine/reconciliation-engine.js';
import { createMassActionEngine } from '../engine/mass-action-engine.js';
import { EncryptingCodec, encryptingConverter } from '../engine/payload-codec.js';
import { createPayloadDecoder } from '../engine/payload-decoder.js';
import { createClient } from '../engine/temporal-connection.js';
import { NONCE_TTL_SECONDS } from '../http-signature/profile.js';
import { createAdministrators } from '../integrations/jira/administrators.js';
import { createJiraSites } from '../integrations/jira/jira-sites.js';
import { createSealer } from '../integrations/sealing/asymmetric-sealing.js';
import { createSymmetricSealing } from '../integrations/sealing/symmetric-sealing.js';
import { refusePowerfulRole } from '../persistence/bootstrap.js';
import { createDataSource } from '../persistence/data-source.js';
import type { DeploymentDefaults } from '../contracts/setting-documents.js';
import { PgDiagnosisStore } from '../persistence/read-models/diagnosis-read-model.js';
import { createQueries } from '../persistence/read-models/queries.js';
import { createAuditVerifier, PgVerificationStore } from '../persistence/stores/audit-verification.store.js';
import { PgCommandStore } from '../persistence/stores/command.store.js';
import { PgConnectorStore } from '../persistence/stores/connector.store.js';
import { intakeStore } from '../persistence/stores/intake.store.js';
import { PgMappingImportStore } from '../persistence/stores/mapping-import.store.js';
import { PgMappingStore } from '../persistence/stores/mapping.store.js';
import { createEventHookStore, PgLeaverStore } from '../persistence/stores/leaver.store.js';
import { reconciliationViews } from '../persistence/read-models/reconciliation-read-model.js';
import { PgReconciliationStore } from '../persistence/stores/reconciliation.store.js';
import { PgMassActionStore } from '../persistence/stores/mass-action.store.js';
import { createNonceStore } from '../persistence/stores/nonce.store.js';
import { PgPolicyStore } from '../persistence/stores/policy.store.js';
import { PgProjectStore } from '../persistence/stores/project.store.js';
import { createRateLimiter } from '../persistence/stores/rate-limiter.store.js';
import { PgRecordStore } from '../persistence/stores/record.store.js';
import { createRefusalAuditor } from '../persistence/stores/refusal-auditor.store.js';
import { requestLookup } from '../persistence/stores/request-lookup.store.js';
import { PgSettingStore, PgSiteStore } from '../persistence/stores/setting.store.js';
import { createSiteDirectory } from '../persistence/stores/site-directory.store.js';
import { createSweepStore } from '../persistence/stores/sweep.store.js';
import { PgToolStore } from '../persistence/stores/tool.store.js';
import { PgToolRoleStore } from '../persistence/stores/tool-role.store.js';
import { seenWorkers } from '../persistence/stores/worker-heartbeat.store.js';
import { PgUnitOfWork } from '../persistence/unit-of-work.js';
import { createRegistry } from './common/http-metrics.js';
import type { ApiDependencies } from './dependencies.js';
import { createSandboxControl } from './sandbox-control.js';

export interface ApiComposition { readonly dependencies: ApiDependencies; readonly log: Logger; close(): Promise<void> }

/** The real dependencies of the API process: everything behind the edge, wired once. @throws Error when the database role may do more than this process should. */
export async function composeApi(config: ApiConfig): Promise<ApiComposition> {
  const log = pino({ name: 'api', level: config.LOG_LEVEL, base: { name: 'api' } });
  const dataSource = await createDataSource({ url: config.DATABASE_URL, poolSize: config.DATABASE_POOL_SIZE, applicationName: 'aiclearance-api' }).initialize();
  await refusePowerfulRole((sql) => dataSource.query(sql));
  const codec = new EncryptingCodec(config.PAYLOAD_KEYS, config.TEMPORAL_NAMESPACE);
  const client = createClient({ address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE, tls: config.TEMPORAL_TLS, apiKey: config.TEMPORAL_API_KEY }, encryptingConverter(codec));
  const dependencies = await wire(config, dataSource, client, codec, log);
  return {
    dependencies, log,
    close: async () => {
      await client.connection.close();
      await dataSource.destroy();
    },
  };
}

async function wire(config: ApiConfig, dataSource: DataSource, client: Client, codec: EncryptingCodec, log: Logger): Promise<ApiDependencies> {
  const uow = new PgUnitOfWork(dataSource);
  const sites = createSiteDirectory(dataSource);
  const jiraSites = createJiraSites(sites, createSymmetricSealing(config.JIRA_SEALING_KEYS), { allowLoopbackHttp: config.SANDBOX });
  const taskQueue = `${config.TASK_QUEUE_PREFIX}governance`;
  const engine = createAccessEngine(client, taskQueue);
  const say = (message: string, detail: Readonly<Record<string, string>>): void => log.info(detail, message);
  const queries = createQueries(uow, deploymentDefaults(config));
  const massActionEngine = createMassActionEngine(client, taskQueue);
  const sweeps = createSweepStore(dataSource);
  const sealer = await createSealer(config.SEALING_PUBLIC_KEYS);
  const access: AccessApiDeps = {
    uow, store: new PgRecordStore(), commands: new PgCommandStore(), engine, jiraSites, readGroups: createGroupReader(jiraSites), lookup: requestLookup, log: say,
    requestQueries: queries.requests, grantQueries: queries.grants, jobQueries: queries.jobs,
  };
  const intake: IntakeDeps = { ...access, intake: intakeStore, pause: (ms) => sleep(ms) };
  const isCoreReachable = async (): Promise<boolean> => (await seenWorkers(dataSource)).core.polling > 0;
  const admin = createAdminCommands(adminDeps(config, uow, client, taskQueue, jiraSites, sealer, isCoreReachable));
  const wake = new WakeAfter({ uow, sweeps, engine, log: say });
  const reconciliation: ReconciliationCommandDeps = { uow, commands: access.commands, runs: new PgReconciliationStore(), views: reconciliationViews, tools: new PgToolStore(), engine: createReconciliationEngine(client, taskQueue), newId: randomUUID, log: say };
  return {
    requestCommands: createRequestCommands(access), requestQueries: queries.requests, grantCommands: createGrantCommands(access), grantQueries: queries.grants,
    meQueries: queries.me, jobCommands: createJobCommands(access), jobQueries: queries.jobs,
    catalogCommands: withBaseline(wake.catalog(admin.catalog), reconciliation), catalogQueries: queries.catalog, connectorCommands: wake.connectors(admin.connectors), mappingCommands: wake.mappings(admin.mappings),
    mappingImportCommands: createMappingImportCommands({ uow, commands: access.commands, imports: new PgMappingImportStore(), connectors: new PgConnectorStore(), sealer, importEngine: createMappingImportEngine(client, taskQueue), newId: randomUUID, pause: (ms) => sleep(ms), log: say }), mappingImportQueries: queries.mappingImports,
    governanceCommands: admin.governance, governanceQueries: queries.governance, auditCommands: admin.audit, auditQueries: queries.audit,
    intakeCommands: { issueCreated: (context, issue) => issueCreated(intake, context.principal.siteId, { issueKey: issue.issueKey, issueId: issue.issueId }) },
    killSwitchCommands: createKillSwitchCommands({ uow, commands: access.commands, massActions: new PgMassActionStore(), engine: massActionEngine, log: say }), killSwitchQueries: queries.killSwitches,
    oktaHooks: createOktaHooks({ uow, commands: access.commands, connectors: new PgConnectorStore(), hooks: createEventHookStore(dataSource), leavers: new PgLeaverStore(), sealer, engine: massActionEngine }),
    diagnoses: createDiagnoses({ uow, store: new PgDiagnosisStore(), settings: new PgSettingStore(), jiraSites, isCoreReachable, acceptUnreportedLicence: acceptsUnreportedLicence(config) }),
    portalQueries: queries.portal, sites, administrators: createAdministrators(jiraSites), refusals: createRefusalAuditor(uow), rateLimiter: createRateLimiter(uow), nonces: createNonceStore(dataSource, 'service_nonce', NONCE_TTL_SECONDS),
    reconciliationCommands: createReconciliationCommands(reconciliation), reconciliationQueries: queries.reconciliations,
    health: { database: async () => { await dataSource.query('SELECT 1'); }, engine: () => probeEngine(client), workers: () => seenWorkers(dataSource) },
    payloadDecoder: createPayloadDecoder(codec), log, registry: createRegistry(),
    ...(config.SANDBOX ? { sandboxControl: createSandboxControl({ dataSource, uow, sweeps, engine, sites }) } : {}),
  };
}

const deploymentDefaults = (config: ApiConfig): DeploymentDefaults =>
  ({ retention: { auditDays: config.AUDIT_RETENTION_DAYS, externalIdentityDays: config.EXTERNAL_IDENTITY_RETENTION_DAYS ?? null, jobDays: config.JOB_RETENTION_DAYS } });

const acceptsUnreportedLicence = (config: ApiConfig): boolean => config.SANDBOX || config.ACCEPT_UNREPORTED_LICENCE;

function adminDeps(config: ApiConfig, uow: PgUnitOfWork, client: Client, taskQueue: string, jiraSites: JiraSites, sealer: Sealer, isCoreReachable: AdminDeps['isCoreReachable']): AdminDeps {
  return {
    uow, commands: new PgCommandStore(), connectors: new PgConnectorStore(), tools: new PgToolStore(), roles: new PgToolRoleStore(), mappings: new PgMappingStore(), policies: new PgPolicyStore(), projects: new PgProjectStore(),
    settings: new PgSettingStore(), sites: new PgSiteStore(), verifications: new PgVerificationStore(), verifier: createAuditVerifier(uow, new MacKeyRing(config.AUDIT_MAC_KEYS)),
    sealer, coreCalls: createCoreCalls(client, taskQueue), isCoreReachable, jiraSites, newId: randomUUID,
    sandbox: config.SANDBOX, acceptUnreportedLicence: acceptsUnreportedLicence(config), settingDefaults: deploymentDefaults(config),
  };
}
