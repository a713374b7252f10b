import fc from 'fast-check';
import { DEFAULT_LIMITS, HOLD_REASONS, holdGroups, waiverOf, type GroupOutcome } from './breaker.js';
import { compareMember, type MemberFacts, type MembershipFacts } from './compare.js';
import { confirmedBy, DRIFT_RESPONSES, effectOf, isChange, sharedResponse, type MemberDrift } from './finding.js';

const membership = (overrides: Partial<MembershipFacts> = {}): MembershipFacts => ({ desired: 'present', readBack: true, openGrants: 1, activeGrants: 1, removingGrants: 0, addUnresolved: false, ...overrides });
const member = (overrides: Partial<MemberFacts> = {}): MemberFacts => ({ listed: true, settled: true, mapped: true, baseline: false, grantedByHand: false, membership: null, ...overrides });
const ended: Partial<MembershipFacts> = { desired: 'absent', openGrants: 0, activeGrants: 0 };

describe('comparing one member with the grants', () => {
  it.each<[string, MemberFacts, MemberDrift | null]>([
    ['a member with an active grant', member({ membership: membership() }), null],
    ['a member whose provisioning is under way', member({ membership: membership({ readBack: false, activeGrants: 0 }) }), null],
    ['a mapped person without any grant', member(), 'outOfBandAdd'],
    ['somebody whom no account is mapped to', member({ mapped: false }), 'unknownMember'],
    ['a member whose grant is over', member({ membership: membership(ended) }), 'expiredPresent'],
    ['a member whose grant is over and whose add was never answered', member({ membership: membership({ ...ended, addUnresolved: true }) }), 'lateLanding'],
    ['a member whose removal is under way', member({ membership: membership({ ...ended, removingGrants: 1 }) }), null],
    ['a member whose grant is suspended', member({ membership: membership({ desired: 'absent', activeGrants: 0 }) }), 'outOfBandAdd'],
    ['baseline access', member({ baseline: true, mapped: false }), null],
    ['baseline access of somebody whose grant is over', member({ baseline: true, membership: membership(ended) }), null],
    ['a member whom people added by hand for an open grant', member({ grantedByHand: true }), null],
    ['a member whose grant is over and who has another that people fulfil', member({ grantedByHand: true, membership: membership(ended) }), null],
    ['an active grant whose member is missing', member({ listed: false, membership: membership() }), 'outOfBandRemoval'],
    ['a missing member who was never read back', member({ listed: false, membership: membership({ readBack: false }) }), null],
    ['a missing member whose grant waits for provisioning', member({ listed: false, membership: membership({ activeGrants: 0 }) }), null],
    ['a missing member whose grant is over', member({ listed: false, membership: membership(ended) }), null],
    ['a missing person without a membership', member({ listed: false }), null],
  ])('%s', (_what, facts, expected) => {
    expect(compareMember(facts)).toBe(expected);
  });

  const anyMembership = fc.record({ desired: fc.constantFrom('present' as const, 'absent' as const), readBack: fc.boolean(), openGrants: fc.nat(2), activeGrants: fc.nat(2), removingGrants: fc.nat(1), addUnresolved: fc.boolean() })
    .filter(({ openGrants, activeGrants }) => activeGrants <= openGrants);
  const anyMember: fc.Arbitrary<MemberFacts> = fc.record({ listed: fc.boolean(), settled: fc.boolean(), mapped: fc.boolean(), baseline: fc.boolean(), grantedByHand: fc.boolean(), membership: fc.option(anyMembership) });

  it('says nothing about what is moving, and never that a listed person was removed or an absent one is there', () => {
    fc.assert(fc.property(anyMember, (facts) => {
      const drift = compareMember(facts);
      if (!facts.settled || (facts.membership?.removingGrants ?? 0) > 0) expect(drift).toBeNull();
      if (drift !== null) expect(confirmedBy(drift)).toBe(facts.listed ? 'present' : 'absent');
    }));
  });
  it('never takes from an open grant what it needs, nor from baseline access anything', () => {
    fc.assert(fc.property(anyMember, fc.constantFrom(...DRIFT_RESPONSES), (facts, response) => {
      const drift = compareMember(facts);
      if (drift === null || !facts.listed) return;
      expect(facts.baseline).toBe(false);
      const needed = facts.membership !== null && facts.membership.desired === 'present' && facts.membership.openGrants > 0;
      expect(needed).toBe(false);
      if (effectOf(drift, response) === 'removeEnded') expect(facts.membership?.openGrants).toBe(0);
    }));
  });
  it('leaves no settled member of a group without either a reason or a finding', () => {
    fc.assert(fc.property(anyMember.map((facts) => ({ ...facts, listed: true, settled: true })), (facts) => {
      const explained = facts.baseline || facts.grantedByHand || (facts.membership !== null && (facts.membership.removingGrants > 0 || (facts.membership.desired === 'present' && facts.membership.openGrants > 0)));
      expect(compareMember(facts) === null).toBe(explained);
    }));
  });
});

