import { refuse } from '../commands/outcome.js';
import { actorOf, runDelete } from '../commands/run-command.js';
import type { CommandContext, Conditional, DeleteOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { refuseStale } from './patch.js';

/** Forgets a mapping. An identity that is in a group through us stays known until its removal is over. */
export function deleteMapping(deps: AdminDeps, context: CommandContext, { mappingId, expectedVersion }: { readonly mappingId: string } & Conditional): Promise<DeleteOutcome> {
  return runDelete(deps, context, { name: 'mapping.delete', subject: { mappingId } }, async (tx) => {
    const mapping = await deps.mappings.lock(tx, mappingId);
    if (mapping === null) return refuse('mapping.not_found', 'There is no mapping with this id');
    const stale = refuseStale(expectedVersion, mapping.rowVersion);
    if (stale !== null) return stale;
    await deps.mappings.remove(tx, mappingId);
    await tx.audit({ action: 'mapping.deleted', actor: actorOf(context.principal), subject: { mappingId, accountId: mapping.accountId, connectorId: mapping.connectorId }, data: { provider: mapping.provider } });
    return { ok: true, status: 204 };
  });
}
