import { connectorView, type ConnectorView } from '../../contracts/connector.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { viewOf } from './connector-rules.js';

/** Stops new automated work; requests that wait on the connector are looked at again at once, so that people take over (SPEC F13). */
export function disableConnector(deps: AdminDeps, context: CommandContext, { connectorId }: { readonly connectorId: string }): Promise<CommandOutcome<ConnectorView>> {
  return runCommand(deps, context, { name: 'connector.disable', subject: { connectorId }, answer: connectorView }, async (tx) => {
    const connector = await deps.connectors.lock(tx, connectorId);
    if (connector === null) return refuse('connector.not_found', 'There is no connector with this id');
    if (connector.status === 'disabled') return done(200, await viewOf(deps, tx, connectorId));
    await deps.connectors.update(tx, connectorId, { status: 'disabled' });
    const requestsToLookAt = await deps.connectors.hastenRequests(tx, connectorId);
    await tx.audit({ action: 'connector.disabled', actor: actorOf(context.principal), subject: { connectorId }, data: { provider: connector.address.provider, requestsToLookAt } });
    return done(200, await viewOf(deps, tx, connectorId));
  });
}
