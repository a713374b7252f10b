/** Jira's limits for writes to one issue, `RateLimit-Reason: jira-per-issue-on-write`. */
const limits = [
  { writes: 20, withinMs: 2000 },
  { writes: 100, withinMs: 30_000 },
] as const;
const longestMs = 30_000;
const mostIssues = 1000;

/** One write: on its way while `endedAtMs` is null. */
interface Write { endedAtMs: number | null }
export type Taken = { readonly waitMs: 0; readonly end: (nowMs: number) => void } | { readonly waitMs: number; readonly end: null };

/**
 * Remembers this process's own writes per issue, so that a burst of comments waits here for a moment instead of being
 * refused there. A write counts from its end, since Jira counts it somewhere between: so no 21 arrive within two seconds of
 * Jira's clock, however slow the line. Other writers count against the same limits, so a 429 is still possible and handled.
 */
export class IssueWriteBudget {
  private readonly writes = new Map<string, Write[]>();

  /** Takes one write, to be ended by the caller, or answers how many milliseconds must pass before asking again. */
  take(issue: string, nowMs: number): Taken {
    const recent = (this.writes.get(issue) ?? []).filter((write) => ageOf(write, nowMs) < longestMs);
    this.writes.set(issue, recent);
    if (this.writes.size > mostIssues) this.forget(nowMs);
    const waitMs = Math.max(...limits.map((limit) => waitFor(recent, limit, nowMs)));
    if (waitMs > 0) return { waitMs, end: null };
    const write: Write = { endedAtMs: null };
    recent.push(write);
    return {
      waitMs: 0,
      end: (endedAtMs) => {
        write.endedAtMs = endedAtMs;
      },
    };
  }

  private forget(nowMs: number): void {
    for (const [issue, writes] of this.writes) {
      if (writes.every((write) => ageOf(write, nowMs) >= longestMs)) this.writes.delete(issue);
    }
  }
}

function ageOf(write: Write, nowMs: number): number {
  return write.endedAtMs === null ? 0 : nowMs - write.endedAtMs;
}

/** How long until fewer than the limit's writes are younger than its window. */
function waitFor(writes: readonly Write[], limit: (typeof limits)[number], nowMs: number): number {
  const young = writes.map((write) => ageOf(write, nowMs)).filter((age) => age < limit.withinMs).sort((one, other) => other - one);
  const blocking = young[young.length - limit.writes];
  return blocking === undefined ? 0 : limit.withinMs - blocking;
}
