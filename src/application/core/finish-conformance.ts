import type { ConnectorConformance } from '../../contracts/connector.contract.js';
import { done } from '../commands/outcome.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { refuseFailure, type AskedBy } from './call-failure.js';
import type { CoreCallResult } from './core-call.js';
import type { CoreCommand } from './record-core-call.js';

/** The report of a conformance run and its audit event; the run changed nothing that the record knows. */
export async function finishConformance(tx: SiteTx, core: CoreCommand & { readonly operation: 'connector.conformance' }, result: CoreCallResult, by: AskedBy): Promise<CommandOutcome<ConnectorConformance>> {
  if (result.kind !== 'conformance') return refuseFailure(result);
  const { provider, group, steps } = result.report;
  const conforms = steps.at(-1)?.step === 'cleanUp' && steps.every(({ outcome }) => outcome !== 'differs');
  const differing = steps.filter(({ outcome }) => outcome !== 'asExpected').map(({ step }) => step);
  await tx.audit({ action: 'connector.conformance_run', actor: by.actor, subject: { connectorId: core.connectorId, commandId: by.commandId }, data: { conforms, differing, externalGroupId: group?.externalGroupId ?? null } });
  return done(200, { connectorId: core.connectorId, provider, conforms, ranAt: tx.now.toISOString(), group, steps: steps.map((step) => ({ ...step })) });
}
