import { randomUUID } from 'node:crypto';
import type {
  CaseRows, CommandRow, GrantRow, IntentRow, JobRow, ManualActionRow, MassActionItemState, MembershipRow, Patch, RecordStore, RequestRow, ReviewRow, ToolFulfilment,
} from '../../src/application/ports/record.port.js';
import type { SiteTx, UnitOfWork } from '../../src/application/ports/unit-of-work.port.js';
import type { SettingsName, SettingsOf } from '../../src/contracts/project.contract.js';
import { readSetting } from '../../src/contracts/setting-documents.js';
import type { Routing } from '../../src/domain/approval/routing.js';
import type { Entitlement } from '../../src/domain/catalog/entitlement.js';
import type { AuditDraft } from '../../src/domain/audit/entry.js';
import type { Licence } from '../../src/domain/connector/licence.js';
import { isOpen } from '../../src/domain/grant/grant.js';
import type { PolicyFacts, PolicyRole, PolicyTool } from '../../src/domain/policy/policy.js';

export interface MemoryTool { readonly policy: PolicyTool; readonly fulfilment: ToolFulfilment; readonly roles?: Readonly<Record<string, { readonly policy: PolicyRole; readonly fulfilment: ToolFulfilment }>> }
/** The tool as policy sees it, with the role that is asked for. */
export const policyToolOf = (tool: MemoryTool | undefined, roleKey: string | null): PolicyTool | null =>
  (tool === undefined ? null : { ...tool.policy, hasRoles: tool.roles !== undefined, role: roleKey === null ? null : tool.roles?.[roleKey]?.policy ?? null });
/** What admins set: policy, catalog, routing, mappings. A test changes it between steps as admins do. */
export interface Premises {
  policy: Omit<PolicyFacts, 'asked' | 'tool'>;
  tools: Readonly<Record<string, MemoryTool>>;
  routing: Omit<Routing, 'aliases'>;
  /** External identity of each mapped account, at connector `con`; two accounts with the same one are one person. */
  identities: Readonly<Record<string, string>>;
  settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
export function routingFor({ routing, identities }: Premises, spent: readonly string[]): Routing {
  const isAlias = (accountId: string): boolean => !spent.includes(accountId) && identities[accountId] !== undefined && spent.some((other) => identities[other] === identities[accountId]);
  return { ...routing, aliases: [...routing.approvers, ...routing.securityReviewers].filter(isAlias) };
}
interface Tables {
  requests: Map<string, RequestRow>;
  grants: Map<string, GrantRow>;
  memberships: Map<string, MembershipRow>;
  jobs: Map<string, JobRow>;
  intents: Map<string, IntentRow>;
  manualActions: Map<string, ManualActionRow>;
  reviews: { readonly requestId: string; readonly review: ReviewRow }[];
  tickets: { readonly requestId: string; readonly kind: string; readonly content: unknown }[];
  commands: Map<string, CommandRow>;
  audits: Omit<AuditDraft, 'at'>[];
}
const FINISHED = new Set(['succeeded', 'superseded']);

/**
 * The record in memory: keeps state, undoes what a failed transaction wrote, refuses what the database's constraints refuse. Real time and domain time are one, as
 * outside the sandbox. For deciding many cases quickly; what Postgres itself promises is tested on Postgres.
 */
export class MemoryRecord implements RecordStore, UnitOfWork<SiteTx> {
  readonly siteId = 'acme';
  tables: Tables = { requests: new Map(), grants: new Map(), memberships: new Map(), jobs: new Map(), intents: new Map(), manualActions: new Map(), reviews: [], tickets: [], commands: new Map(), audits: [] };

  /** Whom manual actions were given to, in their order; outside the steps nobody reads it. */
  readonly assignees: (string | null)[] = [];
  siteLicence: Licence = 'active';
  readonly hinted: string[] = [];
  /** External identities whose presence in the group an admin accepted (SPEC K4). */
  readonly baseline = new Set<string>();
  /** By mass action and request; not undone with a failed transaction. */
  readonly massActionItems = new Map<string, MassActionItemState>();

  constructor(public premises: Premises, public now: Date) {}

  async run<T>(_siteId: string, work: (tx: SiteTx) => Promise<T>): Promise<T> {
    const before = structuredClone(this.tables);
    const tx: SiteTx = {
      siteId: this.siteId, now: this.now, offsetMs: 0,
      audit: (draft) => { this.tables.audits.push(draft); return Promise.resolve(randomUUID()); },
      rehearse: async (rehearsed) => {
        const kept = structuredClone(this.tables);
        try {
          return await rehearsed();
        } finally {
          this.tables = kept;
        }
      },
    };
    try {
      return await work(tx);
    } catch (error) {
      this.tables = before;
      throw error;
    }
  }

