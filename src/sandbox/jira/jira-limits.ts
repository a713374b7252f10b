import type { VendorAnswer, VendorRequest } from '../http/messages.js';
import { RateLimiter } from '../http/rate-limiter.js';
import type { RateLimit, RateState } from '../http/rate-limiter.js';
import { jiraError } from './jira-answers.js';

/** Writes to one issue: Atlassian's rate limit page, `jira-per-issue-on-write`. */
const perIssue = [
  { limit: 20, windowMs: 2000 },
  { limit: 100, windowMs: 30_000 },
] as const;

export interface JiraLimits {
  /** Requests per window over everything; generous unless set. */
  readonly burst?: RateLimit;
  /** Whether writes to one issue are bounded as at Atlassian. */
  readonly perIssue?: boolean;
}

export function rateHeaders(rate: RateState): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(rate.limit),
    'X-RateLimit-Remaining': String(rate.remaining),
    'X-RateLimit-Reset': new Date(rate.resetAt).toISOString(),
    ...(rate.remaining * 5 < rate.limit ? { 'X-RateLimit-NearLimit': 'true' } : {}),
  };
}

export function tooMany(reason: string, resetAt: number, now: number): VendorAnswer {
  const seconds = Math.max(1, Math.ceil((resetAt - now) / 1000));
  return { ...jiraError(429, ['Rate limit exceeded.']), headers: { 'Retry-After': String(seconds), 'RateLimit-Reason': reason } };
}

/** Jira's independent limits that an API token meets: bursts, and writes to one issue. */
export class JiraLimiter {
  readonly burst: RateLimiter;
  private writes: RateLimiter[];
  private writesSeen = 0;

  constructor(private readonly limits: JiraLimits, private readonly now: () => number) {
    this.burst = new RateLimiter(limits.burst ?? { limit: 100_000, windowMs: 60_000 }, now);
    this.writes = this.fresh();
  }

  check(request: VendorRequest): { headers: Record<string, string>; refusal?: VendorAnswer } {
    const rate = this.burst.use('all');
    const headers = rateHeaders(rate);
    if (!rate.allowed) return { headers, refusal: tooMany('jira-burst-based', rate.resetAt, this.now()) };
    const issue = /^\/rest\/api\/3\/issue\/([^/]+)/.exec(request.path)?.[1];
    if (request.method === 'GET' || issue === undefined || this.limits.perIssue === false) return { headers };
    this.forgetNowAndThen();
    const over = this.writes.map((limiter) => limiter.use(issue)).find((state) => !state.allowed);
    return over === undefined ? { headers } : { headers, refusal: tooMany('jira-per-issue-on-write', over.resetAt, this.now()) };
  }

  /** Buckets of old issues would pile up for ever. */
  private forgetNowAndThen(): void {
    this.writesSeen += 1;
    if (this.writesSeen % 20_000 === 0) this.writes = this.fresh();
  }

  private fresh(): RateLimiter[] {
    return perIssue.map((limit) => new RateLimiter(limit, this.now));
  }
}
