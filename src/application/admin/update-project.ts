import { projectView, type PatchProjectBody, type ProjectView } from '../../contracts/project.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import type { ProjectFields } from '../ports/governance-store.port.js';
import type { AdminDeps } from './admin-deps.js';
import { changesBetween, pick, refuseStale } from './patch.js';
import { projectJson, projectViewOf } from './project-rules.js';

interface Input extends Conditional { readonly key: string; readonly patch: PatchProjectBody }

/** Changes who decides in a project; requests that are open follow at once. */
export function updateProject(deps: AdminDeps, context: CommandContext, { key, patch, expectedVersion }: Input): Promise<CommandOutcome<ProjectView>> {
  return runCommand(deps, context, { name: 'project.update', subject: { projectKey: key }, answer: projectView }, async (tx) => {
    const before = await deps.projects.lock(tx, key);
    if (before === null) return refuse('project.not_found', 'This project is not registered');
    const stale = refuseStale(expectedVersion, before.rowVersion);
    if (stale !== null) return stale;
    const after = merge(before, patch);
    const changes = changesBetween(projectJson(before), projectJson(after));
    if (Object.keys(changes).length > 0) {
      await deps.projects.update(tx, before.id, after);
      await tx.audit({ action: 'project.updated', actor: actorOf(context.principal), subject: { projectKey: key }, data: { changes } });
    }
    return done(200, await projectViewOf(deps, tx, key));
  });
}

const merge = (before: ProjectFields, patch: PatchProjectBody): ProjectFields => ({
  enabled: pick(patch.enabled, before.enabled),
  approvers: pick(patch.approvers, before.approvers),
  securityReviewers: pick(patch.securityReviewers, before.securityReviewers),
  adminFallback: pick(patch.adminFallback, before.adminFallback),
  approveTransitions: pick(patch.approveTransitions, before.approveTransitions),
  denyTransitions: pick(patch.denyTransitions, before.denyTransitions),
});
