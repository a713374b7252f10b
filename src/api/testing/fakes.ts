import { Registry } from 'prom-client';
import type { CommandContext, CommandOutcome, Principal, RefusedAttempt } from '../../application/ports/api-commands.port.js';
import type { Rows } from '../../application/ports/api-queries.port.js';
import type { ConnectorView } from '../../contracts/connector.contract.js';
import type { IdentityMappingView } from '../../contracts/identity-mapping.contract.js';
import { SNAPSHOT_FIELD } from '../../contracts/snapshot.contract.js';
import type { ApprovalPolicyView } from '../../contracts/policy.contract.js';
import type { ProjectView } from '../../contracts/project.contract.js';
import type { ProblemCode } from '../../contracts/refusal-status.js';
import type { RequestView } from '../../contracts/request.contract.js';
import type { EntitlementGroupView } from '../../contracts/entitlement-group.contract.js';
import type { ToolView } from '../../contracts/tool.contract.js';
import type { ToolRoleView } from '../../contracts/tool-role.contract.js';
import type { FaultLog, HttpLog } from '../common/log.js';
import type { ApiDependencies } from '../dependencies.js';
import { aConnector, aGrant, aJob, aKillSwitch, aKillSwitchItem, aManualAction, anAuditEvent, aFinding, anImport, anImportListItem, aReconciliation, aRequest, aVerification, NOW } from './builders.js';
import { MemoryCrud } from './memory-crud.js';

const settled = <T>(value: T): Promise<T> => Promise.resolve(value);
const done = <T>(body: T, status: 200 | 201 | 202 = 200): Promise<CommandOutcome<T>> => settled({ ok: true, status, body });
const refused = (code: ProblemCode): Promise<{ ok: false; refusal: { code: ProblemCode; detail: string } }> => settled({ ok: false, refusal: { code, detail: 'Refused by the fake' } });
const one = <T>(item: T): Promise<Rows<T>> => settled({ items: [item], next: null });
const stamp = { version: 1, createdAt: NOW, updatedAt: NOW };

/** State of the fakes, for tests to look at. */
export class FakeState {
  readonly requests = new Map<string, RequestView>();
  readonly commands: { readonly name: string; readonly context: CommandContext; readonly input: unknown }[] = [];
  readonly refusedAttempts: RefusedAttempt[] = [];
  readonly logged: HttpLog[] = [];
  readonly faults: FaultLog[] = [];
  readonly warnings: string[] = [];
  readonly tools = new MemoryCrud<ToolView>('tool.not_found', (tool) => tool.key);
  /** Of whichever tool. */
  readonly roles = new MemoryCrud<ToolRoleView>('tool_role.not_found', (role) => role.key);
  readonly connectors = new MemoryCrud<ConnectorView>('connector.not_found', (connector) => connector.id);
  readonly mappings = new MemoryCrud<IdentityMappingView>('mapping.not_found', (mapping) => mapping.id);
  readonly policies = new MemoryCrud<ApprovalPolicyView>('approval_policy.not_found', (policy) => policy.id);
  readonly projects = new MemoryCrud<ProjectView>('project.not_found', (project) => project.key);
  bulkOperations = 0;
  /** As reported, in their order. */
  readonly licences: ('active' | 'inactive')[] = [];
  readonly nonces = new Set<string>();
  databaseUp = true;
  engineUp = true;
  workers = { governance: { alive: 1, polling: 1 }, core: { alive: 2, polling: 2 } };
  domainNow = Date.parse(NOW);

  note(name: string, context: CommandContext, input: unknown): void {
    this.commands.push({ name, context, input });
  }

  visible(principal: Principal, requestId: string): RequestView | null {
    const found = this.requests.get(requestId);
    if (found?.siteId !== principal.siteId) return null;
    return found.requester.accountId === principal.accountId || principal.roles.has('admin') || principal.roles.has('auditor') ? found : null;
  }
}

