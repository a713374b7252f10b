import type { RateBudgetStore } from '../../application/ports/rate-budget.port.js';
import { freshBudget, learnWindow, liftPause, pauseBudget, takeBudget, type BudgetAnswer, type BudgetLimits, type BudgetState, type ToldWindow } from '../../domain/budget/rate-budget.js';
import { Lane } from './lane.js';
import { pauseFor, realTimers, TurnRefused, type Pace, type PaceEvents, type Timers, type TurnAnswer, type TurnAsk } from './pace.js';

export interface PaceOptions {
  readonly store: RateBudgetStore;
  readonly limits: BudgetLimits;
  readonly events: PaceEvents;
  /** A caller holds a worker's slot while it waits: no longer than this. Milliseconds. */
  readonly longestWaitMs?: number;
  readonly timers?: Timers;
}

/** Where the shared state can't be reached a process keeps to the limits by itself, and looks for the shared one again this often. */
const LOCAL_FOR_MS = 5_000;
/** A refusal for "too many" that says nothing about when. */
const PAUSE_MS = 1_000;
/** Calls taken at once are used within this time or lost. */
const BATCH_LIFE_MS = 500;
/** So many visits a second are no burden: above that, several calls are taken at a visit. */
const VISITS_PER_SECOND = 50;

const laneOf = ({ priority, endpointClass }: TurnAsk): string => `${priority} ${endpointClass}`;

/**
 * Paces the calls of this process to one tenant by the budget that all processes share. Calls of one class and priority wait in one lane, so that many waiting
 * callers ask the shared budget one at a time; between lanes the reserves decide (rate-budget.ts).
 */
export class TenantPace implements Pace {
  private readonly lanes = new Map<string, Lane>();
  private readonly batches = new Map<string, { left: number; readonly untilMs: number }>();
  private readonly told = new Map<string, { readonly window: ToldWindow; readonly atMs: number }>();
  private readonly probing = new Set<string>();
  private local: { readonly state: BudgetState | null; readonly untilMs: number } = { state: null, untilMs: 0 };
  private readonly timers: Timers;
  private readonly longestWaitMs: number;

  constructor(private readonly tenant: string, private readonly options: PaceOptions) {
    this.timers = options.timers ?? realTimers;
    this.longestWaitMs = options.longestWaitMs ?? 3_000;
  }

  async turn(ask: TurnAsk): Promise<void> {
    const startedAt = this.timers.now();
    const deadline = startedAt + this.longestWaitMs;
    try {
      // A write does not wait: its membership's fence was looked at a moment ago, and its reads have waited.
      if (ask.writes) await this.take(ask, startedAt);
      else await this.lane(ask).run(() => this.take(ask, deadline), deadline, ask.signal);
      this.options.events.waited(this.tenant, ask.priority, this.timers.now() - startedAt);
    } catch (error) {
      if (error instanceof TurnRefused) this.options.events.refused(this.tenant, ask.priority, error.because);
      throw error;
    }
  }

  async answered({ endpointClass }: TurnAsk, { status, retryAfterMs, window }: TurnAnswer): Promise<void> {
    const wasProbe = this.probing.delete(endpointClass);
    if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
      const pausedMs = retryAfterMs ?? PAUSE_MS;
      this.batches.clear();
      this.options.events.paused(this.tenant, pausedMs);
      await this.visit((state, nowMs) => ({ state: pauseBudget(state, endpointClass, pausedMs, nowMs), answer: null }));
      return;
    }
    // Told with the next visit: an extra one for each answer would double the work.
    if (window !== undefined) this.told.set(endpointClass, { window, atMs: this.timers.now() });
    if (wasProbe) await this.visit((state) => ({ state: liftPause(state, endpointClass), answer: null }));
  }

  private lane(ask: TurnAsk): Lane {
    const lane = this.lanes.get(laneOf(ask)) ?? new Lane(this.timers);
    this.lanes.set(laneOf(ask), lane);
    return lane;
  }

  /** Asks until it is granted, as long as the answer promises a turn before the deadline. */
  private async take(ask: TurnAsk, deadlineMs: number): Promise<void> {
    for (;;) {
      if (ask.signal?.aborted === true) throw new TurnRefused(0, 'cancelled');
      if (this.fromBatch(ask)) return;
      const answer = await this.ask(ask);
      if (answer.kind === 'granted') { this.accept(ask, answer); return; }
      if (this.timers.now() + answer.waitMs > deadlineMs) throw new TurnRefused(answer.waitMs, answer.because);
      // Where the rate is high the next call would be due at once: whoever has to wait comes back for several.
      await pauseFor(this.timers, Math.max(answer.waitMs, 1_000 / VISITS_PER_SECOND), ask.signal);
    }
  }

  private accept(ask: TurnAsk, { count, isProbe }: BudgetAnswer & { readonly kind: 'granted' }): void {
    if (isProbe) this.probing.add(ask.endpointClass);
    if (count > 1) this.batches.set(laneOf(ask), { left: count - 1, untilMs: this.timers.now() + BATCH_LIFE_MS });
  }

  private fromBatch(ask: TurnAsk): boolean {
    const batch = this.batches.get(laneOf(ask));
    if (batch === undefined || batch.left < 1 || batch.untilMs <= this.timers.now()) return false;
    batch.left -= 1;
    return true;
  }

  private ask({ endpointClass, priority, writes }: TurnAsk): Promise<BudgetAnswer> {
    const { limits } = this.options;
    const told = this.told.get(endpointClass);
    this.told.delete(endpointClass);
    const sinceMs = told === undefined ? 0 : this.timers.now() - told.atMs;
    const count = Math.max(1, Math.floor(limits.ratePerSecond / VISITS_PER_SECOND));
    return this.visit((known, nowMs) => {
      const state = told === undefined ? known : learnWindow(known, endpointClass, { ...told.window, resetInMs: told.window.resetInMs - sinceMs }, nowMs);
      return takeBudget(state, { priority, endpointClass, count, mayOverdraw: writes }, limits, nowMs);
    });
  }

  /** On the shared state, or on this process' own while that is away: neither a vendor's patience nor the read-back of a removal may hang on our database. */
  private async visit<T>(change: (state: BudgetState, nowMs: number) => { readonly state: BudgetState; readonly answer: T }): Promise<T> {
    const { store, limits } = this.options;
    const on = (state: BudgetState | null, nowMs: number) => change(state ?? freshBudget(limits, nowMs), nowMs);
    if (this.timers.now() >= this.local.untilMs) {
      try {
        return await store.change(this.tenant, on);
      } catch (error) {
        // Whatever it is, it is told and must not stand between a revocation and its provider.
        this.options.events.unshared(this.tenant, error);
        this.local = { ...this.local, untilMs: this.timers.now() + LOCAL_FOR_MS };
      }
    }
    const { state, answer } = on(this.local.state, this.timers.now());
    this.local = { ...this.local, state };
    return answer;
  }
}
