import { z } from 'zod';
import {
  createIdentityMappingBody, identityMappingListQuery, identityMappingView, importMappingsBody, importMappingsQuery, mappingImportListItem, mappingImportListQuery, mappingImportRowQuery, mappingImportRowView, mappingImportView, patchIdentityMappingBody,
} from '../../contracts/identity-mapping.contract.js';
import { emptyBody, page } from '../../contracts/page.contract.js';
import { API, idParams } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

const tag = 'Identity mappings';
const notFound = 'mapping.not_found';
const access = Roles('admin');

export const listMappings = route({
  method: 'GET', path: `${API}/identity-mappings`, operation: 'listIdentityMappings', tag, access, kind: 'list', sort: 'instant', query: identityMappingListQuery,
  answers: { 200: page(identityMappingView) }, summary: 'Which person is who at which provider.',
});
export const createMapping = route({
  method: 'POST', path: `${API}/identity-mappings`, operation: 'createIdentityMapping', tag, access, kind: 'command', body: createIdentityMappingBody, answers: { 201: identityMappingView },
  summary: 'Map a person to a login; the provider resolves it, or says why not.', problems: ['mapping.duplicate', 'mapping.alias', 'mapping.unresolved', 'connector.not_ready', 'connector.unreachable'],
});
export const importMappings = route({
  method: 'POST', path: `${API}/identity-mappings/import`, operation: 'importIdentityMappings', tag, access, kind: 'command', body: importMappingsBody, query: importMappingsQuery, csv: true, bodyLimitBytes: 512 * 1024,
  answers: { 200: mappingImportView, 202: mappingImportView }, problems: ['query.invalid', 'mapping_import.not_found'],
  summary: 'Import a CSV with the columns accountId, provider and externalLogin, as text/csv (up to 100,000 rows) or as {"csv": …}; with dryRun=true only say what would become of each row. 202: the provider is still being asked.',
});
export const listMappingImports = route({
  method: 'GET', path: `${API}/identity-mappings/imports`, operation: 'listMappingImports', tag, access, kind: 'list', sort: 'instant', query: mappingImportListQuery, answers: { 200: page(mappingImportListItem) },
  summary: 'Imports and dry runs, newest first, without their rows.',
});
export const getMappingImport = route({
  method: 'GET', path: `${API}/identity-mappings/imports/:id`, operation: 'getMappingImport', tag, access, kind: 'item', params: idParams, notFound: 'mapping_import.not_found', answers: { 200: mappingImportView },
  summary: 'How far an import or a dry run is, and what became of how many rows.',
});
export const cancelMappingImport = route({
  method: 'POST', path: `${API}/identity-mappings/imports/:id/cancel`, operation: 'cancelMappingImport', tag, access, kind: 'command', params: idParams, notFound: 'mapping_import.not_found', body: emptyBody,
  answers: { 200: mappingImportView }, problems: ['mapping_import.already_ended'], summary: 'End an import or a dry run that is under way: what it did stays, rows that were not looked at stay without a fate.',
});
export const listMappingImportRows = route({
  method: 'GET', path: `${API}/identity-mappings/imports/:id/rows`, operation: 'listMappingImportRows', tag, access, kind: 'list', sort: 'sequence', params: idParams, notFound: 'mapping_import.not_found', query: mappingImportRowQuery,
  answers: { 200: page(mappingImportRowView) }, summary: 'Every row of the file with its fate, in the order of its lines.',
});
export const exportMappingImport = route({
  method: 'GET', path: `${API}/identity-mappings/imports/:id/export`, operation: 'exportMappingImport', tag, access, kind: 'plain', params: idParams, notFound: 'mapping_import.not_found', answers: { 200: z.string() }, mediaTypes: ['text/csv'],
  summary: 'Every row with its fate as CSV; no cell of it is a formula.',
});
export const getMapping = route({
  method: 'GET', path: `${API}/identity-mappings/:id`, operation: 'getIdentityMapping', tag, access, kind: 'item', params: idParams, notFound, answers: { 200: identityMappingView }, summary: 'One mapping.',
});
export const updateMapping = route({
  method: 'PATCH', path: `${API}/identity-mappings/:id`, operation: 'updateIdentityMapping', tag, access, kind: 'command', params: idParams, notFound, ifMatch: 'required',
  body: patchIdentityMappingBody, answers: { 200: identityMappingView }, summary: 'Map the person to another login.', problems: ['if_match.stale', 'mapping.unresolved', 'mapping.duplicate'],
});
export const deleteMapping = route({
  method: 'DELETE', path: `${API}/identity-mappings/:id`, operation: 'deleteIdentityMapping', tag, access, kind: 'command', params: idParams, notFound, ifMatch: 'required', answers: { 204: null },
  summary: 'Forget a mapping; open removals keep the identity they were made for.', problems: ['if_match.stale'],
});
