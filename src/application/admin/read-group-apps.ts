import { groupAppsAnswer, type GroupAppsAnswer } from '../../contracts/entitlement-group.contract.js';
import type { Entitlement } from '../../domain/catalog/entitlement.js';
import { refuse } from '../commands/outcome.js';
import { lockEntitlement } from '../core/lock-entitlement.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { preparedFor, runCoreCall } from './run-core-call.js';

/** Which applications the group of a tool or a role opens, asked of the provider now: what an admin looks at before confirming the assignment (SPEC F15). */
export async function readGroupApps(deps: AdminDeps, context: CommandContext, { of }: { readonly of: Entitlement }): Promise<CommandOutcome<GroupAppsAnswer>> {
  const { outcome } = await runCoreCall(deps, context, {
    name: 'tool.readGroupApps', answer: groupAppsAnswer,
    prepare: async (tx) => {
      const locked = await lockEntitlement(deps, tx, of);
      if (!locked.ok) return locked;
      const { group } = locked;
      if (group === null) return refuse('entitlement_group.not_found', 'Create or bind a group first');
      return preparedFor({ operation: 'tool.readGroupApps', connectorId: group.connectorId, ...of, externalGroupId: group.externalGroupId });
    },
  });
  return outcome;
}
