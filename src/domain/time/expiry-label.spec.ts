import { expiryLabel, grantLabel, isExpiringSoon } from './expiry-label.js';

const at = (text: string): Date => new Date(text);
const NOW = at('2026-03-10T12:00:00.000Z');

describe('expiry label', () => {
  it.each([
    ['2026-03-10T12:00:00.000Z', 'expired'],
    ['2026-03-10T12:00:00.001Z', 'expires today'],
    ['2026-03-10T23:59:59.999Z', 'expires today'],
    ['2026-03-11T00:00:00.000Z', 'expires tomorrow'],
    ['2026-03-12T00:00:00.000Z', '2 days remaining'],
    ['2026-09-06T12:00:00.000Z', '180 days remaining'],
  ])('of %s in UTC is "%s"', (expiresAt, label) => {
    expect(expiryLabel(at(expiresAt), NOW, 'UTC')).toBe(label);
  });

  it.each([
    // 12:00 in UTC is 21:00 in Tokyo, so what ends at 16:00 UTC ends there tomorrow.
    ['Asia/Tokyo', '2026-03-10T16:00:00.000Z', 'expires tomorrow'],
    ['UTC', '2026-03-10T16:00:00.000Z', 'expires today'],
    ['America/Los_Angeles', '2026-03-11T06:59:59.000Z', 'expires today'],
    ['Pacific/Kiritimati', '2026-03-10T10:00:00.000Z', 'expired'],
  ])('counts calendar days in %s', (timeZone, expiresAt, label) => {
    expect(expiryLabel(at(expiresAt), NOW, timeZone)).toBe(label);
  });

  it('counts days, not hours, over the night in which clocks go forward', () => {
    expect(expiryLabel(at('2026-03-29T22:30:00.000Z'), at('2026-03-28T22:30:00.000Z'), 'Europe/Berlin')).toBe('2 days remaining');
    expect(expiryLabel(at('2026-03-29T21:30:00.000Z'), at('2026-03-28T22:30:00.000Z'), 'Europe/Berlin')).toBe('expires tomorrow');
  });

  it('never calls a grant expired while the person is seen in the group', () => {
    const past = at('2026-03-10T11:59:59.000Z');
    expect(grantLabel({ status: 'active', expiresAt: past, observed: 'present' }, NOW, 'UTC')).toBe('expires today');
    expect(grantLabel({ status: 'removing', expiresAt: past, observed: 'present' }, NOW, 'UTC')).toBeNull();
    expect(grantLabel({ status: 'active', expiresAt: past, observed: null }, NOW, 'UTC')).toBe('expired');
    expect(grantLabel({ status: 'expired', expiresAt: past, observed: 'absent' }, NOW, 'UTC')).toBe('expired');
    expect(grantLabel({ status: 'revoked', expiresAt: at('2026-05-01T00:00:00.000Z'), observed: 'absent' }, NOW, 'UTC')).toBeNull();
  });
});

describe('expiring soon', () => {
  it.each([
    ['active', '2026-03-24T12:00:00.000Z', true],
    ['active', '2026-03-24T12:00:00.001Z', false],
    ['pendingProvision', '2026-03-11T00:00:00.000Z', true],
    ['removing', '2026-03-11T00:00:00.000Z', false],
    ['expired', '2026-03-09T00:00:00.000Z', false],
  ] as const)('of a grant that is %s until %s is %s', (status, expiresAt, soon) => {
    expect(isExpiringSoon({ status, expiresAt: at(expiresAt) }, NOW)).toBe(soon);
  });
  it('follows the days that the site set', () => {
    expect(isExpiringSoon({ status: 'active', expiresAt: at('2026-03-20T00:00:00.000Z') }, NOW, 3)).toBe(false);
  });
});
