import { entitlementGroupView, type EntitlementGroupBody, type EntitlementGroupView } from '../../contracts/entitlement-group.contract.js';
import type { Entitlement } from '../../domain/catalog/entitlement.js';
import { refuse } from '../commands/outcome.js';
import { lockEntitlement, refuseReplacing } from '../core/lock-entitlement.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';
import { preparedFor, runCoreCall, type Prepared } from './run-core-call.js';

interface Input { readonly of: Entitlement; readonly group: EntitlementGroupBody }

/** Creates the entitlement group of a tool or a role at the provider, or binds one by its id (SPEC F4). */
export async function setEntitlementGroup(deps: AdminDeps, context: CommandContext, input: Input): Promise<CommandOutcome<EntitlementGroupView>> {
  const { outcome } = await runCoreCall(deps, context, { name: 'tool.setGroup', answer: entitlementGroupView, prepare: (tx) => prepare(deps, tx, input) });
  return outcome;
}

async function prepare(deps: AdminDeps, tx: SiteTx, { of, group }: Input): Promise<Prepared> {
  const locked = await lockEntitlement(deps, tx, of);
  if (!locked.ok) return locked;
  const { connectorId } = locked.tool;
  if (connectorId === null) return refuse('connector.not_ready', 'Give the tool a connector first', 'connectorId');
  const connector = await deps.connectors.lock(tx, connectorId);
  if (connector?.testOk !== true) return refuse('connector.not_ready', 'Test the connector first');
  const refused = await refuseReplacing(deps, tx, locked);
  if (refused !== null) return refused;
  return preparedFor(group.mode === 'create'
    ? { operation: 'tool.createGroup', connectorId, ...of, name: group.name ?? recommendedName(locked.name) }
    : { operation: 'tool.bindGroup', connectorId, ...of, externalGroupId: group.externalGroupId });
}

/** SPEC F4. `toolName`: with the role, where it is a role's group. */
export const recommendedName = (toolName: string): string => `AI Clearance - ${toolName} - Users`;
