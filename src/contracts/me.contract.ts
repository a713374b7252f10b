import { z } from 'zod';
import { ability, accountId, id } from './primitives.js';
import { pageQuery } from './page.contract.js';

export const roleName = z.enum(['requester', 'approver', 'admin', 'auditor']);

export const meView = z.strictObject({
  siteId: id,
  accountId,
  displayName: z.string().nullable(),
  kind: z.enum(['person', 'service', 'forge']),
  roles: z.array(roleName),
  /** Projects that route approvals to this person (SPEC A2). */
  approverOf: z.array(z.string()),
  licence: z.enum(['active', 'inactive', 'notReported']),
  /** Each missing ability carries its reason. */
  abilities: z.strictObject({ submitRequest: ability, decide: ability, completeManualActions: ability, extendOwnAccess: ability, administer: ability, readAudit: ability }),
});
export type MeView = z.infer<typeof meView>;

export const ownListQuery = z.strictObject(pageQuery);
