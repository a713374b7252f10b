import type { ApprovalPolicyView } from '../../contracts/policy.contract.js';
import type { JsonObject } from '../../domain/audit/json.js';
import type { PolicyFields } from '../ports/governance-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';

export const policyJson = ({ name, projectKey, toolKeys, autoApprove, jiraGroups, maxDurationDays, enabled }: PolicyFields): JsonObject =>
  ({ name, projectKey, toolKeys: toolKeys === 'all' ? 'all' : [...toolKeys], autoApprove, jiraGroups: [...jiraGroups], maxDurationDays, enabled });

/** @throws Error when the row that this transaction wrote is not there */
export async function policyViewOf(deps: AdminDeps, tx: SiteTx, id: string): Promise<ApprovalPolicyView> {
  const view = await deps.policies.findView(tx, id);
  if (view === null) throw new Error(`approval policy ${id} is not there after it was written`);
  return view;
}
