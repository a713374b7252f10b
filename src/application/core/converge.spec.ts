import fc from 'fast-check';
import { FakeFence } from '../../../test/decisions/fake-fence.js';
import { FakeProvider, type FaultyCall } from '../../../test/decisions/fake-provider.js';
import { VirtualClock } from '../../../test/decisions/virtual-clock.js';
import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import type { FailureKind } from '../ports/identity-provider.port.js';
import { convergeMembership, readMembershipOnce, type ConvergeDeps } from './converge.js';

const START = Date.parse('2026-03-10T12:00:00.000Z');
const KEY = { siteId: 'acme', membershipId: 'mem-1' };

class World {
  readonly clock = new VirtualClock(START);
  readonly fence = new FakeFence(this.clock);
  readonly provider: FakeProvider;
  readonly abort = new AbortController();
  readonly deps: ConvergeDeps;
  constructor(present = false) {
    this.provider = new FakeProvider(this.clock, present);
    this.deps = {
      fence: this.fence, now: () => this.clock.now(), connect: () => Promise.resolve({ provider: this.provider, userId: 'user-1' }),
      pause: (ms) => { this.clock.advance(ms); return Promise.resolve(); },
    };
  }
  order(over: Partial<ConvergeOrder> = {}): ConvergeOrder {
    return {
      ...KEY, requestId: 'req-1', jobId: 'job-1', intentId: 'int-1', mode: 'converge', desired: 'present', generation: 1, mayAdd: true, deadlineAt: new Date(START + 30_000).toISOString(),
      provider: 'okta', connectorId: 'con-1', sealedConfig: 'sealed', externalGroupId: 'group-1', sealedIdentity: 'sealed', ...over,
    };
  }
  converge(over: Partial<ConvergeOrder> = {}): Promise<ConvergeResult> { return convergeMembership(this.deps, this.order(over), this.abort.signal); }
  read(): Promise<ConvergeResult> { return readMembershipOnce(this.deps, this.order({ mode: 'read' }), this.abort.signal); }
  get leased(): boolean { return (this.fence.rows.get('acme/mem-1')?.leaseId ?? null) !== null; }
}
const absent = { desired: 'absent', mayAdd: false } as const;

const KINDS: Readonly<Record<FailureKind, { readonly status: ConvergeResult['status']; readonly code: string }>> = {
  retryable: { status: 'retryable', code: 'provider.unavailable' }, invalidAnswer: { status: 'retryable', code: 'provider.invalid_answer' }, unknownOutcome: { status: 'retryable', code: 'write.outcome_unknown' },
  unauthorized: { status: 'manual', code: 'provider.unauthorized' }, forbidden: { status: 'manual', code: 'provider.forbidden' }, userNotFound: { status: 'manual', code: 'provider.user_not_found' },
  groupNotFound: { status: 'manual', code: 'provider.group_not_found' }, groupNotManageable: { status: 'manual', code: 'provider.group_not_manageable' }, rejected: { status: 'manual', code: 'provider.rejected' },
};
const kinds = Object.keys(KINDS).filter((kind): kind is FailureKind => kind in KINDS);
const definite = kinds.filter((kind) => kind !== 'unknownOutcome');

