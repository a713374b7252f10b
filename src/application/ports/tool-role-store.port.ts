import type { ToolRoleView } from '../../contracts/tool-role.contract.js';
import type { Risk } from '../../domain/policy/policy.js';
import type { GroupRow } from './tool-store.port.js';
import type { SiteTx } from './unit-of-work.port.js';

export interface ToolRoleFields { readonly name: string; readonly summary: string | null; readonly risk: Risk; readonly maxDurationDays: number; readonly requestable: boolean }
export interface ToolRoleRow extends ToolRoleFields { readonly id: string; readonly toolId: string; readonly key: string; readonly rowVersion: number; readonly group: GroupRow | null }

/** The roles of tools (SPEC K3). Whoever writes holds the tool's row locked, so that a tool's roles change one after the other. */
export interface ToolRoleStore {
  find(tx: SiteTx, toolId: string, key: string): Promise<ToolRoleRow | null>;
  findView(tx: SiteTx, toolId: string, key: string): Promise<ToolRoleView | null>;
  count(tx: SiteTx, toolId: string): Promise<number>;
  /** False when the tool has a role with this key. */
  insert(tx: SiteTx, role: ToolRoleFields & { readonly id: string; readonly toolId: string; readonly key: string }): Promise<boolean>;
  /** Raises the row version. */
  update(tx: SiteTx, id: string, patch: Partial<ToolRoleFields>): Promise<void>;
  /** With its group and what was accepted of it; requests and grants name roles by key and stay. */
  remove(tx: SiteTx, id: string): Promise<void>;
  /** Whether another role of the tool has this group: then being in it would say nothing of the role. */
  isGroupOfOtherRole(tx: SiteTx, of: { readonly toolId: string; readonly roleId: string; readonly connectorId: string; readonly externalGroupId: string }): Promise<boolean>;
}
