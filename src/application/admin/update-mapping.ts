import type { IdentityMappingView, PatchIdentityMappingBody } from '../../contracts/identity-mapping.contract.js';
import { refuse } from '../commands/outcome.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { refuseStale } from './patch.js';
import { resolveMapping } from './resolve-mapping.js';

interface Input extends Conditional { readonly mappingId: string; readonly patch: PatchIdentityMappingBody }

/** Maps the account to another login. Access that is open keeps the identity it was given to, so that it can be taken from the right one. */
export function updateMapping(deps: AdminDeps, context: CommandContext, { mappingId, patch, expectedVersion }: Input): Promise<CommandOutcome<IdentityMappingView>> {
  return resolveMapping(deps, context, {
    name: 'mapping.resolve', externalLogin: patch.externalLogin, aliases: 'accept',
    target: async (tx) => {
      const present = await deps.mappings.lock(tx, mappingId);
      if (present === null) return refuse('mapping.not_found', 'There is no mapping with this id');
      return refuseStale(expectedVersion, present.rowVersion) ?? { ok: true, accountId: present.accountId, provider: present.provider, connectorId: present.connectorId, mappingId, replace: true };
    },
  });
}
