import type { CommandPayload } from '../../src/application/access/commands/command-types.js';
import { applyStep, loadStep } from '../../src/application/access/steps.js';
import { createRequest } from '../../src/application/access/submit/create-request.js';
import type { GrantRow, RequestRow, ToolFulfilment } from '../../src/application/ports/record.port.js';
import { mayManage, type AbilityFacts } from '../../src/domain/abilities/abilities.js';
import { grantableDays, type DecisionFacts } from '../../src/domain/approval/decide.js';
import type { Voter } from '../../src/domain/approval/routing.js';
import { addDays, type ExtensionFacts } from '../../src/domain/grant/grant.js';
import { evaluatePolicy } from '../../src/domain/policy/evaluate.js';
import type { PolicyOutcome } from '../../src/domain/policy/policy.js';
import { autoPolicy, defaults, guardrails, NOW, role, tool } from './facts.js';
import type { GoldenCase } from './golden-cases.js';
import { MemoryRecord, policyToolOf, routingFor, type MemoryTool, type Premises } from './memory-record.js';

const REQUEST = 'req-1';
const TOOL = 'chatgpt';
const REQUESTER = 'ann';
type Command = Extract<GoldenCase['when'], { readonly by: string }>;

/** A golden case as facts for the domain and as rows for the application. */
export class GoldenWorld {
  readonly premises: Premises;
  readonly request: RequestRow;
  readonly grant: GrantRow | null;
  constructor(readonly golden: GoldenCase) {
    this.premises = premisesOf(golden.given);
    this.request = this.requestRow();
    this.grant = this.grantRow();
  }

  private get connected(): boolean { return this.golden.given.tool?.provider === 'okta' && this.golden.given.tool.fulfilment === 'automatic'; }
  private get reviews(): readonly { readonly accountId: string; readonly stage: 'project' | 'security' | 'jiraAdmin'; readonly contentHash: string; readonly durationDays: number | null }[] {
    return this.golden.given.request.reviews.map(({ by, ofOtherContent, ...review }) => ({ ...review, accountId: by, contentHash: ofOtherContent ? 'hash-0' : 'hash-1' }));
  }

  private get spent(): readonly string[] { return [REQUESTER, ...this.reviews.map(({ accountId }) => accountId)]; }

  /** The policy as it is now, for a request of this many days. */
  policy(durationDays: number, dataClasses: readonly string[] = ['internal'], requesterGroups: readonly string[] = this.request.jiraGroups, roleKey: string | null = null): PolicyOutcome {
    return evaluatePolicy({ ...this.premises.policy, tool: policyToolOf(this.premises.tools[TOOL], roleKey), asked: { toolKey: TOOL, roleKey, projectKey: 'AI', durationDays, dataClasses, requesterGroups } });
  }
  voter(command: Command): Voter {
    const { identities } = this.golden.given;
    const shares = command.by !== REQUESTER && identities[command.by] !== undefined && identities[command.by] === identities[REQUESTER];
    return { accountId: command.by, isAdmin: command.admin, sharesIdentityWithRequester: shares };
  }
  decisionFacts(command: Extract<Command, { readonly operation: 'decide' }>): DecisionFacts {
    const left = grantableDays(this.request.durationDays, this.reviews);
    return {
      request: { ...this.request, durationDays: left }, reviews: this.reviews, routing: routingFor(this.premises, this.spent), voter: this.voter(command), vote: { decision: command.decision, durationDays: command.durationDays },
      policy: this.policy(command.durationDays ?? left), duplicateOpenGrant: this.golden.given.otherOpenGrant,
      assignmentConfirmed: !this.connected || this.golden.given.tool?.assignmentConfirmed === true,
    };
  }
  mayManage(command: Command): boolean { return mayManage(routingFor(this.premises, [REQUESTER]), this.voter(command), REQUESTER); }
  extensionFacts(command: Extract<Command, { readonly operation: 'extend' }>, grant: GrantRow): ExtensionFacts {
    const voter = this.voter(command);
    return {
      grant, actor: { accountId: voter.accountId, mayDecide: this.mayManage(command), sharesIdentityWithRequester: voter.sharesIdentityWithRequester }, selfServiceOn: this.golden.given.selfService,
      durationDays: command.durationDays, policy: this.policy(command.durationDays), now: NOW, duplicateOpenGrant: this.golden.given.otherOpenGrant,
    };
  }
  abilityFacts(command: Command): AbilityFacts {
    return { request: this.request, reviews: this.reviews, routing: routingFor(this.premises, this.spent), viewer: this.voter(command), grant: this.grant, selfServiceOn: this.golden.given.selfService, duplicateOpenGrant: this.golden.given.otherOpenGrant, now: NOW };
  }

