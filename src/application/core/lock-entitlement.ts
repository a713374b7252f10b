import type { Entitlement, RoleEntitlement } from '../../domain/catalog/entitlement.js';
import { refuse } from '../commands/outcome.js';
import type { ToolRoleRow } from '../ports/tool-role-store.port.js';
import type { GroupOwner, GroupRow, ToolRow } from '../ports/tool-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { CoreCallStores } from './core-call-stores.js';

type Refused = ReturnType<typeof refuse>;
type Stores = Pick<CoreCallStores, 'tools' | 'roles'>;
/** A tool, locked, or one of its roles; `owner` names its group, `name` is what people call it. */
export interface LockedEntitlement { readonly ok: true; readonly of: Entitlement; readonly tool: ToolRow; readonly owner: GroupOwner; readonly group: GroupRow | null; readonly name: string }
/** A role, under the lock of its tool. */
export interface LockedToolRole { readonly ok: true; readonly tool: ToolRow; readonly role: ToolRoleRow }

/** Refuses what is not in the catalog (SPEC K3). The tool's row stays locked until the transaction ends. */
export async function lockEntitlement(stores: Stores, tx: SiteTx, of: Entitlement): Promise<LockedEntitlement | Refused> {
  const { toolKey, roleKey } = of;
  if (roleKey === null) {
    const tool = await stores.tools.lock(tx, toolKey);
    return tool === null ? NO_TOOL : { ok: true, of, tool, owner: { toolId: tool.id, roleId: null }, group: tool.group, name: tool.name };
  }
  const locked = await lockToolRole(stores, tx, { toolKey, roleKey });
  if (!locked.ok) return locked;
  const { tool, role } = locked;
  return { ok: true, of, tool, owner: { toolId: tool.id, roleId: role.id }, group: role.group, name: `${tool.name} (${role.name})` };
}

/** The same for whoever changes the role itself. */
export async function lockToolRole({ tools, roles }: Stores, tx: SiteTx, { toolKey, roleKey }: RoleEntitlement): Promise<LockedToolRole | Refused> {
  const tool = await tools.lock(tx, toolKey);
  if (tool === null) return NO_TOOL;
  const role = await roles.find(tx, tool.id, roleKey);
  return role === null ? refuse('tool_role.not_found', 'This tool has no role with this key') : { ok: true, tool, role };
}
const NO_TOOL = refuse('tool.not_found', 'There is no tool with this key');

/** Whose access goes through the present group would lose its way out of it, if another took its place. */
export async function refuseReplacing({ tools }: Pick<CoreCallStores, 'tools'>, tx: SiteTx, { of, group }: LockedEntitlement): Promise<Refused | null> {
  if (group === null || !await tools.hasLiveGrantsOf(tx, of)) return null;
  return refuse('tool.in_use', 'Access is open in the present group; end it before another group takes over');
}

/** In such a group the end of one tool's grant would take away what people had given for the other's (N7). */
export const refuseMixed = (path: string): Refused =>
  refuse('entitlement_group.other_fulfilment', 'Another tool has this group and is fulfilled the other way; who is in a group is kept by people or by the product, not by both', path);
