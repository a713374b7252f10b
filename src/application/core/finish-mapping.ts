import type { IdentityMappingView } from '../../contracts/identity-mapping.contract.js';
import { done, refuse } from '../commands/outcome.js';
import type { CommandOutcome } from '../ports/api-commands.port.js';
import type { MappingRow } from '../ports/mapping-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { refuseFailure, type AskedBy } from './call-failure.js';
import type { CoreCallResult } from './core-call.js';
import type { CoreCallStores } from './core-call-stores.js';
import type { CoreCommand } from './record-core-call.js';

type ResolveCommand = CoreCommand & { readonly operation: 'mapping.resolve' };
type Identity = CoreCallResult & { readonly kind: 'identity' };

/** Keeps who the account is at the provider (SPEC F5). The id and the login stay sealed; what is stored in clear is a hash and a hint (SPEC F14). */
export async function finishMapping(stores: CoreCallStores, tx: SiteTx, core: ResolveCommand, result: CoreCallResult, by: AskedBy): Promise<CommandOutcome<IdentityMappingView>> {
  const refused = refuseIdentity(result);
  if (refused !== null) return refused;
  if (result.kind !== 'identity') return refuseFailure(result);
  const target = await findTarget(stores, tx, core);
  if (target === 'gone') return refuse('mapping.not_found', 'The mapping was deleted meanwhile');
  if (target !== null && core.mappingId === null && !core.replace) return refuse('mapping.duplicate', 'This account has a mapping at this connector already; change that one', 'accountId');

  const identity = await stores.mappings.putIdentity(tx, { id: stores.newId(), provider: core.provider, connectorId: core.connectorId, identityHash: result.identityHash, sealed: result.sealed, loginHint: result.loginHint });
  const id = target === null ? await create(stores, tx, core, identity.id, by) : await change(stores, tx, target, identity.id, by);
  if (id === null) return refuse('mapping.duplicate', 'This account has a mapping at this connector already; change that one', 'accountId');
  await tx.audit({
    action: 'mapping.resolved', actor: by.actor, subject: { mappingId: id, accountId: core.accountId, connectorId: core.connectorId, commandId: by.commandId },
    data: { identityHash: result.identityHash, otherAccountsOnIt: await stores.mappings.countOthersOn(tx, result.identityHash, core.accountId) },
  });
  const view = await stores.mappings.findView(tx, id);
  if (view === null) throw new Error(`mapping ${id} is not there after it was written`);
  return done(target === null ? 201 : 200, view);
}

function refuseIdentity(result: CoreCallResult): ReturnType<typeof refuse> | null {
  if (result.kind === 'failed' && result.failure === 'userNotFound') return refuse('mapping.unresolved', 'The provider has nobody with this login', 'externalLogin');
  if (result.kind === 'identity' && isDeactivated(result)) return refuse('mapping.unresolved', 'This person is deactivated at the provider', 'externalLogin');
  return null;
}
const isDeactivated = (identity: Identity): boolean => identity.state === 'deactivated';

async function findTarget(stores: CoreCallStores, tx: SiteTx, core: ResolveCommand): Promise<MappingRow | null | 'gone'> {
  if (core.mappingId === null) return stores.mappings.lockByAccount(tx, core.accountId, core.connectorId);
  return await stores.mappings.lock(tx, core.mappingId) ?? 'gone';
}

/** Null when another transaction gave the account a mapping first. */
async function create(stores: CoreCallStores, tx: SiteTx, core: ResolveCommand, externalIdentityId: string, by: AskedBy): Promise<string | null> {
  const id = stores.newId();
  if (!await stores.mappings.insert(tx, { id, accountId: core.accountId, provider: core.provider, connectorId: core.connectorId, externalIdentityId, createdBy: by.accountId })) return null;
  await tx.audit({ action: 'mapping.created', actor: by.actor, subject: { mappingId: id, accountId: core.accountId, commandId: by.commandId }, data: { provider: core.provider } });
  return id;
}

async function change(stores: CoreCallStores, tx: SiteTx, target: MappingRow, externalIdentityId: string, by: AskedBy): Promise<string> {
  if (target.externalIdentityId === externalIdentityId) return target.id;
  await stores.mappings.update(tx, target.id, externalIdentityId);
  await tx.audit({ action: 'mapping.updated', actor: by.actor, subject: { mappingId: target.id, accountId: target.accountId, commandId: by.commandId }, data: { provider: target.provider } });
  return target.id;
}
