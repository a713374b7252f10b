import { z } from 'zod';
import { numericId, projectKey, riskLevel, roleKey, toolKey } from './primitives.js';

export const portalContextQuery = z.strictObject({ projectKey: projectKey.optional(), portalId: numericId.optional(), requestTypeId: numericId.optional() });
export type PortalContextQuery = z.output<typeof portalContextQuery>;

/** What the portal's create panel needs; readable by customers and unlicensed people (SPEC I7). */
export const portalContext = z.strictObject({
  enabled: z.boolean(),
  /** Why the gate is off, for people (SPEC I1). */
  reason: z.strictObject({ code: z.enum(['portal.not_enabled', 'request_type.not_enabled', 'intake.not_configured']), message: z.string() }).nullable(),
  tools: z.array(z.strictObject({ key: toolKey, name: z.string(), vendor: z.string(), risk: riskLevel, maxDurationDays: z.int(), summary: z.string(), /** Where there are any, the request names one. */ roles: z.array(z.strictObject({ key: roleKey, name: z.string(), summary: z.string().nullable(), risk: riskLevel, maxDurationDays: z.int() })) })),
  dataClasses: z.array(z.string()),
  durationDays: z.strictObject({ min: z.int(), max: z.int() }),
  snapshotField: z.string(),
});
export type PortalContext = z.infer<typeof portalContext>;
