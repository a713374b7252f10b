import { emptyBody, page } from '../../contracts/page.contract.js';
import { confirmAssignmentBody, entitlementGroupBody, entitlementGroupView, groupAppsAnswer } from '../../contracts/entitlement-group.contract.js';
import { createToolBody, patchToolBody, seedCatalogAnswer, toolListQuery, toolView } from '../../contracts/tool.contract.js';
import { createToolRoleBody, patchToolRoleBody, toolRoleListQuery, toolRoleView } from '../../contracts/tool-role.contract.js';
import { API, toolKeyParams, toolRoleParams } from '../common/paths.js';
import { Authenticated, Roles, route } from '../common/route.js';

const tag = 'Catalog';
const notFound = 'tool.not_found';
const admin = Roles('admin');
/** What setting a group may be refused for, of a tool and of a role. */
const groupProblems = ['connector.not_ready', 'entitlement_group.unmanageable', 'entitlement_group.not_found', 'entitlement_group.name_taken', 'entitlement_group.other_connector', 'entitlement_group.other_fulfilment', 'tool.in_use', 'connector.unreachable'] as const;

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
  answers: { 200: toolView }, summary: 'Change a tool.', problems: ['if_match.stale', 'tool.api_platform', 'tool.has_roles', 'tool.in_use', 'entitlement_group.other_fulfilment', 'connector.not_ready', 'connector.not_found'],
});
export const deleteTool = route({
  method: 'DELETE', path: `${API}/tools/:key`, operation: 'deleteTool', tag, access: admin, kind: 'command', params: toolKeyParams, notFound, ifMatch: 'required', answers: { 204: null },
  summary: 'Remove a tool that nobody has asked for; retire the others.', problems: ['if_match.stale', 'tool.in_use'],
});
export const setEntitlementGroup = route({
  method: 'POST', path: `${API}/tools/:key/entitlement-group`, operation: 'setEntitlementGroup', tag, access: admin, kind: 'command', params: toolKeyParams, notFound, body: entitlementGroupBody,
  answers: { 200: entitlementGroupView }, summary: 'Create the tool\'s group at the provider, or bind one by its id.',
  problems: groupProblems,
});
export const confirmAssignment = route({
  method: 'POST', path: `${API}/tools/:key/entitlement-group/confirm-assignment`, operation: 'confirmAssignment', tag, access: admin, kind: 'command', params: toolKeyParams, notFound,
  body: confirmAssignmentBody, answers: { 200: entitlementGroupView }, summary: 'Confirm that the group is assigned to the real application; approvals need it.', problems: ['entitlement_group.not_found'],
});
export const readGroupApps = route({
  method: 'POST', path: `${API}/tools/:key/entitlement-group/apps`, operation: 'readGroupApps', tag, access: admin, kind: 'command', params: toolKeyParams, notFound, body: emptyBody, answers: { 200: groupAppsAnswer },
  summary: 'Ask the provider which applications the group opens, before the assignment is confirmed.', problems: ['entitlement_group.not_found', 'connector.unreachable'],
});

const role = `${API}/tools/:key/roles/:roleKey`;
const noRole = 'tool_role.not_found';
export const listToolRoles = route({
  method: 'GET', path: `${API}/tools/:key/roles`, operation: 'listToolRoles', tag, access: Authenticated, kind: 'list', sort: 'text', params: toolKeyParams, query: toolRoleListQuery, answers: { 200: page(toolRoleView) },
  summary: 'The roles of a tool, by key.',
});
export const createToolRole = route({
  method: 'POST', path: `${API}/tools/:key/roles`, operation: 'createToolRole', tag, access: admin, kind: 'command', params: toolKeyParams, notFound, body: createToolRoleBody, answers: { 201: toolRoleView },
  summary: 'Add a role; from the first one on, requests for the tool name one.', problems: ['tool_role.key_taken', 'tool_role.not_connected', 'tool_role.too_many'],
});
export const getToolRole = route({ method: 'GET', path: role, operation: 'getToolRole', tag, access: Authenticated, kind: 'item', params: toolRoleParams, notFound: noRole, answers: { 200: toolRoleView }, summary: 'One role.' });
export const updateToolRole = route({
  method: 'PATCH', path: role, operation: 'updateToolRole', tag, access: admin, kind: 'command', params: toolRoleParams, notFound: noRole, ifMatch: 'required', body: patchToolRoleBody, answers: { 200: toolRoleView },
  summary: 'Change a role.', problems: ['tool.not_found', 'if_match.stale'],
});
export const deleteToolRole = route({
  method: 'DELETE', path: role, operation: 'deleteToolRole', tag, access: admin, kind: 'command', params: toolRoleParams, notFound: noRole, ifMatch: 'required', answers: { 204: null },
  summary: 'Remove a role that nobody waits for or has; otherwise close it (requestable: false).', problems: ['tool.not_found', 'if_match.stale', 'tool_role.in_use'],
});
export const setRoleGroup = route({
  method: 'POST', path: `${role}/entitlement-group`, operation: 'setRoleEntitlementGroup', tag, access: admin, kind: 'command', params: toolRoleParams, notFound: noRole, body: entitlementGroupBody,
  answers: { 200: entitlementGroupView }, summary: 'Create the role\'s group at the provider, or bind one by its id.', problems: ['tool.not_found', ...groupProblems, 'entitlement_group.of_other_role'],
});
export const confirmRoleAssignment = route({
  method: 'POST', path: `${role}/entitlement-group/confirm-assignment`, operation: 'confirmRoleAssignment', tag, access: admin, kind: 'command', params: toolRoleParams, notFound: noRole,
  body: confirmAssignmentBody, answers: { 200: entitlementGroupView }, summary: 'Confirm that the role\'s group is assigned to the real application; approvals need it.', problems: ['tool.not_found', 'entitlement_group.not_found'],
});
export const readRoleGroupApps = route({
  method: 'POST', path: `${role}/entitlement-group/apps`, operation: 'readRoleGroupApps', tag, access: admin, kind: 'command', params: toolRoleParams, notFound: noRole, body: emptyBody, answers: { 200: groupAppsAnswer },
  summary: 'Ask the provider which applications the role\'s group opens.', problems: ['tool.not_found', 'entitlement_group.not_found', 'connector.unreachable'],
});
