import type { CreateIdentityMappingBody, IdentityMappingView } from '../../contracts/identity-mapping.contract.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { resolveMapping } from './resolve-mapping.js';

/** Says who a Jira account is at a provider; requesters never do (SPEC F5). */
export function createMapping(deps: AdminDeps, context: CommandContext, { accountId, provider, externalLogin, connectorId, aliases = 'accept' }: CreateIdentityMappingBody): Promise<CommandOutcome<IdentityMappingView>> {
  return resolveMapping(deps, context, {
    name: 'mapping.resolve', externalLogin, aliases,
    target: () => Promise.resolve({ ok: true, accountId, provider, connectorId: connectorId ?? null, mappingId: null, replace: false }),
  });
}
