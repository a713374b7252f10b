import type { CommandContext, RateLimiter } from '../../application/ports/api-commands.port.js';
import { RATE_LIMITS } from '../../contracts/rate-limits.js';
import { problemOf } from './problem.js';

/**
 * Takes one from the actor's budget; called after the body was found well formed, so that a typing error costs nothing.
 * @throws ApiProblem `rate.limited` with Retry-After
 */
export async function charge(limiter: RateLimiter, context: CommandContext, kind: keyof typeof RATE_LIMITS): Promise<void> {
  const { limit, windowSeconds } = RATE_LIMITS[kind];
  const taken = await limiter.take(context.principal, kind, limit, windowSeconds);
  if (!taken.allowed) throw problemOf('rate.limited', `At most ${limit} of these in ${windowSeconds} seconds`, { retryAfterSeconds: taken.retryAfterSeconds });
}
