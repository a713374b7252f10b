import { z } from 'zod';
import { RISKS, MAX_LIFE_DAYS } from '../domain/policy/policy.js';

/** Bounds and alphabets that every contract shares. What is refused here never reaches a use case (SPEC §13). */
export const LIMITS = {
  /** Free text of a requester, an approver or an admin. */
  longText: 2_000,
  name: 120,
  listItems: 200,
  bulkItems: 50,
  /** Longest duration that may be asked for, in days: what is longer is a slip of the hand. Policy denies what is longer than it allows, with its reason. */
  askedDays: 3_650,
  grantedDays: MAX_LIFE_DAYS,
} as const;

/**
 * Controls (NUL, CR, LF, tab among them), line and paragraph separators, lone surrogates, and the bidirectional overrides that make a
 * text read otherwise than it is stored.
 */
const forbiddenInLine = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;
/** As above, but CR and LF are allowed: PEM and CSV. */
const forbiddenInBlock = /[\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]|(?![\r\n\t])\p{Cc}/u;

/** One line of text that says something: not blank, no control character. */
export const line = (max: number) =>
  z.string().min(1).max(max)
    .refine((text) => !forbiddenInLine.test(text), { error: 'must be one line without control characters', params: { reason: 'control_character' } })
    .refine((text) => text.trim().length > 0, { error: 'must not be blank', params: { reason: 'blank' } });

/** Text of several lines: a key in PEM, a CSV file. Never shown in an answer. */
export const block = (max: number) =>
  z.string().min(1).max(max).refine((text) => !forbiddenInBlock.test(text), { error: 'must not contain control characters', params: { reason: 'control_character' } });

export const longText = line(LIMITS.longText);
export const name = line(LIMITS.name);

/** An opaque id of ours. */
export const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected an id');
/** An Atlassian account id, or the account claim of an OIDC token. */
export const accountId = z.string().regex(/^[A-Za-z0-9:._@|+-]{1,128}$/, 'expected an account id');
export const toolKey = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/, 'expected lower-case letters, digits, dots and dashes, at most 64');
/** Of a role among those of its tool. */
export const roleKey = toolKey;
export const projectKey = z.string().regex(/^[A-Z][A-Z0-9_]{0,49}$/, 'expected a Jira project key');
export const issueKey = z.string().regex(/^[A-Z][A-Z0-9_]{0,49}-[1-9][0-9]{0,9}$/, 'expected a Jira issue key');
/** Jira ids of request types, issue types and roles are numbers written as text. */
export const numericId = z.string().regex(/^[0-9]{1,18}$/, 'expected digits');
export const jiraGroup = line(255);
/** A group's id at the provider: Okta ids and Entra object ids. */
export const externalGroupId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'expected the id of the group at the provider');
export const externalLogin = line(320);
export const dataClass = line(60);

/** ISO 8601 in UTC with milliseconds: how every answer writes a time. */
export const instant = z.iso.datetime({ precision: 3 });
/** A time in a query: an instant with offset, or a day, which means its first moment in UTC. */
export const instantOrDay = z.union([z.iso.datetime({ offset: true }), z.iso.date()], { error: 'expected an ISO 8601 time such as 2026-01-31T00:00:00Z, or a day' })
  .transform((text) => new Date(text).toISOString());

export const askedDays = z.int().min(1).max(LIMITS.askedDays);
export const grantedDays = z.int().min(1).max(LIMITS.grantedDays);

/** A list without repetitions; an item said twice is a mistake that we would otherwise hide. */
export const distinct = <T extends z.ZodType<string>>(item: T, min: number, max: number) =>
  z.array(item).min(min).max(max).refine((items) => new Set(items).size === items.length, { error: 'must not repeat an item', params: { reason: 'repeated_item' } });

export const dataClasses = distinct(dataClass, 1, 20);

/** A vendor's base URL: http or https, no credentials, no query, no fragment. Which hosts are allowed is a rule of the use case. */
export const vendorUrl = z.url({ protocol: /^https?$/ }).max(500).refine(isPlainBaseUrl, { error: 'must not carry credentials, a query or a fragment', params: { reason: 'url_parts' } });

function isPlainBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

export const riskLevel = z.enum(RISKS);
export const provider = z.enum(['okta', 'entra']);

/** What the server allows the caller to do, and why not; shown, never decided, by a screen (STYLE 5). */
export const ability = z.strictObject({ allowed: z.boolean(), reason: z.string().optional() });
export type Ability = z.infer<typeof ability>;
