import type { RateBudgetStore } from '../../application/ports/rate-budget.port.js';
import { DatabaseUnavailable } from '../../application/ports/unit-of-work.port.js';
import type { BudgetState, CallPriority } from '../../domain/budget/rate-budget.js';
import { endpointClass } from './endpoint-class.js';
import { TurnRefused, type Timers, type TurnAsk } from './pace.js';
import { createPaces } from './paces.js';
import { TenantPace } from './tenant-pace.js';
import { toldWindow } from './told-window.js';

/** Time that moves only when told, timer by timer. */
class FakeTimers implements Timers {
  private nowMs = 1_000_000;
  private timers: { readonly at: number; readonly run: () => void }[] = [];
  now(): number { return this.nowMs; }
  after(ms: number, run: () => void): () => void {
    const timer = { at: this.nowMs + ms, run };
    this.timers.push(timer);
    return () => { this.timers = this.timers.filter((other) => other !== timer); };
  }
  async pass(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    await settle();
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.nowMs = Math.max(this.nowMs, next.at);
      this.timers = this.timers.filter((other) => other !== next);
      next.run();
      await settle();
    }
    this.nowMs = end;
  }
}
/** Lets everything run that is not waiting for time. */
const settle = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** Shared state in memory, which can go away. */
class Shared implements RateBudgetStore {
  isAway = false;
  visits = 0;
  readonly states = new Map<string, BudgetState>();
  constructor(private readonly timers: Timers) {}
  change<T>(tenant: string, change: (state: BudgetState | null, nowMs: number) => { readonly state: BudgetState; readonly answer: T }): Promise<T> {
    if (this.isAway) return Promise.reject(new DatabaseUnavailable('away'));
    this.visits += 1;
    const { state, answer } = change(this.states.get(tenant) ?? null, this.timers.now());
    this.states.set(tenant, state);
    return Promise.resolve(answer);
  }
}

