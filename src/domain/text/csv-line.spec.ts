import { csvLine } from './csv-line.js';

describe('a line of CSV that goes out', () => {
  it.each([
    ['=1+1', `'=1+1`], ['+1', `'+1`], ['-1', `'-1`], ['@SUM(A1)', `'@SUM(A1)`], ['\tx', `'\tx`], ['\rx', `"'\rx"`],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`], ['a=1', 'a=1'], ['a,b', '"a,b"'], ['two\nlines', '"two\nlines"'], ['', ''],
  ])('carries %j as %j', (cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });
  it('separates its cells by commas', () => {
    expect(csvLine(['a', '', '"'])).toBe('a,,""""\r\n');
  });
});