function requestFakes(state: FakeState): Pick<ApiDependencies, 'requestCommands' | 'requestQueries' | 'grantCommands' | 'grantQueries' | 'meQueries' | 'jobCommands' | 'jobQueries'> {
  const decideOne = (context: CommandContext, requestId: string, decision: 'approve' | 'deny'): Promise<CommandOutcome<RequestView>> => {
    const found = state.requests.get(requestId);
    if (found?.siteId !== context.principal.siteId) return refused('request.not_found');
    if (found.requester.accountId === context.principal.accountId) return refused('review.self_approval');
    if (found.decision !== 'pending') return refused('request.already_decided');
    const next = { ...found, decision: decision === 'approve' ? 'approved' as const : 'denied' as const, decisionSource: 'human' as const, decidedAt: NOW, pendingStage: null };
    state.requests.set(requestId, next);
    return done(next);
  };
  return {
    requestCommands: {
      submit: (context, input) => {
        state.note('submit', context, input);
        if (input.accountId !== undefined && context.principal.kind !== 'service') return refused('auth.forbidden');
        const view = aRequest({ id: `r${state.requests.size + 1}`, siteId: context.principal.siteId, toolKey: input.toolKey, requester: { accountId: context.principal.accountId }, businessUse: input.businessUse, dataClasses: input.dataClasses, durationDays: input.durationDays, issueKey: input.issueKey ?? null });
        state.requests.set(view.id, view);
        return done(view, 201);
      },
      decide: (context, input) => {
        state.note('decide', context, input);
        return decideOne(context, input.requestId, input.decision);
      },
      bulkDecide: async (context, input) => {
        state.note('bulkDecide', context, input);
        const results = await Promise.all((input.requestIds ?? []).map(async (requestId) => {
          const outcome = await decideOne(context, requestId, input.decision);
          return { issueKey: null, requestId, status: outcome.ok ? outcome.status : 409, ...(outcome.ok ? {} : { code: outcome.refusal.code }) };
        }));
        return done({ results });
      },
      withdraw: (context, input) => {
        state.note('withdraw', context, input);
        const found = state.visible(context.principal, input.requestId);
        return found === null ? refused('request.not_found') : done({ ...found, decision: 'withdrawn', decisionSource: 'requester', decidedAt: NOW });
      },
    },
    requestQueries: {
      list: (principal, query) => {
        const all = [...state.requests.values()].filter((view) => state.visible(principal, view.id) !== null && (query.toolKey === undefined || view.toolKey === query.toolKey) && (query.after === null || view.id > query.after.id));
        const items = all.slice(0, query.limit);
        const last = items.at(-1);
        return settled({ items, next: all.length > items.length && last !== undefined ? { sort: last.createdAt, id: last.id } : null });
      },
      find: (principal, requestId) => settled(state.visible(principal, requestId)),
      timeline: (principal, requestId) => settled(state.visible(principal, requestId) === null ? null : [{ at: NOW, kind: 'audit', action: 'request.created', actor: { kind: 'person', accountId: 'ada' }, seq: 1, summary: 'Asked for', details: {} }]),
    },
    grantCommands: {
      revoke: (context, input) => (state.note('revoke', context, input), done(aGrant({ status: 'removing' }))),
      return: (context, input) => (state.note('return', context, input), done(aGrant({ status: 'removing' }))),
      extend: (context, input) => (state.note('extend', context, input), input.durationDays > 90 ? refused('extension.life_exceeded') : done(aGrant())),
    },
    grantQueries: { list: () => one(aGrant()), find: (_principal, grantId) => settled(grantId === 'g1' ? aGrant() : null) },
    meQueries: {
      me: (principal) => settled({
        siteId: principal.siteId, accountId: principal.accountId, displayName: principal.displayName ?? null, kind: principal.kind, roles: [...principal.roles], approverOf: [], licence: principal.licence ?? 'notReported',
        abilities: { submitRequest: { allowed: true }, decide: { allowed: false, reason: 'No project routes to you' }, completeManualActions: { allowed: false, reason: 'No' }, extendOwnAccess: { allowed: false, reason: 'Off' }, administer: { allowed: principal.roles.has('admin') }, readAudit: { allowed: principal.roles.has('auditor') } },
      }),
      access: () => one(aGrant()), requests: () => one(aRequest()), approvals: () => one(aRequest()), manualActions: () => one(aManualAction()),
    },
    jobCommands: {
      retry: (context, input) => (state.note('retry', context, input), input.jobId === 'j1' ? done(aJob({ status: 'queued' })) : refused('job.not_found')),
      completeManualAction: (context, input) => (state.note('completeManualAction', context, input), input.outcome === 'fulfilled' ? refused('mapping.missing') : done({ action: aManualAction({ status: 'done', completedAt: NOW }), readBack: { observed: 'absent', readAt: NOW }, grantStatus: 'revoked' })),
    },
    jobQueries: { listJobs: () => one(aJob()), listManualActions: () => one(aManualAction()) },
  };
}