describe('the pace of a tenant\'s calls', () => {
  let timers: FakeTimers;
  let shared: Shared;
  let told: string[];
  const pace = (ratePerSecond = 10): TenantPace => new TenantPace('okta/acme.okta.com', {
    store: shared, limits: { ratePerSecond }, timers,
    events: {
      waited: (_, priority, ms) => told.push(`${priority} waited ${ms}`), refused: (_, priority, because) => told.push(`${priority} refused: ${because}`),
      paused: (_, ms) => told.push(`paused ${ms}`), unshared: () => told.push('unshared'),
    },
  });
  const ask = (priority: CallPriority, more: Partial<TurnAsk> = {}): TurnAsk => ({ priority, endpointClass: 'GET /users', writes: false, ...more });
  /** What became of a turn: granted, refused and why, or still waiting. */
  const watch = (turn: Promise<void>): { outcome: string } => {
    const seen = { outcome: 'waiting' };
    turn.then(() => { seen.outcome = 'granted'; }, (error: unknown) => { seen.outcome = error instanceof TurnRefused ? `${error.because} ${error.retryAfterMs}` : String(error); });
    return seen;
  };
  const many = (count: number, turn: () => Promise<void>): { outcome: string }[] => Array.from({ length: count }, () => watch(turn()));
  const granted = (seen: readonly { outcome: string }[]): number => seen.filter(({ outcome }) => outcome === 'granted').length;

  beforeEach(() => {
    timers = new FakeTimers();
    shared = new Shared(timers);
    told = [];
  });

  it('spreads what comes at once over the seconds, across the processes that share the tenant', async () => {
    const [one, other] = [pace(), pace()];
    const calls = [...many(12, () => one.turn(ask('read'))), ...many(12, () => other.turn(ask('read')))];
    await timers.pass(0);
    expect(granted(calls)).toBe(5);
    await timers.pass(1_000);
    expect(granted(calls)).toBe(15);
    await timers.pass(1_000);
    expect(granted(calls)).toBe(24);
  });

  it('asks the shared budget one caller at a time, however many wait', async () => {
    const one = pace();
    const calls = many(20, () => one.turn(ask('read')));
    await timers.pass(1_000);
    expect(granted(calls)).toBe(15);
    expect(shared.visits).toBeLessThanOrEqual(30);
  });

  it('sends nobody\'s revocation behind a listing', async () => {
    const one = pace();
    const listing = many(200, () => one.turn(ask('read')));
    await timers.pass(2_000);
    const revocation = many(5, () => one.turn(ask('removal')));
    await timers.pass(100);
    expect(granted(revocation)).toBe(5);
    expect(granted(listing)).toBeLessThan(30);
  });

  it('sends a caller away whose turn is seconds off, with the time to stay away', async () => {
    const one = pace();
    const calls = many(60, () => one.turn(ask('read')));
    await timers.pass(3_000);
    expect(granted(calls)).toBeGreaterThanOrEqual(34);
    expect(new Set(calls.map(({ outcome }) => outcome))).toEqual(new Set(['granted', 'queue 1000']));
    await one.answered(ask('read'), { status: 429, retryAfterMs: 40_000, window: undefined });
    const paused = watch(one.turn(ask('read')));
    await timers.pass(0);
    expect(paused.outcome).toBe('pause 40000');
    expect(told.filter((line) => line.startsWith('paused') || line.includes('pause'))).toEqual(['paused 40000', 'read refused: pause']);
  });

  it('lets a write go at once or not at all', async () => {
    const one = pace();
    many(10, () => one.turn(ask('removal')));
    await timers.pass(0);
    const write = watch(one.turn(ask('addition', { endpointClass: 'PUT /groups', writes: true })));
    await timers.pass(0);
    expect(write.outcome).toBe('granted');
    await one.answered(ask('read'), { status: 429, retryAfterMs: 2_000, window: undefined });
    const held = watch(one.turn(ask('addition', { endpointClass: 'PUT /groups', writes: true })));
    await timers.pass(0);
    expect(held.outcome).toBe('pause 2000');
  });

  it('pauses every process for a refusal that one was given, and goes on when a revocation\'s probe goes through', async () => {
    const [one, other] = [pace(), pace()];
    await one.answered(ask('addition'), { status: 429, retryAfterMs: undefined, window: undefined });
    await one.answered(ask('addition'), { status: 503, retryAfterMs: 60_000, window: undefined });
    const read = watch(other.turn(ask('read')));
    const probe = watch(other.turn(ask('removal')));
    await timers.pass(0);
    // Refused twice, so the probe has to wait five seconds, which is more than a caller may.
    expect([read.outcome, probe.outcome]).toEqual(['pause 60000', 'pause 5000']);
    await timers.pass(5_000);
    const later = watch(other.turn(ask('removal')));
    await timers.pass(0);
    expect(later.outcome).toBe('granted');
    await other.answered(ask('removal'), { status: 200, retryAfterMs: undefined, window: undefined });
    const after = watch(one.turn(ask('read')));
    await timers.pass(1_000);
    expect(after.outcome).toBe('granted');
  });

  it('keeps to what an answer told of the provider\'s count', async () => {
    const [one, other] = [pace(), pace()];
    await one.answered(ask('read'), { status: 200, retryAfterMs: undefined, window: { limit: 100, remaining: 50, resetInMs: 30_000 } });
    const read = watch(one.turn(ask('read')));
    await timers.pass(0);
    expect(read.outcome).toBe('window 30000');
    const elsewhere = watch(other.turn(ask('read')));
    await timers.pass(0);
    expect(elsewhere.outcome).toBe('window 30000');
  });

  it('ends a wait when its caller gives up', async () => {
    const one = pace();
    const gone = new AbortController();
    const calls = many(8, () => one.turn(ask('read', { signal: gone.signal })));
    await timers.pass(0);
    gone.abort();
    await timers.pass(0);
    expect(calls.slice(5).map(({ outcome }) => outcome)).toEqual(['cancelled 0', 'cancelled 0', 'cancelled 0']);
    const next = watch(one.turn(ask('read')));
    await timers.pass(200);
    expect(next.outcome).toBe('granted');
  });

  it('paces itself while the shared budget is away, and returns to it', async () => {
    const one = pace();
    shared.isAway = true;
    const calls = many(20, () => one.turn(ask('read')));
    await timers.pass(1_000);
    expect(granted(calls)).toBe(15);
    expect(told.filter((line) => line === 'unshared')).toHaveLength(1);
    shared.isAway = false;
    await timers.pass(5_000);
    const visits = shared.visits;
    many(1, () => one.turn(ask('read')));
    await timers.pass(0);
    expect(shared.visits).toBe(visits + 1);
  });

  it('takes several calls at a visit where the rate is high, and never more than the rate', async () => {
    const fast = pace(1_000);
    const calls = many(3_000, () => fast.turn(ask('read')));
    await timers.pass(1_000);
    expect(granted(calls)).toBeGreaterThan(1_300);
    expect(granted(calls)).toBeLessThanOrEqual(1_500);
    expect(shared.visits).toBeLessThan(250);
  });
});

