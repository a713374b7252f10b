import fc from 'fast-check';
import { burstOf, CALL_PRIORITIES, freshBudget, learnWindow, liftPause, pauseBudget, takeBudget, type BudgetAnswer, type BudgetAsk, type BudgetState, type CallPriority } from './rate-budget.js';

const limits = { ratePerSecond: 10 };
const GET = 'GET /api/v1/users/_/groups';
const PUT = 'PUT /api/v1/groups/_/users/_';
const ask = (priority: CallPriority, more: Partial<BudgetAsk> = {}): BudgetAsk => ({ priority, endpointClass: GET, count: 1, mayOverdraw: false, ...more });

/** A tenant's budget on a clock of its own. */
class Tenant {
  nowMs = 1_000_000;
  constructor(public state: BudgetState = freshBudget(limits, 1_000_000)) {}
  take(wanted: BudgetAsk): BudgetAnswer {
    const { state, answer } = takeBudget(this.state, wanted, limits, this.nowMs);
    this.state = state;
    return answer;
  }
  /** How many calls of the kind go at once, one after another. */
  drain(wanted: BudgetAsk): number {
    for (let calls = 0; ; calls += 1) if (this.take(wanted).kind === 'wait') return calls;
  }
  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }
}

describe('a tenant\'s budget', () => {
  it('lets each priority take what it may and leaves the rest to those before it', () => {
    expect(new Tenant().drain(ask('removal'))).toBe(10);
    expect(new Tenant().drain(ask('addition'))).toBe(8);
    expect(new Tenant().drain(ask('read'))).toBe(5);
    const tenant = new Tenant();
    expect(CALL_PRIORITIES.toReversed().map((priority) => tenant.drain(ask(priority)))).toEqual([5, 3, 2]);
  });

  it('says when the next call of a priority can go, and then it can', () => {
    const tenant = new Tenant();
    tenant.drain(ask('removal'));
    expect(tenant.take(ask('removal'))).toEqual({ kind: 'wait', waitMs: 100, because: 'rate' });
    expect(tenant.take(ask('read'))).toEqual({ kind: 'wait', waitMs: 600, because: 'rate' });
    expect(tenant.after(99).take(ask('removal')).kind).toBe('wait');
    expect(tenant.after(1).take(ask('removal'))).toEqual({ kind: 'granted', count: 1, isProbe: false });
  });

  it('never gives out more than a burst and the rate, whoever asks and whenever', () => {
    fc.assert(fc.property(fc.array(fc.record({ priority: fc.constantFrom(...CALL_PRIORITIES), afterMs: fc.nat(400), count: fc.integer({ min: 1, max: 20 }) }), { maxLength: 200 }), (asks) => {
      const tenant = new Tenant();
      let given = 0;
      for (const { priority, afterMs, count } of asks) {
        const answer = tenant.after(afterMs).take(ask(priority, { count }));
        if (answer.kind === 'granted') given += answer.count;
      }
      expect(given).toBeLessThanOrEqual(burstOf(limits) + ((tenant.nowMs - 1_000_000) / 1_000) * limits.ratePerSecond + 0.001);
    }));
  });

  it('keeps room for a revocation while a listing takes all it may, for as long as it likes', () => {
    const tenant = new Tenant();
    for (let second = 0; second < 600; second += 1) {
      tenant.drain(ask('read', { count: 3 }));
      tenant.after(1_000);
    }
    tenant.drain(ask('read'));
    expect(tenant.drain(ask('removal'))).toBeGreaterThanOrEqual(5);
  });

  it('lets a write go at once and has the reads after it wait for it', () => {
    const tenant = new Tenant();
    tenant.drain(ask('removal'));
    expect(tenant.take(ask('addition', { endpointClass: PUT, mayOverdraw: true })).kind).toBe('granted');
    expect(tenant.take(ask('removal'))).toMatchObject({ waitMs: 200 });
  });

  it('is not moved by a clock that steps back', () => {
    const tenant = new Tenant();
    tenant.drain(ask('removal'));
    tenant.nowMs -= 60_000;
    expect(tenant.take(ask('removal')).kind).toBe('wait');
    tenant.nowMs += 60_100;
    expect(tenant.drain(ask('removal'))).toBe(1);
  });

  describe('in the provider\'s window', () => {
    const told = (remaining: number, resetInMs = 30_000) => learnWindow(freshBudget(limits, 1_000_000), GET, { limit: 100, remaining, resetInMs }, 1_000_000);
    it.each([
      ['read', 51, 'granted'], ['read', 50, 'window'], ['addition', 21, 'granted'], ['addition', 20, 'window'], ['removal', 1, 'granted'], ['removal', 0, 'window'],
    ] as const)('a %s with %d calls left of 100: %s', (priority, remaining, expected) => {
      const answer = new Tenant(told(remaining)).take(ask(priority));
      expect(answer.kind === 'granted' ? 'granted' : answer.because).toBe(expected);
      if (answer.kind === 'wait') expect(answer.waitMs).toBe(priority === 'removal' ? 5_000 : 30_000);
    });

    it('counts the calls that it lets go, and forgets the window when it ends', () => {
      const tenant = new Tenant(told(3));
      expect(tenant.drain(ask('removal'))).toBe(3);
      expect(tenant.after(4_999).take(ask('removal')).kind).toBe('wait');
      expect(tenant.after(25_001).drain(ask('removal'))).toBe(10);
    });

    it('lets a revocation ask every five seconds whether a used-up window still holds, and nothing else', () => {
      const tenant = new Tenant(told(0, 3_600_000));
      expect(tenant.take(ask('removal'))).toEqual({ kind: 'wait', waitMs: 5_000, because: 'window' });
      expect(tenant.after(5_000).take(ask('addition'))).toEqual({ kind: 'wait', waitMs: 3_595_000, because: 'window' });
      expect(tenant.take(ask('removal', { count: 40 }))).toEqual({ kind: 'granted', count: 1, isProbe: true });
      expect(tenant.take(ask('removal'))).toEqual({ kind: 'wait', waitMs: 5_000, because: 'window' });
      tenant.state = learnWindow(tenant.state, GET, { limit: 100, remaining: 0, resetInMs: 3_595_000 }, tenant.nowMs);
      expect(tenant.after(5_000).take(ask('removal'))).toMatchObject({ isProbe: true });
    });

    it('forgets a used-up window when a probe went through, and begins anew with what its answer told', () => {
      const tenant = new Tenant(told(0, 3_600_000)).after(5_000);
      expect(tenant.take(ask('removal'))).toMatchObject({ isProbe: true });
      tenant.state = learnWindow(liftPause(tenant.state, GET), GET, { limit: 100, remaining: 90, resetInMs: 20_000 }, tenant.nowMs);
      expect(tenant.take(ask('read'))).toMatchObject({ kind: 'granted', isProbe: false });
      expect(liftPause(told(3), GET)).toEqual(told(3));
    });

    it('holds for its class of calls only', () => {
      expect(new Tenant(told(0)).take(ask('removal', { endpointClass: PUT })).kind).toBe('granted');
    });

    it('believes the lower count of one window, the count of a newer one, and nothing of an older one', () => {
      const at = (state: BudgetState, remaining: number, resetInMs: number) => learnWindow(state, GET, { limit: 100, remaining, resetInMs }, 1_000_000);
      expect(at(told(40), 60, 30_900).windows[GET]?.remaining).toBe(40);
      expect(at(told(40), 39, 29_100).windows[GET]?.remaining).toBe(39);
      expect(at(told(40), 99, 90_000).windows[GET]).toEqual({ limit: 100, remaining: 99, resetAtMs: 1_090_000, probeAtMs: 1_005_000 });
      expect(at(told(40), 2, 5_000)).toEqual(told(40));
      expect(at(told(40), 2, 0)).toEqual(told(40));
    });
  });

  describe('in a pause', () => {
    const paused = (): Tenant => new Tenant(pauseBudget(freshBudget(limits, 1_000_000), GET, 60_000, 1_000_000));
    it('holds back everything but revocations, whatever its class, writes too', () => {
      for (const priority of ['read', 'addition'] as const) {
        expect(paused().take(ask(priority))).toEqual({ kind: 'wait', waitMs: 60_000, because: 'pause' });
        expect(paused().take(ask(priority, { endpointClass: PUT, mayOverdraw: true }))).toMatchObject({ because: 'pause' });
      }
      expect(paused().after(100).take(ask('removal', { endpointClass: PUT }))).toEqual({ kind: 'granted', count: 1, isProbe: false });
    });

    it('lets one revocation ask whether it still holds, and the next one five seconds later', () => {
      const tenant = paused().after(1_000);
      expect(tenant.take(ask('removal', { count: 40 }))).toEqual({ kind: 'granted', count: 1, isProbe: true });
      expect(tenant.take(ask('removal'))).toEqual({ kind: 'wait', waitMs: 5_000, because: 'pause' });
      expect(tenant.after(5_000).take(ask('removal'))).toMatchObject({ isProbe: true });
    });

    it('is renewed by another refusal, never shortened, and over when a call went through', () => {
      const tenant = paused();
      tenant.state = pauseBudget(tenant.state, GET, 1_000, tenant.nowMs);
      expect(tenant.take(ask('read'))).toMatchObject({ waitMs: 60_000 });
      expect(tenant.take(ask('removal'))).toMatchObject({ waitMs: 5_000 });
      tenant.state = liftPause(tenant.state, GET);
      expect(tenant.after(1_000).take(ask('read')).kind).toBe('granted');
    });

    it('ends with an empty bucket, so that revocations are served first', () => {
      const tenant = new Tenant(pauseBudget(freshBudget(limits, 1_000_000), GET, 100, 1_000_000)).after(100);
      expect([tenant.take(ask('read')).kind, tenant.take(ask('addition')).kind, tenant.take(ask('removal')).kind]).toEqual(['wait', 'wait', 'granted']);
    });
  });

  it('serves every priority however low the rate is', () => {
    const slow = { ratePerSecond: 0.5 };
    for (const priority of CALL_PRIORITIES) expect(takeBudget(freshBudget(slow, 0), ask(priority), slow, 0).answer.kind).toBe('granted');
  });
});
