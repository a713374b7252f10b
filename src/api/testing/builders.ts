import type { MappingImportListItem, MappingImportView } from '../../contracts/identity-mapping.contract.js';
import type { KillSwitchItemView, KillSwitchView } from '../../contracts/kill-switch.contract.js';
import type { ConnectorView } from '../../contracts/connector.contract.js';
import type { GrantView } from '../../contracts/grant.contract.js';
import type { JobView, ManualActionView } from '../../contracts/job.contract.js';
import type { FindingView, ReconciliationView } from '../../contracts/reconciliation.contract.js';
import type { RequestView } from '../../contracts/request.contract.js';
import type { AuditEventView, AuditVerification } from '../../contracts/audit.contract.js';

export const NOW = '2026-03-01T09:00:00.000Z';
const yes = { allowed: true };
const no = { allowed: false, reason: 'Nothing to do' };

export const aRequest = (overrides: Partial<RequestView> = {}): RequestView => ({
  id: 'r1', siteId: 'acme', issueKey: 'AI-1', toolKey: 'chatgpt-enterprise', roleKey: null, requester: { accountId: 'ada' }, businessUse: 'Summaries of public filings', dataClasses: ['public'],
  durationDays: 30, decision: 'pending', decisionSource: null, grant: null, job: null,
  policy: { outcome: 'review', rules: [{ rule: 'default.by_risk', effect: 'review', detail: 'The default for risk low is review' }], version: 1, policyHash: 'a1', inputHash: 'b2' },
  reviews: [], pendingStage: 'project', approvalDueAt: NOW, abilities: { decide: yes, withdraw: yes, revoke: no, extend: no, return: no },
  workflowId: 'access/acme/r1', createdAt: NOW, decidedAt: null, ...overrides,
});
export const aGrant = (overrides: Partial<GrantView> = {}): GrantView => ({
  id: 'g1', siteId: 'acme', requestId: 'r1', issueKey: 'AI-1', toolKey: 'chatgpt-enterprise', roleKey: null, accountId: 'ada', status: 'active', startsAt: NOW, expiresAt: '2026-03-31T09:00:00.000Z',
  expiryLabel: '30 days remaining', membership: { desired: 'present', observed: 'present', lastReadAt: NOW, evidence: 'readBack' }, durationDays: 30, expiringSoon: false, heldByGrantId: null,
  job: null, endedAt: null, endReason: null, endEvidence: null, abilities: { revoke: yes, extend: yes, return: yes, completeManualAction: no, retry: no }, createdAt: NOW, ...overrides,
});
export const aJob = (overrides: Partial<JobView> = {}): JobView => ({
  id: 'j1', kind: 'provision', status: 'deadLetter', attempts: 10, nextAttemptAt: null, lastError: 'Okta refused the credential', lastErrorCode: 'unauthorized', grantId: 'g1', requestId: 'r1',
  issueKey: 'AI-1', toolKey: 'chatgpt-enterprise', roleKey: null, accountId: 'ada', createdAt: NOW, updatedAt: NOW, abilities: { retry: yes }, ...overrides,
});
export const aManualAction = (overrides: Partial<ManualActionView> = {}): ManualActionView => ({
  id: 'm1', kind: 'provision', status: 'open', reason: { code: 'mapping.missing', message: 'The person has no identity at Okta' }, requestId: 'r1', grantId: 'g1', issueKey: 'AI-1',
  toolKey: 'chatgpt-enterprise', roleKey: null, accountId: 'ada', entitlement: { provider: 'okta', groupName: 'AI Clearance - ChatGPT - Users', externalGroupId: '00g1' }, assigneeAccountId: null, dueAt: null,
  openedAt: NOW, completedAt: null, abilities: { complete: yes }, ...overrides,
});
export const aKillSwitch = (overrides: Partial<KillSwitchView> = {}): KillSwitchView => ({
  id: 'ks1', source: 'killSwitch', scope: 'tool', key: 'chatgpt-enterprise', reason: 'Incident 7', mode: 'execute', status: 'running', restoreStatus: 'none',
  counts: { total: 2, verifiedAbsent: 1, pending: 1, held: 0, requests: 1, requestsClosed: 1, restored: 0, restoreRefused: 0, restoreWaiting: 0 }, requestedBy: 'root', confirmedBy: null, restoredBy: null,
  createdAt: NOW, finishedAt: null, restoredAt: null, workflowId: 'kill-switch/acme/ks1', ...overrides,
});
export const aKillSwitchItem = (overrides: Partial<KillSwitchItemView> = {}): KillSwitchItemView => ({
  requestId: 'r1', grantId: 'g1', kind: 'grant', accountId: 'ada', toolKey: 'chatgpt-enterprise', remainingMs: 86_400_000, outcome: 'stopped', stoppedAt: NOW, grantStatus: 'revoked', endEvidence: 'readBack',
  endedAt: NOW, restoreOutcome: null, restoredAt: null, ...overrides,
});
export const aConnector = (overrides: Partial<Extract<ConnectorView, { provider: 'okta' }>> = {}): ConnectorView => ({
  id: 'c1', name: 'Okta', status: 'disabled', lastTest: null, credential: { expiresAt: null, saidBy: null, state: 'unknown' }, version: 1, createdAt: NOW, updatedAt: NOW, provider: 'okta', orgUrl: 'https://acme.okta.com', auth: { kind: 'apiToken' }, ...overrides,
});
export const anAuditEvent = (overrides: Partial<AuditEventView> = {}): AuditEventView => ({
  seq: 1, at: NOW, action: 'request.created', reference: { action: null, source: null }, actor: { kind: 'person', accountId: 'ada' }, subject: { requestId: 'r1' }, data: {}, prevHash: '00', entryHash: '01', entryMac: '02', keyId: 'k1', body: '{}', ...overrides,
});
export const aVerification = (overrides: Partial<AuditVerification> = {}): AuditVerification => ({
  id: 'v1', status: 'ok', ok: true, startedAt: NOW, finishedAt: NOW, requestedBy: 'audrey', entriesChecked: 3, firstSeq: 1, lastSeq: 3, chainHead: 'abc', firstBad: null, ...overrides,
});