describe('endpointClass', () => {
  it.each([
    ['get', 'https://acme.okta.com/api/v1/users/00u1ero7vZFVEIYLWPBN/groups?limit=200', 'GET /api/v1/users/_/groups'],
    ['PUT', 'https://acme.okta.com/api/v1/groups/00g1/users/ada%40acme.example', 'PUT /api/v1/groups/_/users/_'],
    ['GET', 'https://acme.okta.com/api/v1/groups/rules?limit=1', 'GET /api/v1/groups/rules'],
    ['DELETE', 'https://graph.microsoft.com/v1.0/groups/11111111-1111-4111-8111-111111111111/members/22222222-2222-4222-8222-222222222222/$ref', 'DELETE /v1.0/groups/_/members/_/$ref'],
  ])('of %s %s is %s', (method, url, expected) => {
    expect(endpointClass(method, url)).toBe(expected);
  });
});

describe('toldWindow', () => {
  const nowMs = Date.parse('2026-11-21T12:00:00Z');
  it.each([
    ['Okta\'s, counted from the answer\'s own clock', { 'x-rate-limit-limit': '600', 'x-rate-limit-remaining': '599', 'x-rate-limit-reset': '1795255205', date: 'Sat, 21 Nov 2026 10:00:00 GMT' }, { limit: 600, remaining: 599, resetInMs: 5000 }],
    ['Graph\'s, in seconds from now', { 'ratelimit-limit': '10', 'ratelimit-remaining': '0', 'ratelimit-reset': '7' }, { limit: 10, remaining: 0, resetInMs: 7000 }],
    ['nothing where one is missing', { 'x-rate-limit-limit': '600', 'x-rate-limit-reset': '1795262405' }, undefined],
    ['nothing where they came twice', { 'x-rate-limit-limit': '600, 50', 'x-rate-limit-remaining': '1, 2', 'x-rate-limit-reset': '1795262405, 1795262405' }, undefined],
    ['nothing from a clock that is hours ahead', { 'x-rate-limit-limit': '600', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1795270000' }, undefined],
    ['nothing from a window that is over', { 'x-rate-limit-limit': '600', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1795262399' }, undefined],
  ])('reads %s', (_, headers: Record<string, string>, expected) => {
    expect(toldWindow(new Headers(headers), nowMs)).toEqual(expected);
  });
});

describe('createPaces', () => {
  it('gives one pace to a tenant, however its name is written', () => {
    const paceFor = createPaces({ store: new Shared(new FakeTimers()), limits: { okta: { ratePerSecond: 1 }, entra: { ratePerSecond: 1 } }, events: { waited: () => undefined, refused: () => undefined, paused: () => undefined, unshared: () => undefined } });
    expect(paceFor('okta', 'Acme.okta.com')).toBe(paceFor('okta', 'acme.okta.com'));
    expect(paceFor('entra', 'acme.okta.com')).not.toBe(paceFor('okta', 'acme.okta.com'));
  });
});
