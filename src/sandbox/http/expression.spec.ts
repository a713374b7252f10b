import { ExpressionError, Tokens, parseExpression } from './expression.js';

/** A leaf is one word; a row is the set of words that hold. */
const holds = (source: string, row: readonly string[], quote: '"' | "'" = '"'): boolean =>
  parseExpression<readonly string[]>(new Tokens(source, quote), (tokens) => {
    const word = tokens.takeValue();
    return (words) => words.includes(word);
  })(row);

describe('filter expressions', () => {
  it.each([
    ['a and b or c', ['c'], true],
    ['a and (b or c)', ['c'], false],
    ['a and (b or c)', ['a', 'c'], true],
    ['not a', [], true],
    ['not (a or b) and c', ['c'], true],
    ['"two words" AND a', ['two words', 'a'], true],
  ])('reads %s against %j as %s', (source, row, expected) => {
    expect(holds(source, row)).toBe(expected);
  });

  it('reads quotes by the rules of each dialect', () => {
    expect(holds(String.raw`"say \"hi\""`, ['say "hi"'])).toBe(true);
    expect(holds("'O''Brien'", ["O'Brien"], "'")).toBe(true);
  });

  it.each(['', 'a and', '(a', 'a b', '"open', 'a)'])('refuses %j', (source) => {
    expect(() => holds(source, [])).toThrow(ExpressionError);
  });
});
