import { z } from 'zod';

/** The fields of answers that clients rely on; the contract tests hold the answers to all of theirs. */
export const info = z.looseObject({
  okta: z.looseObject({ baseUrl: z.string(), apiToken: z.string() }),
  entra: z.looseObject({ authorityHost: z.string(), graphBaseUrl: z.string(), tenantId: z.string(), clientId: z.string(), clientSecret: z.string() }),
  jira: z.looseObject({ baseUrl: z.string(), apiToken: z.string(), projectKey: z.string(), requestTypeIds: z.array(z.string()) }),
  temporal: z.looseObject({ address: z.string(), namespace: z.string(), uiUrl: z.string() }),
  people: z.array(z.looseObject({ accountId: z.string(), oktaLogin: z.string().optional(), entraUpn: z.string().optional() })),
});
export type SandboxInfo = z.infer<typeof info>;

export const grantShape = z.looseObject({
  id: z.string(), status: z.string(), startsAt: z.string().nullable(), expiresAt: z.string().nullable(),
  membership: z.looseObject({ desired: z.string(), observed: z.string(), evidence: z.string().nullable() }).nullable(),
});
export type GrantShape = z.infer<typeof grantShape>;
export const requestShape = z.looseObject({
  id: z.string(), siteId: z.string(), issueKey: z.string().nullable(), toolKey: z.string(), requester: z.looseObject({ accountId: z.string() }), durationDays: z.number(),
  decision: z.string(), decisionSource: z.string().nullable(), grant: grantShape.nullable(), workflowId: z.string(),
  policy: z.looseObject({ outcome: z.string(), version: z.number(), policyHash: z.string(), inputHash: z.string(), rules: z.array(z.looseObject({ rule: z.string(), effect: z.string(), detail: z.string() })) }).nullable(),
  reviews: z.array(z.looseObject({ accountId: z.string(), decision: z.string() })),
});
export type RequestShape = z.infer<typeof requestShape>;

export const manualActionShape = z.looseObject({ id: z.string(), status: z.string(), kind: z.string(), requestId: z.string(), reason: z.looseObject({ code: z.string() }) });
export const auditEventShape = z.looseObject({ seq: z.number(), action: z.string(), subject: z.record(z.string(), z.string()), data: z.record(z.string(), z.unknown()) });
export const problemShape = z.looseObject({ type: z.string(), title: z.string(), status: z.number(), code: z.string(), detail: z.string(), requestId: z.string() });
export const bulkShape = z.looseObject({ results: z.array(z.looseObject({ requestId: z.string().nullable(), status: z.number(), code: z.string().optional() })) });
export const pageOf = <T>(item: z.ZodType<T>) => z.looseObject({ items: z.array(item), nextCursor: z.string().nullable() });
