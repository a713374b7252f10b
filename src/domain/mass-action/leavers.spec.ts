import { isThrough, quietPauseMs } from './mass-action.js';
import { lossLimit } from './leavers.js';

describe('the mass-loss limit', () => {
  it('is five for a small site and a tenth of the holders for a large one, unless an admin set it', () => {
    expect([lossLimit({ maxPersons: null }, 0), lossLimit({ maxPersons: null }, 50), lossLimit({ maxPersons: null }, 51), lossLimit({ maxPersons: null }, 1_000), lossLimit({ maxPersons: 2 }, 1_000), lossLimit({ maxPersons: 0 }, 9)]).toEqual([5, 5, 6, 100, 2, 0]);
  });
});

describe('a mass action', () => {
  it('is through when nothing is pending and every waiting request is closed', () => {
    expect(isThrough({ pending: 0, requests: 2, requestsClosed: 2 })).toBe(true);
    expect(isThrough({ pending: 1, requests: 0, requestsClosed: 0 })).toBe(false);
    expect(isThrough({ pending: 0, requests: 2, requestsClosed: 1 })).toBe(false);
  });
  it('looks less often the longer nothing changes, and never less than four times a minute', () => {
    expect([0, 1, 2, 4, 5, 6, 500].map(quietPauseMs)).toEqual([500, 1_000, 2_000, 8_000, 15_000, 15_000, 15_000]);
  });
});
