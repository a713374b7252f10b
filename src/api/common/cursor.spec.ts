import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.js';
import { ApiProblem } from './problem.js';

const refusal = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error instanceof ApiProblem ? error.code : error;
  }
};
const keyset = { sort: '2026-03-01T09:00:00.123456Z', id: 'r1' };

describe('cursors', () => {
  it('leads back to the row it was made for', () => {
    const cursor = encodeCursor(keyset, 'listRequests', { toolKey: 'a' });
    expect(decodeCursor(cursor ?? undefined, 'instant', 'listRequests', { toolKey: 'a' })).toEqual(keyset);
  });

  it('is null on the last page and starts at the beginning without one', () => {
    expect(encodeCursor(null, 'listRequests', {})).toBeNull();
    expect(decodeCursor(undefined, 'instant', 'listRequests', {})).toBeNull();
  });

  it('is refused with other filters, in another list, and with another kind of sort value', () => {
    const cursor = encodeCursor(keyset, 'listRequests', { toolKey: 'a' }) ?? '';
    expect(refusal(() => decodeCursor(cursor, 'instant', 'listRequests', { toolKey: 'b' }))).toBe('cursor.invalid');
    expect(refusal(() => decodeCursor(cursor, 'instant', 'listGrants', { toolKey: 'a' }))).toBe('cursor.invalid');
    expect(refusal(() => decodeCursor(cursor, 'sequence', 'listRequests', { toolKey: 'a' }))).toBe('cursor.invalid');
  });

  it('refuses whatever was not made here', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String().map((text) => text.replaceAll('=', '')), fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))), (cursor) => {
      expect(refusal(() => decodeCursor(cursor, 'text', 'listTools', {}))).toBe('cursor.invalid');
    }));
  });
});
