import { z } from 'zod';
import { block, externalLogin, id, instant, instantOrDay, line, name, provider, vendorUrl } from './primitives.js';
import { pageQuery } from './page.contract.js';

/** Secrets go in and never out (SPEC O4): no view below has a field that could hold one. */
/** Pasted with a line break around it, a secret is taken without, and the answer says so. */
const secret = z.string().max(4_200).refine((text) => line(4_096).safeParse(text.trim()).success, { error: 'must be one line without control characters', params: { reason: 'control_character' } });
/** Whether it holds what it must is said by the use case, with a code for what is missing (connector-credentials.ts). */
const pem = block(16_384).refine((text) => text.includes('-----BEGIN '), { error: 'expected PEM', params: { reason: 'pem' } });
const directoryId = z.string().regex(/^[A-Za-z0-9.-]{1,100}$/, 'expected a directory (tenant) id or domain');
const clientId = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'expected a client id');

export const oktaAuth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('apiToken'), token: secret }),
  z.strictObject({ kind: z.literal('privateKeyJwt'), clientId, privateKeyPem: pem, keyId: line(200).optional(), scopes: z.array(z.string().regex(/^[a-z.]{1,80}$/)).max(20).optional() }),
]);
export const entraAuth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('clientSecret'), clientSecret: secret }),
  z.strictObject({ kind: z.literal('certificate'), certificatePem: pem }),
]);

/** Where the provider sets one that the credential itself does not carry: client secrets. A certificate says it itself (SPEC F16). */
const credentialExpiresAt = instantOrDay;

export const createConnectorBody = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.literal('okta'), name: name.optional(), orgUrl: vendorUrl, auth: oktaAuth, credentialExpiresAt: credentialExpiresAt.optional() }),
  z.strictObject({ provider: z.literal('entra'), name: name.optional(), tenantId: directoryId, clientId, auth: entraAuth, authorityHost: vendorUrl.optional(), graphBaseUrl: vendorUrl.optional(), credentialExpiresAt: credentialExpiresAt.optional() }),
]);
export type CreateConnectorBody = z.output<typeof createConnectorBody>;
/** The provider of a connector does not change; fields of the other provider are refused by the use case. */
export const patchConnectorBody = z.strictObject({
  name, orgUrl: vendorUrl, tenantId: directoryId, clientId, auth: z.union([oktaAuth, entraAuth], { error: 'expected the auth of an Okta or an Entra connector' }), authorityHost: vendorUrl, graphBaseUrl: vendorUrl,
  /** Null: nobody knows. */
  credentialExpiresAt: credentialExpiresAt.nullable(),
}).partial();
export type PatchConnectorBody = z.output<typeof patchConnectorBody>;

export const connectorTest = z.strictObject({
  ok: z.boolean(),
  testedAt: instant,
  abilities: z.array(z.strictObject({ ability: z.enum(['readUsers', 'readGroups', 'manageMembers']), ok: z.boolean(), detail: z.string().optional(), documentation: z.string().optional().describe('The vendor\'s page about the missing permission.') })),
  /** Set when the provider could not be asked at all. */
  failure: z.strictObject({ code: z.string(), detail: z.string() }).nullable(),
});
export type ConnectorTest = z.infer<typeof connectorTest>;

/** Every scratch group begins with this: nothing that a tool depends on is written to. */
export const SCRATCH_GROUP_PREFIX = 'AI Clearance - Conformance';
/** The read-write-read cycle on a scratch group with a test person, who is no member of it before. */
export const conformanceBody = z.strictObject({ login: externalLogin, groupName: name.refine((text) => text.startsWith(SCRATCH_GROUP_PREFIX), { error: `must begin with "${SCRATCH_GROUP_PREFIX}"`, params: { reason: 'scratch_group' } }).optional() });
export type ConformanceBody = z.output<typeof conformanceBody>;
export const connectorConformance = z.strictObject({
  connectorId: id,
  provider,
  /** True when no step differs from what the product relies on and the scratch group was cleaned up; a step may still have been seen late. */
  conforms: z.boolean(),
  ranAt: instant,
  group: z.strictObject({ externalGroupId: z.string(), name: z.string(), created: z.boolean() }).nullable(),
  steps: z.array(z.strictObject({ step: z.string(), outcome: z.enum(['asExpected', 'differs', 'notSeenInTime']), expected: z.string(), saw: z.string(), tookMs: z.number() })),
});
export type ConnectorConformance = z.infer<typeof connectorConformance>;

const connectorStatus = z.enum(['disabled', 'enabled']);
/** Somebody is warned 30 and 7 days before, and when it has expired (finding `credentialExpiring`). */
const credential = z.strictObject({ expiresAt: instant.nullable(), saidBy: z.enum(['certificate', 'admin']).nullable(), state: z.enum(['unknown', 'valid', 'expiring', 'expired']) });
const viewFields = { id, name: z.string(), status: connectorStatus, lastTest: connectorTest.nullable(), credential, version: z.int(), createdAt: instant, updatedAt: instant, /** What was mended in the credential that was sent; in answers to POST and PATCH only. */ notices: z.array(z.string()).optional() };
export const connectorView = z.discriminatedUnion('provider', [
  z.strictObject({ ...viewFields, provider: z.literal('okta'), orgUrl: z.string(), auth: z.strictObject({ kind: z.enum(['apiToken', 'privateKeyJwt']) }) }),
  z.strictObject({ ...viewFields, provider: z.literal('entra'), tenantId: z.string(), clientId: z.string(), authorityHost: z.string().nullable(), graphBaseUrl: z.string().nullable(), auth: z.strictObject({ kind: z.enum(['clientSecret', 'certificate']) }) }),
]);
export type ConnectorView = z.infer<typeof connectorView>;

export const connectorListQuery = z.strictObject({ ...pageQuery, provider: z.enum(['okta', 'entra']).optional(), status: connectorStatus.optional() });
export type ConnectorListQuery = z.output<typeof connectorListQuery>;
