import { MAX_ROLES, toolRoleView, type CreateToolRoleBody, type ToolRoleView } from '../../contracts/tool-role.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { pick } from './patch.js';
import { toolRoleJson, toolRoleViewOf } from './tool-role-rules.js';

/** Gives a connected tool one more role (SPEC K3). From its first one on, requests for the tool name one. */
export function createToolRole(deps: AdminDeps, context: CommandContext, { toolKey, role }: { readonly toolKey: string; readonly role: CreateToolRoleBody }): Promise<CommandOutcome<ToolRoleView>> {
  const { key } = role;
  const subject = { toolKey, roleKey: key };
  return runCommand(deps, context, { name: 'tool_role.create', subject, answer: toolRoleView }, async (tx) => {
    const tool = await deps.tools.lock(tx, toolKey);
    if (tool === null) return refuse('tool.not_found', 'There is no tool with this key');
    if (tool.provider === 'none') return refuse('tool_role.not_connected', 'Each role has a group of its own at an identity provider, and this tool has no provider');
    if (await deps.roles.count(tx, tool.id) >= MAX_ROLES) return refuse('tool_role.too_many', `A tool has at most ${MAX_ROLES} roles`);
    const fields = { ...role, summary: pick(role.summary, null), requestable: pick(role.requestable, true) };
    if (!await deps.roles.insert(tx, { ...fields, id: deps.newId(), toolId: tool.id })) return refuse('tool_role.key_taken', 'The tool has a role with this key', 'key');
    const policyVersion = await deps.tools.raisePolicyVersion(tx);
    await tx.audit({ action: 'tool_role.created', actor: actorOf(context.principal), subject, data: { role: toolRoleJson(fields), policyVersion } });
    return done(201, await toolRoleViewOf(deps, tx, tool.id, key));
  });
}
