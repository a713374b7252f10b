import { advanceImport, type AdvanceImportDeps } from '../application/mapping-imports/advance-import.js';
import type { MappingImportActivities } from './mapping-import.port.js';

/** Thin over the application. */
export const createMappingImportActivities = (deps: AdvanceImportDeps): MappingImportActivities => ({
  advanceMappingImport: (siteId, importId, report) => advanceImport(deps, siteId, importId, report),
});
