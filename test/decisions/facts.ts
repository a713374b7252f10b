import type { DecisionFacts } from '../../src/domain/approval/decide.js';
import type { ExtensionFacts } from '../../src/domain/grant/grant.js';
import { DEFAULT_GUARDRAILS, DEFAULT_OUTCOMES, type AutoApprovalPolicy, type Guardrails, type PolicyFacts, type PolicyOutcome, type PolicyRole, type PolicyTool } from '../../src/domain/policy/policy.js';

/** Builders of the facts that decisions are taken on: an ordinary case, changed by what a test says. */
export const NOW = new Date('2026-03-10T12:00:00.000Z');

export const tool = (over: Partial<PolicyTool> = {}): PolicyTool =>
  ({ key: 'chatgpt', status: 'approved', risk: 'medium', maxDurationDays: 90, pilotGroups: [], dataClasses: null, hasRoles: false, role: null, ...over });
export const role = (over: Partial<PolicyRole> = {}): PolicyRole => ({ key: 'admin', name: 'Administrator', risk: 'medium', maxDurationDays: 90, requestable: true, ...over });
export const guardrails = (over: Partial<Guardrails> = {}): Guardrails => ({ ...DEFAULT_GUARDRAILS, ...over });
export const autoPolicy = (over: Partial<AutoApprovalPolicy> = {}): AutoApprovalPolicy =>
  ({ id: 'pol_1', name: 'Engineers', projectKey: null, toolKeys: 'all', autoApprove: true, jiraGroups: ['engineers'], maxDurationDays: null, enabled: true, ...over });
export const defaults = (outcome: 'autoApprove' | 'review' | 'deny'): PolicyFacts['defaults'] => ({ outcomeByRisk: { ...DEFAULT_OUTCOMES.outcomeByRisk, low: outcome, medium: outcome, high: outcome, critical: outcome } });

export function policyFacts(over: Partial<Omit<PolicyFacts, 'asked'>> & { readonly asked?: Partial<PolicyFacts['asked']> } = {}): PolicyFacts {
  return {
    version: 7, guardrails: DEFAULT_GUARDRAILS, defaults: DEFAULT_OUTCOMES, policies: [], dataClasses: ['internal', 'public', 'secret'], tool: tool(), blocks: [], ...over,
    asked: { toolKey: 'chatgpt', roleKey: null, projectKey: 'AI', durationDays: 30, dataClasses: ['internal'], requesterGroups: ['engineers'], ...over.asked },
  };
}

export const policyOutcome = (over: Partial<PolicyOutcome> = {}): PolicyOutcome =>
  ({ outcome: 'review', stages: ['project'], limits: { maxDurationDays: 90 }, rules: [{ rule: 'default.by_risk', effect: 'review', detail: 'The default for risk medium is review' }], version: 7, ...over });
export const DENYING: PolicyOutcome = policyOutcome({ outcome: 'deny', stages: [], rules: [{ rule: 'tool.blocked', effect: 'deny', detail: 'This tool is blocked' }] });

export interface DecisionOver extends Partial<Omit<DecisionFacts, 'request' | 'voter' | 'routing' | 'vote'>> {
  readonly request?: Partial<DecisionFacts['request']>;
  readonly voter?: Partial<DecisionFacts['voter']>;
  readonly routing?: Partial<DecisionFacts['routing']>;
  readonly vote?: Partial<DecisionFacts['vote']>;
}
export function decisionFacts(over: DecisionOver = {}): DecisionFacts {
  return {
    reviews: [], policy: policyOutcome(), duplicateOpenGrant: false, assignmentConfirmed: true, ...over,
    request: { decision: 'pending', requester: 'ann', submittedBy: 'ann', durationDays: 30, contentHash: 'hash-1', stages: ['project'], pendingStage: 'project', ...over.request },
    routing: { approvers: ['bob', 'cy'], securityReviewers: ['sec'], adminFallback: 'whenNoApprover', aliases: [], ...over.routing },
    voter: { accountId: 'bob', isAdmin: false, sharesIdentityWithRequester: false, ...over.voter },
    vote: { decision: 'approve', durationDays: null, ...over.vote },
  };
}

export interface ExtensionOver extends Partial<Omit<ExtensionFacts, 'grant' | 'actor'>> {
  readonly grant?: Partial<ExtensionFacts['grant']>;
  readonly actor?: Partial<ExtensionFacts['actor']>;
}
export function extensionFacts(over: ExtensionOver = {}): ExtensionFacts {
  return {
    selfServiceOn: false, durationDays: 30, policy: policyOutcome(), now: NOW, duplicateOpenGrant: false, ...over,
    grant: { status: 'active', accountId: 'ann', expiresAt: new Date('2026-03-20T12:00:00.000Z'), firstStartedAt: new Date('2026-02-20T12:00:00.000Z'), ...over.grant },
    actor: { accountId: 'bob', mayDecide: true, sharesIdentityWithRequester: false, ...over.actor },
  };
}
