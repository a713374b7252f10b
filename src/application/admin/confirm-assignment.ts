import { entitlementGroupView, type ConfirmAssignmentBody, type EntitlementGroupView } from '../../contracts/tool.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';

/** An admin says that the group is assigned to the real application: without it a connected approval is refused (SPEC F4). */
export function confirmAssignment(deps: AdminDeps, context: CommandContext, input: ConfirmAssignmentBody & { readonly key: string }): Promise<CommandOutcome<EntitlementGroupView>> {
  const { key, note } = input;
  return runCommand(deps, context, { name: 'tool.confirmAssignment', subject: { toolKey: key }, answer: entitlementGroupView }, async (tx) => {
    const tool = await deps.tools.lock(tx, key);
    if (tool === null) return refuse('tool.not_found', 'There is no tool with this key');
    if (tool.group === null) return refuse('entitlement_group.not_found', 'Create or bind a group for this tool first');
    if (tool.group.confirmedAt === null) {
      await deps.tools.confirmGroup(tx, tool.id, context.principal.accountId);
      const { connectorId, externalGroupId } = tool.group;
      await tx.audit({ action: 'group.assignment_confirmed', actor: actorOf(context.principal), subject: { toolKey: key, connectorId, groupId: externalGroupId }, data: note === undefined ? {} : { note } });
    }
    const view = await deps.tools.findGroup(tx, tool.id);
    if (view === null) throw new Error(`the group of ${key} is not there after it was confirmed`);
    return done(200, view);
  });
}
