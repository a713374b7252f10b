/** Raised for a filter that the vendor would refuse as well. */
export class ExpressionError extends Error {}

export type Predicate<T> = (row: T) => boolean;

export interface Token {
  readonly kind: 'word' | 'text' | 'sign';
  readonly value: string;
}

/** A stream of tokens: words, quoted texts (quotes removed) and the signs ( ) , : */
export class Tokens {
  private readonly tokens: readonly Token[];
  private next = 0;

  /** @param quote the dialect's quote: SCIM doubles none and escapes by backslash, OData doubles the quote. */
  constructor(source: string, quote: '"' | "'") {
    this.tokens = tokenize(source, quote);
  }

  peek(): Token | undefined {
    return this.tokens[this.next];
  }

  take(): Token {
    const token = this.tokens[this.next];
    if (token === undefined) throw new ExpressionError('unexpected end of the expression');
    this.next += 1;
    return token;
  }

  takeSign(sign: string): void {
    const token = this.take();
    if (token.kind !== 'sign' || token.value !== sign) throw new ExpressionError(`expected ${sign}, found ${token.value}`);
  }

  /** Takes the next word when it is this one, whatever its case. */
  skipWord(word: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'word' || token.value.toLowerCase() !== word) return false;
    this.next += 1;
    return true;
  }

  takeValue(): string {
    const token = this.take();
    if (token.kind === 'sign') throw new ExpressionError(`expected a value, found ${token.value}`);
    return token.value;
  }

  get done(): boolean {
    return this.next >= this.tokens.length;
  }
}

function tokenize(source: string, quote: '"' | "'"): Token[] {
  const pattern = quote === '"' ? /\s*(?:"((?:[^"\\]|\\.)*)"|([(),:])|([^\s(),:"]+))/y : /\s*(?:'((?:[^']|'')*)'|([(),:])|([^\s(),:']+))/y;
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  while (pattern.lastIndex < end) {
    const hit = pattern.exec(source);
    if (hit === null) throw new ExpressionError(`cannot read the expression: ${source}`);
    const [, text, sign, word] = hit;
    if (text !== undefined) tokens.push({ kind: 'text', value: quote === '"' ? text.replace(/\\(.)/g, '$1') : text.replaceAll("''", "'") });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
  }
  return tokens;
}

/** Reads `leaf and (leaf or not leaf)`; the dialect reads its leaves. @throws ExpressionError */
export function parseExpression<T>(tokens: Tokens, leaf: (tokens: Tokens) => Predicate<T>): Predicate<T> {
  const predicate = either(tokens, leaf);
  if (!tokens.done) throw new ExpressionError(`unexpected ${tokens.take().value}`);
  return predicate;
}

function either<T>(tokens: Tokens, leaf: (tokens: Tokens) => Predicate<T>): Predicate<T> {
  const options = [both(tokens, leaf)];
  while (tokens.skipWord('or')) options.push(both(tokens, leaf));
  return (row) => options.some((option) => option(row));
}

function both<T>(tokens: Tokens, leaf: (tokens: Tokens) => Predicate<T>): Predicate<T> {
  const parts = [single(tokens, leaf)];
  while (tokens.skipWord('and')) parts.push(single(tokens, leaf));
  return (row) => parts.every((part) => part(row));
}

function single<T>(tokens: Tokens, leaf: (tokens: Tokens) => Predicate<T>): Predicate<T> {
  if (tokens.skipWord('not')) {
    const inner = single(tokens, leaf);
    return (row) => !inner(row);
  }
  const token = tokens.peek();
  if (token?.kind !== 'sign' || token.value !== '(') return leaf(tokens);
  tokens.takeSign('(');
  const inner = either(tokens, leaf);
  tokens.takeSign(')');
  return inner;
}
