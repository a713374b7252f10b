import { isUtf8 } from 'node:buffer';
import { err, ok, type Result } from '../../domain/kernel/result.js';
import type { ProblemCode } from '../../contracts/refusal-status.js';

/** Deepest nesting of objects and arrays that is read. */
export const MAX_DEPTH = 32;
/** Keys that change the object they are assigned to, in some program downstream if not in ours. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

export interface JsonFault { readonly code: ProblemCode & `body.${string}`; readonly path: string; readonly message: string }
type Frame = { readonly kind: 'object'; readonly keys: Set<string>; key: string; expectKey: boolean } | { readonly kind: 'array'; index: number };

/**
 * Reads a JSON body as strictly as RFC 8259 allows and RFC 7493 (I-JSON) advises: UTF-8 without byte order mark, no key twice in an object, no NUL,
 * no lone surrogate, no number beyond double precision, at most {@link MAX_DEPTH} levels. `JSON.parse` alone would keep the last of two keys, so two
 * readers of one message could see different requests.
 */
export function parseJsonBody(bytes: Uint8Array): Result<unknown, JsonFault> {
  const text = decodeUtf8(bytes);
  if (text === null) return err({ code: 'body.malformed', path: '', message: 'The body is not UTF-8' });
  const value = parse(text);
  if (value === undefined) return err({ code: 'body.malformed', path: '', message: 'The body is not JSON' });
  const fault = scan(text);
  return fault === null ? ok(value) : err(fault);
}

/** Null when the bytes are not UTF-8. A byte order mark stays in the text and is refused by whoever parses it. */
const decodeUtf8 = (bytes: Uint8Array): string | null => (isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : null);

/** Undefined for text that is not JSON, which no JSON text parses to. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Walks the tokens of a text that is known to be valid JSON and reports the first thing that `JSON.parse` would have let pass. */
function scan(text: string): JsonFault | null {
  const stack: Frame[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') {
      const end = endOfString(text, at);
      const fault = onString(text.slice(at, end), stack);
      if (fault !== null) return fault;
      at = end;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const end = endOfNumber(text, at);
      if (!Number.isFinite(Number(text.slice(at, end)))) return { code: 'body.malformed', path: pathOf(stack), message: 'The number is out of range' };
      at = end;
    } else {
      const fault = onPunctuation(char, stack);
      if (fault !== null) return fault;
      at += 1;
    }
  }
  return null;
}

function onPunctuation(char: string, stack: Frame[]): JsonFault | null {
  if (char === '{' || char === '[') {
    if (stack.length === MAX_DEPTH) return { code: 'body.too_deep', path: '', message: `The body nests deeper than ${MAX_DEPTH} levels` };
    stack.push(char === '{' ? { kind: 'object', keys: new Set(), key: '', expectKey: true } : { kind: 'array', index: 0 });
  } else if (char === '}' || char === ']') {
    stack.pop();
  } else if (char === ',') {
    const top = stack.at(-1);
    if (top?.kind === 'object') top.expectKey = true;
    else if (top?.kind === 'array') top.index += 1;
  }
  return null;
}

function onString(quoted: string, stack: Frame[]): JsonFault | null {
  const content: unknown = JSON.parse(quoted);
  if (typeof content !== 'string') return null;
  const top = stack.at(-1);
  if (top?.kind === 'object' && top.expectKey) {
    top.expectKey = false;
    top.key = content.slice(0, 100);
    if (top.keys.has(content)) return { code: 'body.duplicate_key', path: pathOf(stack), message: 'The key occurs twice in one object' };
    if (FORBIDDEN_KEYS.has(content)) return { code: 'body.forbidden_key', path: pathOf(stack), message: 'The key is not allowed' };
    top.keys.add(content);
  }
  // Raw text can hold neither: the decoder refused surrogates and JSON.parse refused NUL. Escapes can.
  if (!quoted.includes('\\u')) return null;
  if (content.includes('\0')) return { code: 'body.malformed', path: pathOf(stack), message: 'The text contains a NUL character' };
  return /\p{Cs}/u.test(content) ? { code: 'body.malformed', path: pathOf(stack), message: 'The text contains half of a surrogate pair' } : null;
}

/** Index after the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}
function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && '0123456789+-.eE'.includes(text.charAt(at))) at += 1;
  return at;
}

/** `items.3.name`; a message may be about a key that the client chose, so each part is bounded and lone surrogates are replaced. */
const pathOf = (stack: readonly Frame[]): string => stack.map((frame) => (frame.kind === 'object' ? frame.key : String(frame.index))).join('.').slice(0, 200).replaceAll(/[\p{Cs}\p{Cc}]/gu, '\u{FFFD}');
