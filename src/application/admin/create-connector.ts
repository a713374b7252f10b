import { connectorView, type ConnectorView, type CreateConnectorBody } from '../../contracts/connector.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { ConnectorAddress } from '../ports/connector-store.port.js';
import { connectorConfigContext } from '../ports/sealing.port.js';
import type { AdminDeps } from './admin-deps.js';
import { refuseAddress, splitConnection } from './connector-addresses.js';
import { checkCredential } from './connector-credentials.js';
import { connectorJson, viewOf, withNotices } from './connector-rules.js';

/** Adds a connector, disabled until it was tested. Its credential is sealed for the core worker before anything is stored (SPEC F2, F9). */
export function createConnector(deps: AdminDeps, context: CommandContext, input: CreateConnectorBody): Promise<CommandOutcome<ConnectorView>> {
  return runCommand(deps, context, { name: 'connector.create', answer: connectorView }, async (tx) => {
    const checked = checkCredential(input);
    if ('refusal' in checked) return checked;
    const { address, connection } = splitConnection(checked.body);
    const refused = refuseAddress(address, deps.sandbox);
    if (refused !== null) return refused;
    const name = input.name ?? defaultName(address);
    if (await deps.connectors.isNameTaken(tx, name, null)) return refuse('connector.name_taken', 'There is a connector of this name', 'name');
    const id = deps.newId();
    const sealedConfig = await deps.sealer.seal(connectorConfigContext(tx.siteId, id), JSON.stringify(connection));
    await deps.connectors.insert(tx, { id, name, address, sealedConfig, credential: checked.credential });
    await tx.audit({ action: 'connector.created', actor: actorOf(context.principal), subject: { connectorId: id }, data: { ...connectorJson(name, address), credentialExpiresAt: checked.credential.expiresAt } });
    return done(201, withNotices(await viewOf(deps, tx, id), checked.notices));
  });
}

const defaultName = (address: ConnectorAddress): string => (address.provider === 'okta' ? `Okta ${new URL(address.orgUrl).host}` : `Entra ${address.tenantId}`);