  /** A command as the API commits it. */
  command(id: string, requestId: string, payload: Readonly<Record<string, unknown>> & { readonly operation: string; readonly caller: { readonly accountId: string } }): void {
    this.tables.commands.set(id, { id, actor: payload.caller.accountId, operation: payload.operation, requestId, payload, status: null, result: null });
  }
  grantOf(requestId: string): GrantRow | null { return [...this.tables.grants.values()].find((grant) => grant.requestId === requestId) ?? null; }
  request(requestId: string): RequestRow { return present(this.tables.requests.get(requestId)); }

  lockCase(_tx: SiteTx, requestId: string): Promise<CaseRows | null> {
    const { requests, memberships, jobs, manualActions, reviews } = this.tables;
    const request = requests.get(requestId);
    if (request === undefined) return Promise.resolve(null);
    const grant = this.grantOf(requestId);
    return Promise.resolve({
      request, grant, membership: (grant?.membershipId == null ? null : memberships.get(grant.membershipId)) ?? null,
      jobs: [...jobs.values()].filter((job) => job.requestId === requestId && !FINISHED.has(job.status)),
      manualActions: [...manualActions.values()].filter((action) => action.requestId === requestId && action.status === 'open'),
      reviews: reviews.filter((row) => row.requestId === requestId).map(({ review }) => review),
    });
  }
  insertRequest(_tx: SiteTx, row: RequestRow): Promise<void> { return put(this.tables.requests, row); }
  updateRequest(_tx: SiteTx, id: string, patch: Patch<RequestRow>): Promise<void> {
    const row = present(this.tables.requests.get(id));
    return put(this.tables.requests, { ...row, ...patch, rowVersion: row.rowVersion + 1 });
  }
  findRequestIdByIssue(_tx: SiteTx, issueId: string): Promise<string | null> { return Promise.resolve([...this.tables.requests.values()].find((row) => row.issueId === issueId)?.id ?? null); }
  insertReview(_tx: SiteTx, requestId: string, review: ReviewRow): Promise<void> {
    if (this.tables.reviews.some((row) => row.requestId === requestId && row.review.accountId === review.accountId && row.review.stage === review.stage)) throw new Error('unique: one vote per reviewer and stage');
    this.tables.reviews.push({ requestId, review });
    return Promise.resolve();
  }
  insertGrant(_tx: SiteTx, row: GrantRow): Promise<void> { return this.putGrant(row); }
  updateGrant(_tx: SiteTx, id: string, patch: Patch<GrantRow>): Promise<void> { return this.putGrant({ ...present(this.tables.grants.get(id)), ...patch }); }
  private putGrant(row: GrantRow): Promise<void> {
    if (isOpen(row.status) && this.others(row).length > 0) throw new Error('unique: one open grant per person and tool');
    return put(this.tables.grants, row);
  }
  private others(row: Pick<GrantRow, 'accountId' | 'toolKey'> & { readonly id: string | null }): readonly GrantRow[] {
    return [...this.tables.grants.values()].filter((grant) => grant.id !== row.id && grant.accountId === row.accountId && grant.toolKey === row.toolKey && isOpen(grant.status));
  }
  hasOpenGrant(_tx: SiteTx, accountId: string, toolKey: string, exceptGrantId: string | null): Promise<boolean> { return Promise.resolve(this.others({ accountId, toolKey, id: exceptGrantId }).length > 0); }

  lockMembership(_tx: SiteTx, key: { readonly connectorId: string; readonly externalGroupId: string; readonly externalIdentityId: string }): Promise<MembershipRow> {
    const found = [...this.tables.memberships.values()].find((row) => row.connectorId === key.connectorId && row.externalGroupId === key.externalGroupId && row.externalIdentityId === key.externalIdentityId);
    const row: MembershipRow = found ?? { id: `mem_${randomUUID()}`, ...key, desired: 'absent', generation: 0, observed: 'unknown', readBackGeneration: null, lastReadAt: null };
    this.tables.memberships.set(row.id, row);
    return Promise.resolve(row);
  }
  updateMembership(_tx: SiteTx, id: string, patch: Patch<MembershipRow>): Promise<void> { return put(this.tables.memberships, { ...present(this.tables.memberships.get(id)), ...patch }); }
  isAcceptedBaseline(_tx: SiteTx, membershipId: string): Promise<boolean> { return Promise.resolve(this.baseline.has(this.tables.memberships.get(membershipId)?.externalIdentityId ?? '')); }
  otherGrantsOn(_tx: SiteTx, membershipId: string, exceptGrantId: string): Promise<readonly GrantRow[]> {
    return Promise.resolve([...this.tables.grants.values()].filter((grant) => grant.membershipId === membershipId && grant.id !== exceptGrantId));
  }

