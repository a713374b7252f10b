import { randomUUID } from 'node:crypto';
import { createAdminCommands, type AdminCommands } from '../../src/application/admin/admin-commands.js';
import type { AdminDeps } from '../../src/application/admin/admin-deps.js';
import { beginCoreCall } from '../../src/application/core/begin-core-call.js';
import type { CoreCallOrder, CoreCallResult } from '../../src/application/core/core-call.js';
import type { CoreCallStores } from '../../src/application/core/core-call-stores.js';
import { advanceImport, type ImportReport, type ImportStep } from '../../src/application/mapping-imports/advance-import.js';
import { createMappingImportCommands } from '../../src/application/mapping-imports/import-mappings.js';
import { finishCoreCall } from '../../src/application/core/finish-core-call.js';
import { performCoreCall } from '../../src/application/core/perform-core-call.js';
import type { CommandOutcome } from '../../src/application/ports/api-commands.port.js';
import type { MappingImportCommands, MappingImportEngine } from '../../src/application/ports/mapping-import.port.js';
import type { Unsealer } from '../../src/application/ports/sealing.port.js';
import type { CoreCalls } from '../../src/application/ports/core-calls.port.js';
import type { ConnectorView } from '../../src/contracts/connector.contract.js';
import type { JiraSites } from '../../src/application/ports/jira-sites.port.js';
import { MacKeyRing } from '../../src/audit/hashing.js';
import { createSealer, createUnsealer, generateSealingKeys } from '../../src/integrations/sealing/asymmetric-sealing.js';
import { createIdentityHash } from '../../src/integrations/sealing/identity-hash.js';
import { SETTING_DEFAULTS } from '../../src/contracts/setting-documents.js';
import { createAuditVerifier, PgVerificationStore } from '../../src/persistence/stores/audit-verification.store.js';
import { PgCommandStore } from '../../src/persistence/stores/command.store.js';
import { PgConnectorStore } from '../../src/persistence/stores/connector.store.js';
import { PgMappingImportStore } from '../../src/persistence/stores/mapping-import.store.js';
import { PgMappingStore } from '../../src/persistence/stores/mapping.store.js';
import { PgPolicyStore } from '../../src/persistence/stores/policy.store.js';
import { PgProjectStore } from '../../src/persistence/stores/project.store.js';
import { PgSettingStore, PgSiteStore } from '../../src/persistence/stores/setting.store.js';
import { PgToolStore } from '../../src/persistence/stores/tool.store.js';
import { PgToolRoleStore } from '../../src/persistence/stores/tool-role.store.js';
import { context, Fixture, randomKey } from './admin-fixture.js';
import { FakeDirectory } from './fake-identity-provider.js';

/** The admin use cases over a real database, a core worker in this process and directories in memory. */
export class World {
  readonly okta = new FakeDirectory('okta');
  readonly entra = new FakeDirectory('entra');
  /** What the core worker answered last, and how often it was asked. */
  readonly results: CoreCallResult[] = [];
  coreIsThere = true;
  /** What imports were told to do; they go on while their engine is there. */
  readonly importSteps: ImportStep[] = [];
  importsRun = true;
  /** Requests that an import woke. */
  readonly woken: string[] = [];
  readonly wake = (_siteId: string, requestIds: readonly string[]): Promise<void> => {
    this.woken.push(...requestIds);
    return Promise.resolve();
  };
  /** Imports whose run was told to end. */
  readonly importsStopped: string[] = [];
  private constructor(readonly fixture: Fixture, readonly deps: AdminDeps & CoreCallStores, readonly commands: AdminCommands, readonly imports: MappingImportCommands, readonly opened: Unsealer['open']) {}

