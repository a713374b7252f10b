import type { AuditQueries, CatalogQueries, GovernanceQueries, GrantQueries, JobQueries, MeQueries, PortalQueries, RequestQueries } from '../../application/ports/api-queries.port.js';
import type { KillSwitchQueries } from '../../application/ports/kill-switch.port.js';
import type { MappingImportQueries } from '../../application/ports/mapping-import.port.js';
import type { ReconciliationQueries } from '../../application/ports/reconciliation.port.js';
import { SETTING_DEFAULTS, type DeploymentDefaults } from '../../contracts/setting-documents.js';
import type { PgUnitOfWork } from '../unit-of-work.js';
import { PgAuditQueries } from './audit-read-model.js';
import { PgCatalogQueries } from './catalog-read-model.js';
import { PgGovernanceQueries } from './governance-read-model.js';
import { PgGrantQueries } from './grant-read-model.js';
import { PgJobQueries } from './job-read-model.js';
import { PgKillSwitchQueries } from './kill-switch-read-model.js';
import { PgMappingImportQueries } from './mapping-import-read-model.js';
import { PgMeQueries } from './me-read-model.js';
import { PgPortalQueries } from './portal-read-model.js';
import { PgReconciliationQueries } from './reconciliation-read-model.js';
import { PgRequestQueries } from './request-read-model.js';

/** The read models of the API over one pool. */
export interface Queries {
  readonly requests: RequestQueries;
  readonly grants: GrantQueries;
  readonly me: MeQueries;
  readonly jobs: JobQueries;
  readonly catalog: CatalogQueries;
  readonly governance: GovernanceQueries;
  readonly audit: AuditQueries;
  readonly portal: PortalQueries;
  readonly killSwitches: KillSwitchQueries;
  readonly reconciliations: ReconciliationQueries;
  readonly mappingImports: MappingImportQueries;
}
export const createQueries = (uow: PgUnitOfWork, deployment: DeploymentDefaults = SETTING_DEFAULTS): Queries => ({
  requests: new PgRequestQueries(uow), grants: new PgGrantQueries(uow), me: new PgMeQueries(uow), jobs: new PgJobQueries(uow),
  catalog: new PgCatalogQueries(uow), governance: new PgGovernanceQueries(uow, deployment), audit: new PgAuditQueries(uow), portal: new PgPortalQueries(uow), killSwitches: new PgKillSwitchQueries(uow),
  reconciliations: new PgReconciliationQueries(uow), mappingImports: new PgMappingImportQueries(uow),
});
