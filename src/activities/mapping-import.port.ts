import type { ImportReport, ImportStep } from '../application/mapping-imports/advance-import.js';

export type { ImportReport, ImportStep };
/** The governance side of an import of mappings: all state is in Postgres, each call takes one step of it (docs/adr/0019). */
export interface MappingImportActivities {
  advanceMappingImport(siteId: string, importId: string, report: ImportReport | null): Promise<ImportStep>;
}
