import { AUDIT_ACTIONS, isAuditAction, referenceActionName, referenceSourceName } from './actions.js';

describe('the list of audit actions', () => {
  it('names every action noun.past_tense', () => {
    expect(AUDIT_ACTIONS.filter((action) => !/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/.test(action))).toEqual([]);
  });

  it('is sorted, so that a new action has one place', () => {
    expect([...AUDIT_ACTIONS].sort()).toEqual(AUDIT_ACTIONS);
  });

  it('knows no action by an inherited name', () => {
    expect(['toString', 'constructor', '__proto__', 'request.deny'].filter(isAuditAction)).toEqual([]);
  });

  it("gives the reference's name and source for a denial and for an automatic approval (E10)", () => {
    expect(referenceActionName('request.denied')).toBe('request_denied');
    expect(referenceActionName('request.auto_approved')).toBe('request_approved');
    expect(referenceActionName('audit.verified')).toBeNull();
    expect([referenceSourceName('policy'), referenceSourceName('person')]).toEqual(['auto-policy', null]);
  });
});