function reconciliationFakes(state: FakeState): Pick<ApiDependencies, 'reconciliationCommands' | 'reconciliationQueries'> {
  return {
    reconciliationCommands: {
      start: (context, input) => (state.note('startReconciliation', context, input), done(aReconciliation(), 202)),
      resolveFinding: (_context, { id, action }) => (id !== 'f1' ? refused('finding.not_found') : action === 'repair' ? refused('finding.not_repairable') : done(aFinding({ state: action === 'accept' ? 'accepted' : 'dismissed' }))),
      acceptBaseline: () => done({ accepted: 2 }),
    },
    reconciliationQueries: {
      list: () => one(aReconciliation()), find: (_principal, id) => settled(id === 'rec1' ? aReconciliation() : null), export: (_principal, id, format) => settled(id === 'rec1' ? (format === 'csv' ? 'kind\r\n' : '{}\n{}\n') : null),
      listFindings: () => one(aFinding()), findFinding: (_principal, id) => settled(id === 'f1' ? aFinding() : null),
      listBaseline: () => one({ id: 'b1', roleKey: null, kind: 'member', label: 'a•••@acme.example', acceptedBy: null, acceptedAt: null, createdAt: NOW }),
    },
  };
}

function killSwitchFakes(state: FakeState): Pick<ApiDependencies, 'killSwitchCommands' | 'killSwitchQueries' | 'oktaHooks' | 'diagnoses'> {
  return {
    killSwitchCommands: {
      create: (context, input) => (state.note('createKillSwitch', context, input), done(aKillSwitch({ ...input, status: input.mode === 'dryRun' ? 'planned' : 'running' }), 201)),
      restore: (_context, { id }) => (id === 'ks1' ? done(aKillSwitch({ status: 'done', restoreStatus: 'running' })) : refused('kill_switch.not_found')),
      confirm: () => refused('kill_switch.nothing_to_confirm'),
    },
    diagnoses: { diagnose: (_principal, issueKey) => settled({ issueKey, at: NOW, requestId: null, symptoms: [{ symptom: 'notInApprovals', title: 'Requests are created but never appear in approvals', verdict: 'problem', looks: [{ ok: false, saw: 'Jira never told of this issue', toDo: 'Deliver it' }] }] }) },
    oktaHooks: {
      receive: (connectorId, secret) => settled(connectorId === 'c1' && secret === 'a secret of an Okta org'),
      setSecret: (context, { connectorId }) => (state.note('setEventHook', context, {}), connectorId === 'c1' ? done({ connectorId, path: `/api/v1/hooks/okta/${connectorId}`, authenticationField: 'Authorization', setAt: NOW }) : refused('connector.not_found')),
    },
    killSwitchQueries: { list: () => one(aKillSwitch()), find: (_principal, id) => settled(id === 'ks1' ? aKillSwitch() : null), items: () => one(aKillSwitchItem()) },
  };
}

