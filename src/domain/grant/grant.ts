import { err, ok, type Result } from '../kernel/result.js';
import { blockedBy } from '../policy/block.js';
import { MAX_LIFE_DAYS, type PolicyOutcome } from '../policy/policy.js';
import { refusal, type Refusal } from '../refusal.js';

export const GRANT_STATUSES = ['pendingProvision', 'active', 'suspended', 'removing', 'expired', 'revoked'] as const;
export type GrantStatus = (typeof GRANT_STATUSES)[number];
export type EndReason = 'expired' | 'revoked' | 'returned' | 'policy' | 'leaver' | 'killSwitch';

/**
 * `removing`: over by our decision, absence not yet confirmed (SPEC §2). Expired opens again only inside its grace (SPEC G3), revoked only by restoring what a mass
 * action ended (SPEC G8); whoever is found in the group after the end is `removing` again (SPEC D1).
 */
export const GRANT_TRANSITIONS: Readonly<Record<GrantStatus, readonly GrantStatus[]>> = {
  pendingProvision: ['active', 'removing', 'expired', 'revoked'],
  active: ['suspended', 'removing', 'expired', 'revoked'],
  suspended: ['active', 'pendingProvision', 'removing', 'expired', 'revoked'],
  removing: ['expired', 'revoked'],
  expired: ['pendingProvision', 'active', 'removing'],
  revoked: ['pendingProvision', 'active', 'removing'],
};
export const OPEN_STATUSES: readonly GrantStatus[] = ['pendingProvision', 'active', 'suspended'];
export const isOpen = (status: GrantStatus): boolean => OPEN_STATUSES.includes(status);

/** How a grant is fulfilled: inside the product, by a connector, or by people (SPEC F1, F2, F11). */
export type Fulfilment = 'none' | 'connector' | 'manual';

export const DAY_MS = 86_400_000;
/** Whole days of 24 hours: an expiry is to the second and knows no calendar (SPEC G1). */
export const addDays = (at: Date, days: number): Date => new Date(at.getTime() + days * DAY_MS);

/** The status that a grant ends in once its absence is confirmed: `expired` when its time was up, `revoked` for everything decided (SPEC §2). */
export const endStatus = (reason: EndReason): 'expired' | 'revoked' => (reason === 'expired' ? 'expired' : 'revoked');

/** Expired grants can be extended for this many days (SPEC G3). */
export const GRACE_DAYS = 7;

export interface ExtensionFacts {
  readonly grant: { readonly status: GrantStatus; readonly accountId: string; readonly expiresAt: Date; readonly firstStartedAt: Date | null };
  readonly actor: { readonly accountId: string; readonly mayDecide: boolean; readonly sharesIdentityWithRequester: boolean };
  readonly selfServiceOn: boolean;
  readonly durationDays: number;
  /** Evaluated now as if the extension were a new request of this duration (SPEC G3: never weaker). */
  readonly policy: PolicyOutcome;
  readonly now: Date;
  /** Another open grant for the same person and tool, which an expired one would collide with. */
  readonly duplicateOpenGrant: boolean;
}
export interface Extension { readonly expiresAt: Date; readonly reopens: boolean }

/** Whether and until when a grant may be extended (SPEC G3): 180 days from the first start, 7 days of grace, approved under the rules of a new request. */
export function decideExtension(facts: ExtensionFacts): Result<Extension, Refusal> {
  const refused = refuseExtender(facts) ?? refuseState(facts) ?? refuseByPolicy(facts);
  if (refused) return err(refused);
  const { grant, now, durationDays } = facts;
  const reopens = grant.status === 'expired';
  const from = reopens ? now : grant.expiresAt;
  const expiresAt = addDays(from, durationDays);
  const limit = addDays(grant.firstStartedAt ?? now, MAX_LIFE_DAYS);
  if (expiresAt > limit) return err(refusal('extension.life_exceeded', `Access ends at the latest ${MAX_LIFE_DAYS} days after its first start`, 'durationDays'));
  return ok({ expiresAt, reopens });
}

function refuseExtender({ grant, actor, selfServiceOn, policy }: ExtensionFacts): Refusal | null {
  const own = actor.accountId === grant.accountId || actor.sharesIdentityWithRequester;
  if (!own) return actor.mayDecide ? null : refusal('review.not_approver', 'You are not an approver of this grant');
  if (actor.accountId !== grant.accountId) return refusal('review.self_approval', 'Nobody extends their own access under another account');
  if (!selfServiceOn) return refusal('extension.self_service_off', 'Ask an approver: extending your own access is switched off');
  return policy.outcome === 'review' ? refusal('extension.review_required', 'Policy asks for a review: ask an approver to extend, or make a new request') : null;
}
function refuseState({ grant, now, duplicateOpenGrant }: ExtensionFacts): Refusal | null {
  if (grant.status === 'active' || grant.status === 'pendingProvision') return null;
  if (grant.status !== 'expired') return refusal('grant.not_open', `This grant is ${grant.status}`);
  if (now > addDays(grant.expiresAt, GRACE_DAYS)) return refusal('extension.out_of_grace', `Expired access can be extended for ${GRACE_DAYS} days; make a new request`);
  return duplicateOpenGrant ? refusal('grant.duplicate_open', 'This person has an open grant for this tool') : null;
}
function refuseByPolicy({ policy, durationDays, actor, grant }: ExtensionFacts): Refusal | null {
  if (policy.outcome === 'deny') {
    const why = policy.rules.find((rule) => rule.effect === 'deny')?.detail ?? 'Policy denies this extension';
    return refusal(blockedBy(policy.rules) === null ? 'policy.denied' : 'access.blocked', why);
  }
  if (durationDays > policy.limits.maxDurationDays) return refusal('policy.denied', `Policy allows at most ${policy.limits.maxDurationDays} days at a time`, 'durationDays');
  // One approver's extension is one vote: where a new request needs more stages, so does more time.
  if (policy.stages.length > 1 && actor.accountId !== grant.accountId) return refusal('extension.review_required', 'Policy asks for several reviews: make a new request');
  return null;
}

/** Who may end access early and how (SPEC A9, G4). The holder gives back; approvers and admins revoke. */
export function decideEnd(facts: { readonly status: GrantStatus; readonly accountId: string; readonly actor: { readonly accountId: string; readonly mayDecide: boolean }; readonly operation: 'revoke' | 'return' }): Result<EndReason, Refusal> {
  const { status, operation, actor } = facts;
  if (operation === 'return' && actor.accountId !== facts.accountId) return err(refusal('grant.not_holder', 'Only the holder gives access back; an approver revokes it'));
  if (operation === 'revoke' && !actor.mayDecide) return err(refusal('review.not_approver', 'You are not an approver of this grant'));
  if (status === 'removing') return err(refusal('grant.removal_open', 'The removal of this access is under way'));
  if (!isOpen(status)) return err(refusal('grant.not_open', `This grant is ${status}`));
  return ok(operation === 'return' ? 'returned' : 'revoked');
}
