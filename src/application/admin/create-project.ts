import { projectView, type CreateProjectBody, type ProjectView } from '../../contracts/project.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { pick } from './patch.js';
import { projectJson, projectViewOf } from './project-rules.js';
import { readSetting } from '../../contracts/setting-documents.js';

/** Registers a project and who decides its requests (SPEC A2); what is left out follows the site's routing. */
export function createProject(deps: AdminDeps, context: CommandContext, input: CreateProjectBody): Promise<CommandOutcome<ProjectView>> {
  const { key, approvers } = input;
  return runCommand(deps, context, { name: 'project.create', subject: { projectKey: key }, answer: projectView }, async (tx) => {
    const routing = readSetting('routing', await deps.settings.find(tx, 'routing'));
    const project = {
      approvers,
      enabled: pick(input.enabled, true),
      securityReviewers: pick(input.securityReviewers, routing.securityReviewers),
      adminFallback: pick(input.adminFallback, routing.adminFallback),
      approveTransitions: pick(input.approveTransitions, []),
      denyTransitions: pick(input.denyTransitions, []),
    };
    if (!await deps.projects.insert(tx, { ...project, id: deps.newId(), key })) return refuse('project.key_taken', 'This project is registered already', 'key');
    await tx.audit({ action: 'project.created', actor: actorOf(context.principal), subject: { projectKey: key }, data: { project: projectJson(project) } });
    return done(201, await projectViewOf(deps, tx, key));
  });
}
