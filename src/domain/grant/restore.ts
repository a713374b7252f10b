import { err, ok, type Result } from '../kernel/result.js';
import { blockedBy, type BlockSource } from '../policy/block.js';
import { MAX_LIFE_DAYS, type PolicyOutcome } from '../policy/policy.js';
import { refusal, type Refusal } from '../refusal.js';
import { addDays, type EndReason, type GrantStatus } from './grant.js';

export interface RestoreFacts {
  readonly grant: { readonly status: GrantStatus; readonly endReason: EndReason | null; readonly firstStartedAt: Date | null };
  readonly source: BlockSource;
  /** What was left of the access when the mass action found it. Milliseconds. */
  readonly remainingMs: number;
  /** The policy of now, and whether the approval behind the grant still holds under it (SPEC P4). */
  readonly policy: PolicyOutcome;
  readonly allowed: boolean;
  readonly duplicateOpenGrant: boolean;
  readonly now: Date;
}

/** Whether and until when a grant comes back after the mass action that ended it (SPEC G8): for the time that was left, never past 180 days from its first start. */
export function decideRestore(facts: RestoreFacts): Result<{ readonly expiresAt: Date }, Refusal> {
  const { grant, now } = facts;
  if (grant.status !== 'revoked' || grant.endReason !== facts.source) return err(refusal('restore.not_ours', 'This grant was not ended by this mass action, or its absence is not confirmed yet'));
  if (facts.duplicateOpenGrant) return err(refusal('grant.duplicate_open', 'This person has an open grant for this tool'));
  if (!facts.allowed) return err(refusal(blockedBy(facts.policy.rules) === null ? 'policy.denied' : 'access.blocked', facts.policy.rules.find((rule) => rule.effect === 'deny')?.detail ?? 'A review that is required now has not been given'));
  const left = new Date(now.getTime() + facts.remainingMs);
  const limit = addDays(grant.firstStartedAt ?? now, MAX_LIFE_DAYS);
  const expiresAt = left < limit ? left : limit;
  return expiresAt > now ? ok({ expiresAt }) : err(refusal('restore.nothing_left', 'No time was left of this access'));
}
