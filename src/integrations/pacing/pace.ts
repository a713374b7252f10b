import type { CallPriority, ToldWindow } from '../../domain/budget/rate-budget.js';

/** What a call asks before it is sent. */
export interface TurnAsk {
  readonly priority: CallPriority;
  /** Calls that the provider counts together. */
  readonly endpointClass: string;
  readonly writes: boolean;
  readonly signal?: AbortSignal | undefined;
}
/** What an answer told about the provider's own limits. */
export interface TurnAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly window: ToldWindow | undefined;
}
/** One tenant's pace, as an adapter sees it. */
export interface Pace {
  /** @throws {@link TurnRefused} when the turn does not come within a few seconds, or the caller gave up */
  turn(ask: TurnAsk): Promise<void>;
  /** Every answer is shown here, so that all workers learn from it. */
  answered(ask: TurnAsk, answer: TurnAnswer): Promise<void>;
}
/** What an operator's metrics count. */
export interface PaceEvents {
  waited(tenant: string, priority: CallPriority, waitedMs: number): void;
  refused(tenant: string, priority: CallPriority, because: TurnRefused['because']): void;
  paused(tenant: string, pausedMs: number): void;
  /** The shared budget could not be reached: for a few seconds this process paces itself. */
  unshared(tenant: string, error: unknown): void;
}

/** Nothing was sent: the tenant's budget is used up, the provider asked for a pause, or the caller gave up. */
export class TurnRefused extends Error {
  override readonly name = 'TurnRefused';
  constructor(readonly retryAfterMs: number, readonly because: 'rate' | 'window' | 'pause' | 'queue' | 'cancelled') {
    super(`no turn within the time that a caller may wait (${because})`);
  }
}

/** Real time and its timers; tests bring their own. */
export interface Timers {
  now(): number;
  /** Runs once after that many milliseconds; answers how to call it off. */
  after(ms: number, run: () => void): () => void;
}
export const realTimers: Timers = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Ends early, and without a word, when the signal fires. */
export function pauseFor(timers: Timers, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(ms, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}
