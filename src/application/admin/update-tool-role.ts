import { toolRoleView, type PatchToolRoleBody, type ToolRoleView } from '../../contracts/tool-role.contract.js';
import { entitlementSubject, type RoleEntitlement } from '../../domain/catalog/entitlement.js';
import { done } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import { lockToolRole } from '../core/lock-entitlement.js';
import type { AdminDeps } from './admin-deps.js';
import { changesBetween, pick, refuseStale } from './patch.js';
import { ROLE_POLICY_FIELDS, toolRoleJson, toolRoleViewOf } from './tool-role-rules.js';

/** Changes a role; decisions from now on go by it, access that is open keeps its end. */
export function updateToolRole(deps: AdminDeps, context: CommandContext, input: { readonly of: RoleEntitlement; readonly patch: PatchToolRoleBody } & Conditional): Promise<CommandOutcome<ToolRoleView>> {
  const { of, patch } = input;
  return runCommand(deps, context, { name: 'tool_role.update', subject: entitlementSubject(of), answer: toolRoleView }, async (tx) => {
    const locked = await lockToolRole(deps, tx, of);
    if (!locked.ok) return locked;
    const { role, tool } = locked;
    const stale = refuseStale(input.expectedVersion, role.rowVersion);
    if (stale !== null) return stale;
    const after = {
      name: pick(patch.name, role.name), summary: pick(patch.summary, role.summary), risk: pick(patch.risk, role.risk),
      maxDurationDays: pick(patch.maxDurationDays, role.maxDurationDays), requestable: pick(patch.requestable, role.requestable),
    };
    const changes = changesBetween(toolRoleJson(role), toolRoleJson(after));
    if (Object.keys(changes).length > 0) {
      await deps.roles.update(tx, role.id, after);
      const policy = ROLE_POLICY_FIELDS.some((field) => Object.hasOwn(changes, field)) ? { policyVersion: await deps.tools.raisePolicyVersion(tx) } : {};
      await tx.audit({ action: 'tool_role.updated', actor: actorOf(context.principal), subject: entitlementSubject(of), data: { changes, ...policy } });
    }
    return done(200, await toolRoleViewOf(deps, tx, tool.id, role.key));
  });
}
