import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT_ACTIONS, isAuditAction, referenceActionName, referenceSourceName } from './actions.js';

const SRC = join(import.meta.dirname, '..', '..');
/** Where an event can be written: not in tests, what reads the trail, or a schema. */
const isWriter = (name: string): boolean => /^(application|audit|persistence\/stores|api|worker|operator|engine)\//.test(name) && name.endsWith('.ts') && !/\.spec\.ts$|\/testing\/|\.routes\.ts$|\.port\.ts$/.test(name);

describe('the list of audit actions', () => {
  it('has a writer for every action: one that nobody writes promises evidence that never comes (E1)', () => {
    const text = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(isWriter).map((name) => readFileSync(join(SRC, name), 'utf8')).join('\n');
    expect(AUDIT_ACTIONS.filter((action) => !text.includes(`'${action}'`))).toEqual([]);
  });

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
