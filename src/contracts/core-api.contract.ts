import { z } from 'zod';
import type { ConvergeOrder } from '../domain/plan/plan.js';
import { line } from './primitives.js';

/** What travels to and from Core over HTTP (docs/core-http.md). Sealed texts are opaque: only Core opens them (SPEC F9). */
const LONGEST_SEALED = 128 * 1024;
const sealed = z.string().min(1).max(LONGEST_SEALED);
/** Members of a group by the page; sealed as one. */
const LONGEST_PAGE = 2_000;
const sealedPage = z.string().min(1).max(2 * 1024 * 1024);
const anId = z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'expected an id');
const siteId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected a site');
const instant = z.iso.datetime({ precision: 3 });
const provider = z.enum(['okta', 'entra']);
/** An id as the provider writes it. */
const externalId = line(256);

/** Names one execution: the same key and order again is answered with the same result, and carried out once. */
const orderFields = {
  siteId, requestId: anId, jobId: anId, intentId: anId, membershipId: anId, generation: z.int().min(0), mayAdd: z.boolean(), deadlineAt: instant,
  provider, connectorId: anId, sealedConfig: sealed, externalGroupId: externalId, sealedIdentity: sealed, identityConnectorId: anId.exactOptional(),
};
/** A field that an order gains does not compile until it may travel. */
type OrderShape = Record<keyof ConvergeOrder, z.ZodType>;

export const provisionOrder = z.strictObject({ ...orderFields, mode: z.literal('converge'), desired: z.literal('present') });
export const deprovisionOrder = z.strictObject({ ...orderFields, mode: z.literal('converge'), desired: z.literal('absent') });
export const checkOrder = z.strictObject({ ...orderFields, mode: z.literal('read'), desired: z.enum(['present', 'absent']) } satisfies OrderShape);
export const cancelOrder = z.strictObject({ siteId, intentId: anId });

const retryAfterMs = z.number().min(0).nullable();
export const convergeResult = z.strictObject({
  status: z.enum(['observed', 'retryable', 'manual', 'notAttempted']), observed: z.enum(['present', 'absent', 'unknown']), readAt: instant.nullable(), write: z.enum(['none', 'changed', 'unchanged', 'unknown']),
  code: z.string(), detail: z.string(), retryAfterMs, providerRequestId: z.string().nullable(),
});
export const OUTCOMES = ['succeeded', 'retryable', 'manual', 'refused'] as const;
/** What came of an order. `result` says what the provider said; null while an earlier call with the same key is still under way. */
export const membershipAnswer = z.strictObject({ outcome: z.enum(OUTCOMES), code: z.string(), detail: z.string(), retryAfterMs, result: convergeResult.nullable() });
export type MembershipAnswer = z.infer<typeof membershipAnswer>;

const callFields = { siteId, connectorId: anId, provider, sealedConfig: sealed };
export const coreCallOrder = z.discriminatedUnion('kind', [
  z.strictObject({ ...callFields, kind: z.literal('testConnector') }),
  z.strictObject({ ...callFields, kind: z.literal('createGroup'), name: line(256), description: line(1_024) }),
  z.strictObject({ ...callFields, kind: z.literal('bindGroup'), externalGroupId: externalId }),
  z.strictObject({ ...callFields, kind: z.literal('resolveIdentity'), sealedLogin: sealed }),
  z.strictObject({ ...callFields, kind: z.literal('listGroupApps'), externalGroupId: externalId }),
  z.strictObject({ ...callFields, kind: z.literal('resolveIdentities'), sealedLogins: sealedPage, places: z.array(z.int().min(0)).max(LONGEST_PAGE).readonly() }),
  z.strictObject({ ...callFields, kind: z.literal('runConformance'), sealedLogin: sealed, groupName: line(256) }),
  z.strictObject({ ...callFields, kind: z.literal('readIdentity'), sealedIdentity: sealed }),
  z.strictObject({ ...callFields, kind: z.literal('listMembers'), externalGroupId: externalId, cursor: z.string().max(8_192).nullable() }),
  z.strictObject({ ...callFields, kind: z.literal('describeMembers'), sealedPage, indexes: z.array(z.int().min(0)).max(LONGEST_PAGE).readonly() }),
  z.strictObject({ ...callFields, kind: z.literal('readMembers'), externalGroupId: externalId, people: z.array(z.strictObject({ identityHash: z.string().max(256), sealedIdentity: sealed, identityConnectorId: anId })).max(LONGEST_PAGE).readonly() }),
]);
export const coreCallBody = z.strictObject({ key: anId, order: coreCallOrder });
export type CoreCallBody = z.infer<typeof coreCallBody>;

