import fc from 'fast-check';
import { CsvFault, CsvReader, type CsvRecord } from './csv-reader.js';

const read = (...pieces: readonly string[]): readonly CsvRecord[] => {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
};
const fieldsOf = (...pieces: readonly string[]): readonly (readonly string[])[] => read(...pieces).map(({ fields }) => fields);
function faultOf(text: string): string {
  try {
    read(text);
    return 'none';
  } catch (error) {
    if (error instanceof CsvFault) return `${error.code} ${error.line}`;
    throw error;
  }
}

describe('the CSV reader', () => {
  const anything = fc.string({ maxLength: 30, unit: 'binary' });
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

  it('gives back whatever was written between quotes, wherever the pieces are cut', () => {
    fc.assert(fc.property(fc.array(fc.array(anything, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 }), fc.constantFrom('\n', '\r\n', '\r'), fc.integer({ min: 1, max: 9 }), (table, end, size) => {
      const text = Array.from(table.map((row) => row.map(quoted).join(',')).join(end));
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_none, n) => text.slice(n * size, (n + 1) * size).join(''));
      expect(fieldsOf(...pieces)).toEqual(table);
    }));
  });

  it('reads the same of a text in one piece and character by character', () => {
    const outcome = (...pieces: readonly string[]): unknown => {
      try {
        return read(...pieces);
      } catch (error) {
        return error instanceof CsvFault ? error.message : error;
      }
    };
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' '), maxLength: 40 }), (text) => {
      expect(outcome(...Array.from(text))).toEqual(outcome(text));
    }));
  });

  it('skips empty lines, trims what is not quoted and needs no line end after the last record', () => {
    expect(fieldsOf('\r\n a , b \r\n\n"  c "," d"\n   \n')).toEqual([['a', 'b'], ['  c ', ' d']]);
    expect(fieldsOf('a,')).toEqual([['a', '']]);
    expect(fieldsOf('')).toEqual([]);
  });

  it('counts lines as an editor does, also inside quotes and across pieces', () => {
    expect(read('a\r', '\n"b\nb\r\nb"\rc\n\nd').map(({ line }) => line)).toEqual([1, 2, 5, 7]);
  });

  it.each([['a\n"open', 'bad_quotes 2'], ['"a"x', 'bad_quotes 1'], ['a"b', 'bad_quotes 1'], [`a\n"${'x'.repeat(20_000)}`, 'record_too_long 2'], ['"a" ,b', 'bad_quotes 1']])('refuses %j', (text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });
});
