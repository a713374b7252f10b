/**
 * What one provider tenant takes of calls, shared by every worker, connector and site that use the tenant: a token bucket of our own making, the windows that the provider
 * tells in its answers, and the pauses that it imposes. Less urgent calls leave a reserve in both, so that a revocation finds room while a listing takes all it may have.
 * Plain data and real time in milliseconds; the same function decides over the shared state and, while that is away, over a process' own.
 */
export const CALL_PRIORITIES = ['removal', 'addition', 'read'] as const;
/** Everything done to take access away; to give it, its reads included; and reads that nobody waits for. */
export type CallPriority = (typeof CALL_PRIORITIES)[number];

export interface BudgetLimits {
  readonly ratePerSecond: number;
}
/** What an answer told of the provider's own count: so many calls of this class until the reset, so many left. */
export interface ToldWindow {
  readonly limit: number;
  readonly remaining: number;
  readonly resetInMs: number;
}
export interface BudgetState {
  readonly tokens: number;
  readonly asOfMs: number;
  readonly windows: Readonly<Record<string, { readonly limit: number; readonly remaining: number; readonly resetAtMs: number; readonly probeAtMs: number }>>;
  readonly pauses: Readonly<Record<string, { readonly untilMs: number; readonly probeAtMs: number }>>;
}
export interface BudgetAsk {
  readonly priority: CallPriority;
  /** Calls that the provider counts together. */
  readonly endpointClass: string;
  /** At most so many calls at once, at least one; more than one only saves visits where the rate is high. */
  readonly count: number;
  /** A write was preceded by reads that waited their turn and must not wait between its last check and its sending: it may overdraw the bucket. */
  readonly mayOverdraw: boolean;
}
export type BudgetAnswer =
  | { readonly kind: 'granted'; readonly count: number; readonly isProbe: boolean }
  | { readonly kind: 'wait'; readonly waitMs: number; readonly because: 'rate' | 'window' | 'pause' };

/** Of a bucket or a window, what a priority leaves to those before it. */
const RESERVE: Readonly<Record<CallPriority, number>> = { removal: 0, addition: 0.2, read: 0.5 };
/** A revocation may ask whether a pause still holds, at once and then this often, and whether a used-up window does: a wrong clock or a generous header at the provider must not keep access open. */
const PROBE_EVERY_MS = 5_000;
/** Two tellings of one window differ by the rounding of clocks. */
const SAME_WINDOW_MS = 2_500;

/** A second's worth of calls, and enough that each priority can be served at all. */
export const burstOf = ({ ratePerSecond }: BudgetLimits): number => Math.max(4, ratePerSecond);

export const freshBudget = (limits: BudgetLimits, nowMs: number): BudgetState => ({ tokens: burstOf(limits), asOfMs: nowMs, windows: {}, pauses: {} });

/** Takes up to `count` calls, or says how long to wait and for what. A refusal changes nothing but the bookkeeping of time. */
export function takeBudget(before: BudgetState, ask: BudgetAsk, limits: BudgetLimits, nowMs: number): { readonly state: BudgetState; readonly answer: BudgetAnswer } {
  const state = refilled(before, limits, nowMs);
  const refuse = (waitMs: number, because: 'rate' | 'window' | 'pause') => ({ state, answer: { kind: 'wait', waitMs: Math.max(1, Math.ceil(waitMs)), because } as const });
  const pausedMs = pauseFor(state, ask, nowMs);
  if (pausedMs > 0) return refuse(pausedMs, 'pause');
  const window = state.windows[ask.endpointClass];
  const inWindow = window === undefined ? Infinity : Math.floor(window.remaining - RESERVE[ask.priority] * window.limit);
  const windowMs = window === undefined || inWindow >= 1 ? 0 : (ask.priority === 'removal' ? Math.min(window.resetAtMs, window.probeAtMs) : window.resetAtMs) - nowMs;
  if (windowMs > 0) return refuse(windowMs, 'window');
  const reserve = RESERVE[ask.priority] * burstOf(limits);
  const inBucket = ask.mayOverdraw ? Math.max(1, Math.floor(state.tokens - reserve)) : Math.floor(state.tokens - reserve);
  if (inBucket < 1) return refuse(((reserve + 1 - state.tokens) / limits.ratePerSecond) * 1_000, 'rate');
  const isProbe = inWindow < 1 || state.pauses[ask.endpointClass] !== undefined;
  const count = isProbe ? 1 : Math.min(ask.count, inWindow, inBucket);
  return { state: taken(state, ask.endpointClass, count, nowMs), answer: { kind: 'granted', count, isProbe } };
}

