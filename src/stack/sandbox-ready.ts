import { z } from 'zod';

/** What the sandbox process says when it serves (sandbox-process.ts): addresses and made-up credentials of its vendors. */
export const sandboxReady = z.looseObject({
  okta: z.looseObject({ baseUrl: z.string(), apiToken: z.string() }),
  /** `caPem`: the authority that signed the token endpoint's certificate, for the core worker to trust. */
  entra: z.looseObject({ authorityHost: z.string(), graphBaseUrl: z.string(), tenantId: z.string(), clientId: z.string(), clientSecret: z.string(), caPem: z.string().optional() }),
  /** One Jira per site, the first site first. */
  jira: z.array(z.looseObject({
    siteId: z.string(), cloudId: z.string(), installationId: z.string(), baseUrl: z.string(), email: z.string(), apiToken: z.string(),
    projectKey: z.string(), requestTypeIds: z.array(z.string()), propertyKey: z.string(),
  })).min(1),
  /** The app whose invocation tokens come with the sandbox Jira's events. */
  forge: z.looseObject({ appId: z.string(), jwksUrl: z.string() }),
  /** Id of each tool's group at its provider. */
  entitlementGroupIds: z.record(z.string(), z.string()),
});
export type SandboxReady = z.infer<typeof sandboxReady>;
