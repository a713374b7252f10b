import { z } from 'zod';
import { accountId, id, instant, numericId, projectKey } from './primitives.js';

const sandboxRole = z.enum(['requester', 'approver', 'admin', 'auditor']);

/** What `GET /sandbox` shows: made-up people and the addresses and passwords of the sandbox vendors. Nothing of it exists outside the machine. */
export const sandboxInfo = z.looseObject({
  okta: z.looseObject({ baseUrl: z.string(), apiToken: z.string() }),
  entra: z.looseObject({ authorityHost: z.string(), graphBaseUrl: z.string(), tenantId: z.string(), clientId: z.string(), clientSecret: z.string() }),
  jira: z.looseObject({ baseUrl: z.string(), apiToken: z.string(), projectKey: z.string(), requestTypeIds: z.array(z.string()) }),
  temporal: z.looseObject({ address: z.string(), namespace: z.string(), uiUrl: z.string() }),
  people: z.array(z.looseObject({
    accountId, displayName: z.string(), roles: z.array(sandboxRole), jiraGroups: z.array(z.string()), siteId: id,
    oktaLogin: z.string().optional(), entraUpn: z.string().optional(),
  })),
  tools: z.array(z.looseObject({ key: z.string(), provider: z.string() })),
});
export type SandboxInfo = z.infer<typeof sandboxInfo>;

export const signInBody = z.strictObject({ accountId });
export const signInAnswer = z.strictObject({ token: z.string(), accountId, displayName: z.string(), roles: z.array(sandboxRole), expiresAt: instant });
export type SignInAnswer = z.infer<typeof signInAnswer>;

/** The snapshot passes as it is, also when it is missing: the sandbox plays the portal, and a broken snapshot is one of its parts. */
export const portalRequestBody = z.strictObject({ accountId, snapshot: z.unknown().optional(), projectKey: projectKey.optional(), requestTypeId: numericId.optional() });
export type PortalRequestBody = z.output<typeof portalRequestBody>;
export const portalRequestAnswer = z.strictObject({ issueKey: z.string() });
export type PortalRequestAnswer = z.infer<typeof portalRequestAnswer>;

/** Forward only (never back); fractions of an hour are allowed so that a demo can stop just before a deadline. */
export const advanceClockBody = z.strictObject({ advanceHours: z.number().min(0).max(24 * 800) });
export const advanceClockAnswer = z.strictObject({ now: instant, woken: z.int() });
export type AdvanceClockAnswer = z.infer<typeof advanceClockAnswer>;
