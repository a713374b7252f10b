import { controllersFor } from './api.module.js';
import type { RouteSpec } from './common/route.js';
import { collectRoutes } from './openapi/collect-routes.js';
import { ApiHarness } from './testing/api-harness.js';
import { aConnector } from './testing/builders.js';

const TOOL = { key: 'chatgpt', name: 'ChatGPT', vendor: 'OpenAI', status: 'approved', risk: 'low', maxDurationDays: 90, provider: 'none', summary: 'Chat' };
const GUARDRAILS = { blockUnknownTools: true, mandatoryReview: false, securityReviewFrom: null, jiraAdminReviewFrom: 'high', maxDurationDaysByRisk: { low: 180, medium: 90, high: 60, critical: 30 } };
const OKTA = { provider: 'okta', orgUrl: 'https://acme.okta.com', auth: { kind: 'apiToken', token: 'canary-token' } };
const ENTRA = { provider: 'entra', tenantId: 't-1', clientId: 'c-1', auth: { kind: 'certificate', certificatePem: '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n' } };
const ROUTING = { approvers: ['bob'], securityReviewers: [], adminFallback: 'whenNoApprover' };

interface Scene { readonly as?: string; readonly path: string; readonly body?: unknown; readonly status: number; readonly ifMatch?: string; readonly csv?: string }
/** One good call for every operation. An operation without one fails the last test. */
const SCENES: Readonly<Record<string, readonly Scene[]>> = {
  submitRequest: [{ as: 'ada', path: '/api/v1/requests', body: { toolKey: 'chatgpt', businessUse: 'Summaries', dataClasses: ['public'], durationDays: 30, issueKey: 'AI-1' }, status: 201 }],
  listRequests: [{ as: 'root', path: '/api/v1/requests?decision=pending&grant=none&toolKey=chatgpt&accountId=ada&projectKey=AI&issueKey=AI-1&requestId=r1&from=2026-01-01&to=2026-12-31T00:00:00%2B02:00&limit=200', status: 200 }],
  getRequest: [{ as: 'ada', path: '/api/v1/requests/r1', status: 200 }],
  getRequestTimeline: [{ as: 'ada', path: '/api/v1/requests/r1/timeline', status: 200 }],
  decideRequest: [{ as: 'bob', path: '/api/v1/requests/r1/decisions', body: { decision: 'approve', comment: 'Fine', durationDays: 14 }, status: 200 }],
  bulkDecideRequests: [{ as: 'bob', path: '/api/v1/requests/bulk-decisions', body: { requestIds: ['r1'], decision: 'deny' }, status: 200 }, { as: 'bob', path: '/api/v1/requests/bulk-decisions', body: { issueKeys: ['AI-1'], decision: 'deny' }, status: 200 }],
  withdrawRequest: [{ as: 'ada', path: '/api/v1/requests/r1/withdraw', body: { reason: 'Not needed' }, status: 200 }],
  listGrants: [{ as: 'ada', path: '/api/v1/grants?status=active', status: 200 }],
  getGrant: [{ as: 'ada', path: '/api/v1/grants/g1', status: 200 }],
  revokeGrant: [{ as: 'bob', path: '/api/v1/grants/g1/revoke', body: { reason: 'Left the project' }, status: 200 }],
  returnGrant: [{ as: 'ada', path: '/api/v1/grants/g1/return', status: 200 }],
  extendGrant: [{ as: 'bob', path: '/api/v1/grants/g1/extend', body: { durationDays: 30, reason: 'Goes on' }, status: 200 }],
  getMe: [{ as: 'ada', path: '/api/v1/me', status: 200 }],
  listMyAccess: [{ as: 'ada', path: '/api/v1/me/access?limit=5', status: 200 }],
  listMyRequests: [{ as: 'ada', path: '/api/v1/me/requests', status: 200 }],
  listMyApprovals: [{ as: 'bob', path: '/api/v1/me/approvals', status: 200 }],
  listMyManualActions: [{ as: 'bob', path: '/api/v1/me/manual-actions', status: 200 }],
  listJobs: [{ as: 'root', path: '/api/v1/jobs?status=deadLetter&kind=provision', status: 200 }],
  retryJob: [{ as: 'root', path: '/api/v1/jobs/j1/retry', status: 200 }],
  listManualActions: [{ as: 'root', path: '/api/v1/manual-actions?status=open', status: 200 }],
  completeManualAction: [{ as: 'root', path: '/api/v1/manual-actions/m1/complete', body: { outcome: 'deprovisioned', note: 'Removed by hand' }, status: 200 }],
  createKillSwitch: [{ as: 'root', path: '/api/v1/kill-switches', body: { scope: 'tool', key: 'chatgpt', reason: 'Incident 7', mode: 'dryRun' }, status: 201 }],
  listKillSwitches: [{ as: 'root', path: '/api/v1/kill-switches?source=leaver&status=stopped&scope=person&key=ada', status: 200 }],
  getKillSwitch: [{ as: 'root', path: '/api/v1/kill-switches/ks1', status: 200 }],
  listKillSwitchItems: [{ as: 'root', path: '/api/v1/kill-switches/ks1/items?limit=5', status: 200 }],
  restoreKillSwitch: [{ as: 'root', path: '/api/v1/kill-switches/ks1/restore', status: 200 }],
  confirmKillSwitch: [{ as: 'root', path: '/api/v1/kill-switches/ks1/confirm', status: 409 }],
  verifyOktaHook: [{ path: '/api/v1/hooks/okta/c1', status: 401 }],
  receiveOktaEvents: [
    { as: 'a secret of an Okta org', path: '/api/v1/hooks/okta/c1', body: { eventType: 'com.okta.event_hook', data: { events: [{ uuid: 'e1', eventType: 'user.lifecycle.deactivate', target: [{ id: '00u1', type: 'User', alternateId: 'ada' }] }] } }, status: 200 },
    { as: 'another secret', path: '/api/v1/hooks/okta/c1', body: { data: { events: [] } }, status: 401 },
    { as: 'a secret of an Okta org', path: '/api/v1/hooks/okta/c1', body: { events: [] }, status: 400 },
  ],
  putEventHook: [{ as: 'root', path: '/api/v1/connectors/c1/event-hook', body: { secret: 'a secret of an Okta org' }, status: 400 }, { as: 'root', path: '/api/v1/connectors/c1/event-hook', body: { secret: 'a longer secret of an Okta org' }, status: 200 }],
  getLeaverSettings: [{ as: 'root', path: '/api/v1/settings/leaver', status: 503 }],
  getRetentionSettings: [{ as: 'root', path: '/api/v1/settings/retention', status: 503 }],
  putRetentionSettings: [{ as: 'root', path: '/api/v1/settings/retention', body: { auditDays: 400, externalIdentityDays: null, jobDays: 30 }, status: 200 }],
  putLeaverSettings: [{ as: 'root', path: '/api/v1/settings/leaver', body: { enabled: true, maxPersons: null, windowHours: 24 }, status: 200 }],
  createTool: [{ as: 'root', path: '/api/v1/tools', body: TOOL, status: 201 }],
  listTools: [{ as: 'ada', path: '/api/v1/tools?status=approved', status: 200 }],
  seedStarterCatalog: [{ as: 'root', path: '/api/v1/tools/seed-starter-catalog', status: 200 }],
  getTool: [{ as: 'ada', path: '/api/v1/tools/chatgpt', status: 200 }],
  updateTool: [{ as: 'root', path: '/api/v1/tools/chatgpt', body: { status: 'pilot', pilotGroups: ['pilots'], dataClasses: null }, ifMatch: '*', status: 200 }],
  setEntitlementGroup: [{ as: 'root', path: '/api/v1/tools/chatgpt/entitlement-group', body: { mode: 'create' }, status: 200 }],
  readGroupApps: [{ as: 'root', path: '/api/v1/tools/chatgpt/entitlement-group/apps', status: 200 }],
  confirmAssignment: [{ as: 'root', path: '/api/v1/tools/chatgpt/entitlement-group/confirm-assignment', body: {}, status: 200 }],
  createToolRole: [{ as: 'root', path: '/api/v1/tools/chatgpt/roles', body: { key: 'admin', name: 'Administrator', risk: 'high', maxDurationDays: 30 }, status: 201 }, { as: 'root', path: '/api/v1/tools/chatgpt/roles', body: { key: 'admin', name: 'Again', risk: 'high', maxDurationDays: 30 }, status: 409 }],
  listToolRoles: [{ as: 'ada', path: '/api/v1/tools/chatgpt/roles', status: 200 }],
  getToolRole: [{ as: 'ada', path: '/api/v1/tools/chatgpt/roles/admin', status: 200 }, { as: 'ada', path: '/api/v1/tools/chatgpt/roles/owner', status: 404 }],
  updateToolRole: [{ as: 'root', path: '/api/v1/tools/chatgpt/roles/admin', body: { requestable: false }, ifMatch: '*', status: 200 }],
  setRoleEntitlementGroup: [{ as: 'root', path: '/api/v1/tools/chatgpt/roles/admin/entitlement-group', body: { mode: 'create' }, status: 200 }],
  readRoleGroupApps: [{ as: 'root', path: '/api/v1/tools/chatgpt/roles/admin/entitlement-group/apps', status: 200 }],
  confirmRoleAssignment: [{ as: 'root', path: '/api/v1/tools/chatgpt/roles/admin/entitlement-group/confirm-assignment', body: {}, status: 200 }],
  deleteToolRole: [{ as: 'root', path: '/api/v1/tools/chatgpt/roles/admin', ifMatch: '*', status: 204 }],
  deleteTool: [{ as: 'root', path: '/api/v1/tools/chatgpt', ifMatch: '*', status: 204 }],
  createConnector: [{ as: 'root', path: '/api/v1/connectors', body: OKTA, status: 201 }, { as: 'root', path: '/api/v1/connectors', body: ENTRA, status: 201 }],
  listConnectors: [{ as: 'root', path: '/api/v1/connectors?provider=okta&status=disabled', status: 200 }],
  getConnector: [{ as: 'root', path: '/api/v1/connectors/c1', status: 200 }],
  updateConnector: [{ as: 'root', path: '/api/v1/connectors/c1', body: { auth: { kind: 'privateKeyJwt', clientId: '0oa1', privateKeyPem: '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----' } }, ifMatch: '"1"', status: 200 }],
  testConnector: [{ as: 'root', path: '/api/v1/connectors/c1/test', status: 200 }],
  runConformance: [{ as: 'root', path: '/api/v1/connectors/c1/conformance', body: { login: 'test@acme.example' }, status: 200 }],
  enableConnector: [{ as: 'root', path: '/api/v1/connectors/c1/enable', status: 422 }],
  disableConnector: [{ as: 'root', path: '/api/v1/connectors/c1/disable', status: 200 }],
  deleteConnector: [{ as: 'root', path: '/api/v1/connectors/c1', ifMatch: '*', status: 204 }],
  createIdentityMapping: [{ as: 'root', path: '/api/v1/identity-mappings', body: { accountId: 'ada', provider: 'okta', externalLogin: 'ada@example.com' }, status: 201 }],
  listIdentityMappings: [{ as: 'root', path: '/api/v1/identity-mappings?accountId=ada&provider=okta', status: 200 }],
  importIdentityMappings: [{ as: 'root', path: '/api/v1/identity-mappings/import', body: { csv: 'accountId,provider,externalLogin\nada,okta,ada@example.com\n' }, status: 200 }, { as: 'root', path: '/api/v1/identity-mappings/import', csv: 'accountId,provider,externalLogin\r\nada,entra,ada@example.com\r\n', status: 200 }, { as: 'root', path: '/api/v1/identity-mappings/import?dryRun=maybe', csv: 'accountId', status: 400 }],
  getDiagnosis: [{ as: 'root', path: '/api/v1/diagnoses/AI-1', status: 200 }, { as: 'root', path: '/api/v1/diagnoses/nothing', status: 404 }],
  listMappingImports: [{ as: 'root', path: '/api/v1/identity-mappings/imports?status=cancelled&dryRun=false', status: 200 }, { as: 'root', path: '/api/v1/identity-mappings/imports?status=reading', status: 400 }],
  cancelMappingImport: [{ as: 'root', path: '/api/v1/identity-mappings/imports/imp1/cancel', body: {}, status: 200 }, { as: 'root', path: '/api/v1/identity-mappings/imports/imp2/cancel', status: 409 }],
  getMappingImport: [{ as: 'root', path: '/api/v1/identity-mappings/imports/imp1', status: 200 }, { as: 'root', path: '/api/v1/identity-mappings/imports/imp2', status: 404 }],
  listMappingImportRows: [{ as: 'root', path: '/api/v1/identity-mappings/imports/imp1/rows?fate=alias', status: 200 }, { as: 'root', path: '/api/v1/identity-mappings/imports/imp1/rows?outcome=refused', status: 200 }],
  exportMappingImport: [{ as: 'root', path: '/api/v1/identity-mappings/imports/imp1/export', status: 200 }, { as: 'root', path: '/api/v1/identity-mappings/imports/imp2/export', status: 404 }],
  getIdentityMapping: [{ as: 'root', path: '/api/v1/identity-mappings/im1', status: 200 }],
  updateIdentityMapping: [{ as: 'root', path: '/api/v1/identity-mappings/im1', body: { externalLogin: 'ada@acme.example' }, ifMatch: '*', status: 200 }],
  deleteIdentityMapping: [{ as: 'root', path: '/api/v1/identity-mappings/im1', ifMatch: '*', status: 204 }],
  createApprovalPolicy: [{ as: 'root', path: '/api/v1/approval-policies', body: { name: 'Low risk', toolKeys: 'all', autoApprove: true, jiraGroups: ['staff'], enabled: true }, status: 201 }],
  listApprovalPolicies: [{ as: 'root', path: '/api/v1/approval-policies?projectKey=AI', status: 200 }],
  getApprovalPolicy: [{ as: 'root', path: '/api/v1/approval-policies/p1', status: 200 }],
  updateApprovalPolicy: [{ as: 'root', path: '/api/v1/approval-policies/p1', body: { toolKeys: ['chatgpt'], maxDurationDays: 30 }, ifMatch: '*', status: 200 }],
  deleteApprovalPolicy: [{ as: 'root', path: '/api/v1/approval-policies/p1', ifMatch: '*', status: 204 }],
  getGuardrails: [{ as: 'root', path: '/api/v1/policy/guardrails', status: 200 }],
  putGuardrails: [{ as: 'root', path: '/api/v1/policy/guardrails', body: GUARDRAILS, status: 200 }, { as: 'root', path: '/api/v1/policy/guardrails', body: GUARDRAILS, ifMatch: '"9"', status: 412 }],
  getPolicyDefaults: [{ as: 'root', path: '/api/v1/policy/defaults', status: 200 }],
  putPolicyDefaults: [{ as: 'root', path: '/api/v1/policy/defaults', body: { outcomeByRisk: { low: 'autoApprove', medium: 'review', high: 'review', critical: 'deny' } }, status: 200 }],
  createProject: [{ as: 'root', path: '/api/v1/projects', body: { key: 'AI', approvers: ['bob'] }, status: 201 }],
  listProjects: [{ as: 'root', path: '/api/v1/projects', status: 200 }],
  getProject: [{ as: 'root', path: '/api/v1/projects/AI', status: 200 }],
  updateProject: [{ as: 'root', path: '/api/v1/projects/AI', body: { adminFallback: 'always', approveTransitions: ['Freigeben'] }, ifMatch: '*', status: 200 }],
  deleteProject: [{ as: 'root', path: '/api/v1/projects/AI', ifMatch: '*', status: 204 }],
  getIntakeSettings: [{ as: 'root', path: '/api/v1/settings/intake', status: 503 }],
  putIntakeSettings: [{ as: 'root', path: '/api/v1/settings/intake', body: { enabled: true, projectKey: 'AI', portalId: '1', requestTypeIds: ['10'] }, status: 200 }],
  getRoutingSettings: [{ as: 'root', path: '/api/v1/settings/routing', status: 503 }],
  putRoutingSettings: [{ as: 'root', path: '/api/v1/settings/routing', body: ROUTING, status: 200 }],
  getSlaSettings: [{ as: 'root', path: '/api/v1/settings/sla', status: 503 }],
  putSlaSettings: [{ as: 'root', path: '/api/v1/settings/sla', body: { reviewDueHours: 48, lapseAfterDays: 14 }, status: 200 }, { as: 'root', path: '/api/v1/settings/sla', body: { reviewDueHours: 48, lapseAfterDays: 1 }, status: 400 }],
  getRecertificationSettings: [{ as: 'root', path: '/api/v1/settings/recertification', status: 503 }],
  putRecertificationSettings: [{ as: 'root', path: '/api/v1/settings/recertification', body: { projectKey: 'AI', issueTypeId: '10001', windowDays: 14 }, status: 200 }],
  getSelfServiceSettings: [{ as: 'root', path: '/api/v1/settings/self-service', status: 503 }],
  putSelfServiceSettings: [{ as: 'root', path: '/api/v1/settings/self-service', body: { extendEnabled: false, expiringSoonDays: 14 }, status: 200 }],
  getDataClassesSettings: [{ as: 'root', path: '/api/v1/settings/data-classes', status: 503 }],
  putDataClassesSettings: [{ as: 'root', path: '/api/v1/settings/data-classes', body: { dataClasses: ['public', 'internal'] }, status: 200 }],
  getReconciliationSettings: [{ as: 'root', path: '/api/v1/settings/reconciliation', status: 503 }],
  putReconciliationSettings: [{ as: 'root', path: '/api/v1/settings/reconciliation', body: { intervalHours: 12, stopAboveChanges: 5, stopAbovePercent: 20 }, status: 200 }, { as: 'root', path: '/api/v1/settings/reconciliation', body: { intervalHours: 0, stopAboveChanges: 5, stopAbovePercent: 20 }, status: 400 }],
  startReconciliation: [{ as: 'root', path: '/api/v1/reconciliations', body: { toolKey: 'chatgpt' }, status: 202 }, { as: 'root', path: '/api/v1/reconciliations', status: 202 }, { as: 'root', path: '/api/v1/reconciliations', body: { toolKey: 'chatgpt', connectorId: 'c1' }, status: 400 }],
  listReconciliations: [{ as: 'audrey', path: '/api/v1/reconciliations?status=done&connectorId=c1', status: 200 }],
  getReconciliation: [{ as: 'root', path: '/api/v1/reconciliations/rec1', status: 200 }, { as: 'root', path: '/api/v1/reconciliations/rec2', status: 404 }],
  exportReconciliation: [{ as: 'audrey', path: '/api/v1/reconciliations/rec1/export', status: 200 }, { as: 'root', path: '/api/v1/reconciliations/rec1/export?format=csv', status: 200 }, { as: 'root', path: '/api/v1/reconciliations/rec2/export', status: 404 }],
  listFindings: [{ as: 'audrey', path: '/api/v1/findings?state=open&kind=outOfBandAdd&toolKey=chatgpt&connectorId=c1&accountId=ada&externalGroupId=00g1', status: 200 }],
  getFinding: [{ as: 'root', path: '/api/v1/findings/f1', status: 200 }],
  resolveFinding: [{ as: 'root', path: '/api/v1/findings/f1/resolve', body: { action: 'accept', note: 'Known' }, status: 200 }, { as: 'root', path: '/api/v1/findings/f1/resolve', body: { action: 'repair' }, status: 422 }, { as: 'root', path: '/api/v1/findings/f2/resolve', body: { action: 'dismiss' }, status: 404 }],
  listBaseline: [{ as: 'root', path: '/api/v1/tools/chatgpt/baseline?accepted=false', status: 200 }],
  acceptBaseline: [{ as: 'root', path: '/api/v1/tools/chatgpt/baseline/accept', body: { ids: ['b1'] }, status: 200 }],
  listAuditEvents: [{ as: 'audrey', path: '/api/v1/audit/events?action=request.created&order=oldestFirst&from=2026-01-01', status: 200 }],
  getAuditEvent: [{ as: 'audrey', path: '/api/v1/audit/events/1', status: 200 }, { as: 'audrey', path: '/api/v1/audit/events/999', status: 404 }, { as: 'audrey', path: '/api/v1/audit/events/one', status: 404 }],
  verifyAudit: [{ as: 'audrey', path: '/api/v1/audit/verifications', status: 200 }],
  getLatestVerification: [{ as: 'root', path: '/api/v1/audit/verifications/latest', status: 404 }],
  intakeIssueCreated: [
    { as: 'root', path: '/api/v1/intake/jira/issue-created', body: { issueKey: 'AI-1' }, status: 202 },
    { as: 'root', path: '/api/v1/intake/jira/issue-created', body: { eventType: 'avi:jira:created:issue', selfGenerated: false, issue: { id: '10001', key: 'AI-1', fields: { summary: 'x' } }, atlassianId: 'ada' }, status: 202 },
    { as: 'root', path: '/api/v1/intake/jira/issue-created', body: { payload: { issue: { id: 10001, key: 'AI-1' }, retryContext: { retryCount: 1 } }, context: {} }, status: 202 },
    { as: 'root', path: '/api/v1/intake/jira/issue-created', body: { issueKey: 'AI-1', snapshot: {} }, status: 400 },
    { as: 'root', path: '/api/v1/intake/jira/issue-created', body: { issue: { key: 'not a key' } }, status: 400 },
  ],
  getPortalContext: [{ as: 'ada', path: '/api/v1/portal/context?projectKey=AI&portalId=1&requestTypeId=10', status: 200 }],
  getLiveness: [{ path: '/health/live', status: 200 }],
  getReadiness: [{ path: '/health/ready', status: 200 }],
  getMetrics: [{ path: '/metrics', status: 200 }],
  getOpenApiDocument: [{ path: '/api/v1/openapi.json', status: 200 }],
  getDocsPage: [{ path: '/api/docs', status: 200 }],
  getDocsAsset: [{ path: '/api/docs/start.js', status: 200 }, { path: '/api/docs/swagger-ui.css', status: 200 }, { path: '/api/docs/..%2fpackage.json', status: 404 }, { path: '/api/docs/index.html', status: 404 }],
  decodePreflight: [{ path: '/codec/decode', status: 204 }],
  decodePayloads: [{ path: '/codec/decode', body: { payloads: [{ data: 'AA==' }] }, status: 200 }],
  getSandbox: [{ path: '/api/v1/sandbox', status: 200 }],
  sandboxSignIn: [{ path: '/api/v1/sandbox/sign-in', body: { accountId: 'ada' }, status: 200 }],
  createPortalRequest: [{ path: '/api/v1/sandbox/portal-requests', body: { accountId: 'ada', snapshot: {}, projectKey: 'AI', requestTypeId: '10' }, status: 201 }],
  advanceClock: [{ path: '/api/v1/sandbox/clock', body: { advanceHours: 1 }, status: 200 }],
};