const text = z.string();
const providerFailures = ['retryable', 'unauthorized', 'forbidden', 'userNotFound', 'groupNotFound', 'groupNotManageable', 'rejected', 'invalidAnswer', 'unknownOutcome'] as const;
const failures = [...providerFailures, 'configurationUnreadable'] as const;
const unmanageable = ['okta.app_group', 'okta.built_in', 'okta.active_rule', 'entra.dynamic', 'entra.on_premises_synced', 'entra.mail_enabled', 'entra.role_assignable'] as const;
const conformanceSteps = ['findPerson', 'unknownPerson', 'scratchGroup', 'onlyTestPerson', 'add', 'addAgain', 'list', 'remove', 'removeAgain', 'addUnknownPerson', 'unknownGroup', 'personStates', 'cleanUp'] as const;
const conformanceReport = z.strictObject({
  provider, group: z.strictObject({ externalGroupId: text, name: text, created: z.boolean() }).nullable(),
  steps: z.array(z.strictObject({ step: z.enum(conformanceSteps), outcome: z.enum(['asExpected', 'differs', 'notSeenInTime']), expected: text, saw: text, tookMs: z.number() })),
});
const paced = z.literal(true).exactOptional();
const groupApps = z.array(z.strictObject({ externalId: text, label: text }));
export const coreCallResult = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tested'), abilities: z.array(z.strictObject({ ability: z.enum(['readUsers', 'readGroups', 'manageMembers']), ok: z.boolean(), detail: text.exactOptional(), documentation: text.exactOptional() })) }),
  z.strictObject({ kind: z.literal('group'), externalGroupId: text, name: text, unmanageable: z.strictObject({ code: z.enum(unmanageable), reason: text }).nullable() }),
  z.strictObject({ kind: z.literal('groupNameTaken'), externalGroupId: text }),
  z.strictObject({ kind: z.literal('identity'), externalId: text, identityHash: text, sealed: text, loginHint: text, state: z.enum(['active', 'deactivated']) }),
  z.strictObject({
    kind: z.literal('identities'), retryAfterMs,
    identities: z.array(z.strictObject({
      place: z.int(), identity: z.strictObject({ identityHash: text, sealed: text, loginHint: text, state: z.enum(['active', 'deactivated']) }).nullable(),
      failure: z.strictObject({ kind: z.enum(providerFailures), detail: text }).nullable(),
    })),
  }),
  z.strictObject({ kind: z.literal('identityState'), state: z.enum(['active', 'deactivated', 'deleted']), identityHash: text }),
  z.strictObject({ kind: z.literal('members'), hashes: z.array(text), deactivated: z.array(z.int()), others: z.array(z.int()), sealedPage: text, next: text.nullable(), apps: groupApps.exactOptional() }),
  z.strictObject({ kind: z.literal('groupApps'), apps: groupApps.nullable(), untold: text.nullable() }),
  z.strictObject({ kind: z.literal('described'), identities: z.array(z.strictObject({ identityHash: text, sealed: text, loginHint: text })) }),
  z.strictObject({ kind: z.literal('memberReads'), reads: z.array(z.strictObject({ identityHash: text, observed: z.enum(['present', 'absent', 'unknown']), readAt: instant.nullable(), code: text })), retryAfterMs, paced }),
  z.strictObject({ kind: z.literal('conformance'), report: conformanceReport }),
  z.strictObject({ kind: z.literal('failed'), failure: z.enum(failures), detail: text, retryAfterMs: z.number().min(0).exactOptional(), paced }),
]);
/** `result` is null while an earlier call with the same key is still under way. */
export const coreCallAnswer = z.strictObject({ result: coreCallResult.nullable(), retryAfterMs });

/** Who the signature proved, and that the whole way there works. */
export const whoamiAnswer = z.strictObject({ appId: z.string(), siteId: siteId.nullable() });
