import { evaluatePolicy } from '../../domain/policy/evaluate.js';
import type { PolicyDecision, PolicyFacts } from '../../domain/policy/policy.js';
import type { RecordStore, RequestRow } from '../ports/record.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AccessCase } from './access-case.js';
import { sha256 } from './access-deps.js';

type Asked = PolicyFacts['asked'];

/** Whose access and through which connector: what a block may name besides the tool. */
interface Whose { readonly accountId: string; /** Of the grant, where there is one; the tool's own is looked at anyway. */ readonly connectorId: string | null }

/** Evaluates the policy of this moment and pins what it saw: version, hash of the policy, hash of the input (SPEC P5). A block that commits meanwhile waits for this transaction (ADR 0012). */
export async function decideByPolicy(store: RecordStore, tx: SiteTx, asked: Asked, whose: Whose): Promise<PolicyDecision> {
  const premises = await store.policyFacts(tx, { toolKey: asked.toolKey, ...whose });
  const { version, ...policy } = premises;
  const outcome = evaluatePolicy({ ...premises, asked });
  return { ...outcome, policyHash: sha256(JSON.stringify({ version, ...policy })), inputHash: sha256(JSON.stringify(asked)) };
}

/** The policy of this moment for this request, at this duration. */
export const decideNow = (c: AccessCase, durationDays: number): Promise<PolicyDecision> =>
  decideByPolicy(c.store, c.tx, askedOf(c.request, durationDays), { accountId: c.request.requester, connectorId: c.grant?.connectorId ?? null });

export const askedOf = (request: RequestRow, durationDays: number): Asked => ({
  toolKey: request.toolKey, projectKey: request.projectKey, durationDays, dataClasses: request.dataClasses, requesterGroups: request.jiraGroups,
});

/**
 * Whether an approval still holds now, just before a provider call or a hand-over to people (SPEC P4, P10): policy does not deny, an automatic approval would be
 * given again, and every stage that is required now has its vote.
 */
export async function stillAllowed(c: AccessCase): Promise<{ readonly allowed: boolean; readonly policy: PolicyDecision }> {
  const policy = await decideNow(c, c.request.decidedDurationDays ?? c.request.durationDays);
  if (policy.outcome === 'deny') return { allowed: false, policy };
  if (c.request.decisionSource === 'autoPolicy' && policy.outcome === 'autoApprove') return { allowed: true, policy };
  if (c.request.decisionSource === 'autoPolicy' && c.reviews.length === 0) return { allowed: false, policy };
  const voted = new Set<string>(c.reviews.filter((review) => review.vote === 'approve' && review.contentHash === c.request.contentHash).map((review) => review.stage));
  return { allowed: policy.stages.every((stage) => voted.has(stage)), policy };
}
