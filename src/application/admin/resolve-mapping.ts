import { identityMappingView, type IdentityMappingView } from '../../contracts/identity-mapping.contract.js';
import { refuse } from '../commands/outcome.js';
import { connectorFor } from '../core/connector-for.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { Provider } from '../ports/identity-provider.port.js';
import { externalLoginContext } from '../ports/sealing.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';
import { preparedFor, runCoreCall, type Prepared } from './run-core-call.js';

export interface Resolution {
  readonly name: string;
  readonly externalLogin: string;
  readonly aliases: 'accept' | 'refuse';
  /** Who is mapped where; or a refusal. Reads only. */
  readonly target: (tx: SiteTx) => Promise<{ readonly ok: true; readonly accountId: string; readonly provider: Provider; readonly connectorId: string | null; readonly mappingId: string | null; readonly replace: boolean } | ReturnType<typeof refuse>>;
}

/**
 * Has the provider resolve a login and keeps the mapping (SPEC F5). The login goes to the core worker sealed; the answer to the admin who asked
 * carries login and id, a repeat of the command and every list show the hint only, because neither is stored in clear (SPEC F14).
 */
export async function resolveMapping(deps: AdminDeps, context: CommandContext, resolution: Resolution): Promise<CommandOutcome<IdentityMappingView>> {
  const { name, externalLogin } = resolution;
  const { outcome, result } = await runCoreCall(deps, context, { name, answer: identityMappingView, prepare: (tx) => prepare(deps, tx, resolution) });
  if (!outcome.ok || result?.kind !== 'identity') return outcome;
  return { ...outcome, body: { ...outcome.body, externalLogin, externalId: result.externalId } };
}

async function prepare(deps: AdminDeps, tx: SiteTx, resolution: Resolution): Promise<Prepared> {
  const target = await resolution.target(tx);
  if (!target.ok) return target;
  const { accountId, provider, connectorId, mappingId, replace } = target;
  const connector = await connectorFor(deps, tx, provider, connectorId);
  if (connector === null) return refuse('connector.not_ready', `Enable ${connectorId === null ? 'a connector' : 'this connector'} for ${provider} first: it resolves the login`, connectorId === null ? 'provider' : 'connectorId');
  if (mappingId === null && !replace && (await deps.mappings.lockByAccount(tx, accountId, connector.id)) !== null) return refuse('mapping.duplicate', 'This account has a mapping at this connector already; change that one', 'accountId');
  const sealedLogin = await deps.sealer.seal(externalLoginContext(tx.siteId, connector.id), resolution.externalLogin);
  return preparedFor({ operation: 'mapping.resolve', connectorId: connector.id, provider, accountId, sealedLogin, mappingId, replace, aliases: resolution.aliases });
}