/** Notes what the provider told in an answer. Of the same window the lower count holds, because answers overtake each other. */
export function learnWindow(state: BudgetState, endpointClass: string, told: ToldWindow, nowMs: number): BudgetState {
  const known = state.windows[endpointClass];
  const resetAtMs = nowMs + told.resetInMs;
  if (told.resetInMs <= 0 || (known !== undefined && resetAtMs < known.resetAtMs - SAME_WINDOW_MS)) return state;
  const isSame = known !== undefined && resetAtMs <= known.resetAtMs + SAME_WINDOW_MS;
  const window = {
    limit: told.limit, remaining: isSame ? Math.min(known.remaining, told.remaining) : told.remaining, resetAtMs: isSame ? known.resetAtMs : resetAtMs,
    probeAtMs: isSame && known.remaining < 1 ? known.probeAtMs : nowMs + PROBE_EVERY_MS,
  };
  return { ...state, windows: { ...state.windows, [endpointClass]: window } };
}

/**
 * The provider said "too many": nobody calls until the pause is over, whatever the class; revocations go on with other classes and ask again in this one.
 * After it the bucket is empty, so that revocations are served first.
 */
export function pauseBudget(state: BudgetState, endpointClass: string, forMs: number, nowMs: number): BudgetState {
  const known = state.pauses[endpointClass];
  const probeAtMs = known === undefined ? nowMs : nowMs + PROBE_EVERY_MS;
  const pause = { untilMs: Math.max(known?.untilMs ?? 0, nowMs + forMs), probeAtMs };
  return { ...state, tokens: Math.min(state.tokens, 0), pauses: { ...state.pauses, [endpointClass]: pause } };
}

/** A probe went through: the pause of its class is over, and a used-up window was told wrongly or begins anew with what this answer told. */
export function liftPause(state: BudgetState, endpointClass: string): BudgetState {
  return {
    ...state,
    windows: without(state.windows, (name, { remaining }) => name === endpointClass && remaining < 1),
    pauses: without(state.pauses, (name) => name === endpointClass),
  };
}

function refilled(state: BudgetState, limits: BudgetLimits, nowMs: number): BudgetState {
  const elapsedMs = Math.max(0, nowMs - state.asOfMs);
  return {
    tokens: Math.min(burstOf(limits), state.tokens + (elapsedMs * limits.ratePerSecond) / 1_000),
    asOfMs: Math.max(state.asOfMs, nowMs),
    windows: without(state.windows, (_, { resetAtMs }) => resetAtMs <= nowMs),
    pauses: without(state.pauses, (_, { untilMs }) => untilMs <= nowMs),
  };
}

/** How long this call has to wait for pauses. */
function pauseFor(state: BudgetState, ask: BudgetAsk, nowMs: number): number {
  if (ask.priority !== 'removal') return Math.max(0, ...Object.values(state.pauses).map(({ untilMs }) => untilMs - nowMs));
  const own = state.pauses[ask.endpointClass];
  return own === undefined ? 0 : Math.min(own.untilMs, own.probeAtMs) - nowMs;
}

function taken(state: BudgetState, endpointClass: string, count: number, nowMs: number): BudgetState {
  const window = state.windows[endpointClass];
  const pause = state.pauses[endpointClass];
  return {
    ...state,
    tokens: state.tokens - count,
    ...(window === undefined ? {} : { windows: { ...state.windows, [endpointClass]: spent(window, count, nowMs) } }),
    ...(pause === undefined ? {} : { pauses: { ...state.pauses, [endpointClass]: { ...pause, probeAtMs: nowMs + PROBE_EVERY_MS } } }),
  };
}

function spent(window: BudgetState['windows'][string], count: number, nowMs: number): BudgetState['windows'][string] {
  const remaining = window.remaining - count;
  return { ...window, remaining, probeAtMs: remaining < 1 ? nowMs + PROBE_EVERY_MS : window.probeAtMs };
}

const without = <T>(all: Readonly<Record<string, T>>, isGone: (name: string, value: T) => boolean): Readonly<Record<string, T>> => Object.fromEntries(Object.entries(all).filter(([name, value]) => !isGone(name, value)));
