import { advanceImport, type AdvanceImportDeps } from '../application/mapping-imports/advance-import.js';
import type { MappingImportActivities } from './mapping-import.port.js';

/** Thin over the application. `mapped`: tells the requests of these accounts that an obstacle may be gone; a hint, which must not fail. */
export const createMappingImportActivities = (deps: AdvanceImportDeps, mapped: (siteId: string, accountIds: readonly string[]) => Promise<void>): MappingImportActivities => ({
  async advanceMappingImport(siteId, importId, report) {
    const advance = await advanceImport(deps, siteId, importId, report);
    if (advance.mapped.length > 0) await mapped(siteId, advance.mapped);
    return advance.step;
  },
});
