/** Jira's limits for writes to one issue, `RateLimit-Reason: jira-per-issue-on-write`. */
const limits = [
  { writes: 20, withinMs: 2000 },
  { writes: 100, withinMs: 30_000 },
] as const;
const longestMs = 30_000;
const mostIssues = 1000;

/**
 * Remembers this process's own writes per issue, so that a burst of comments waits here for a moment instead of being
 * refused there. Other writers count against the same limits, so a 429 is still possible and handled.
 */
export class IssueWriteBudget {
  private readonly writes = new Map<string, number[]>();

  /** Takes one write, or answers how many milliseconds must pass before one may be taken (0: taken). */
  take(issue: string, nowMs: number): number {
    const recent = (this.writes.get(issue) ?? []).filter((at) => at > nowMs - longestMs);
    const waitMs = Math.max(...limits.map((limit) => waitFor(recent, limit, nowMs)));
    if (waitMs === 0) recent.push(nowMs);
    this.writes.set(issue, recent);
    if (this.writes.size > mostIssues) this.forget(nowMs);
    return waitMs;
  }

  private forget(nowMs: number): void {
    for (const [issue, times] of this.writes) {
      if ((times.at(-1) ?? 0) <= nowMs - longestMs) this.writes.delete(issue);
    }
  }
}

function waitFor(times: readonly number[], limit: (typeof limits)[number], nowMs: number): number {
  // The write that must leave the window before another one fits in.
  const blocking = times.at(-limit.writes);
  return blocking === undefined ? 0 : Math.max(blocking + limit.withinMs - nowMs, 0);
}