describe('what follows from a finding', () => {
  it.each([
    ['outOfBandAdd', 'report', 'report', false], ['outOfBandAdd', 'quarantine', 'quarantine', false], ['outOfBandAdd', 'revert', 'revert', true], ['unknownMember', 'revert', 'revert', true],
    ['outOfBandRemoval', 'report', 'revokeGrants', true], ['outOfBandRemoval', 'revert', 'revokeGrants', true], ['expiredPresent', 'report', 'removeEnded', false], ['lateLanding', 'quarantine', 'removeEnded', false],
  ] as const)('%s under %s: %s', (kind, response, effect, change) => {
    expect(effectOf(kind, response)).toBe(effect);
    expect(isChange(effect)).toBe(change);
  });
  it('takes the strictest response of the tools that share a group', () => {
    expect(sharedResponse([])).toBe('report');
    expect(sharedResponse(['report', 'revert', 'quarantine'])).toBe('revert');
    expect(sharedResponse(['report', 'quarantine'])).toBe('quarantine');
  });
});

describe('the breaker', () => {
  const group = (overrides: Partial<GroupOutcome> = {}): GroupOutcome => ({ externalGroupId: 'g', deleted: false, listed: 100, expected: 100, changes: 0, waiver: null, ...overrides });
  it.each<[string, GroupOutcome, string | null]>([
    ['a quiet group', group(), null],
    ['as many changes as allowed', group({ changes: 20 }), null],
    ['one change more', group({ changes: 21 }), 'groupThreshold'],
    ['a small group that loses most of its few', group({ listed: 1, expected: 5, changes: 4 }), null],
    ['an empty listing of two', group({ listed: 0, expected: 2, changes: 2 }), 'emptyListing'],
    ['the only member gone', group({ listed: 0, expected: 1, changes: 1 }), null],
    ['a deleted group', group({ deleted: true, listed: 0, expected: 0 }), 'groupDeleted'],
    ['a deleted group that an admin let go', group({ deleted: true, expected: 50, changes: 50, waiver: { reason: 'groupDeleted', changes: 50 } }), null],
    ['a deleted group in which one more would lose access than the admin saw', group({ deleted: true, expected: 51, changes: 51, waiver: { reason: 'groupDeleted', changes: 50 } }), 'groupDeleted'],
    ['a group that was deleted after the admin let many changes pass', group({ deleted: true, expected: 50, changes: 50, waiver: { reason: 'groupThreshold', changes: 50 } }), 'groupDeleted'],
    ['a group that is back after the admin let its deletion pass', group({ changes: 30, waiver: { reason: 'groupDeleted', changes: 50 } }), 'groupThreshold'],
    ['a group with fewer changes than the admin let pass', group({ changes: 30, waiver: { reason: 'groupThreshold', changes: 40 } }), null],
    ['a group with more changes than the admin let pass', group({ changes: 41, waiver: { reason: 'groupThreshold', changes: 40 } }), 'groupThreshold'],
  ])('%s', (_what, outcome, reason) => {
    expect(holdGroups([outcome], DEFAULT_LIMITS)).toEqual(reason === null ? [] : [{ externalGroupId: 'g', reason }]);
  });
  it('adds the groups of a run up: many small changes are a mass change too', () => {
    const groups = Array.from({ length: 4 }, (_one, index) => group({ externalGroupId: `g${index}`, listed: 9, expected: 9, changes: index === 0 ? 0 : 4 }));
    expect(holdGroups(groups, DEFAULT_LIMITS).map(({ externalGroupId, reason }) => `${externalGroupId} ${reason}`)).toEqual(['g1 runThreshold', 'g2 runThreshold', 'g3 runThreshold']);
  });
  it('leaves what an admin was shown out of the sum of the run, and what they were not shown in it', () => {
    const four = (waiver: GroupOutcome['waiver'], index: number): GroupOutcome => group({ externalGroupId: `g${index}`, listed: 9, expected: 9, changes: 4, waiver });
    const shown = { reason: 'runThreshold', changes: 4 } as const;
    const heldOf = (...waivers: GroupOutcome['waiver'][]): readonly string[] => holdGroups(waivers.map(four), DEFAULT_LIMITS).map(({ externalGroupId }) => externalGroupId);
    expect(heldOf(shown, null)).toEqual([]);
    expect(heldOf(shown, null, null)).toEqual(['g1', 'g2']);
    expect(heldOf({ ...shown, changes: 3 }, null)).toEqual(['g0', 'g1']);
    expect(heldOf({ ...shown, reason: 'groupDeleted' }, null)).toEqual(['g0', 'g1']);
  });
  it.each([[{ reason: 'groupDeleted', changes: 3, listed: 0 }, { reason: 'groupDeleted', changes: 3 }], [{ reason: 'other', changes: 3 }, null], [{ reason: 'runThreshold' }, null], [{}, null]] as const)('reads what a finding told from %j', (evidence, waiver) => {
    expect(waiverOf(evidence)).toEqual(waiver);
  });
  it('lets no run change more than its threshold unless an admin has said so', () => {
    const anyGroup = fc.record({ listed: fc.nat(60), expected: fc.nat(60), changes: fc.nat(60), deleted: fc.boolean(), waiver: fc.option(fc.record({ reason: fc.constantFrom(...HOLD_REASONS), changes: fc.nat(60) })) });
    fc.assert(fc.property(fc.array(anyGroup, { maxLength: 8 }), fc.record({ minimum: fc.nat(10), sharePercent: fc.integer({ min: 1, max: 100 }) }), (drawn, limits) => {
      const groups = drawn.map((one, index) => ({ ...one, changes: Math.min(one.changes, Math.max(one.listed, one.expected)), externalGroupId: `g${index}` }));
      const held = new Set(holdGroups(groups, limits).map(({ externalGroupId }) => externalGroupId));
      const shown = ({ waiver, changes, deleted, listed }: GroupOutcome): boolean => waiver !== null && changes <= waiver.changes
        && (waiver.reason === 'groupDeleted' ? deleted : waiver.reason !== 'emptyListing' || (!deleted && listed === 0));
      const acting = groups.filter((one) => !held.has(one.externalGroupId) && !shown(one));
      const changes = acting.reduce((sum, one) => sum + one.changes, 0);
      const of = acting.reduce((sum, one) => sum + Math.max(one.listed, one.expected), 0);
      expect(changes <= limits.minimum || changes * 100 <= of * limits.sharePercent).toBe(true);
      expect(acting.some((one) => one.deleted)).toBe(false);
      expect(groups.every((one) => !one.deleted || held.has(one.externalGroupId) || one.waiver?.reason === 'groupDeleted')).toBe(true);
    }));
  });
});
