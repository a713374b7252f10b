import { emptyBody, page } from '../../contracts/page.contract.js';
import { confirmAssignmentBody, createToolBody, entitlementGroupBody, entitlementGroupView, groupAppsAnswer, patchToolBody, seedCatalogAnswer, toolListQuery, toolView } from '../../contracts/tool.contract.js';
import { API, toolKeyParams } from '../common/paths.js';
import { Authenticated, Roles, route } from '../common/route.js';

const tag = 'Catalog';
const notFound = 'tool.not_found';
const admin = Roles('admin');

export const listTools = route({
  method: 'GET', path: `${API}/tools`, operation: 'listTools', tag, access: Authenticated, kind: 'list', sort: 'text', query: toolListQuery, answers: { 200: page(toolView) },
  summary: 'The catalog by key; `status=approved` is the portal\'s list.',
});
export const createTool = route({
  method: 'POST', path: `${API}/tools`, operation: 'createTool', tag, access: admin, kind: 'command', body: createToolBody, answers: { 201: toolView }, summary: 'Add a tool.',
  problems: ['tool.key_taken', 'tool.api_platform', 'connector.not_ready', 'connector.not_found'],
});
export const seedCatalog = route({
  method: 'POST', path: `${API}/tools/seed-starter-catalog`, operation: 'seedStarterCatalog', tag, access: admin, kind: 'command', body: emptyBody, answers: { 200: seedCatalogAnswer },
  summary: 'Add what is new in the starter catalog; edits stay.',
});
export const getTool = route({ method: 'GET', path: `${API}/tools/:key`, operation: 'getTool', tag, access: Authenticated, kind: 'item', params: toolKeyParams, notFound, answers: { 200: toolView }, summary: 'One tool.' });
export const updateTool = route({
  method: 'PATCH', path: `${API}/tools/:key`, operation: 'updateTool', tag, access: admin, kind: 'command', params: toolKeyParams, notFound, ifMatch: 'required', body: patchToolBody,
  answers: { 200: toolView }, summary: 'Change a tool.', problems: ['if_match.stale', 'tool.api_platform', 'connector.not_ready', 'connector.not_found'],
});
export const deleteTool = route({
  method: 'DELETE', path: `${API}/tools/:key`, operation: 'deleteTool', tag, access: admin, kind: 'command', params: toolKeyParams, notFound, ifMatch: 'required', answers: { 204: null },
  summary: 'Remove a tool that nobody has asked for; retire the others.', problems: ['if_match.stale', 'tool.in_use'],
});
export const setEntitlementGroup = route({
  method: 'POST', path: `${API}/tools/:key/entitlement-group`, operation: 'setEntitlementGroup', tag, access: admin, kind: 'command', params: toolKeyParams, notFound, body: entitlementGroupBody,
  answers: { 200: entitlementGroupView }, summary: 'Create the tool\'s group at the provider, or bind one by its id.',
  problems: ['connector.not_ready', 'entitlement_group.unmanageable', 'entitlement_group.not_found', 'entitlement_group.name_taken', 'entitlement_group.other_connector', 'connector.unreachable'],
});
export const confirmAssignment = route({
  method: 'POST', path: `${API}/tools/:key/entitlement-group/confirm-assignment`, operation: 'confirmAssignment', tag, access: admin, kind: 'command', params: toolKeyParams, notFound,
  body: confirmAssignmentBody, answers: { 200: entitlementGroupView }, summary: 'Confirm that the group is assigned to the real application; approvals need it.', problems: ['entitlement_group.not_found'],
});
export const readGroupApps = route({
  method: 'POST', path: `${API}/tools/:key/entitlement-group/apps`, operation: 'readGroupApps', tag, access: admin, kind: 'command', params: toolKeyParams, notFound, body: emptyBody, answers: { 200: groupAppsAnswer },
  summary: 'Ask the provider which applications the group opens, before the assignment is confirmed.', problems: ['entitlement_group.not_found', 'connector.unreachable'],
});
