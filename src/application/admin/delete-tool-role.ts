import { entitlementName, entitlementSubject, type RoleEntitlement } from '../../domain/catalog/entitlement.js';
import { refuse } from '../commands/outcome.js';
import { actorOf, runDelete } from '../commands/run-command.js';
import type { CommandContext, Conditional, DeleteOutcome } from '../ports/api-commands.port.js';
import { lockToolRole } from '../core/lock-entitlement.js';
import type { AdminDeps } from './admin-deps.js';
import { refuseStale } from './patch.js';
import { toolRoleJson } from './tool-role-rules.js';

/** Removes a role that nobody waits for or has; its past stays in requests, grants and the audit trail. */
export function deleteToolRole(deps: AdminDeps, context: CommandContext, { of, expectedVersion }: { readonly of: RoleEntitlement } & Conditional): Promise<DeleteOutcome> {
  return runDelete(deps, context, { name: 'tool_role.delete', subject: entitlementSubject(of) }, async (tx) => {
    const locked = await lockToolRole(deps, tx, of);
    if (!locked.ok) return locked;
    const { role } = locked;
    const stale = refuseStale(expectedVersion, role.rowVersion);
    if (stale !== null) return stale;
    if (await deps.tools.isEntitlementInUse(tx, of)) return refuse('tool_role.in_use', 'Somebody waits for this role or has it; make it not requestable, or end the access first');
    // A role made again under its key would be approved by what was written for this one.
    if (await deps.policies.isNamed(tx, entitlementName(of))) return refuse('tool_role.in_use', 'An approval policy names this role; take it out of there first');
    await deps.roles.remove(tx, role.id);
    const policyVersion = await deps.tools.raisePolicyVersion(tx);
    await tx.audit({ action: 'tool_role.deleted', actor: actorOf(context.principal), subject: entitlementSubject(of), data: { role: toolRoleJson(role), policyVersion } });
    return { ok: true, status: 204 };
  });
}