  /** Lives the case on the application's own steps. */
  async live(): Promise<{ readonly record: MemoryRecord; readonly requestId: string; readonly refused: string | undefined }> {
    const { when } = this.golden;
    const record = new MemoryRecord(this.premises, NOW);
    const deps = { uow: record, store: record, readGroups: () => Promise.resolve(this.golden.given.request.groups) };
    if (this.golden.given.otherOpenGrant) record.tables.grants.set('grt-0', { ...this.grantWith({ status: 'active', startedDaysAgo: 1, expiresInDays: 20 }), id: 'grt-0', requestId: 'req-0', membershipId: null });
    if (when.operation === 'ask') {
      const asked = { issueId: '10001', issueKey: 'AI-1', projectKey: 'AI', toolKey: TOOL, roleKey: when.role, requester: REQUESTER, submittedBy: REQUESTER, businessUse: 'notes', dataClasses: when.dataClasses, durationDays: when.durationDays, jiraGroups: when.groups };
      return { record, requestId: (await record.run('acme', (tx) => createRequest(record, tx, asked))).id, refused: undefined };
    }
    this.fill(record);
    if (when.operation === 'timePasses') {
      record.now = addDays(NOW, when.days);
      await loadStep(deps, 'acme', REQUEST);
      return { record, requestId: REQUEST, refused: undefined };
    }
    record.command('cmd-1', REQUEST, payloadOf(when));
    const { outcome } = await applyStep(deps, 'acme', 'cmd-1', null);
    return { record, requestId: REQUEST, refused: outcome.kind === 'answered' && !outcome.answer.ok ? outcome.answer.refusal.code : undefined };
  }

  private fill(record: MemoryRecord): void {
    const { tables } = record;
    tables.requests.set(REQUEST, this.request);
    for (const review of this.reviews) tables.reviews.push({ requestId: REQUEST, review: { ...review, vote: 'approve', comment: null, at: NOW } });
    if (this.grant === null) return;
    tables.grants.set(this.grant.id, this.grant);
    if (this.grant.membershipId === null) return;
    tables.memberships.set('mem-1', { id: 'mem-1', connectorId: 'con', externalGroupId: 'group', externalIdentityId: 'ext-ann', desired: 'present', generation: 1, observed: 'present', readBackGeneration: 1, lastReadAt: NOW });
    tables.intents.set('int-1', { id: 'int-1', membershipId: 'mem-1', grantId: this.grant.id, jobId: 'job-0', generation: 1, desired: 'present', committedAt: NOW, deadlineAt: NOW, endedAt: NOW, outcome: 'changed' });
  }

