import type { IdentityMappingView } from '../../contracts/identity-mapping.contract.js';
import { done, refuse } from '../commands/outcome.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { refuseFailure, type AskedBy } from './call-failure.js';
import type { CoreCallResult } from './core-call.js';
import type { CoreCallStores } from './core-call-stores.js';
import { keepMapping } from './keep-mapping.js';
import type { CoreCommand } from './record-core-call.js';

type ResolveCommand = CoreCommand & { readonly operation: 'mapping.resolve' };

/** Keeps what the provider said of one login (SPEC F5), or says why not. */
export async function finishMapping(stores: CoreCallStores, tx: SiteTx, core: ResolveCommand, result: CoreCallResult, by: AskedBy): Promise<CommandOutcome<IdentityMappingView>> {
  if (result.kind === 'failed' && result.failure === 'userNotFound') return nobody();
  if (result.kind !== 'identity') return refuseFailure(result);
  const { mappings, newId } = stores;
  await mappings.hastenRequests(tx, [core.accountId], [result.identityHash]);
  const kept = await keepMapping({ mappings, newId, countOthersOn: (at, hash, except) => mappings.countOthersOn(at, hash, except) }, tx, core, result, by);
  if (!kept.ok) return kept;
  const view = await mappings.findView(tx, kept.mappingId);
  if (view === null) throw new Error(`mapping ${kept.mappingId} is not there after it was written`);
  return done(kept.did === 'add' ? 201 : 200, view);
}

export const nobody = (): ReturnType<typeof refuse> => refuse('mapping.unresolved', 'The provider has nobody with this login', 'externalLogin');
