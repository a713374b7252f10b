import type { GrantRow } from '../ports/record.port.js';
import type { AccessCase } from './access-case.js';

/** Why an addition waits for an admin; once they have mended it, it goes on by itself. */
const OBSTACLES = ['mapping.missing', 'connector.disabled', 'group.missing', 'group.unconfirmed', 'licence.inactive'] as const;
export type Obstacle = (typeof OBSTACLES)[number];
export const isObstacle = (code: string | null): boolean => OBSTACLES.some((obstacle) => obstacle === code);

export interface ReadyGroup { readonly provider: 'okta' | 'entra'; readonly connectorId: string; readonly connectorName: string; readonly externalGroupId: string }
export type Readiness = { readonly ready: true; readonly group: ReadyGroup } | { readonly ready: false; readonly obstacle: Exclude<Obstacle, 'mapping.missing'>; readonly detail: string };

/**
 * The group that an addition may be sent to as things are, or what keeps it from being sent (SPEC F4, F5, F12, F13): for an attempt, and for the look whether what it waited for
 * is gone. The person's mapping is looked at after it, where the group is.
 */
export async function readinessOf(c: AccessCase, grant: GrantRow): Promise<Readiness> {
  const tool = await c.store.toolFulfilment(c.tx, grant);
  if (tool?.connector?.enabled !== true) return { ready: false, obstacle: 'connector.disabled', detail: 'The connector of this tool is not enabled' };
  if ((await c.store.licence(c.tx)) === 'inactive') return { ready: false, obstacle: 'licence.inactive', detail: 'The licence of this site is not active, so nothing is provisioned automatically; removals go on' };
  const { provider, group, connector } = tool;
  if (group === null || provider === 'none') return { ready: false, obstacle: 'group.missing', detail: 'The tool has no entitlement group' };
  // Approval asked for it; access that opens again may find another group here (SPEC F4, G3).
  if (!group.confirmed) return { ready: false, obstacle: 'group.unconfirmed', detail: 'An admin has to confirm that the group is assigned to the real app' };
  return { ready: true, group: { provider, connectorId: group.connectorId, connectorName: connector.name, externalGroupId: group.externalGroupId } };
}
