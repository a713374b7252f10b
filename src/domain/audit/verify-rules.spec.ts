import { checkEntry, checkHead, type EntryFacts } from './verify-rules.js';

const previous = { seq: 4, entryHash: 'h4' };
const good: EntryFacts = { seq: 5, prevHash: 'h4', entryHash: 'h5', computedHash: 'h5', mac: 'ok', keyChange: 'none', bodyFault: null };

describe('checking an entry against the one before it', () => {
  it('moves on to an entry that is right', () => {
    expect(checkEntry(previous, good)).toEqual({ ok: true, value: { seq: 5, entryHash: 'h5' } });
  });

  it.each([
    ['the missing seq when one is left out', { seq: 7 }, 5, 'seq.gap'],
    ['an entry that stands again', { seq: 4 }, 4, 'seq.repeated'],
    ['a wrong link', { prevHash: 'h3' }, 5, 'prev_hash.mismatch'],
    ['changed bytes', { computedHash: 'x' }, 5, 'entry_hash.mismatch'],
    ['a key that is not in the ring', { mac: 'keyUnknown' }, 5, 'key.unknown'],
    ['a MAC by somebody without the key', { mac: 'mismatch' }, 5, 'mac.mismatch'],
    ['a key that changed by itself', { keyChange: 'unproved' }, 5, 'key.switched'],
    ['a body that says something else', { bodyFault: 'body.seq_mismatch' }, 5, 'body.seq_mismatch'],
  ] as const)('names %s', (_what, change, seq, reason) => {
    expect(checkEntry(previous, { ...good, ...change })).toEqual({ ok: false, error: { seq, reason } });
  });

  it('takes a key change that the old key vouches for', () => {
    expect(checkEntry(previous, { ...good, keyChange: 'proved' }).ok).toBe(true);
  });
});

describe('checking the end of a chain against its head row', () => {
  it.each([
    ['an end that the head row names', { seq: 4, entryHash: 'h4' }, null],
    ['a tail that is gone', { seq: 6, entryHash: 'h6' }, { seq: 5, reason: 'tail.missing' }],
    ['a head row that was put back', { seq: 3, entryHash: 'h3' }, { seq: 4, reason: 'head.mismatch' }],
    ['a head row with another hash', { seq: 4, entryHash: 'x' }, { seq: 4, reason: 'head.mismatch' }],
    ['no head row', null, { seq: 4, reason: 'head.missing' }],
  ])('answers %s', (_what, head, expected) => {
    expect(checkHead(previous, head)).toEqual(expected);
  });

  it('takes a site without entries, with and without a head row', () => {
    const genesis = { seq: 0, entryHash: 'g' };
    expect([checkHead(genesis, null), checkHead(genesis, { seq: 0, entryHash: 'g' })]).toEqual([null, null]);
  });
});