export const aReconciliation = (overrides: Partial<ReconciliationView> = {}): ReconciliationView => ({
  id: 'rec1', connectorId: 'c1', status: 'running', trigger: 'admin', failure: null, startedAt: NOW, endedAt: null,
  counts: { groups: 1, pages: 1, members: 2, differences: 1, confirmed: 1, vanished: 0, unreadable: 0, held: 0, findings: 1, revoked: 0, removed: 0, failed: 0, baseline: 0 },
  groups: [{ externalGroupId: '00g1', state: 'listed', held: null, pages: 1, members: 2, error: null }], ...overrides,
});
export const aFinding = (overrides: Partial<FindingView> = {}): FindingView => ({
  id: 'f1', kind: 'outOfBandAdd', toolKey: 'chatgpt', connectorId: 'c1', externalGroupId: '00g1', loginHint: 'a•••@acme.example', accountId: 'ada', state: 'open', response: 'report',
  evidence: { observed: 'present', readAt: NOW }, reconciliationId: 'rec1', seenAt: NOW, lastSeenAt: NOW, resolvedAt: null, resolvedBy: null, note: null, ...overrides,
});
export const anImportListItem = (over: Partial<MappingImportListItem> = {}): MappingImportListItem => ({
  id: 'imp1', dryRun: false, aliases: 'refuse', askedBy: 'root', status: 'done', failure: null, rows: 1, checked: 1, counts: { add: 1, change: 0, unchanged: 0, duplicate: 0, alias: 0, unresolved: 0, bad: 0 }, created: 1, updated: 0, refused: 0,
  startedAt: NOW, endedAt: NOW, ...over,
});
export const anImport = (over: Partial<MappingImportView> = {}): MappingImportView =>
  ({ ...anImportListItem(), results: [{ line: 2, accountId: 'ada', provider: 'okta', fate: 'add', outcome: 'created' }], ...over });
