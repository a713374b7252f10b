import { Ajv } from 'ajv';
import { z } from 'zod';
import type { ContractRules } from './vendor-contract.js';

const text = { type: 'object', required: ['type', 'text'], additionalProperties: false, properties: {
  type: { const: 'text' },
  text: { type: 'string', minLength: 1 },
  marks: { type: 'array', items: { type: 'object', required: ['type', 'attrs'], additionalProperties: false, properties: {
    type: { const: 'link' },
    attrs: { type: 'object', required: ['href'], additionalProperties: false, properties: { href: { type: 'string', pattern: '^https?://' } } },
  } } },
} };
const inline = { anyOf: [text, { type: 'object', required: ['type'], additionalProperties: false, properties: { type: { const: 'hardBreak' } } }] };
/** The part of the Atlassian Document Format that we write; Jira's OpenAPI document leaves bodies untyped. */
const adf = new Ajv({ allErrors: true }).compile({
  type: 'object', required: ['type', 'version', 'content'], additionalProperties: false, properties: {
    type: { const: 'doc' },
    version: { const: 1 },
    content: { type: 'array', items: { type: 'object', required: ['type', 'content'], additionalProperties: false, properties: { type: { const: 'paragraph' }, content: { type: 'array', items: inline } } } },
  },
});
const notAdf = (value: unknown, what: string): readonly string[] => (adf(value) ? [] : [`${what} is not an Atlassian document`]);

const anObject = z.record(z.string(), z.unknown());
const part = (value: unknown, name: string): unknown => anObject.safeParse(value).data?.[name];

export const oktaManagement: ContractRules = {
  file: 'okta-groups-users.json',
  authorization: /^(SSWS|Bearer) \S+$/,
  errorSchema: 'Error',
  stricter: {
    // The vendor's document takes `{}` and `[1]` for a new group; its reference text requires a name.
    'POST /api/v1/groups': (body) => (typeof part(part(body, 'profile'), 'name') === 'string' ? [] : ['a new group needs a name']),
  },
};

/** The token endpoint takes its credential in the body. */
export const oktaOAuth: ContractRules = {
  file: 'okta-oauth-token.json',
  errorSchema: 'OAuthError',
  stricter: {
    'POST /oauth2/v1/token': (body) => ['client_assertion', 'client_assertion_type'].flatMap((name) => (typeof part(body, name) === 'string' ? [] : [`${name} is missing`])),
  },
};

export const graph: ContractRules = { file: 'graph-groups-users.json', prefix: '/v1.0', authorization: /^Bearer \S+$/, errorSchema: 'error' };

export const jira: ContractRules = {
  file: 'jira-platform.json',
  authorization: /^(Basic|Bearer) \S+$/,
  errorSchema: 'ErrorCollection',
  // Jira writes offsets without a colon, such as 2026-11-21T12:00:00.000+0000, and calls that date-time.
  formats: { 'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/ },
  stricter: {
    'POST /rest/api/3/issue/{issueIdOrKey}/comment': (body) => notAdf(part(body, 'body'), 'the comment'),
    'POST /rest/api/3/issue': (body) => notAdf(part(part(body, 'fields'), 'description'), 'the description'),
  },
};

/** What the Jira contract does not cover: Jira Service Management has a document of its own, and this one lacks the permission check. */
export const jiraUnjudged = [/^\/rest\/servicedeskapi\//, /^\/rest\/api\/3\/permissions\/check$/];
