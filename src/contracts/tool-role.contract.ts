import { z } from 'zod';
import { entitlementGroupView } from './entitlement-group.contract.js';
import { grantedDays, instant, line, name, riskLevel, roleKey } from './primitives.js';
import { pageQuery } from './page.contract.js';

/** More roles than this of one tool are refused: a requester chooses from a list. */
export const MAX_ROLES = 20;

const roleFields = {
  name,
  summary: line(500).nullable(),
  risk: riskLevel,
  /** With the tool's own limit the shorter one counts. */
  maxDurationDays: grantedDays,
  /** False: nobody new gets it; who has it keeps it until the end. */
  requestable: z.boolean(),
};
export const createToolRoleBody = z.strictObject({ key: roleKey, ...roleFields, summary: roleFields.summary.optional(), requestable: roleFields.requestable.optional() });
export type CreateToolRoleBody = z.output<typeof createToolRoleBody>;
export const patchToolRoleBody = z.strictObject(roleFields).partial();
export type PatchToolRoleBody = z.output<typeof patchToolRoleBody>;

/** One way of having a tool, with a group, a risk and a limit of its own (SPEC K3). */
export const toolRoleView = z.strictObject({
  key: roleKey,
  ...roleFields,
  entitlementGroup: entitlementGroupView.nullable(),
  version: z.int(),
  createdAt: instant,
  updatedAt: instant,
});
export type ToolRoleView = z.infer<typeof toolRoleView>;

export const toolRoleListQuery = z.strictObject(pageQuery);
export type ToolRoleListQuery = z.output<typeof toolRoleListQuery>;
