import { entitlementGroupView, type EntitlementGroupBody, type EntitlementGroupView } from '../../contracts/tool.contract.js';
import { refuse } from '../commands/outcome.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';
import { preparedFor, runCoreCall, type Prepared } from './run-core-call.js';

interface Input { readonly key: string; readonly group: EntitlementGroupBody }

/** Creates the tool's entitlement group at the provider, or binds one by its id (SPEC F4). */
export async function setEntitlementGroup(deps: AdminDeps, context: CommandContext, input: Input): Promise<CommandOutcome<EntitlementGroupView>> {
  const { outcome } = await runCoreCall(deps, context, { name: 'tool.setGroup', answer: entitlementGroupView, prepare: (tx) => prepare(deps, tx, input) });
  return outcome;
}

async function prepare(deps: AdminDeps, tx: SiteTx, { key, group }: Input): Promise<Prepared> {
  const tool = await deps.tools.lock(tx, key);
  if (tool === null) return refuse('tool.not_found', 'There is no tool with this key');
  const { connectorId } = tool;
  if (connectorId === null) return refuse('connector.not_ready', 'Give the tool a connector first', 'connectorId');
  const connector = await deps.connectors.lock(tx, connectorId);
  if (connector?.testOk !== true) return refuse('connector.not_ready', 'Test the connector first');
  if (tool.group !== null && await deps.tools.hasLiveGrants(tx, key)) return refuse('tool.in_use', 'Access to this tool is open in its present group; end it before another group takes over');
  return preparedFor(group.mode === 'create'
    ? { operation: 'tool.createGroup', connectorId, toolKey: key, name: group.name ?? recommendedName(tool.name) }
    : { operation: 'tool.bindGroup', connectorId, toolKey: key, externalGroupId: group.externalGroupId });
}

/** SPEC F4. */
export const recommendedName = (toolName: string): string => `AI Clearance - ${toolName} - Users`;
