import { err, ok, type Result } from '../kernel/result.js';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject { readonly [name: string]: JsonValue }

/** Why a value can't be written as canonical JSON without losing something. */
export type JsonRefusalCode =
  | 'value.undefined'
  | 'value.not_finite'
  | 'value.unsafe_integer'
  | 'value.lone_surrogate'
  | 'value.nul'
  | 'value.not_json'
  | 'value.secret_named'
  | 'value.too_deep'
  | 'value.too_large';
export interface JsonRefusal {
  readonly code: JsonRefusalCode;
  /** Where, as `data.rules[3]`; never the value itself. */
  readonly path: string;
}

/** UTF-8 bytes of the canonical text. */
export const MAX_JSON_BYTES = 32 * 1024;
/** Objects and arrays inside each other, the outermost counted. Also ends a cycle. */
export const MAX_JSON_DEPTH = 16;

/** Names of members that hold a credential wherever they occur. A fence against slips: it can't recognise a secret under another name. */
const SECRET_NAME = /^(?:(?:access|api|refresh)?[-_]?token|api[-_]?key|authorization|client[-_]?assertion|(?:client)?[-_]?secret(?:[-_]?text)?|cookie|password|private[-_]?key)$/i;

/** With the u flag a pair is one code point, so the class matches lone halves only. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** \b \t \n \f \r */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13]);

interface Walk { bytes: number }
const refuse = (code: JsonRefusalCode, path: string): Result<never, JsonRefusal> => err({ code, path });

/** Bytes that one UTF-16 code unit adds to a canonical JSON string (RFC 8785 §3.2.2.2); a surrogate pair makes 4. */
function codeUnitBytes(code: number): number {
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x20) return SHORT_ESCAPES.has(code) ? 2 : 6;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code >= 0xd800 && code <= 0xdfff ? 2 : 3;
}

function readString(text: string, path: string, walk: Walk): Result<string, JsonRefusal> {
  if (LONE_SURROGATE.test(text)) return refuse('value.lone_surrogate', path);
  walk.bytes += 2;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0) return refuse('value.nul', path);
    walk.bytes += codeUnitBytes(code);
  }
  return walk.bytes > MAX_JSON_BYTES ? refuse('value.too_large', path) : ok(text);
}

function readNumber(value: number, path: string, walk: Walk): Result<number, JsonRefusal> {
  if (!Number.isFinite(value)) return refuse('value.not_finite', path);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return refuse('value.unsafe_integer', path);
  walk.bytes += String(value).length;
  return ok(value);
}

function readArray(items: readonly unknown[], path: string, depth: number, walk: Walk): Result<readonly JsonValue[], JsonRefusal> {
  const copy: JsonValue[] = [];
  walk.bytes += Math.max(items.length + 1, 2);
  // By index, so that a hole is seen as undefined instead of being skipped.
  for (let i = 0; i < items.length; i++) {
    const item = readValue(items[i], `${path}[${i}]`, depth + 1, walk);
    if (!item.ok) return item;
    copy.push(item.value);
  }
  return ok(copy);
}

/** Only literals and what JSON.parse makes: a Map, a Date, a Buffer or an object with a prototype of its own would be written as something else. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null);
}

function readObject(value: object, path: string, depth: number, walk: Walk): Result<JsonObject, JsonRefusal> {
  if (!isPlainObject(value)) return refuse('value.not_json', path);
  const copy: Record<string, JsonValue> = {};
  const members: [string, unknown][] = Object.entries(value);
  walk.bytes += Math.max(members.length + 1, 2);
  for (const [name, member] of members) {
    const at = path === '' ? name : `${path}.${name}`;
    if (SECRET_NAME.test(name)) return refuse('value.secret_named', at);
    // Set like any other member it would become the copy's prototype.
    if (name === '__proto__') return refuse('value.not_json', at);
    const key = readString(name, path, walk);
    if (!key.ok) return key;
    walk.bytes += 1;
    const read = readValue(member, at, depth + 1, walk);
    if (!read.ok) return read;
    copy[name] = read.value;
  }
  return ok(copy);
}

function readContainer(value: object | null, path: string, depth: number, walk: Walk): Result<JsonValue, JsonRefusal> {
  if (value === null) {
    walk.bytes += 4;
    return ok(null);
  }
  if (depth > MAX_JSON_DEPTH) return refuse('value.too_deep', path);
  return Array.isArray(value) ? readArray(value, path, depth, walk) : readObject(value, path, depth, walk);
}

function readValue(value: unknown, path: string, depth: number, walk: Walk): Result<JsonValue, JsonRefusal> {
  if (walk.bytes > MAX_JSON_BYTES) return refuse('value.too_large', path);
  if (typeof value === 'string') return readString(value, path, walk);
  if (typeof value === 'number') return readNumber(value, path, walk);
  if (typeof value === 'object') return readContainer(value, path, depth, walk);
  if (value === undefined) return refuse('value.undefined', path);
  // What is left is a bigint, a function or a symbol.
  if (typeof value !== 'boolean') return refuse('value.not_json', path);
  walk.bytes += value ? 4 : 5;
  return ok(value);
}

/**
 * A detached copy of `input` that RFC 8785 and a Postgres `text` column both carry without loss, or the first reason why
 * there is none. Canonicalizers accept or quietly change much of what is refused here (undefined, NaN, Map, 2^53+1), and
 * Postgres refuses NUL, which would cost the row.
 */
export function readJson(input: unknown): Result<{ readonly value: JsonValue; readonly bytes: number }, JsonRefusal> {
  const walk: Walk = { bytes: 0 };
  const read = readValue(input, '', 1, walk);
  if (!read.ok) return read;
  return walk.bytes > MAX_JSON_BYTES ? refuse('value.too_large', '') : ok({ value: read.value, bytes: walk.bytes });
}

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