describe('converging a membership', () => {
  it('adds the person, reads back, and gives the lease up', async () => {
    const world = new World();
    expect(await world.converge()).toEqual({ status: 'observed', observed: 'present', readAt: '2026-03-10T12:00:00.000Z', write: 'changed', code: 'readBack', detail: 'The provider says present', retryAfterMs: null, providerRequestId: 'write-3' });
    expect(world.provider.calls).toEqual(['readMembership', 'getUser', 'addMember', 'readMembership']);
    expect([world.provider.present, world.leased]).toEqual([true, false]);
  });

  it('removes the person and reads back', async () => {
    const world = new World(true);
    expect(await world.converge(absent)).toMatchObject({ status: 'observed', observed: 'absent', write: 'changed', code: 'readBack' });
    expect(world.provider.present).toBe(false);
  });

  it('writes nothing where the provider has it already', async () => {
    const [there, gone] = [new World(true), new World()];
    expect([await there.converge(), await gone.converge(absent)]).toMatchObject([{ observed: 'present', write: 'none', code: 'already' }, { observed: 'absent', write: 'none', code: 'already' }]);
    expect([...there.provider.writes, ...gone.provider.writes]).toEqual([]);
  });

  it('never adds again what was read back once: somebody removed the person', async () => {
    const world = new World();
    expect(await world.converge({ mayAdd: false })).toMatchObject({ status: 'observed', observed: 'absent', write: 'none', code: 'add.not_repeated' });
    expect(world.provider.writes).toEqual([]);
  });

  it('says that the provider was changed by nobody when it knew nothing of the change', async () => {
    const world = new World();
    world.provider.before = (call) => { if (call === 'addMember') { world.provider.before = () => undefined; return world.provider.addMember().then(() => undefined); } };
    expect(await world.converge()).toMatchObject({ observed: 'present', write: 'unchanged', code: 'readBack' });
  });

  describe('when the provider fails', () => {
    it.each(kinds)('%s before the write: nothing is written', async (kind) => {
      const world = new World();
      world.provider.failNext('readMembership', kind);
      expect(await world.converge()).toMatchObject({ ...KINDS[kind], observed: 'unknown', write: 'none', readAt: null });
      expect([world.provider.writes, world.leased]).toEqual([[], false]);
    });

    it.each(definite)('%s as the answer to the write: not written, and not read back either', async (kind) => {
      const world = new World();
      world.provider.failNext('addMember', kind);
      expect(await world.converge()).toMatchObject({ ...KINDS[kind], observed: 'unknown', write: 'none' });
      expect(world.provider.calls.at(-1)).toBe('addMember');
    });

    it.each(kinds)('%s after the write: the write is told, presence is not claimed', async (kind) => {
      const world = new World();
      world.provider.before = (call) => { if (call === 'addMember') world.provider.failNext('readMembership', kind); };
      expect(await world.converge()).toMatchObject({ status: KINDS[kind].status, observed: 'unknown', write: 'changed' });
    });

    it('passes on how long the provider asks to wait, and whose request it was', async () => {
      const world = new World();
      world.provider.failNext('readMembership', 'retryable', 'none', { status: 429, retryAfterMs: 61_000, providerRequestId: 'okta-7' });
      expect(await world.converge()).toMatchObject({ status: 'retryable', code: 'provider.rate_limited', retryAfterMs: 61_000, providerRequestId: 'okta-7' });
    });

    it('is no try where a call did not get its turn, unless something was written before', async () => {
      const paced = { retryAfterMs: 2_000, paced: true } as const;
      const world = new World();
      world.provider.failNext('readMembership', 'retryable', 'none', paced);
      expect(await world.converge()).toMatchObject({ status: 'notAttempted', code: 'provider.paced', retryAfterMs: 2_000, write: 'none' });
      const refusedWrite = new World();
      refusedWrite.provider.failNext('addMember', 'retryable', 'none', paced);
      expect(await refusedWrite.converge()).toMatchObject({ status: 'notAttempted', code: 'provider.paced' });
      const written = new World();
      written.provider.before = (call) => { if (call === 'addMember') written.provider.failNext('readMembership', 'retryable', 'none', paced); };
      expect(await written.converge()).toMatchObject({ status: 'retryable', code: 'provider.paced', write: 'changed' });
    });

    it('gives the lease up and lets a defect of ours be seen', async () => {
      const world = new World();
      world.provider.before = () => { throw new TypeError('our own'); };
      await expect(world.converge()).rejects.toThrow('our own');
      expect(world.leased).toBe(false);
    });
  });

  describe('when the answer to a write is lost', () => {
    it('reads what came of it: it was done', async () => {
      const world = new World();
      world.provider.failNext('addMember', 'unknownOutcome', 'done', { providerRequestId: 'okta-8' });
      expect(await world.converge()).toMatchObject({ status: 'observed', observed: 'present', write: 'unknown', code: 'write.resolved', providerRequestId: 'okta-8' });
    });
    it('reads what came of it: it lands while reading', async () => {
      const world = new World();
      world.provider.failNext('addMember', 'unknownOutcome', { afterMs: 450 });
      expect(await world.converge()).toMatchObject({ status: 'observed', observed: 'present', write: 'unknown', code: 'write.resolved' });
    });
    it('does not claim that it was not done', async () => {
      const world = new World();
      world.provider.failNext('addMember', 'unknownOutcome', { afterMs: 60_000 });
      expect(await world.converge()).toMatchObject({ status: 'retryable', observed: 'absent', write: 'unknown', code: 'write.outcome_unknown' });
    });
    it('does not claim anything when the provider can\'t be read either', async () => {
      const world = new World(true);
      world.provider.before = (call) => { if (call === 'removeMember') world.provider.failNext('readMembership', 'retryable'); };
      world.provider.failNext('removeMember', 'unknownOutcome', 'done');
      expect(await world.converge(absent)).toMatchObject({ status: 'retryable', observed: 'unknown', write: 'unknown' });
    });
  });

  describe('when reads lag behind writes', () => {
    it('waits a little for the write to be seen', async () => {
      const world = new World();
      world.provider.readLagMs = 1_500;
      expect(await world.converge()).toMatchObject({ observed: 'present', write: 'changed', code: 'readBack' });
    });
    it('leaves a long lag to the next attempt, which writes nothing', async () => {
      const world = new World();
      world.provider.readLagMs = 3_000;
      expect(await world.converge()).toMatchObject({ status: 'retryable', observed: 'absent', write: 'changed', code: 'provider.read_lag' });
      world.clock.advance(3_000);
      expect(await world.converge({ intentId: 'int-2' })).toMatchObject({ observed: 'present', write: 'none', code: 'already' });
      expect(world.provider.writes).toEqual(['addMember']);
    });
  });

  describe('when a newer decision comes', () => {
    it('does not begin where a higher generation was seen', async () => {
      const world = new World();
      await world.fence.enter({ ...KEY, generation: 2, leaseId: 'int-9', leaseMs: 1 });
      expect(await world.converge()).toMatchObject({ status: 'notAttempted', code: 'fence.stale_generation', write: 'none' });
      expect(world.provider.calls).toEqual([]);
    });

    it('does not write when a higher generation came while it read', async () => {
      const world = new World();
      world.provider.before = async (call) => { if (call === 'readMembership') await world.fence.enter({ ...KEY, generation: 2, leaseId: 'int-9', leaseMs: 1 }); };
      expect(await world.converge()).toMatchObject({ status: 'notAttempted', code: 'fence.stale_generation', write: 'none' });
      expect(world.provider.writes).toEqual([]);
    });

    it('does not write when its lease ran out while it read', async () => {
      const world = new World(true);
      world.provider.before = (call) => { if (call === 'readMembership') world.clock.advance(45_001); };
      expect(await world.converge(absent)).toMatchObject({ status: 'notAttempted', code: 'fence.stale_generation' });
      expect(world.provider.writes).toEqual([]);
    });

    it.each<readonly [FaultyCall]>([['readMembership'], ['getUser']])('does not write when it is cancelled during %s', async (during) => {
      const world = new World();
      world.provider.before = (call) => { if (call === during) world.abort.abort(); };
      expect(await world.converge()).toMatchObject({ status: 'notAttempted', code: 'core.superseded', write: 'none' });
      expect([world.provider.writes, world.leased]).toEqual([[], false]);
    });

    it('finishes a write that is on its way, and reads it back, although it is cancelled', async () => {
      const world = new World();
      world.provider.before = (call) => { if (call === 'addMember') world.abort.abort(); };
      expect(await world.converge()).toMatchObject({ status: 'observed', observed: 'present', write: 'changed' });
    });
  });

  describe('when another attempt holds the lease', () => {
    const held = async (leaseMs: number): Promise<World> => {
      const world = new World();
      await world.fence.enter({ ...KEY, generation: 1, leaseId: 'int-0', leaseMs });
      return world;
    };
    it('waits for it to end', async () => {
      const world = await held(45_000);
      const pause = world.deps.pause;
      let pauses = 0;
      const deps: ConvergeDeps = { ...world.deps, pause: async (ms, signal) => { pauses += 1; if (pauses === 3) await world.fence.leave({ ...KEY, leaseId: 'int-0' }); return pause(ms, signal); } };
      expect(await convergeMembership(deps, world.order(), world.abort.signal)).toMatchObject({ status: 'observed', write: 'changed' });
      expect(pauses).toBe(3);
    });
    it('takes over when it has run out', async () => {
      const world = await held(2_000);
      expect(await world.converge()).toMatchObject({ status: 'observed', write: 'changed' });
    });
    it('gives up after ten seconds and says when to come again', async () => {
      const world = await held(60_000);
      expect(await world.converge()).toMatchObject({ status: 'notAttempted', code: 'membership.busy', retryAfterMs: 5_000 });
      expect([world.clock.ms - START, world.provider.calls]).toEqual([10_000, []]);
    });
    it('stops waiting when it is cancelled', async () => {
      const world = await held(60_000);
      const deps: ConvergeDeps = { ...world.deps, pause: () => { world.abort.abort(); return Promise.resolve(); } };
      expect(await convergeMembership(deps, world.order(), world.abort.signal)).toMatchObject({ status: 'notAttempted', code: 'core.superseded' });
    });
  });

  describe('when the decision is old', () => {
    it('adds nobody after the deadline, also when it passes while reading', async () => {
      const [late, slow] = [new World(), new World()];
      late.clock.advance(30_000);
      slow.provider.before = (call) => { if (call === 'readMembership') slow.clock.advance(30_000); };
      for (const world of [late, slow]) {
        expect(await world.converge()).toMatchObject({ status: 'retryable', code: 'intent.expired', write: 'none' });
        expect(world.provider.writes).toEqual([]);
      }
    });
    it('removes all the same, and tells what it reads', async () => {
      const [late, there] = [new World(true), new World(true)];
      late.clock.advance(31_000);
      there.clock.advance(31_000);
      expect(await late.converge(absent)).toMatchObject({ observed: 'absent', write: 'changed' });
      expect(await there.converge()).toMatchObject({ observed: 'present', write: 'none', code: 'already' });
    });
  });

  describe('when the person or the group is gone', () => {
    it('adds nobody who is deactivated, and says so', async () => {
      const world = new World();
      world.provider.user = 'deactivated';
      expect(await world.converge()).toMatchObject({ status: 'manual', code: 'provider.rejected', detail: "The person's identity is deactivated at the provider" });
      expect(world.provider.writes).toEqual([]);
    });
    it('removes somebody who is deactivated', async () => {
      const world = new World(true);
      world.provider.user = 'deactivated';
      expect(await world.converge(absent)).toMatchObject({ observed: 'absent', write: 'changed' });
    });
    it.each(['user', 'group'] as const)('takes a deleted %s for absence, once asked for on its own', async (what) => {
      const world = new World(true);
      if (what === 'user') world.provider.user = 'deleted';
      else world.provider.group = 'deleted';
      expect(await world.converge(absent)).toMatchObject({ status: 'observed', observed: 'absent', code: `${what}.deleted`, write: 'none' });
      expect(world.provider.calls).toEqual(['readMembership', what === 'user' ? 'getUser' : 'getGroup']);
    });
    it.each(['userNotFound', 'groupNotFound'] as const)('takes no single %s for absence', async (kind) => {
      const world = new World(true);
      world.provider.failNext('readMembership', kind);
      expect(await world.converge(absent)).toMatchObject({ status: 'manual', observed: 'unknown' });
      world.provider.failNext('readMembership', kind);
      world.provider.failNext(kind === 'userNotFound' ? 'getUser' : 'getGroup', 'retryable');
      expect(await world.converge(absent)).toMatchObject({ status: 'manual', observed: 'unknown' });
    });
    it.each(['user', 'group'] as const)('asks people when a deleted %s is to be added', async (what) => {
      const world = new World();
      if (what === 'user') world.provider.user = 'deleted';
      else world.provider.group = 'deleted';
      expect(await world.converge()).toMatchObject({ status: 'manual', code: `provider.${what}_not_found`, observed: 'unknown' });
    });
    it('takes a person deleted between removal and read-back for absent', async () => {
      const world = new World(true);
      world.provider.before = (call) => { if (call === 'removeMember') world.provider.failNext('readMembership', 'userNotFound'); if (call === 'getUser') world.provider.user = 'deleted'; };
      expect(await world.converge(absent)).toMatchObject({ status: 'observed', observed: 'absent', write: 'changed', code: 'user.deleted' });
    });
  });

  it('asks people when the seal does not open, and gives the lease up', async () => {
    const world = new World();
    expect(await convergeMembership({ ...world.deps, connect: () => Promise.resolve(null) }, world.order(), world.abort.signal)).toMatchObject({ status: 'manual', code: 'connector.unreadable' });
    expect(world.leased).toBe(false);
  });

  it('lets a removal have the last word over an older addition, however the two interleave', async () => {
    await fc.assert(fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, startsPresent) => {
      const world = new World(startsPresent);
      world.provider.before = (call) => scheduler.schedule(Promise.resolve(), call);
      const pause: ConvergeDeps['pause'] = async (ms) => { await scheduler.schedule(Promise.resolve(), 'pause'); world.clock.advance(ms); };
      const run = (order: Partial<ConvergeOrder>): Promise<ConvergeResult> => convergeMembership({ ...world.deps, pause }, world.order(order), world.abort.signal);
      let callsWhenGone = 0;
      const removal = run({ ...absent, generation: 2, intentId: 'int-2' }).then((result) => { callsWhenGone = world.provider.calls.length; return result; });
      const addition = run({ generation: 1 });
      await scheduler.waitFor(Promise.all([removal, addition]));
      expect(await removal).toMatchObject({ status: 'observed', observed: 'absent' });
      expect(world.provider.present).toBe(false);
      expect(world.provider.calls.slice(callsWhenGone)).not.toContain('addMember');
    }), { numRuns: 300 });
  });
});

