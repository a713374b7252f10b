import { refuseVote, type DecisionFacts } from '../approval/decide.js';
import { mayVote, type Routing, type Voter } from '../approval/routing.js';
import { decideEnd, decideExtension, type GrantStatus } from '../grant/grant.js';
import { MAX_LIFE_DAYS } from '../policy/policy.js';
import type { JobStatus } from '../provisioning/provisioning.js';
import type { Refusal, RefusalCode } from '../refusal.js';

/** Whether somebody may do something, and the code of the refusal they would get (STYLE: abilities come from the core, screens only show them). */
export interface Ability { readonly allowed: boolean; readonly reason?: RefusalCode }
const ALLOWED: Ability = { allowed: true };
const unless = (refused: Refusal | RefusalCode | null): Ability => (refused === null ? ALLOWED : { allowed: false, reason: typeof refused === 'string' ? refused : refused.code });

export interface AbilityFacts {
  readonly request: DecisionFacts['request'];
  readonly reviews: DecisionFacts['reviews'];
  readonly routing: Routing;
  readonly viewer: Voter;
  readonly grant: { readonly status: GrantStatus; readonly accountId: string; readonly expiresAt: Date; readonly firstStartedAt: Date | null; readonly fulfilment: 'none' | 'connector' | 'manual' } | null;
  readonly selfServiceOn: boolean;
  /** Another open grant of the same person for the same tool. */
  readonly duplicateOpenGrant: boolean;
  readonly now: Date;
}

/** Ends, extends and follows up access: an approver of any stage or an admin, never the holder under whatever account (SPEC A7). */
export function mayManage(routing: Routing, viewer: Voter, requester: string): boolean {
  if (viewer.accountId === requester || viewer.sharesIdentityWithRequester) return false;
  return viewer.isAdmin || mayVote('project', routing, viewer, [requester]) || mayVote('security', routing, viewer, [requester]);
}

export const decideAbility = ({ request, reviews, routing, viewer }: AbilityFacts): Ability => unless(refuseVote({ request, reviews, routing, voter: viewer }));

export function withdrawAbility({ request, viewer }: AbilityFacts): Ability {
  if (viewer.accountId !== request.requester) return unless('request.not_requester');
  return unless(request.decision === 'pending' ? null : 'request.already_decided');
}

export function endAbility(facts: AbilityFacts, operation: 'revoke' | 'return'): Ability {
  const { grant, viewer, routing, request } = facts;
  if (grant === null) return unless('grant.not_found');
  const decided = decideEnd({ status: grant.status, accountId: grant.accountId, actor: { accountId: viewer.accountId, mayDecide: mayManage(routing, viewer, request.requester) }, operation });
  return unless(decided.ok ? null : decided.error);
}

/** The shortest extension under a policy that allows everything: policy and length have their say when it is asked for. */
export function extendAbility(facts: AbilityFacts): Ability {
  const { grant, viewer, routing, request, now, selfServiceOn, duplicateOpenGrant } = facts;
  if (grant === null) return unless('grant.not_found');
  const decided = decideExtension({
    grant, now, selfServiceOn, duplicateOpenGrant, durationDays: 1,
    actor: { accountId: viewer.accountId, mayDecide: mayManage(routing, viewer, request.requester), sharesIdentityWithRequester: viewer.sharesIdentityWithRequester },
    policy: { outcome: 'autoApprove', stages: [], limits: { maxDurationDays: MAX_LIFE_DAYS }, rules: [], version: 0 },
  });
  return unless(decided.ok ? null : decided.error);
}

const FINISHED: readonly JobStatus[] = ['succeeded', 'superseded'];
export function retryAbility(facts: AbilityFacts, job: { readonly status: JobStatus } | null): Ability {
  if (facts.grant === null || job === null) return unless('job.not_found');
  if (!mayManage(facts.routing, facts.viewer, facts.request.requester)) return unless('review.not_approver');
  return unless(FINISHED.includes(job.status) || job.status === 'running' || facts.grant.fulfilment !== 'connector' ? 'job.not_retryable' : null);
}

export function completeAbility(facts: AbilityFacts, action: { readonly open: boolean } | null): Ability {
  if (facts.grant === null || action === null) return unless('manual_action.not_found');
  if (!action.open) return unless('manual_action.already_done');
  return unless(mayManage(facts.routing, facts.viewer, facts.request.requester) ? null : 'review.not_approver');
}
