import { groupAppsAnswer, type GroupAppsAnswer } from '../../contracts/tool.contract.js';
import { refuse } from '../commands/outcome.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { preparedFor, runCoreCall } from './run-core-call.js';

/** Which applications the tool's group opens, asked of the provider now: what an admin looks at before confirming the assignment (SPEC F15). */
export async function readGroupApps(deps: AdminDeps, context: CommandContext, { key }: { readonly key: string }): Promise<CommandOutcome<GroupAppsAnswer>> {
  const { outcome } = await runCoreCall(deps, context, {
    name: 'tool.readGroupApps', answer: groupAppsAnswer,
    prepare: async (tx) => {
      const tool = await deps.tools.lock(tx, key);
      if (tool === null) return refuse('tool.not_found', 'There is no tool with this key');
      if (tool.group === null) return refuse('entitlement_group.not_found', 'Create or bind a group for this tool first');
      return preparedFor({ operation: 'tool.readGroupApps', connectorId: tool.group.connectorId, toolKey: key, externalGroupId: tool.group.externalGroupId });
    },
  });
  return outcome;
}