function catalogFakes(state: FakeState): Pick<ApiDependencies, 'catalogCommands' | 'catalogQueries' | 'connectorCommands' | 'mappingCommands' | 'mappingImportCommands' | 'mappingImportQueries'> {
  const group: EntitlementGroupView = { externalGroupId: '00g1', name: 'AI Clearance - ChatGPT - Users', origin: 'created', assignmentConfirmedAt: null, assignmentConfirmedBy: null, apps: null, appsReadAt: null };
  const { tools, roles, connectors, mappings } = state;
  return {
    catalogCommands: {
      createTool: ({ principal }, input) => (tools.find(principal.siteId, input.key) !== null ? refused('tool.key_taken') : settled(tools.create(principal.siteId, {
        connectorId: null, owner: null, pilotGroups: [], dataClasses: null, fulfilment: 'automatic', fulfilmentOwner: null, fulfilmentHours: null, driftResponse: 'report', category: 'application', ...defined(without(input)), entitlementAttestation: null, requestable: input.status === 'approved', entitlementGroup: null, roles: [], ...stamp,
      }))),
      updateTool: ({ principal }, { key, patch, expectedVersion }) => settled(tools.update(principal.siteId, key, expectedVersion, defined(without(patch)))),
      deleteTool: ({ principal }, { key, expectedVersion }) => settled(tools.delete(principal.siteId, key, expectedVersion)),
      seedStarterCatalog: (context) => (state.note('seed', context, {}), done({ catalogVersion: '1', added: ['claude-team'], kept: [] })),
      createToolRole: ({ principal }, { role }) => (roles.find(principal.siteId, role.key) !== null ? refused('tool_role.key_taken') : settled(roles.create(principal.siteId, { summary: null, requestable: true, ...defined(role), entitlementGroup: null, ...stamp }))),
      updateToolRole: ({ principal }, { of, patch, expectedVersion }) => settled(roles.update(principal.siteId, of.roleKey, expectedVersion, defined(patch))),
      deleteToolRole: ({ principal }, { of, expectedVersion }) => settled(roles.delete(principal.siteId, of.roleKey, expectedVersion)),
      setEntitlementGroup: (_context, input) => (input.group.mode === 'bind' ? refused('entitlement_group.unmanageable') : done(group)),
      readGroupApps: () => done({ apps: [{ externalId: '0oa1', label: 'ChatGPT' }], reason: null, readAt: NOW }),
      confirmAssignment: ({ principal }) => done({ ...group, assignmentConfirmedAt: NOW, assignmentConfirmedBy: principal.accountId }),
    },
    catalogQueries: {
      listTools: (principal, query) => settled(tools.list(principal.siteId, query)), findTool: (principal, key) => settled(tools.find(principal.siteId, key)),
      listToolRoles: (principal, _key, query) => settled(roles.list(principal.siteId, query)), findToolRole: (principal, { roleKey }) => settled(roles.find(principal.siteId, roleKey)),
      listConnectors: (principal, query) => settled(connectors.list(principal.siteId, query)), findConnector: (principal, id) => settled(connectors.find(principal.siteId, id)),
      listMappings: (principal, query) => settled(mappings.list(principal.siteId, query)), findMapping: (principal, id) => settled(mappings.find(principal.siteId, id)),
    },
    mappingImportQueries: {
      list: () => one(anImportListItem()), find: (_principal, id) => settled(id === 'imp1' ? anImport() : null), rows: () => one({ line: 2, accountId: 'ada', provider: 'okta', fate: 'add', outcome: 'created' }), export: (_principal, id) => settled(id === 'imp1' ? 'line\r\n' : null),
    },
    connectorCommands: {
      create: (context, input) => (state.note('createConnector', context, input), settled(connectors.create(context.principal.siteId, input.provider === 'okta'
        ? aConnector({ orgUrl: input.orgUrl, auth: { kind: input.auth.kind } })
        : { id: 'c2', name: 'Entra', status: 'disabled', lastTest: null, credential: { expiresAt: null, saidBy: null, state: 'unknown' }, ...stamp, provider: 'entra', tenantId: input.tenantId, clientId: input.clientId, authorityHost: null, graphBaseUrl: null, auth: { kind: input.auth.kind } }))),
      update: ({ principal }, { connectorId, expectedVersion }) => settled(connectors.update(principal.siteId, connectorId, expectedVersion, {})),
      delete: ({ principal }, { connectorId, expectedVersion }) => settled(connectors.delete(principal.siteId, connectorId, expectedVersion)),
      conformance: () => done({ connectorId: 'c1', provider: 'okta', conforms: true, ranAt: NOW, group: null, steps: [{ step: 'findPerson', outcome: 'asExpected', expected: 'found', saw: 'active', tookMs: 3 }] }),
      test: () => done({ ok: false, testedAt: NOW, abilities: [{ ability: 'readUsers', ok: false, detail: 'Add the scope okta.users.read' }], failure: null }),
      enable: () => refused('connector.not_ready'),
      disable: ({ principal }, { connectorId }) => settled(connectors.update(principal.siteId, connectorId, null, {})),
    },
    mappingCommands: {
      create: ({ principal }, input) => settled(mappings.create(principal.siteId, { id: 'im1', accountId: input.accountId, provider: input.provider, connectorId: input.connectorId ?? 'c1', externalLogin: null, loginHint: 'a…@example.com', otherAccounts: 0, externalId: '00u1', unresolved: null, ...stamp })),
      update: ({ principal }, { mappingId, expectedVersion }) => settled(mappings.update(principal.siteId, mappingId, expectedVersion, {})),
      delete: ({ principal }, { mappingId, expectedVersion }) => settled(mappings.delete(principal.siteId, mappingId, expectedVersion)),
    },
    mappingImportCommands: {
      import: async (context, file) => {
        const entries = [];
        for await (const entry of file.entries) entries.push(entry);
        state.note('import', { ...context, bodyHash: file.hash() }, { entries, query: file.query });
        return done(anImport({ dryRun: file.query.dryRun, rows: entries.length }));
      },
      cancel: (_context, { id }) => (id === 'imp1' ? done(anImport({ status: 'cancelled' })) : refused('mapping_import.already_ended')),
    },
  };
}