describe('resources', () => {
  const routes = collectRoutes(controllersFor(true));
  let api: ApiHarness;
  beforeAll(async () => {
    api = await ApiHarness.start();
    api.state.connectors.create('acme', aConnector());
    await api.post('/api/v1/requests', 'ada', { toolKey: 'chatgpt', businessUse: 'First', dataClasses: ['public'], durationDays: 30 });
  });
  afterAll(() => api.close());

  const inOrder = Object.entries(SCENES).flatMap(([operation, scenes]) => scenes.map((scene) => [operation, scene, routes.find((spec) => spec.operation === operation)] as const));
  it.each(inOrder)('%s answers in the shape of its contract: %j', async (_operation, scene, spec) => {
    const answer = await perform(api, scene, spec);
    expect({ status: answer.status, text: answer.status === scene.status ? '' : answer.text }).toEqual({ status: scene.status, text: '' });
    const contract = spec?.answers[scene.status];
    if (contract === undefined) expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    else if (contract === null) expect(answer.text).toBe('');
    else expect(contract.safeParse(answer.json ?? answer.text).error).toBeUndefined();
  });

  it('have a scene for every operation', () => {
    expect(Object.keys(SCENES).sort()).toEqual(routes.map((spec) => spec.operation).sort());
  });

  it('show no credential that went in', async () => {
    const created = await api.post('/api/v1/connectors', 'root', OKTA);
    const read = await api.get('/api/v1/connectors', 'root');
    expect(created.text + read.text).not.toContain('canary-token');
  });
});

function perform(api: ApiHarness, scene: Scene, spec: RouteSpec | undefined) {
  const headers = { ...(scene.ifMatch === undefined ? {} : { 'if-match': scene.ifMatch }), ...(scene.csv === undefined ? {} : { 'content-type': 'text/csv' }) };
  return api.ask(spec?.method ?? 'GET', scene.path, { headers, ...(scene.as === undefined ? {} : { as: scene.as }), ...(scene.csv === undefined ? { body: scene.body } : { raw: scene.csv }) });
}
