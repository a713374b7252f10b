import { z } from 'zod';
import { accountId, externalGroupId, instant, line, longText } from './primitives.js';

const groupApps = z.array(z.strictObject({ externalId: z.string(), label: z.string() }));
/** SPEC F15. `apps` null: the provider does not tell, for the `reason`. */
export const groupAppsAnswer = z.strictObject({ apps: groupApps.nullable(), reason: z.string().nullable(), readAt: instant });
export type GroupAppsAnswer = z.infer<typeof groupAppsAnswer>;

export const entitlementGroupView = z.strictObject({
  externalGroupId,
  name: z.string(),
  origin: z.enum(['created', 'bound']),
  assignmentConfirmedAt: instant.nullable(),
  assignmentConfirmedBy: accountId.nullable(),
  /** The applications that it opens, as last read; null: not read, or not told. A change after the confirmation is the finding `groupAppsChanged`. */
  apps: groupApps.nullable(),
  appsReadAt: instant.nullable(),
});
export type EntitlementGroupView = z.infer<typeof entitlementGroupView>;

/** SPEC F4: a new group with the recommended name unless another is given, or an existing one by its id. */
export const entitlementGroupBody = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('create'), name: line(255).optional() }),
  z.strictObject({ mode: z.literal('bind'), externalGroupId }),
]);
export type EntitlementGroupBody = z.output<typeof entitlementGroupBody>;
export const confirmAssignmentBody = z.strictObject({ note: longText.optional() });
export type ConfirmAssignmentBody = z.output<typeof confirmAssignmentBody>;
