/** Input of a run: the key of the record and nothing else. */
export interface MappingImportInput { readonly siteId: string; readonly importId: string }
export const MAPPING_IMPORT_WORKFLOW = 'mappingImport';
export const mappingImportIdOf = (siteId: string, importId: string): string => `mapping-import/${siteId}/${importId}`;
