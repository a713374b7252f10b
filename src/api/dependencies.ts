import type { Registry } from 'prom-client';
import type {
  AuditCommands, CatalogCommands, ConnectorCommands, GovernanceCommands, GrantCommands, IntakeCommands, JobCommands, MappingCommands, RateLimiter, RefusalAuditor,
  RequestCommands, SandboxControl,
} from '../application/ports/api-commands.port.js';
import type {
  Administrators, AuditQueries, CatalogQueries, GovernanceQueries, GrantQueries, HealthProbe, JobQueries, MeQueries, PayloadDecoder, PortalQueries, RequestQueries,
  SiteDirectory,
} from '../application/ports/api-queries.port.js';
import type { Diagnoses } from '../application/ports/diagnosis.port.js';
import type { KillSwitchCommands, KillSwitchQueries } from '../application/ports/kill-switch.port.js';
import type { MappingImportCommands, MappingImportQueries } from '../application/ports/mapping-import.port.js';
import type { NonceStore } from '../application/ports/nonce-store.port.js';
import type { OktaHooks } from '../application/ports/okta-hooks.port.js';
import type { ReconciliationCommands, ReconciliationQueries } from '../application/ports/reconciliation.port.js';
import type { EdgeLogger } from './common/log.js';

/** What the edge needs of the rest; the composition root passes the real ones, tests pass fakes that keep state. */
export interface ApiDependencies {
  readonly requestCommands: RequestCommands;
  readonly requestQueries: RequestQueries;
  readonly grantCommands: GrantCommands;
  readonly grantQueries: GrantQueries;
  readonly meQueries: MeQueries;
  readonly jobCommands: JobCommands;
  readonly jobQueries: JobQueries;
  readonly catalogCommands: CatalogCommands;
  readonly catalogQueries: CatalogQueries;
  readonly connectorCommands: ConnectorCommands;
  readonly mappingCommands: MappingCommands;
  readonly mappingImportCommands: MappingImportCommands;
  readonly mappingImportQueries: MappingImportQueries;
  readonly governanceCommands: GovernanceCommands;
  readonly governanceQueries: GovernanceQueries;
  readonly auditCommands: AuditCommands;
  readonly auditQueries: AuditQueries;
  readonly intakeCommands: IntakeCommands;
  readonly portalQueries: PortalQueries;
  readonly killSwitchCommands: KillSwitchCommands;
  readonly killSwitchQueries: KillSwitchQueries;
  readonly diagnoses: Diagnoses;
  readonly oktaHooks: OktaHooks;
  readonly reconciliationCommands: ReconciliationCommands;
  readonly reconciliationQueries: ReconciliationQueries;
  readonly sites: SiteDirectory;
  readonly administrators: Administrators;
  readonly refusals: RefusalAuditor;
  readonly rateLimiter: RateLimiter;
  /** Nonces of signed requests. */
  readonly nonces: NonceStore;
  readonly health: HealthProbe;
  readonly payloadDecoder: PayloadDecoder;
  readonly log: EdgeLogger;
  /** Holds the process's metrics too (`createRegistry`). */
  readonly registry: Registry;
  /** Sandbox mode only. */
  readonly sandboxControl?: SandboxControl;
}

/** Injection tokens of what controllers take: interfaces leave no trace at run time. */
export const TOKENS = {
  requestCommands: Symbol('requestCommands'),
  requestQueries: Symbol('requestQueries'),
  grantCommands: Symbol('grantCommands'),
  grantQueries: Symbol('grantQueries'),
  meQueries: Symbol('meQueries'),
  jobCommands: Symbol('jobCommands'),
  jobQueries: Symbol('jobQueries'),
  catalogCommands: Symbol('catalogCommands'),
  catalogQueries: Symbol('catalogQueries'),
  connectorCommands: Symbol('connectorCommands'),
  mappingCommands: Symbol('mappingCommands'),
  mappingImportCommands: Symbol('mappingImportCommands'),
  mappingImportQueries: Symbol('mappingImportQueries'),
  governanceCommands: Symbol('governanceCommands'),
  governanceQueries: Symbol('governanceQueries'),
  auditCommands: Symbol('auditCommands'),
  auditQueries: Symbol('auditQueries'),
  intakeCommands: Symbol('intakeCommands'),
  portalQueries: Symbol('portalQueries'),
  killSwitchCommands: Symbol('killSwitchCommands'),
  killSwitchQueries: Symbol('killSwitchQueries'),
  diagnoses: Symbol('diagnoses'),
  oktaHooks: Symbol('oktaHooks'),
  reconciliationCommands: Symbol('reconciliationCommands'),
  reconciliationQueries: Symbol('reconciliationQueries'),
  rateLimiter: Symbol('rateLimiter'),
  health: Symbol('health'),
  payloadDecoder: Symbol('payloadDecoder'),
  registry: Symbol('registry'),
} as const satisfies Partial<Record<keyof ApiDependencies, symbol>>;
export const SANDBOX = Symbol('sandbox');
export const API_DOCUMENT = Symbol('apiDocument');
export const TEMPORAL_UI_ORIGIN = Symbol('temporalUiOrigin');