  insertJob(_tx: SiteTx, row: JobRow): Promise<void> { return put(this.tables.jobs, row); }
  updateJob(_tx: SiteTx, id: string, patch: Patch<JobRow>): Promise<void> { return put(this.tables.jobs, { ...present(this.tables.jobs.get(id)), ...patch }); }
  async insertIntent(_tx: SiteTx, { lifeMs, ...intent }: Parameters<RecordStore['insertIntent']>[1]): Promise<IntentRow> {
    const row: IntentRow = { id: intent.id, membershipId: intent.membershipId, grantId: intent.grantId, jobId: intent.jobId, generation: intent.generation, desired: intent.desired, committedAt: this.now, deadlineAt: new Date(this.now.getTime() + lifeMs), endedAt: null, outcome: null };
    await put(this.tables.intents, row);
    return row;
  }
  findIntent(_tx: SiteTx, id: string): Promise<IntentRow | null> { return Promise.resolve(this.tables.intents.get(id) ?? null); }
  openIntents(_tx: SiteTx, membershipId: string): Promise<readonly (IntentRow & { readonly isUnderWay: boolean })[]> {
    const { intents, jobs } = this.tables;
    return Promise.resolve([...intents.values()].filter((row) => row.membershipId === membershipId && row.endedAt === null).map((row) => {
      const job = row.jobId === null ? undefined : jobs.get(row.jobId);
      return { ...row, isUnderWay: job?.status === 'running' && job.intentId === row.id };
    }));
  }
  markUnknown(_tx: SiteTx, id: string): Promise<void> { return put(this.tables.intents, { ...present(this.tables.intents.get(id)), outcome: 'unknown' }); }
  endIntent(_tx: SiteTx, id: string, outcome: string): Promise<void> { return put(this.tables.intents, { ...present(this.tables.intents.get(id)), outcome, endedAt: this.now }); }
  hadIntent(_tx: SiteTx, grantId: string): Promise<boolean> { return Promise.resolve([...this.tables.intents.values()].some((row) => row.grantId === grantId)); }

  mayHaveAdded(_tx: SiteTx, grantId: string, membershipId: string): Promise<boolean> {
    return Promise.resolve([...this.tables.intents.values()].some((row) => row.grantId === grantId && row.membershipId === membershipId && row.desired === 'present' && row.outcome !== 'notWritten'));
  }

  async openManualAction(_tx: SiteTx, action: Parameters<RecordStore['openManualAction']>[1]): Promise<boolean> {
    if ([...this.tables.manualActions.values()].some((row) => row.grantId === action.grantId && row.kind === action.kind && row.status === 'open')) return false;
    this.assignees.push(action.assignee);
    await put(this.tables.manualActions, { id: action.id, requestId: action.requestId, grantId: action.grantId, jobId: action.jobId, kind: action.kind, reason: action.reason, status: 'open', dueAt: action.dueAt, alarmAt: action.dueAt });
    return true;
  }
  alarmManualAction(_tx: SiteTx, id: string, alarmAt: Date | null): Promise<void> { return put(this.tables.manualActions, { ...present(this.tables.manualActions.get(id)), alarmAt }); }
  closeManualAction(_tx: SiteTx, id: string, patch: Parameters<RecordStore['closeManualAction']>[2]): Promise<void> { return put(this.tables.manualActions, { ...present(this.tables.manualActions.get(id)), status: patch.status }); }
  queueTicket(_tx: SiteTx, { requestId, kind, content }: Parameters<RecordStore['queueTicket']>[1]): Promise<void> {
    this.tables.tickets.push({ requestId, kind, content });
    return Promise.resolve();
  }
  /** Written at once: what a ticket step does is not of interest here. */
  hasQueuedTickets(): Promise<{ any: boolean; oldestAgeMs: number }> { return Promise.resolve({ any: false, oldestAgeMs: 0 }); }

