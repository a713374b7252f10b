import type { ProjectView } from '../../contracts/project.contract.js';
import type { JsonObject } from '../../domain/audit/json.js';
import type { ProjectFields } from '../ports/governance-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';

export const projectJson = ({ enabled, approvers, securityReviewers, adminFallback, approveTransitions, denyTransitions }: ProjectFields): JsonObject =>
  ({ enabled, approvers: [...approvers], securityReviewers: [...securityReviewers], adminFallback, approveTransitions: [...approveTransitions], denyTransitions: [...denyTransitions] });

/** @throws Error when the row that this transaction wrote is not there */
export async function projectViewOf(deps: AdminDeps, tx: SiteTx, key: string): Promise<ProjectView> {
  const view = await deps.projects.findView(tx, key);
  if (view === null) throw new Error(`project ${key} is not there after it was written`);
  return view;
}
