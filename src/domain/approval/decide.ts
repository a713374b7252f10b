import { err, ok, type Result } from '../kernel/result.js';
import type { PolicyOutcome, Stage } from '../policy/policy.js';
import { refusal, type Refusal } from '../refusal.js';
import type { DecisionStatus } from '../request/request.js';
import { mayVote, type Routing, type Voter } from './routing.js';

/** A view for the decision, never an entity: gathered under the request's lock. */
export interface DecisionFacts {
  readonly request: {
    readonly decision: DecisionStatus;
    readonly requester: string;
    readonly submittedBy: string;
    /** What is left to approve: {@link grantableDays}. */
    readonly durationDays: number;
    readonly contentHash: string;
    readonly stages: readonly Stage[];
    readonly pendingStage: Stage | null;
  };
  readonly reviews: readonly { readonly accountId: string; readonly stage: string; readonly contentHash: string }[];
  readonly routing: Routing;
  readonly voter: Voter;
  readonly vote: { readonly decision: 'approve' | 'deny'; readonly durationDays: number | null };
  /** Evaluated now, for the duration that would be granted (SPEC P4). */
  readonly policy: PolicyOutcome;
  /** The grantee holds an open grant for the same tool (SPEC A4). */
  readonly duplicateOpenGrant: boolean;
  /** Of a connected tool: an entitlement group whose assignment an admin confirmed (SPEC F4). True for others. */
  readonly assignmentConfirmed: boolean;
}
export type VoteOutcome =
  | { readonly kind: 'denied'; readonly source: 'human' }
  | { readonly kind: 'deniedByPolicy'; readonly source: 'policyDeny' }
  | { readonly kind: 'nextStage'; readonly stage: Stage }
  | { readonly kind: 'approved'; readonly source: 'human'; readonly durationDays: number };

/** Days that a later stage can still give: an earlier approver's shortening binds those who follow (SPEC A9). */
export const grantableDays = (askedDays: number, reviews: readonly { readonly durationDays: number | null }[]): number =>
  reviews.reduce((left, review) => Math.min(left, review.durationDays ?? left), askedDays);

/** One vote on one request (SPEC A1, A3–A5, A7–A9). Deny before allow; the first terminal decision wins. */
export function decideVote(facts: DecisionFacts): Result<VoteOutcome, Refusal> {
  const refused = refuseVote(facts);
  if (refused) return err(refused);
  if (facts.vote.decision === 'deny') return ok({ kind: 'denied', source: 'human' });
  const tooLong = refuseDuration(facts);
  if (tooLong) return err(tooLong); // before policy: a slip of the approver's hand must not end the request
  if (facts.policy.outcome === 'deny') return ok({ kind: 'deniedByPolicy', source: 'policyDeny' });
  const blocked = refuseApproval(facts);
  if (blocked) return err(blocked);
  const next = nextStage(facts);
  if (next !== null) return ok({ kind: 'nextStage', stage: next });
  return ok({ kind: 'approved', source: 'human', durationDays: facts.vote.durationDays ?? facts.request.durationDays });
}

/** What stops any vote of this person; the API shows the same answer as an ability with its reason (STYLE 5). */
export function refuseVote({ request, reviews, routing, voter }: Pick<DecisionFacts, 'request' | 'reviews' | 'routing' | 'voter'>): Refusal | null {
  if (request.decision !== 'pending' || request.pendingStage === null) return refusal('request.already_decided', `This request is ${request.decision} already`);
  if (voter.accountId === request.requester || voter.accountId === request.submittedBy || voter.sharesIdentityWithRequester) {
    return refusal('review.self_approval', 'Nobody decides on their own request');
  }
  if (voter.sharesIdentityWithReviewer === true || reviews.some((review) => review.accountId === voter.accountId)) return refusal('approval.already_voted', 'You voted on this request already; each stage takes another person');
  if (!mayVote(request.pendingStage, routing, voter, [request.requester, request.submittedBy, ...reviews.map(({ accountId }) => accountId)])) return refusal('review.not_approver', 'You are not an approver of this request at its present stage');
  return null;
}

function refuseDuration({ request, vote }: DecisionFacts): Refusal | null {
  if (vote.durationDays === null || vote.durationDays <= request.durationDays) return null;
  return refusal('review.duration_not_shorter', `An approver may shorten the ${request.durationDays} days that are left to approve, not lengthen them`, 'durationDays');
}

function refuseApproval(facts: DecisionFacts): Refusal | null {
  const { request } = facts;
  if (facts.reviews.some((review) => review.contentHash !== request.contentHash)) return refusal('request.content_changed', 'An earlier vote was given for other content');
  if (facts.duplicateOpenGrant) return refusal('grant.duplicate_open', 'This person has an open grant for this tool');
  if (!facts.assignmentConfirmed) return refusal('tool.assignment_unconfirmed', 'An admin has not yet confirmed that the tool\'s group is assigned to the real app');
  return null;
}

/** Ordered stages, one vote each (SPEC A8). A stage that policy asks for since the request was made is added at the end, never dropped. */
function nextStage({ request, policy }: DecisionFacts): Stage | null {
  const stages = [...request.stages, ...policy.stages.filter((stage) => !request.stages.includes(stage))];
  const at = request.pendingStage === null ? -1 : stages.indexOf(request.pendingStage);
  return stages[at + 1] ?? null;
}
