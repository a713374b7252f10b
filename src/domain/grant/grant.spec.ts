import fc from 'fast-check';
import { DENYING, extensionFacts, NOW, policyOutcome, type ExtensionOver } from '../../../test/decisions/facts.js';
import { reachable } from '../../../test/decisions/transitions.js';
import { MAX_LIFE_DAYS } from '../policy/policy.js';
import { addDays, DAY_MS, decideEnd, decideExtension, endStatus, GRACE_DAYS, GRANT_STATUSES, GRANT_TRANSITIONS, isOpen, OPEN_STATUSES, type GrantStatus } from './grant.js';

describe('the life of a grant', () => {
  it('starts with provisioning and reaches every state', () => {
    expect([...reachable(GRANT_TRANSITIONS, 'pendingProvision')].sort()).toEqual([...GRANT_STATUSES].sort());
  });
  it('can end from wherever it is', () => {
    for (const status of GRANT_STATUSES.filter((from) => from !== 'expired' && from !== 'revoked')) expect(GRANT_TRANSITIONS[status]).toEqual(expect.arrayContaining(['expired', 'revoked']));
  });
  it('comes back from its end only by being provisioned or active again; what has ended may have to be removed again', () => {
    expect(GRANT_TRANSITIONS.revoked.filter((next) => !isOpen(next))).toEqual(['removing']);
    expect(GRANT_TRANSITIONS.expired.filter((next) => !isOpen(next))).toEqual(['removing']);
    expect(GRANT_TRANSITIONS.removing.filter(isOpen)).toEqual([]);
  });
  it('counts as open until it is being removed', () => {
    expect(GRANT_STATUSES.filter(isOpen)).toEqual(OPEN_STATUSES);
    expect(OPEN_STATUSES).not.toContain('removing');
  });
  it('ends expired by time and revoked by every decision', () => {
    expect([endStatus('expired'), ...(['revoked', 'returned', 'policy', 'leaver', 'killSwitch'] as const).map(endStatus)]).toEqual(['expired', 'revoked', 'revoked', 'revoked', 'revoked', 'revoked']);
  });
  it('counts days of 24 hours, also where clocks are put forward', () => {
    expect(addDays(new Date('2026-03-28T23:30:00.000Z'), 2).toISOString()).toBe('2026-03-30T23:30:00.000Z');
  });
});

const expired = { status: 'expired', expiresAt: new Date('2026-03-05T12:00:00.000Z') } as const;
const holder = { accountId: 'ann', mayDecide: false } as const;
const holderExtends: ExtensionOver = { actor: holder, selfServiceOn: true, policy: policyOutcome({ outcome: 'autoApprove', stages: [] }) };

