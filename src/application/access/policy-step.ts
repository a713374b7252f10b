import type { Entitlement } from '../../domain/catalog/entitlement.js';
import { DAY_MS } from '../../domain/grant/grant.js';
import { evaluatePolicy } from '../../domain/policy/evaluate.js';
import { scopeMiss } from '../../domain/policy/policy-misses.js';
import type { AuditSubject } from '../../domain/audit/entry.js';
import type { PolicyDecision, PolicyFacts } from '../../domain/policy/policy.js';
import type { RecordStore, RequestRow } from '../ports/record.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { type AccessCase, POLICY } from './access-case.js';
import { sha256 } from './access-deps.js';

type Asked = PolicyFacts['asked'];

/** Whose access and through which connector: what a block may name besides the tool. */
interface Whose { readonly accountId: string; /** Of the grant, where there is one; the tool's own is looked at anyway. */ readonly connectorId: string | null }

/** Evaluates the policy of this moment and pins what it saw: version, hash of the policy, hash of the input (SPEC P5). A block that commits meanwhile waits for this transaction (ADR 0012). */
export async function decideByPolicy(store: RecordStore, tx: SiteTx, asked: Asked, whose: Whose): Promise<PolicyDecision> {
  return evaluate(await store.policyFacts(tx, { toolKey: asked.toolKey, roleKey: asked.roleKey, ...whose }), asked);
}
function evaluate(premises: Omit<PolicyFacts, 'asked'>, asked: Asked): PolicyDecision {
  const { version, ...policy } = premises;
  const outcome = evaluatePolicy({ ...premises, asked });
  return { ...outcome, policyHash: sha256(JSON.stringify({ version, ...policy })), inputHash: sha256(JSON.stringify(asked)) };
}

export const askedOf = (request: RequestRow, durationDays: number): Asked => ({
  toolKey: request.toolKey, roleKey: request.roleKey, projectKey: request.projectKey, durationDays, dataClasses: request.dataClasses, requesterGroups: request.jiraGroups,
});

/** The requester's Jira groups are a premise with a time of reading: older than this they are read again before policy looks at them (SPEC P4, G3). Milliseconds. */
const GROUPS_FRESH_MS = 5 * 60_000;

/** Policy depends on groups that were read too long ago: nothing is written, the groups are read outside the transaction and the step is taken again. */
export class GroupsOutdated extends Error {
  override readonly name = 'GroupsOutdated';
  constructor(readonly requestId: string, readonly accountId: string) { super(`the groups of the requester of ${requestId} were read too long ago`); }
}

/** Whether policy of this tool looks at the requester's groups (SPEC P2, K1 pilots). */
export const groupsMatter = ({ tool, policies }: Pick<PolicyFacts, 'tool' | 'policies'>, asked: Entitlement): boolean =>
  tool?.status === 'pilot' || policies.some((policy) => policy.enabled && policy.autoApprove && scopeMiss(policy, { asked, tool }) === null);

/**
 * The policy of this moment for this request, at this duration, on groups that are not older than five minutes. `approved`: the request was, so that it may have been before the tool had
 * any roles, and is not told to name one. @throws GroupsOutdated where they are and matter
 * (`onFreshGroups`), unless they can't be read
 */
export async function decideNow(c: AccessCase, durationDays: number, { onFreshGroups = true, approved = false }: { readonly onFreshGroups?: boolean; readonly approved?: boolean } = {}): Promise<PolicyDecision> {
  const known = await c.store.policyFacts(c.tx, { toolKey: c.request.toolKey, roleKey: c.request.roleKey, accountId: c.request.requester, connectorId: c.grant?.connectorId ?? null });
  const premises = approved && c.request.roleKey === null ? withoutRoles(known) : known;
  const outdated = groupsMatter(premises, c.request) && areOld(c);
  if (outdated && onFreshGroups && c.groups === 'fresh') throw new GroupsOutdated(c.request.id, c.request.requester);
  c.onLastKnownGroups = outdated;
  return evaluate(premises, askedOf(c.request, durationDays));
}

const withoutRoles = (facts: Omit<PolicyFacts, 'asked'>): Omit<PolicyFacts, 'asked'> => (facts.tool === null ? facts : { ...facts, tool: { ...facts.tool, hasRoles: false } });
const areOld = ({ request: { groupsReadAt }, now }: AccessCase): boolean => groupsReadAt === null || now.getTime() - groupsReadAt.getTime() > GROUPS_FRESH_MS;

/** What policy said at a step of the request, and whether it went by groups that Jira did not confirm (SPEC P5). */
export async function auditPolicy(c: AccessCase, at: 'decision' | 'extension' | 'provisioning' | 'fulfilment' | 'restore', policy: PolicyDecision, subject: AuditSubject = {}): Promise<void> {
  await c.audit('policy.evaluated', POLICY, subject, {
    at, outcome: policy.outcome, rules: policy.rules.map((rule) => rule.rule), version: policy.version, policyHash: policy.policyHash, inputHash: policy.inputHash,
    ...(c.onLastKnownGroups ? { groups: 'lastKnown', groupsReadAt: c.request.groupsReadAt?.toISOString() ?? null } : {}),
  });
}

/**
 * Days that policy is asked for before they are given: those that were decided, or what is left of them in access that opens again. What extensions added was decided
 * with each of them, and may be more than is allowed at a time. `leftMs` null: it has not begun.
 */
function daysToGive({ request }: AccessCase, leftMs: number | null): number {
  const decided = request.decidedDurationDays ?? request.durationDays;
  return leftMs === null ? decided : Math.min(decided, Math.max(1, Math.ceil(leftMs / DAY_MS)));
}
const leftOf = ({ grant, now }: AccessCase): number | null => (grant === null || grant.startsAt === null ? null : grant.expiresAt.getTime() - now.getTime());

/**
 * Whether an approval still holds now, just before a provider call or a hand-over to people (SPEC P4, P10): policy does not deny, an automatic approval would be
 * given again, and every stage that is required now has its vote.
 */
export async function stillAllowed(c: AccessCase, leftMs = leftOf(c)): Promise<{ readonly allowed: boolean; readonly policy: PolicyDecision }> {
  const policy = await decideNow(c, daysToGive(c, leftMs), { approved: true });
  if (policy.outcome === 'deny') return { allowed: false, policy };
  if (c.request.decisionSource === 'autoPolicy' && policy.outcome === 'autoApprove') return { allowed: true, policy };
  if (c.request.decisionSource === 'autoPolicy' && c.reviews.length === 0) return { allowed: false, policy };
  const voted = new Set<string>(c.reviews.filter((review) => review.vote === 'approve' && review.contentHash === c.request.contentHash).map((review) => review.stage));
  return { allowed: policy.stages.every((stage) => voted.has(stage)), policy };
}
