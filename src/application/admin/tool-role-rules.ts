import type { ToolRoleView } from '../../contracts/tool-role.contract.js';
import type { JsonObject } from '../../domain/audit/json.js';
import type { ToolRoleFields } from '../ports/tool-role-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';

export const toolRoleJson = ({ name, summary, risk, maxDurationDays, requestable }: ToolRoleFields): JsonObject => ({ name, summary, risk, maxDurationDays, requestable });

/** Fields that policy decisions depend on: changing one raises the policy version (SPEC P5). */
export const ROLE_POLICY_FIELDS = ['risk', 'maxDurationDays', 'requestable'];

/** @throws Error when the row that this transaction wrote is not there */
export async function toolRoleViewOf(deps: AdminDeps, tx: SiteTx, toolId: string, key: string): Promise<ToolRoleView> {
  const view = await deps.roles.findView(tx, toolId, key);
  if (view === null) throw new Error(`role ${key} is not there after it was written`);
  return view;
}
