import { entitlementGroupView, type ConfirmAssignmentBody, type EntitlementGroupView } from '../../contracts/entitlement-group.contract.js';
import { entitlementSubject, type Entitlement } from '../../domain/catalog/entitlement.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import { lockEntitlement } from '../core/lock-entitlement.js';
import type { AdminDeps } from './admin-deps.js';

/** An admin says that the group is assigned to the real application: without it a connected approval is refused (SPEC F4). */
export function confirmAssignment(deps: AdminDeps, context: CommandContext, input: ConfirmAssignmentBody & { readonly of: Entitlement }): Promise<CommandOutcome<EntitlementGroupView>> {
  const { of, note } = input;
  return runCommand(deps, context, { name: 'tool.confirmAssignment', subject: entitlementSubject(of), answer: entitlementGroupView }, async (tx) => {
    const locked = await lockEntitlement(deps, tx, of);
    if (!locked.ok) return locked;
    const { group, owner } = locked;
    if (group === null) return refuse('entitlement_group.not_found', 'Create or bind a group first');
    if (group.confirmedAt === null) {
      await deps.tools.confirmGroup(tx, owner, context.principal.accountId);
      const { connectorId, externalGroupId } = group;
      await tx.audit({ action: 'group.assignment_confirmed', actor: actorOf(context.principal), subject: { ...entitlementSubject(of), connectorId, groupId: externalGroupId }, data: note === undefined ? {} : { note } });
    }
    const view = await deps.tools.findGroup(tx, owner);
    if (view === null) throw new Error(`the group of ${of.toolKey} is not there after it was confirmed`);
    return done(200, view);
  });
}
