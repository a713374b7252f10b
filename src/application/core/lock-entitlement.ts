import type { Entitlement } from '../../domain/catalog/entitlement.js';
import { refuse } from '../commands/outcome.js';
import type { ToolRoleRow } from '../ports/tool-role-store.port.js';
import type { GroupOwner, GroupRow, ToolRow } from '../ports/tool-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { CoreCallStores } from './core-call-stores.js';

type Refused = ReturnType<typeof refuse>;
/** A tool, locked, or one of its roles; `owner` names its group, `name` is what people call it. */
export interface LockedEntitlement { readonly ok: true; readonly of: Entitlement; readonly tool: ToolRow; readonly role: ToolRoleRow | null; readonly owner: GroupOwner; readonly group: GroupRow | null; readonly name: string }

/** Refuses what is not in the catalog (SPEC K3). The tool's row stays locked until the transaction ends. */
export async function lockEntitlement({ tools, roles }: Pick<CoreCallStores, 'tools' | 'roles'>, tx: SiteTx, of: Entitlement): Promise<LockedEntitlement | Refused> {
  const tool = await tools.lock(tx, of.toolKey);
  if (tool === null) return refuse('tool.not_found', 'There is no tool with this key');
  if (of.roleKey === null) return { ok: true, of, tool, role: null, owner: { toolId: tool.id, roleId: null }, group: tool.group, name: tool.name };
  const role = await roles.find(tx, tool.id, of.roleKey);
  if (role === null) return refuse('tool_role.not_found', 'This tool has no role with this key');
  return { ok: true, of, tool, role, owner: { toolId: tool.id, roleId: role.id }, group: role.group, name: `${tool.name} (${role.name})` };
}

/** Whose access goes through the present group would lose its way out of it, if another took its place. */
export async function refuseReplacing({ tools }: Pick<CoreCallStores, 'tools'>, tx: SiteTx, { of, group }: LockedEntitlement): Promise<Refused | null> {
  if (group === null || !await tools.hasLiveGrantsOf(tx, of)) return null;
  return refuse('tool.in_use', 'Access is open in the present group; end it before another group takes over');
}

/** How an audit entry names it. */
export const entitlementSubject = ({ toolKey, roleKey }: Entitlement): { readonly toolKey: string; readonly roleKey?: string } => (roleKey === null ? { toolKey } : { toolKey, roleKey });
