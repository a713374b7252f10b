import { connectorTest, type ConnectorTest } from '../../contracts/connector.contract.js';
import { refuse } from '../commands/outcome.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { preparedFor, runCoreCall } from './run-core-call.js';

/** Asks the provider what the credential may do (SPEC F3). */
export async function testConnector(deps: AdminDeps, context: CommandContext, { connectorId }: { readonly connectorId: string }): Promise<CommandOutcome<ConnectorTest>> {
  const { outcome } = await runCoreCall(deps, context, {
    name: 'connector.test', answer: connectorTest,
    prepare: async (tx) => {
      const connector = await deps.connectors.lock(tx, connectorId);
      return connector === null ? refuse('connector.not_found', 'There is no connector with this id') : preparedFor({ operation: 'connector.test', connectorId, rowVersion: connector.rowVersion });
    },
  });
  return outcome;
}
