import { licenceProblem } from './licence.js';

describe('licenceProblem', () => {
  it('lets an active licence pass, one that is not reported only where that is accepted, and an inactive one never', () => {
    expect([licenceProblem('active', false), licenceProblem('notReported', true)]).toEqual([null, null]);
    expect(licenceProblem('notReported', false)).toBe('The licence of this site is not reported');
    expect([licenceProblem('inactive', true), licenceProblem('inactive', false)]).toEqual(['The licence of this site is not active', 'The licence of this site is not active']);
  });
});