  private requestRow(): RequestRow {
    const { request, grant } = this.golden.given;
    const decision = request.decision ?? (grant === null ? 'pending' : 'approved');
    return {
      id: REQUEST, siteId: 'acme', issueId: '10001', issueKey: 'AI-1', projectKey: 'AI', toolKey: TOOL, roleKey: null, requester: REQUESTER, submittedBy: request.submittedBy, businessUse: 'notes', dataClasses: ['internal'],
      durationDays: request.durationDays, contentHash: 'hash-1', jiraGroups: request.groups, groupsReadAt: NOW, decision, decisionSource: decision === 'approved' ? 'human' : null, decidedBy: null, decidedAt: null, decidedDurationDays: null,
      policy: { outcome: 'review', stages: request.stages, limits: { maxDurationDays: 90 }, rules: [], version: 7, policyHash: '', inputHash: '' }, stages: request.stages, pendingStage: decision === 'pending' ? request.pendingStage : null,
      remindAt: addDays(NOW, 1), remindedAt: null, breachAt: addDays(NOW, 2), breachedAt: null, lapseAt: addDays(NOW, 30), startedAt: NOW, closedAt: null, nextDueAt: null, rowVersion: 1, createdAt: NOW,
    };
  }
  private grantRow(): GrantRow | null { return this.golden.given.grant === null ? null : this.grantWith(this.golden.given.grant); }
  private grantWith({ status, startedDaysAgo, expiresInDays }: NonNullable<GoldenCase['given']['grant']>): GrantRow {
    const startsAt = startedDaysAgo === null ? null : addDays(NOW, -startedDaysAgo);
    const over = status === 'expired' || status === 'revoked';
    return {
      id: 'grt-1', requestId: REQUEST, accountId: REQUESTER, toolKey: TOOL, roleKey: null, status, fulfilment: this.connected ? 'connector' : 'none', membershipId: this.connected && startsAt !== null ? 'mem-1' : null, connectorId: 'con', externalGroupId: 'group',
      durationDays: 30, firstStartedAt: startsAt, startsAt, expiresAt: addDays(NOW, expiresInDays), endReason: over ? 'expired' : null, endedBy: null, endingAt: null, endedAt: over ? NOW : null, endEvidence: null, startEvidence: null, createdAt: NOW,
    };
  }
}

function premisesOf(given: GoldenCase['given']): Premises {
  return {
    policy: {
      blocks: given.blocks, version: 7, guardrails: guardrails(given.guardrails), defaults: defaults(given.defaultOutcome), policies: given.policies.map((policy) => autoPolicy(policy)), dataClasses: ['internal', 'public', 'secret'],
    },
    tools: given.tool === null ? {} : { [TOOL]: toolOf(given.tool) },
    routing: { approvers: given.approvers, securityReviewers: given.securityReviewers, adminFallback: given.adminFallback },
    identities: given.identities,
    settings: { 'self-service': { extendEnabled: given.selfService, expiringSoonDays: 14 } },
  };
}
function toolOf({ provider, fulfilment, assignmentConfirmed, connectorEnabled, roles, ...catalog }: NonNullable<GoldenCase['given']['tool']>): MemoryTool {
  const connected = provider === 'okta' && fulfilment === 'automatic';
  const fulfilled = (externalGroupId: string, confirmed: boolean): ToolFulfilment => ({
    name: 'ChatGPT', provider, risk: catalog.risk, fulfilment, fulfilmentOwner: 'owner', fulfilmentHours: 48,
    group: connected ? { connectorId: 'con', externalGroupId, confirmed } : null, connector: connected ? { id: 'con', name: 'Okta', enabled: connectorEnabled } : null,
  });
  const ofRoles = roles === undefined ? {} : { roles: Object.fromEntries(Object.entries(roles).map(([key, of]) => [key, { policy: role({ key, ...of }), fulfilment: fulfilled(`group-${key}`, assignmentConfirmed) }])) };
  return { policy: tool(catalog), fulfilment: fulfilled('group', assignmentConfirmed), ...ofRoles };
}

function payloadOf(command: Command): CommandPayload {
  const caller = { accountId: command.by, isAdmin: command.admin };
  switch (command.operation) {
    case 'decide': return { operation: 'decide', caller, decision: command.decision, comment: null, durationDays: command.durationDays };
    case 'extend': return { operation: 'extend', caller, durationDays: command.durationDays, reason: 'one more sprint' };
    case 'withdraw': return { operation: 'withdraw', caller, comment: null };
    case 'revoke':
    case 'return': return { operation: command.operation, caller, comment: null };
  }
}
