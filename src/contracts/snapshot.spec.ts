import fc from 'fast-check';
import { readSnapshot, readSnapshotValue, SNAPSHOT_FIELD, SNAPSHOT_REFUSALS } from './snapshot.contract.js';

const GOOD = { toolKey: 'chatgpt-enterprise', businessUse: 'Summaries of public filings', dataClasses: ['public'], durationDays: 30 };
const reasonOf = (property: unknown): string => {
  const reading = readSnapshot(property);
  return reading.ok ? 'ok' : reading.reason;
};
const inField = (value: unknown) => ({ [SNAPSHOT_FIELD]: value });

describe('the snapshot', () => {
  it('is read with exactly its fields, with a role where the tool has some', () => {
    expect(readSnapshot(inField(GOOD))).toEqual({ ok: true, snapshot: { ...GOOD, roleKey: null } });
    expect(readSnapshot(inField({ ...GOOD, roleKey: 'admin' }))).toEqual({ ok: true, snapshot: { ...GOOD, roleKey: 'admin' } });
  });

  it('is read beside what other panels left in the property', () => {
    expect(readSnapshot({ ...inField(GOOD), 'another.field': 1 })).toEqual({ ok: true, snapshot: { ...GOOD, roleKey: null } });
  });

  it.each<[string, unknown, string]>([
    ['no property', null, 'snapshot.missing'],
    ['an undefined property', undefined, 'snapshot.missing'],
    ['a property without it', { other: 1 }, 'snapshot.missing'],
    ['nothing in its field', inField(null), 'snapshot.missing'],
    ['another version', { 'aiclearance.snapshot.v2': GOOD }, 'snapshot.other_version'],
    ['a version inside', inField({ ...GOOD, schema: 2 }), 'snapshot.other_version'],
    ['a requester', inField({ ...GOOD, requester: 'bob' }), 'snapshot.names_requester'],
    ['an account id in other letters', inField({ ...GOOD, AccountId: 'bob' }), 'snapshot.names_requester'],
    ['an unknown field', inField({ ...GOOD, approved: true }), 'snapshot.malformed'],
    ['a missing field', inField({ ...GOOD, durationDays: undefined }), 'snapshot.malformed'],
    ['text for a number', inField({ ...GOOD, durationDays: '30' }), 'snapshot.malformed'],
    ['a role that is no key', inField({ ...GOOD, roleKey: 'Admin role' }), 'snapshot.malformed'],
    ['a line break', inField({ ...GOOD, businessUse: 'a\nb' }), 'snapshot.malformed'],
    ['NUL', inField({ ...GOOD, businessUse: 'a\0b' }), 'snapshot.malformed'],
    ['half of a surrogate pair', inField({ ...GOOD, businessUse: 'a\ud800' }), 'snapshot.malformed'],
    ['a megabyte', inField({ ...GOOD, businessUse: 'x'.repeat(1_000_000) }), 'snapshot.oversized'],
    ['a list', inField([GOOD]), 'snapshot.malformed'],
    ['text', inField(JSON.stringify(GOOD)), 'snapshot.malformed'],
    ['a property that is a list', [GOOD], 'snapshot.malformed'],
    ['a property that is text', 'x', 'snapshot.malformed'],
  ])('is refused with a reason: %s', (_what, property, reason) => {
    expect(reasonOf(property)).toBe(reason);
  });

  it('is refused with a reason from the list or read whole, whatever is in the property', () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.jsonValue().map(inField), fc.record({ toolKey: fc.string(), businessUse: fc.string(), dataClasses: fc.array(fc.string()), durationDays: fc.integer() }).map(inField)), (property) => {
      const reason = reasonOf(property);
      expect(reason === 'ok' || Object.hasOwn(SNAPSHOT_REFUSALS, reason)).toBe(true);
    }));
  });

  it('has a sentence for the requester for every reason', () => {
    for (const sentence of Object.values(SNAPSHOT_REFUSALS)) expect(sentence).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('is read alike with and without the property around it', () => {
    expect(readSnapshotValue(GOOD)).toEqual(readSnapshot(inField(GOOD)));
  });
});
