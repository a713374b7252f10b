import { connectorView, type ConnectorView } from '../../contracts/connector.contract.js';
import { licenceProblem } from '../../domain/connector/licence.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { ConnectorRow } from '../ports/connector-store.port.js';
import type { SiteRow } from '../ports/governance-store.port.js';
import type { AdminDeps } from './admin-deps.js';
import { viewOf } from './connector-rules.js';

/** Switches automated work on (SPEC F3): after a passed test, while Core is there, and with a licence. */
export async function enableConnector(deps: AdminDeps, context: CommandContext, { connectorId }: { readonly connectorId: string }): Promise<CommandOutcome<ConnectorView>> {
  const isCoreReachable = await deps.isCoreReachable(); // asked before the transaction: it is another place's word
  return runCommand(deps, context, { name: 'connector.enable', subject: { connectorId }, answer: connectorView }, async (tx) => {
    const connector = await deps.connectors.lock(tx, connectorId);
    if (connector === null) return refuse('connector.not_found', 'There is no connector with this id');
    if (connector.status === 'enabled') return done(200, await viewOf(deps, tx, connectorId));
    const refused = refuseUntested(connector) ?? (isCoreReachable ? null : refuseWithoutCore()) ?? refuseLicence(await deps.sites.get(tx), deps.acceptUnreportedLicence);
    if (refused !== null) return refused;
    await deps.connectors.update(tx, connectorId, { status: 'enabled' });
    await deps.connectors.hastenRequests(tx, connectorId);
    await tx.audit({ action: 'connector.enabled', actor: actorOf(context.principal), subject: { connectorId }, data: { provider: connector.address.provider } });
    return done(200, await viewOf(deps, tx, connectorId));
  });
}

function refuseUntested({ testOk }: ConnectorRow): ReturnType<typeof refuse> | null {
  if (testOk === true) return null;
  return refuse('connector.not_ready', testOk === null ? 'Test the connector first' : 'The last test of the connector failed; its result says what is missing');
}
const refuseWithoutCore = (): ReturnType<typeof refuse> => refuse('connector.not_ready', 'Core is not reachable: no core worker polls its queue, and no Core answers over HTTP');
function refuseLicence({ licence }: SiteRow, acceptUnreported: boolean): ReturnType<typeof refuse> | null {
  const problem = licenceProblem(licence, acceptUnreported);
  return problem === null ? null : refuse('connector.not_ready', problem);
}
