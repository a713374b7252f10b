import type { CreateIdentityMappingBody, IdentityMappingView } from '../../contracts/identity-mapping.contract.js';
import { refuse } from '../commands/outcome.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { resolveMapping } from './resolve-mapping.js';

/** Says who a Jira account is at a provider; requesters never do (SPEC F5). */
export function createMapping(deps: AdminDeps, context: CommandContext, { accountId, provider, externalLogin }: CreateIdentityMappingBody): Promise<CommandOutcome<IdentityMappingView>> {
  return resolveMapping(deps, context, {
    name: 'mapping.resolve', externalLogin,
    target: async (tx) => {
      const present = await deps.mappings.lockByAccount(tx, accountId, provider);
      return present === null ? { ok: true, accountId, provider, mappingId: null, replace: false } : refuse('mapping.duplicate', 'This account has a mapping for this provider already; change that one', 'accountId');
    },
  });
}
