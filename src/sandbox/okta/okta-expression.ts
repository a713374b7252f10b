import { ExpressionError, Tokens, parseExpression } from '../http/expression.js';
import type { Predicate } from '../http/expression.js';

type Fields = Readonly<Record<string, string | undefined>>;
type Operator = 'eq' | 'sw' | 'co' | 'gt' | 'ge' | 'lt' | 'le';

const compare: Readonly<Record<Operator, (have: string, want: string) => boolean>> = {
  eq: (have, want) => have === want,
  sw: (have, want) => have.startsWith(want),
  co: (have, want) => have.includes(want),
  gt: (have, want) => have > want,
  ge: (have, want) => have >= want,
  lt: (have, want) => have < want,
  le: (have, want) => have <= want,
};

function operatorOf(word: string): Operator {
  const lower = word.toLowerCase();
  for (const operator of ['eq', 'sw', 'co', 'gt', 'ge', 'lt', 'le'] as const) if (operator === lower) return operator;
  throw new ExpressionError(`operator ${word} is not supported`);
}

/**
 * Okta's SCIM-like filter over flat fields. Property names are case sensitive, operators are not; `search` compares
 * values without case, `filter` with it (management OpenAPI, listUsers).
 * @throws ExpressionError for anything Okta refuses with E0000031.
 */
export function oktaPredicate(source: string, fields: readonly string[], caseSensitive: boolean): Predicate<Fields> {
  const fold = (text: string): string => (caseSensitive ? text : text.toLowerCase());
  return parseExpression<Fields>(new Tokens(source, '"'), (tokens) => {
    const field = tokens.takeValue();
    if (!fields.includes(field)) throw new ExpressionError(`property ${field} cannot be searched`);
    if (tokens.skipWord('pr')) return (row) => row[field] !== undefined;
    const matches = compare[operatorOf(tokens.takeValue())];
    const want = fold(tokens.takeValue());
    return (row) => {
      const have = row[field];
      return have !== undefined && matches(fold(have), want);
    };
  });
}