  hintLeaver(_tx: SiteTx, externalIdentityId: string): Promise<void> {
    this.hinted.push(externalIdentityId);
    return Promise.resolve();
  }
  lockMassActionItem(_tx: SiteTx, massActionId: string, requestId: string): Promise<MassActionItemState | null> { return Promise.resolve(this.massActionItems.get(`${massActionId}/${requestId}`) ?? null); }
  settleMassActionItem(_tx: SiteTx, massActionId: string, requestId: string, patch: Parameters<RecordStore['settleMassActionItem']>[3]): Promise<void> {
    const key = `${massActionId}/${requestId}`;
    this.massActionItems.set(key, { ...present(this.massActionItems.get(key)), ...('outcome' in patch ? patch : { restoring: patch.restoreOutcome === null }) });
    return Promise.resolve();
  }

  lockCommand(_tx: SiteTx, commandId: string): Promise<CommandRow | null> { return Promise.resolve(this.tables.commands.get(commandId) ?? null); }
  storeCommandResult(_tx: SiteTx, commandId: string, status: number, result: unknown): Promise<void> { return put(this.tables.commands, { ...present(this.tables.commands.get(commandId)), status, result }); }

  policyFacts(_tx: SiteTx, { toolKey, roleKey, accountId, connectorId }: Parameters<RecordStore['policyFacts']>[1]): Promise<Omit<PolicyFacts, 'asked'>> {
    const tool = this.premises.tools[toolKey];
    const { identities } = this.premises;
    const named = { tool: [toolKey], person: [accountId], connector: [connectorId, tool?.fulfilment.connector?.id ?? null] };
    const isAlias = (key: string): boolean => identities[key] !== undefined && identities[key] === identities[accountId];
    const blocks = this.premises.policy.blocks.filter(({ scope, key, source }) => named[scope].some((name) => name === key) || (scope === 'person' && source === 'killSwitch' && isAlias(key)));
    return Promise.resolve({ ...this.premises.policy, tool: policyToolOf(tool, roleKey), blocks });
  }
  toolFulfilment(_tx: SiteTx, { toolKey, roleKey }: Entitlement): Promise<ToolFulfilment | null> {
    const tool = this.premises.tools[toolKey];
    if (tool === undefined) return Promise.resolve(null);
    return Promise.resolve(roleKey === null ? tool.fulfilment : tool.roles?.[roleKey]?.fulfilment ?? { ...tool.fulfilment, group: null });
  }
  licence(): Promise<Licence> { return Promise.resolve(this.siteLicence); }
  routing(_tx: SiteTx, _projectKey: string, spent: readonly string[]): Promise<Routing> { return Promise.resolve(routingFor(this.premises, spent)); }
  transitionNames(): Promise<{ approve: readonly string[]; deny: readonly string[] }> { return Promise.resolve({ approve: ['approve'], deny: ['deny'] }); }
  mappedIdentity(_tx: SiteTx, accountId: string, connectorId: string): Promise<{ readonly externalIdentityId: string } | null> {
    const externalIdentityId = connectorId === 'con' ? this.premises.identities[accountId] : undefined;
    return Promise.resolve(externalIdentityId === undefined ? null : { externalIdentityId });
  }
  isSameIdentity(_tx: SiteTx, a: string, b: string): Promise<boolean> { return Promise.resolve(a === b); }
  sharesIdentity(_tx: SiteTx, accountA: string, accountB: string): Promise<boolean> {
    const { identities } = this.premises;
    return Promise.resolve(identities[accountA] !== undefined && identities[accountA] === identities[accountB]);
  }
  setting<N extends SettingsName>(_tx: SiteTx, name: N): Promise<SettingsOf<N>> {
    const stored = this.premises.settings[name];
    return Promise.resolve(readSetting(name, stored === undefined ? null : { value: stored }));
  }
  sealedOrder(_tx: SiteTx, membershipId: string): ReturnType<RecordStore['sealedOrder']> {
    const row = this.tables.memberships.get(membershipId);
    return Promise.resolve(row === undefined ? null : { provider: 'okta', connectorId: row.connectorId, sealedConfig: 'sealed', externalGroupId: row.externalGroupId, sealedIdentity: row.externalIdentityId, identityConnectorId: row.connectorId });
  }
}

function put<Row extends { readonly id: string }>(table: Map<string, Row>, row: Row): Promise<void> {
  table.set(row.id, row);
  return Promise.resolve();
}
function present<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('there is no such row');
  return row;
}
