import { refuse } from '../commands/outcome.js';
import { actorOf, runDelete } from '../commands/run-command.js';
import type { CommandContext, Conditional, DeleteOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { connectorJson } from './connector-rules.js';
import { refuseStale } from './patch.js';

/** Removes a connector that nothing has ever needed; one with a past is disabled instead, because removals may still go through it. */
export function deleteConnector(deps: AdminDeps, context: CommandContext, { connectorId, expectedVersion }: { readonly connectorId: string } & Conditional): Promise<DeleteOutcome> {
  return runDelete(deps, context, { name: 'connector.delete', subject: { connectorId } }, async (tx) => {
    const connector = await deps.connectors.lock(tx, connectorId);
    if (connector === null) return refuse('connector.not_found', 'There is no connector with this id');
    const stale = refuseStale(expectedVersion, connector.rowVersion);
    if (stale !== null) return stale;
    if (await deps.connectors.isInUse(tx, connectorId)) return refuse('connector.in_use', 'Tools, mappings or memberships need this connector; disable it');
    await deps.connectors.remove(tx, connectorId);
    await tx.audit({ action: 'connector.deleted', actor: actorOf(context.principal), subject: { connectorId }, data: connectorJson(connector.name, connector.address) });
    return { ok: true, status: 204 };
  });
}
