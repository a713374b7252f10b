import { refuse } from '../commands/outcome.js';
import { actorOf, runDelete } from '../commands/run-command.js';
import type { CommandContext, Conditional, DeleteOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { refuseStale } from './patch.js';
import { projectJson } from './project-rules.js';

/** Takes a project off the register: its open requests fall to whoever the fallback names (SPEC A2). */
export function deleteProject(deps: AdminDeps, context: CommandContext, { key, expectedVersion }: { readonly key: string } & Conditional): Promise<DeleteOutcome> {
  return runDelete(deps, context, { name: 'project.delete', subject: { projectKey: key } }, async (tx) => {
    const project = await deps.projects.lock(tx, key);
    if (project === null) return refuse('project.not_found', 'This project is not registered');
    const stale = refuseStale(expectedVersion, project.rowVersion);
    if (stale !== null) return stale;
    await deps.projects.remove(tx, project.id);
    await tx.audit({ action: 'project.deleted', actor: actorOf(context.principal), subject: { projectKey: key }, data: { project: projectJson(project) } });
    return { ok: true, status: 204 };
  });
}