describe('decideExtension', () => {
  it.each<readonly [name: string, over: ExtensionOver, code: string]>([
    ['by somebody who is no approver', { actor: { mayDecide: false } }, 'review.not_approver'],
    ['by the holder under another account', { actor: { sharesIdentityWithRequester: true } }, 'review.self_approval'],
    ['by the holder while self-service is off', { ...holderExtends, selfServiceOn: false }, 'extension.self_service_off'],
    ['by the holder where policy asks for a review', { ...holderExtends, policy: policyOutcome() }, 'extension.review_required'],
    ['by one approver where policy asks for several', { policy: policyOutcome({ stages: ['project', 'security'] }) }, 'extension.review_required'],
    ['of suspended access', { grant: { status: 'suspended' } }, 'grant.not_open'],
    ['of access that is being removed', { grant: { status: 'removing' } }, 'grant.not_open'],
    ['of revoked access', { grant: { status: 'revoked' } }, 'grant.not_open'],
    ['after the grace', { grant: { ...expired, expiresAt: new Date(NOW.getTime() - GRACE_DAYS * DAY_MS - 1) } }, 'extension.out_of_grace'],
    ['of expired access beside a newer grant', { grant: expired, duplicateOpenGrant: true }, 'grant.duplicate_open'],
    ['that policy denies', { policy: DENYING }, 'policy.denied'],
    ['for longer than policy allows at a time', { durationDays: 91 }, 'policy.denied'],
    ['over 180 days from the first start', { grant: { firstStartedAt: new Date('2025-10-20T12:00:00.000Z') } }, 'extension.life_exceeded'],
    ['of expired access over 180 days from the first start', { grant: { ...expired, firstStartedAt: new Date('2025-10-09T11:59:59.000Z') } }, 'extension.life_exceeded'],
  ])('refuses an extension %s', (_name, over, code) => {
    expect(decideExtension(extensionFacts(over))).toMatchObject({ ok: false, error: { code } });
  });

  it.each<readonly [name: string, over: ExtensionOver, expiresAt: string, reopens: boolean]>([
    ['active access from its expiry', {}, '2026-04-19T12:00:00.000Z', false],
    ['access that waits for provisioning', { grant: { status: 'pendingProvision', firstStartedAt: null } }, '2026-04-19T12:00:00.000Z', false],
    ['expired access from now', { grant: expired }, '2026-04-09T12:00:00.000Z', true],
    ['expired access at the last moment of its grace', { grant: { ...expired, expiresAt: addDays(NOW, -GRACE_DAYS) } }, '2026-04-09T12:00:00.000Z', true],
    ['access up to the last second of its 180 days', { grant: { firstStartedAt: new Date('2025-10-21T12:00:00.000Z') } }, '2026-04-19T12:00:00.000Z', false],
    ['the holder\'s own access where policy would approve it by itself', holderExtends, '2026-04-19T12:00:00.000Z', false],
    ['active access although another grant is open, which it can\'t collide with', { duplicateOpenGrant: true }, '2026-04-19T12:00:00.000Z', false],
  ])('extends %s', (_name, over, expiresAt, reopens) => {
    expect(decideExtension(extensionFacts(over))).toEqual({ ok: true, value: { expiresAt: new Date(expiresAt), reopens } });
  });

  it('never passes 180 days from the first start, never shortens, never comes from the holder unasked', () => {
    const days = (min: number, max: number): fc.Arbitrary<Date> => fc.integer({ min: min * 24, max: max * 24 }).map((hours) => new Date(NOW.getTime() + hours * 3_600_000));
    const facts = fc.record({
      grant: fc.record({ status: fc.constantFrom(...GRANT_STATUSES), accountId: fc.constant('ann'), expiresAt: days(-20, 180), firstStartedAt: fc.option(days(-200, 0)) }),
      actor: fc.record({ accountId: fc.constantFrom('ann', 'bob'), mayDecide: fc.boolean(), sharesIdentityWithRequester: fc.boolean() }),
      selfServiceOn: fc.boolean(), durationDays: fc.integer({ min: 1, max: 200 }), now: fc.constant(NOW), duplicateOpenGrant: fc.boolean(),
      policy: fc.constantFrom(DENYING, policyOutcome(), policyOutcome({ outcome: 'autoApprove', stages: [] }), policyOutcome({ limits: { maxDurationDays: 180 } })),
    });
    fc.assert(fc.property(facts, (f) => {
      const decided = decideExtension(f);
      if (!decided.ok) return;
      const { expiresAt, reopens } = decided.value;
      expect(expiresAt.getTime()).toBeLessThanOrEqual(addDays(f.grant.firstStartedAt ?? NOW, MAX_LIFE_DAYS).getTime());
      if (!reopens) expect(expiresAt.getTime()).toBeGreaterThan(f.grant.expiresAt.getTime());
      expect(reopens).toBe(f.grant.status === 'expired');
      expect(f.policy.outcome).not.toBe('deny');
      if (f.actor.accountId === 'ann') expect([f.selfServiceOn, f.policy.outcome]).toEqual([true, 'autoApprove']);
      else expect([f.actor.mayDecide, f.actor.sharesIdentityWithRequester]).toEqual([true, false]);
    }), { numRuns: 3_000 });
  });
});

describe('decideEnd', () => {
  const end = (status: GrantStatus, operation: 'revoke' | 'return', accountId: string, mayDecide: boolean): string => {
    const decided = decideEnd({ status, accountId: 'ann', actor: { accountId, mayDecide }, operation });
    return decided.ok ? decided.value : decided.error.code;
  };
  const expected: Readonly<Record<GrantStatus, string>> = { pendingProvision: 'open', active: 'open', suspended: 'open', removing: 'grant.removal_open', expired: 'grant.not_open', revoked: 'grant.not_open' };

  it.each(GRANT_STATUSES)('of a grant that is %s', (status) => {
    const open = expected[status] === 'open';
    expect(end(status, 'revoke', 'bob', true)).toBe(open ? 'revoked' : expected[status]);
    expect(end(status, 'return', 'ann', false)).toBe(open ? 'returned' : expected[status]);
    expect(end(status, 'revoke', 'bob', false)).toBe('review.not_approver');
    expect(end(status, 'return', 'bob', true)).toBe('grant.not_holder');
  });
});
