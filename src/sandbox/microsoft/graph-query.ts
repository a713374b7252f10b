import { ExpressionError, Tokens, parseExpression } from '../http/expression.js';
import type { Predicate } from '../http/expression.js';
import type { VendorAnswer, VendorRequest } from '../http/messages.js';
import { graphError } from './graph-answers.js';
import type { Row } from './graph-answers.js';

type Operator = (have: string, want: string) => boolean;

const operators: Readonly<Record<string, Operator>> = {
  eq: (have, want) => have === want,
  ne: (have, want) => have !== want,
  ge: (have, want) => have >= want,
  le: (have, want) => have <= want,
};
const functions: Readonly<Record<string, Operator>> = {
  startswith: (have, want) => have.startsWith(want),
  endswith: (have, want) => have.endsWith(want),
};

function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value === 'string') return [value];
  return typeof value === 'boolean' || typeof value === 'number' ? [String(value)] : [];
}

/** `$filter`: eq, ne, ge, le, in, startswith, endswith, `list/any(x:x eq 'v')`, and, or, not. Directory texts ignore case. */
function readFilter(source: string, known: readonly string[]): Predicate<Row> {
  const property = (name: string): string => {
    if (!known.includes(name)) throw new ExpressionError(`Invalid filter clause: Could not find a property named '${name}'.`);
    return name;
  };
  const compare = (name: string, test: Operator, want: string): Predicate<Row> => (row) => texts(row[name]).some((have) => test(have.toLowerCase(), want.toLowerCase()));
  return parseExpression<Row>(new Tokens(source, "'"), (tokens) => {
    const word = tokens.takeValue();
    const call = functions[word.toLowerCase()];
    if (call !== undefined) {
      tokens.takeSign('(');
      const name = property(tokens.takeValue());
      tokens.takeSign(',');
      const want = tokens.takeValue();
      tokens.takeSign(')');
      return compare(name, call, want);
    }
    if (word.endsWith('/any')) return anyOf(tokens, property(word.slice(0, -4)), compare);
    const name = property(word);
    const operator = tokens.takeValue().toLowerCase();
    if (operator === 'in') return oneOf(tokens, name, compare);
    const test = operators[operator];
    if (test === undefined) throw new ExpressionError(`Invalid filter clause: operator '${operator}' is not supported.`);
    return compare(name, test, tokens.takeValue());
  });
}

type Compare = (name: string, test: Operator, want: string) => Predicate<Row>;
const equals: Operator = (have, want) => have === want;

function anyOf(tokens: Tokens, name: string, compare: Compare): Predicate<Row> {
  tokens.takeSign('(');
  tokens.takeValue();
  tokens.takeSign(':');
  tokens.takeValue();
  if (!tokens.skipWord('eq')) throw new ExpressionError('Invalid filter clause: only eq is supported inside any.');
  const want = tokens.takeValue();
  tokens.takeSign(')');
  return compare(name, equals, want);
}

function oneOf(tokens: Tokens, name: string, compare: Compare): Predicate<Row> {
  tokens.takeSign('(');
  const tests = [compare(name, equals, tokens.takeValue())];
  while (tokens.peek()?.value === ',') {
    tokens.takeSign(',');
    tests.push(compare(name, equals, tokens.takeValue()));
  }
  tokens.takeSign(')');
  return (row) => tests.some((test) => test(row));
}

/** `$search="displayName:some words"`: every word must begin a word of the property. */
function readSearch(source: string): Predicate<Row> {
  const [, name, text] = /^"(\w+):(.*)"$/.exec(source.trim()) ?? [];
  if (name === undefined || text === undefined) throw new ExpressionError('Syntax error: the search clause must be a quoted property:value pair.');
  const wanted = text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  return (row) => {
    const words = texts(row[name]).join(' ').toLowerCase().split(/[^\p{L}\p{N}]+/u);
    return wanted.every((want) => words.some((word) => word.startsWith(want)));
  };
}

/**
 * Applies `$filter` and `$search`. Advanced queries (`$search`, `ne`, `not`, `endswith`, `$count`) need the header
 * `ConsistencyLevel: eventual` (Graph docs: advanced queries on directory objects).
 */
export function selectRows(request: VendorRequest, rows: readonly Row[], known: readonly string[]): readonly Row[] | VendorAnswer {
  const filter = request.query.get('$filter');
  const search = request.query.get('$search');
  const eventual = request.headers['consistencylevel'] === 'eventual';
  if (search !== null && !eventual) {
    return graphError(400, "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'", 'Request_UnsupportedQuery');
  }
  if (filter !== null && !eventual && /\b(ne|not|endswith)\b/i.test(filter.replace(/'[^']*'/g, ''))) {
    return graphError(400, 'Unsupported Query.', 'Request_UnsupportedQuery');
  }
  try {
    const tests = [...(filter === null ? [] : [readFilter(filter, known)]), ...(search === null ? [] : [readSearch(search)])];
    return rows.filter((row) => tests.every((test) => test(row)));
  } catch (error) {
    if (error instanceof ExpressionError) return graphError(400, error.message, 'Request_UnsupportedQuery');
    throw error;
  }
}