/** What was attested is answered with by whom and when. */
const without = <T extends { readonly entitlementAttestation?: unknown }>({ entitlementAttestation: _attested, ...rest }: T): Omit<T, 'entitlementAttestation'> => rest;

/** Drops members that are undefined: a patch says what changes, not what is unknown. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const copy = { ...value };
  for (const key of Object.keys(copy)) if (Reflect.get(copy, key) === undefined) Reflect.deleteProperty(copy, key);
  return hasNoUndefined(copy) ? copy : defined(copy);
}
const hasNoUndefined = <T extends object>(value: T): value is T & { [K in keyof T]: Exclude<T[K], undefined> } => Object.values(value).every((member) => member !== undefined);

function governanceFakes(state: FakeState): Pick<ApiDependencies, 'governanceCommands' | 'governanceQueries' | 'auditCommands' | 'auditQueries' | 'intakeCommands' | 'portalQueries'> {
  const { policies, projects } = state;
  const guardrails = { blockUnknownTools: true, mandatoryReview: false, securityReviewFrom: null, jiraAdminReviewFrom: null, maxDurationDaysByRisk: { low: 180, medium: 180, high: 90, critical: 30 }, version: 1, updatedAt: null };
  const defaults = { outcomeByRisk: { low: 'review', medium: 'review', high: 'review', critical: 'deny' } as const, version: 1, updatedAt: null };
  const documents = new Map<string, unknown>();
  return {
    governanceCommands: {
      createApprovalPolicy: ({ principal }, input) => settled(policies.create(principal.siteId, { id: 'p1', projectKey: null, maxDurationDays: null, ...defined(input), ...stamp })),
      updateApprovalPolicy: ({ principal }, { policyId, patch, expectedVersion }) => settled(policies.update(principal.siteId, policyId, expectedVersion, defined(patch))),
      deleteApprovalPolicy: ({ principal }, { policyId, expectedVersion }) => settled(policies.delete(principal.siteId, policyId, expectedVersion)),
      putGuardrails: (_context, { value, expectedVersion }) => (expectedVersion !== null && expectedVersion !== 1 ? refused('if_match.stale') : done({ ...value, version: 2, updatedAt: NOW })),
      putDefaults: (_context, { value }) => done({ ...value, version: 2, updatedAt: NOW }),
      createProject: ({ principal }, input) => settled(projects.create(principal.siteId, { enabled: true, securityReviewers: [], adminFallback: 'whenNoApprover', approveTransitions: [], denyTransitions: [], ...defined(input), ...stamp })),
      updateProject: ({ principal }, { key, patch, expectedVersion }) => settled(projects.update(principal.siteId, key, expectedVersion, defined(patch))),
      deleteProject: ({ principal }, { key, expectedVersion }) => settled(projects.delete(principal.siteId, key, expectedVersion)),
      putSettings: (_context, { name, value }) => {
        documents.set(name, value);
        return done({ ...value, version: 2, updatedAt: NOW });
      },
    },
    governanceQueries: {
      listApprovalPolicies: (principal, query) => settled(policies.list(principal.siteId, query)), findApprovalPolicy: (principal, id) => settled(policies.find(principal.siteId, id)),
      guardrails: () => settled(guardrails), defaults: () => settled(defaults),
      listProjects: (principal, query) => settled(projects.list(principal.siteId, query)), findProject: (principal, key) => settled(projects.find(principal.siteId, key)),
      settings: () => Promise.reject(Object.assign(new Error('Connection terminated unexpectedly'), { code: '57P01' })),
    },
    auditCommands: { verify: (context) => (state.note('verify', context, {}), done(aVerification())) },
    auditQueries: { listEvents: () => one(anAuditEvent()), findEvent: (_principal, seq) => settled(seq === 1 ? anAuditEvent() : null), latestVerification: () => settled(null) },
    intakeCommands: { issueCreated: (context, input) => (state.note('issueCreated', context, input), done({ outcome: 'started', requestId: 'r1' }, 202)) },
    portalQueries: { context: () => settled({ enabled: false, reason: { code: 'portal.not_enabled', message: 'This portal is not set up for AI tools' }, tools: [], dataClasses: [], durationDays: { min: 1, max: 180 }, snapshotField: SNAPSHOT_FIELD }) },
  };
}

function edgeFakes(state: FakeState): Omit<ApiDependencies, keyof ReturnType<typeof requestFakes> | keyof ReturnType<typeof killSwitchFakes> | keyof ReturnType<typeof reconciliationFakes> | keyof ReturnType<typeof catalogFakes> | keyof ReturnType<typeof governanceFakes>> {
  return {
    sites: {
      exists: (siteId) => settled(siteId === 'acme' || siteId === 'globex'), findByInstallation: (installationId) => settled(installationId.endsWith('/acme') ? { siteId: 'acme', licence: state.licences.at(-1) ?? 'notReported' } : null),
      reportLicence: (_siteId, licence) => settled(void state.licences.push(licence)),
    },
    administrators: { isAdministrator: (_siteId, accountId) => settled(accountId === 'root') },
    refusals: { record: (attempt) => settled(void state.refusedAttempts.push(attempt)) },
    rateLimiter: { take: (_actor, _kind, limit) => settled(++state.bulkOperations > limit ? { allowed: false, retryAfterSeconds: 41.2 } : { allowed: true }) },
    nonces: { use: (clientId, nonce) => settled(!state.nonces.has(`${clientId} ${nonce}`) && state.nonces.add(`${clientId} ${nonce}`).size > 0) },
    health: { database: () => (state.databaseUp ? settled(undefined) : Promise.reject(new Error('away'))), engine: () => (state.engineUp ? settled(undefined) : Promise.reject(new Error('away'))), workers: () => settled(state.workers) },
    payloadDecoder: { decode: (payloads) => settled(payloads.map(({ metadata, data }) => ({ metadata, data: `decoded:${data ?? ''}` }))) },
    log: {
      info: (fields) => void state.logged.push(fields), error: (fields) => void state.faults.push(fields), warn: (fields) => void state.warnings.push(fields.errorName),
    },
    registry: new Registry(),
    sandboxControl: {
      createPortalRequest: (input) => settled({ issueKey: `AI-${input.accountId.length}` }),
      advanceClock: (hours) => {
        state.domainNow += hours * 3_600_000;
        return settled({ now: new Date(state.domainNow).toISOString(), woken: 1 });
      },
    },
  };
}

/** Everything that the edge needs, in memory; override what a test is about. */
export const fakeDependencies = (state: FakeState, overrides: Partial<ApiDependencies> = {}): ApiDependencies =>
  ({ ...requestFakes(state), ...killSwitchFakes(state), ...reconciliationFakes(state), ...catalogFakes(state), ...governanceFakes(state), ...edgeFakes(state), ...overrides });