describe('a read for a person', () => {
  it('says what the provider says, without lease, and writes nothing', async () => {
    const [there, gone] = [new World(true), new World()];
    expect([await there.read(), await gone.read()]).toMatchObject([{ status: 'observed', observed: 'present', write: 'none', code: 'read' }, { status: 'observed', observed: 'absent', write: 'none' }]);
    expect([there.provider.calls, there.fence.rows.size]).toEqual([['readMembership'], 0]);
  });
  it.each(kinds)('claims nothing after %s', async (kind) => {
    const world = new World(true);
    world.provider.failNext('readMembership', kind);
    expect(await world.read()).toMatchObject({ ...KINDS[kind], observed: 'unknown', readAt: null });
  });
  it('takes a deleted person or group for absent', async () => {
    const [noUser, noGroup] = [new World(true), new World(true)];
    noUser.provider.user = 'deleted';
    noGroup.provider.group = 'deleted';
    expect([await noUser.read(), await noGroup.read()]).toMatchObject([{ observed: 'absent', code: 'user.deleted' }, { observed: 'absent', code: 'group.deleted' }]);
  });
  it('asks people when the seal does not open', async () => {
    const world = new World();
    expect(await readMembershipOnce({ ...world.deps, connect: () => Promise.resolve(null) }, world.order(), world.abort.signal)).toMatchObject({ status: 'manual', code: 'connector.unreadable' });
  });
});
