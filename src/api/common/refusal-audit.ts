import type { RefusalAuditor, RefusedAttempt } from '../../application/ports/api-commands.port.js';
import type { EdgeLogger } from './log.js';

/** Records per caller, reason and window; the rest is counted. Otherwise a loop of bad tokens would fill the audit trail. */
const RECORDS_PER_WINDOW = 5;
const WINDOW_MS = 60_000;
/** Callers remembered at once; beyond, the window starts anew for everybody. */
const MAX_CALLERS = 5_000;

interface Count { startedAtMs: number; recorded: number; suppressed: number }

/** Bounds how often refused attempts reach the audit trail. A failing trail never changes the answer: the attempt is refused either way. */
export class BoundedRefusalAuditor {
  private readonly counts = new Map<string, Count>();
  constructor(private readonly inner: RefusalAuditor, private readonly log: EdgeLogger, private readonly nowMs: () => number = Date.now) {}

  async record(attempt: Omit<RefusedAttempt, 'suppressed'>): Promise<void> {
    const suppressed = this.admit(attempt);
    if (suppressed === null) return;
    try {
      await this.inner.record({ ...attempt, suppressed });
    } catch (error) {
      this.log.warn({ errorName: error instanceof Error ? error.name : typeof error, requestId: attempt.correlationId }, 'a refused attempt could not be recorded');
    }
  }

  /** Null: count only. Otherwise how many were counted and not recorded before this one. */
  private admit(attempt: Omit<RefusedAttempt, 'suppressed'>): number | null {
    const key = attempt.principal === null ? attempt.reason : `${attempt.principal.siteId}\0${attempt.principal.accountId}\0${attempt.reason}`;
    const now = this.nowMs();
    const known = this.counts.get(key);
    if (known === undefined || now - known.startedAtMs >= WINDOW_MS) {
      if (known === undefined && this.counts.size >= MAX_CALLERS) this.counts.clear();
      this.counts.set(key, { startedAtMs: now, recorded: 1, suppressed: 0 });
      return known?.suppressed ?? 0;
    }
    if (known.recorded < RECORDS_PER_WINDOW) {
      known.recorded += 1;
      return 0;
    }
    known.suppressed += 1;
    return null;
  }
}
