import { actorOf, keepOutcome } from '../commands/run-command.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { CoreCallResult } from './core-call.js';
import type { CoreCallStores } from './core-call-stores.js';
import { finishConformance } from './finish-conformance.js';
import { finishGroupApps } from './finish-group-apps.js';
import { finishGroup } from './finish-group.js';
import { finishMapping } from './finish-mapping.js';
import { finishRotation } from './finish-rotation.js';
import { finishTest } from './finish-test.js';
import { readCoreCommand, subjectOf, type RecordedCoreCommand } from './record-core-call.js';

/**
 * Second half of a core call: writes what the provider said, its audit event and the command's answer in one transaction. A repeat changes nothing.
 * @throws Error when the site has no such command.
 */
export async function finishCoreCall(stores: CoreCallStores, tx: SiteTx, commandId: string, result: CoreCallResult): Promise<void> {
  const command = await stores.commands.lockById(tx, commandId);
  const recorded = command === null ? null : readCoreCommand(command);
  if (recorded === null) throw new Error(`site ${tx.siteId} has no core command ${commandId}`);
  if (recorded.command.status !== null) return;
  const outcome = await apply(stores, tx, recorded, result);
  await keepOutcome(stores.commands, tx, recorded.principal, recorded.command, outcome, subjectOf(recorded.core), refusedAction(recorded));
}

function apply(stores: CoreCallStores, tx: SiteTx, { core, principal, command }: RecordedCoreCommand, result: CoreCallResult): Promise<CommandOutcome<unknown>> {
  const by = { actor: actorOf(principal), accountId: principal.accountId, commandId: command.id };
  switch (core.operation) {
    case 'connector.test': return finishTest(stores, tx, core, result, by);
    case 'connector.conformance': return finishConformance(tx, core, result, by);
    case 'connector.rotate': return finishRotation(stores, tx, core, result, by);
    case 'tool.createGroup':
    case 'tool.bindGroup': return finishGroup(stores, tx, core, result, by);
    case 'tool.readGroupApps': return finishGroupApps(stores, tx, core, result, by);
    case 'mapping.resolve': return finishMapping(stores, tx, core, result, by);
  }
}
function refusedAction({ core }: RecordedCoreCommand): 'connector.refused' | 'group.refused' | 'mapping.refused' {
  switch (core.operation) {
    case 'connector.test':
    case 'connector.conformance':
    case 'connector.rotate': return 'connector.refused';
    case 'tool.createGroup':
    case 'tool.readGroupApps':
    case 'tool.bindGroup': return 'group.refused';
    case 'mapping.resolve': return 'mapping.refused';
  }
}