  static async start(jiraSites: JiraSites = { find: () => Promise.resolve(null) }, options: Partial<Pick<AdminDeps, 'sandbox' | 'acceptUnreportedLicence'>> = {}): Promise<World> {
    const fixture = await Fixture.start();
    const keys = await generateSealingKeys();
    const { uow } = fixture;
    const stores: CoreCallStores = { commands: new PgCommandStore(), connectors: new PgConnectorStore(), tools: new PgToolStore(), roles: new PgToolRoleStore(), mappings: new PgMappingStore(), newId: randomUUID };
    const sealing = await createUnsealer(keys.privateJwks);
    const identityHash = createIdentityHash(randomKey());
    const perform = (order: CoreCallOrder): Promise<CoreCallResult> => performCoreCall({ sealing, identityHash, providers: (connection) => { const directory = world[connection.provider]; directory.connections.push(connection); return directory; } }, order);
    const imports = new PgMappingImportStore();
    const coreCalls: CoreCalls = {
      execute: async (siteId, commandId) => {
        const order = await uow.run(siteId, (tx) => beginCoreCall(stores, tx, commandId));
        if (order === null) throw new Error('the command has its result');
        const result = await perform(order);
        // Twice, as an engine may: the second must change nothing.
        await uow.run(siteId, (tx) => finishCoreCall(stores, tx, commandId, result));
        await uow.run(siteId, (tx) => finishCoreCall(stores, tx, commandId, result));
        world.results.push(result);
        return result;
      },
    };
    const deps: AdminDeps & CoreCallStores = {
      ...stores, uow, coreCalls,
      isCoreReachable: () => Promise.resolve(world.coreIsThere), jiraSites, policies: new PgPolicyStore(), projects: new PgProjectStore(), settings: new PgSettingStore(), sites: new PgSiteStore(), verifications: new PgVerificationStore(),
      verifier: createAuditVerifier(uow, new MacKeyRing([{ id: 'k1', key: randomKey() }])), sealer: await createSealer(keys.publicJwks), sandbox: options.sandbox ?? true, acceptUnreportedLicence: options.acceptUnreportedLicence ?? true, settingDefaults: SETTING_DEFAULTS,
    };
    const importEngine: MappingImportEngine = {
      run: async (siteId, importId) => {
        const advance = async (report: ImportReport | null): Promise<ImportStep> => {
          const step = await advanceImport({ ...stores, uow, imports, wake: world.wake }, siteId, importId, report);
          world.importSteps.push(step);
          return step;
        };
        for (let step = await advance(null); step.kind !== 'ended' && world.importsRun;) {
          const report: ImportReport | null = step.kind === 'ask' ? { step: step.step, result: await perform(step.order) } : null;
          step = await advance(report);
        }
      },
      stop: (_siteId, importId) => {
        world.importsStopped.push(importId);
        return Promise.resolve();
      },
    };
    const importCommands = createMappingImportCommands({ ...deps, imports, importEngine, pause: () => Promise.resolve(), log: () => undefined });
    const world = new World(fixture, deps, createAdminCommands(deps), importCommands, (at, sealed) => sealing.open(at, sealed));
    return world;
  }

  async policyVersion(): Promise<number> {
    const [row] = await this.fixture.rows("SELECT policy_version FROM site WHERE id = 'acme'");
    return Number(row?.['policy_version']);
  }
  /** An Okta connector that was tested and enabled. */
  async readyConnector(name = `Okta ${randomUUID()}`): Promise<ConnectorView> {
    const created = bodyOf(await this.commands.connectors.create(context(), { provider: 'okta', name, orgUrl: 'http://127.0.0.1:9', auth: { kind: 'apiToken', token: 'canary-okta-token' } }));
    bodyOf(await this.commands.connectors.test(context(), { connectorId: created.id }));
    return bodyOf(await this.commands.connectors.enable(context(), { connectorId: created.id }));
  }
}

/** The body of a success; a refusal fails the test with its code. */
export function bodyOf<T>(outcome: CommandOutcome<T>): T {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.code}: ${outcome.refusal.detail}`);
  return outcome.body;
}
export function codeOf(outcome: { readonly ok: true } | { readonly ok: false; readonly refusal: { readonly code: string } }): string {
  return outcome.ok ? 'not refused' : outcome.refusal.code;
}
