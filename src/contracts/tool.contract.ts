import { z } from 'zod';
import { TOOL_CATEGORIES } from '../domain/catalog/api-platform.js';
import { DRIFT_RESPONSES } from '../domain/reconciliation/finding.js';
import { TOOL_STATUSES } from '../domain/policy/policy.js';
import { accountId, dataClass, distinct, grantedDays, id, instant, jiraGroup, line, name, riskLevel, toolKey } from './primitives.js';
import { entitlementGroupView } from './entitlement-group.contract.js';
import { toolRoleView } from './tool-role.contract.js';
import { pageQuery } from './page.contract.js';

export const toolStatus = z.enum(TOOL_STATUSES);
export const toolProvider = z.enum(['none', 'okta', 'entra']);

const toolFields = {
  name,
  vendor: name,
  status: toolStatus,
  risk: riskLevel,
  maxDurationDays: grantedDays,
  provider: toolProvider,
  connectorId: id.nullable(),
  summary: line(500),
  owner: accountId.nullable(),
  /** Jira groups that may request a tool in pilot (SPEC K1); empty means nobody. */
  pilotGroups: distinct(jiraGroup, 0, 50),
  /** Null: every data class of the site; otherwise only these (SPEC P12). */
  dataClasses: distinct(dataClass, 0, 50).nullable(),
  /** `manual`: people give and take access; who, and how long they have for each, removals included (SPEC F11, P11). */
  fulfilment: z.enum(['automatic', 'manual']),
  fulfilmentOwner: accountId.nullable(),
  fulfilmentHours: z.int().min(1).max(720).nullable(),
  /** What is done about members of its group that nobody granted (SPEC D1). */
  driftResponse: z.enum(DRIFT_RESPONSES),
  /** Guessed from key and name until an admin says. An API platform is connected only where an admin attests that the group controls the entitlement (SPEC K5). */
  category: z.enum(TOOL_CATEGORIES),
};
/** An admin's word that being in the group is what opens the API platform, and leaving it what closes it: how. Null takes it back. */
const entitlementAttestation = line(500).nullable();
export const createToolBody = z.strictObject({
  key: toolKey,
  ...toolFields,
  connectorId: toolFields.connectorId.optional(),
  owner: toolFields.owner.optional(),
  pilotGroups: toolFields.pilotGroups.optional(),
  dataClasses: toolFields.dataClasses.optional(),
  fulfilment: toolFields.fulfilment.optional(),
  fulfilmentOwner: toolFields.fulfilmentOwner.optional(),
  fulfilmentHours: toolFields.fulfilmentHours.optional(),
  driftResponse: toolFields.driftResponse.optional(),
  category: toolFields.category.optional(),
  entitlementAttestation: entitlementAttestation.optional(),
});
export type CreateToolBody = z.output<typeof createToolBody>;
export const patchToolBody = z.strictObject({ ...toolFields, entitlementAttestation }).partial();
export type PatchToolBody = z.output<typeof patchToolBody>;

export const toolView = z.strictObject({
  key: toolKey,
  ...toolFields,
  entitlementAttestation: z.strictObject({ reason: z.string(), by: z.string(), at: instant }).nullable(),
  /** Whether anybody may ask for it now; a pilot tool only its pilot groups, one with roles only by a role that is open. */
  requestable: z.boolean(),
  entitlementGroup: entitlementGroupView.nullable(),
  /** Where there are any, a request names one; each has its own group (SPEC K3). */
  roles: z.array(toolRoleView),
  version: z.int(),
  createdAt: instant,
  updatedAt: instant,
});
export type ToolView = z.infer<typeof toolView>;

export const toolListQuery = z.strictObject({ ...pageQuery, status: toolStatus.optional(), provider: toolProvider.optional(), risk: riskLevel.optional() });
export type ToolListQuery = z.output<typeof toolListQuery>;

/** SPEC K2: what is new was added, what was edited stays. */
export const seedCatalogAnswer = z.strictObject({ catalogVersion: z.string(), added: z.array(toolKey), kept: z.array(toolKey) });
export type SeedCatalogAnswer = z.infer<typeof seedCatalogAnswer>;
