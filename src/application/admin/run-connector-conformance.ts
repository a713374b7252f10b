import { connectorConformance, SCRATCH_GROUP_PREFIX, type ConformanceBody, type ConnectorConformance } from '../../contracts/connector.contract.js';
import { refuse } from '../commands/outcome.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import { externalLoginContext } from '../ports/sealing.port.js';
import type { AdminDeps } from './admin-deps.js';
import { preparedFor, runCoreCall } from './run-core-call.js';

/** Tries out on a real tenant what the product relies on: the core worker runs the cycle, nobody else sees the credential, and the login goes there sealed. */
export async function runConnectorConformance(deps: AdminDeps, context: CommandContext, { connectorId, run }: { readonly connectorId: string; readonly run: ConformanceBody }): Promise<CommandOutcome<ConnectorConformance>> {
  const { outcome } = await runCoreCall(deps, context, {
    name: 'connector.conformance', answer: connectorConformance,
    prepare: async (tx) => {
      const connector = await deps.connectors.lock(tx, connectorId);
      if (connector === null) return refuse('connector.not_found', 'There is no connector with this id');
      const sealedLogin = await deps.sealer.seal(externalLoginContext(tx.siteId, connectorId), run.login);
      return preparedFor({ operation: 'connector.conformance', connectorId, sealedLogin, groupName: run.groupName ?? SCRATCH_GROUP_PREFIX });
    },
  });
  return outcome;
}
