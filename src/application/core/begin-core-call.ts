import { keepOutcome } from '../commands/run-command.js';
import { refuse } from '../commands/outcome.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { CoreCallArguments, CoreCallOrder } from './core-call.js';
import type { CoreCallStores } from './core-call-stores.js';
import { readCoreCommand, subjectOf, type CoreCommand } from './record-core-call.js';

/**
 * First half of a core call on the governance side: the order for the core worker, or null when there is nothing to do because the command has its
 * result. @throws Error when the site has no such command.
 */
export async function beginCoreCall(stores: CoreCallStores, tx: SiteTx, commandId: string): Promise<CoreCallOrder | null> {
  const command = await stores.commands.lockById(tx, commandId);
  const recorded = command === null ? null : readCoreCommand(command);
  if (command === null || recorded === null) throw new Error(`site ${tx.siteId} has no core command ${commandId}`);
  if (command.status !== null) return null;
  const { core } = recorded;
  const connector = await stores.connectors.lock(tx, core.connectorId);
  if (connector !== null) return { siteId: tx.siteId, connectorId: connector.id, provider: connector.address.provider, sealedConfig: core.operation === 'connector.rotate' ? core.sealedConfig : connector.sealedConfig, ...argumentsOf(core) };
  await keepOutcome(stores.commands, tx, recorded.principal, command, refuse('connector.not_found', 'The connector was deleted meanwhile'), subjectOf(core), 'connector.refused');
  return null;
}

function argumentsOf(core: CoreCommand): CoreCallArguments {
  switch (core.operation) {
    case 'connector.test':
    case 'connector.rotate': return { kind: 'testConnector' };
    case 'tool.createGroup': return { kind: 'createGroup', name: core.name, description: `Members have ${core.toolKey}${core.roleKey === null ? '' : ` as ${core.roleKey}`}. Managed by AI Clearance: membership is given and taken there.` };
    case 'tool.bindGroup': return { kind: 'bindGroup', externalGroupId: core.externalGroupId };
    case 'tool.readGroupApps': return { kind: 'listGroupApps', externalGroupId: core.externalGroupId };
    case 'connector.conformance': return { kind: 'runConformance', sealedLogin: core.sealedLogin, groupName: core.groupName };
    case 'mapping.resolve': return { kind: 'resolveIdentity', sealedLogin: core.sealedLogin };
  }
}
