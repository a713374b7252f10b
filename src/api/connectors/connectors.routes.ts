import { conformanceBody, connectorConformance, connectorListQuery, connectorTest, connectorView, createConnectorBody, patchConnectorBody } from '../../contracts/connector.contract.js';
import { emptyBody, page } from '../../contracts/page.contract.js';
import { API, idParams } from '../common/paths.js';
import { Roles, route } from '../common/route.js';

const tag = 'Connectors';
const notFound = 'connector.not_found';
const access = Roles('admin');

export const listConnectors = route({
  method: 'GET', path: `${API}/connectors`, operation: 'listConnectors', tag, access, kind: 'list', sort: 'instant', query: connectorListQuery, answers: { 200: page(connectorView) },
  summary: 'Connectors; credentials never come out.',
});
export const createConnector = route({
  method: 'POST', path: `${API}/connectors`, operation: 'createConnector', tag, access, kind: 'command', body: createConnectorBody, answers: { 201: connectorView },
  summary: 'Add an Okta or Microsoft Entra connector, disabled until it was tested.', problems: ['connector.name_taken', 'connector.url_not_allowed', 'connector.key_unusable'],
});
export const getConnector = route({ method: 'GET', path: `${API}/connectors/:id`, operation: 'getConnector', tag, access, kind: 'item', params: idParams, notFound, answers: { 200: connectorView }, summary: 'One connector.' });
export const updateConnector = route({
  method: 'PATCH', path: `${API}/connectors/:id`, operation: 'updateConnector', tag, access, kind: 'command', params: idParams, notFound, ifMatch: 'required', body: patchConnectorBody,
  answers: { 200: connectorView }, summary: 'Change addresses or replace the credential; on an enabled connector it is tested first and replaces the old one only when it passes.', problems: ['if_match.stale', 'connector.credential_refused', 'connector.key_unusable', 'connector.wrong_provider', 'connector.url_not_allowed', 'connector.name_taken'],
});
export const deleteConnector = route({
  method: 'DELETE', path: `${API}/connectors/:id`, operation: 'deleteConnector', tag, access, kind: 'command', params: idParams, notFound, ifMatch: 'required', answers: { 204: null },
  summary: 'Remove a connector that no tool uses.', problems: ['if_match.stale', 'connector.in_use'],
});
const action = { method: 'POST', tag, access, kind: 'command', params: idParams, notFound, body: emptyBody } as const;
export const testConnector = route({ ...action, path: `${API}/connectors/:id/test`, operation: 'testConnector', answers: { 200: connectorTest }, summary: 'Ask the provider what the credential may do. A failed test is an answer.' });
export const runConformance = route({
  method: 'POST', tag, access, kind: 'command', params: idParams, notFound, path: `${API}/connectors/:id/conformance`, operation: 'runConformance', body: conformanceBody, answers: { 200: connectorConformance },
  summary: 'Try out on the real tenant what the product relies on, on a scratch group and a test person.', problems: ['connector.unreachable'],
});
export const enableConnector = route({ ...action, path: `${API}/connectors/:id/enable`, operation: 'enableConnector', answers: { 200: connectorView }, summary: 'Switch on automated work; needs a passed test.', problems: ['connector.not_ready'] });
export const disableConnector = route({ ...action, path: `${API}/connectors/:id/disable`, operation: 'disableConnector', answers: { 200: connectorView }, summary: 'Stop new automated work; open additions become manual actions.' });
