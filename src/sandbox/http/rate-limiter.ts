export interface RateLimit {
  readonly limit: number;
  readonly windowMs: number;
}

export interface RateState {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When the window ends, milliseconds since the epoch. */
  readonly resetAt: number;
}

/** Fixed windows per bucket, as the vendors count. */
export class RateLimiter {
  private readonly buckets = new Map<string, { startedAt: number; used: number }>();

  constructor(public rate: RateLimit, private readonly now: () => number) {}

  use(bucket: string): RateState {
    const now = this.now();
    let window = this.buckets.get(bucket);
    if (window === undefined || now >= window.startedAt + this.rate.windowMs) {
      window = { startedAt: now, used: 0 };
      this.buckets.set(bucket, window);
    }
    window.used += 1;
    return {
      allowed: window.used <= this.rate.limit,
      limit: this.rate.limit,
      remaining: Math.max(0, this.rate.limit - window.used),
      resetAt: window.startedAt + this.rate.windowMs,
    };
  }

  reset(): void {
    this.buckets.clear();
  }
}
