import fc from 'fast-check';
import { credentialState, EXPIRY_WARNINGS, expiryWarning, isNewWarning } from './credential-expiry.js';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

describe('the expiry of a credential', () => {
  it.each([
    [31, null, 'valid'], [30.001, null, 'valid'], [30, 30, 'expiring'], [7.001, 30, 'expiring'], [7, 7, 'expiring'], [0.001, 7, 'expiring'], [0, 0, 'expired'], [-400, 0, 'expired'],
  ] as const)('in %s days warns of %s and is %s', (days, warning, state) => {
    expect(expiryWarning(inDays(days), NOW)).toBe(warning);
    expect(credentialState(inDays(days), NOW)).toBe(state);
  });
  it('is unknown where nobody says it', () => {
    expect(credentialState(null, NOW)).toBe('unknown');
  });

  it('is warned of at most once for each distance, however often and however late somebody looks', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { maxLength: 60 }), (daysBetweenLooks) => {
      let given: number | null = null;
      let now = 0;
      const warnings: number[] = [];
      for (const days of daysBetweenLooks) {
        now += days;
        const due = expiryWarning(inDays(90), inDays(now));
        if (due === null || !isNewWarning(due, given)) continue;
        warnings.push(due);
        given = due;
      }
      expect(warnings).toEqual(EXPIRY_WARNINGS.filter((days) => warnings.includes(days)));
      expect(warnings.at(-1) ?? null).toBe(expiryWarning(inDays(90), inDays(now)));
    }));
  });
});
