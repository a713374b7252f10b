import type { z } from 'zod';
import type { FieldError } from '../../contracts/problem.contract.js';

type Issue = z.core.$ZodIssue;
type Described = Omit<FieldError, 'path'>;

/** Says for each field what is wrong and what would be accepted (SPEC §13). Never repeats a value: it may be a secret in the wrong field. */
export function fieldErrors(schema: z.ZodType, input: unknown, issues: readonly Issue[]): FieldError[] {
  return issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? unknownFields(issue, schema) : [withPath(pathOf(issue), describe(issue, valueAt(input, issue.path)))]));
}

const withPath = (path: string, { code, message, accepted }: Described): FieldError => (accepted === undefined ? { path, code, message } : { path, code, message, accepted });
const pathOf = (issue: Issue): string => issue.path.map(String).join('.').slice(0, 200);

function unknownFields(issue: Extract<Issue, { code: 'unrecognized_keys' }>, schema: z.ZodType): FieldError[] {
  const known = issue.path.length === 0 && 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null ? Object.keys(schema.shape).join(', ') : undefined;
  const described: Described = { code: 'unknown_field', message: 'This field does not exist', ...(known === undefined ? {} : { accepted: known === '' ? 'no field' : known }) };
  return issue.keys.map((key) => withPath([...issue.path.map(String), key.slice(0, 100)].join('.'), described));
}

const WORDS: Readonly<Partial<Record<Issue['code'], Described>>> = {
  invalid_type: { code: 'wrong_type', message: 'This field has the wrong type' },
  too_small: { code: 'too_small', message: 'This is less than allowed' },
  too_big: { code: 'too_big', message: 'This is more than allowed' },
  invalid_value: { code: 'not_allowed', message: 'This value is not one of those allowed' },
  invalid_format: { code: 'wrong_format', message: 'This is not in the expected format' },
};
const MISSABLE: ReadonlySet<Issue['code']> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

function describe(issue: Issue, value: unknown): Described {
  const accepted = acceptedBy(issue);
  const more = accepted === undefined ? {} : { accepted };
  if (value === undefined && MISSABLE.has(issue.code)) return { code: 'required', message: 'This field is required', ...more };
  if (issue.code === 'custom') return { code: reasonOf(issue), message: sentence(issue.message) };
  if (issue.code === 'invalid_union') return { code: 'not_allowed', message: sentence(issue.message), ...more };
  return { ...(WORDS[issue.code] ?? { code: 'invalid', message: 'This value is not accepted' }), ...more };
}

function acceptedBy(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return issue.expected === 'int' ? 'a whole number' : `a value of type ${issue.expected}`;
  if (issue.code === 'too_small') return `at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
  if (issue.code === 'too_big') return `at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
  if (issue.code === 'invalid_value') return issue.values.map(String).join(', ');
  if (issue.code === 'invalid_format') return issue.format === 'regex' ? issue.message.replace(/^expected /, '') : ACCEPTED_FORMATS[issue.format] ?? issue.format;
  return issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String).join(', ') : undefined;
}
const ACCEPTED_FORMATS: Readonly<Record<string, string>> = { datetime: 'ISO 8601 such as 2026-01-31T00:00:00Z', date: 'a day such as 2026-01-31', url: 'an http or https URL' };
const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' items', set: ' items' };
const unitOf = (origin: string): string => UNITS[origin] ?? '';
const sentence = (message: string): string => message.charAt(0).toUpperCase() + message.slice(1);
const reasonOf = (issue: Extract<Issue, { code: 'custom' }>): string => (typeof issue.params?.['reason'] === 'string' ? issue.params['reason'] : 'invalid');

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), input);
}
