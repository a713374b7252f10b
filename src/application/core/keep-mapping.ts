import type { ApiRefusal } from '../../contracts/refusal-status.js';
import { refuse } from '../commands/outcome.js';
import type { MappingRow, MappingStore } from '../ports/mapping-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AskedBy } from './call-failure.js';

export interface MappingWanted {
  readonly connectorId: string;
  readonly provider: 'okta' | 'entra';
  readonly accountId: string;
  /** That mapping is changed; null: the account's. */
  readonly mappingId: string | null;
  /** Whether an account that has a mapping at the connector gets another login. */
  readonly replace: boolean;
  /** `refuse`: an identity that another account holds is not given to a second one. */
  readonly aliases: 'accept' | 'refuse';
}
export interface FoundIdentity { readonly identityHash: string; readonly sealed: string; readonly loginHint: string; readonly state: 'active' | 'deactivated' }
export type KeptMapping = { readonly ok: true; readonly did: 'add' | 'change' | 'unchanged'; readonly mappingId: string } | { readonly ok: false; readonly refusal: ApiRefusal };

interface KeepDeps {
  readonly mappings: MappingStore;
  readonly newId: () => string;
  /** How many other accounts hold the identity; a rehearsal counts what earlier rows would do. */
  readonly countOthersOn: (tx: SiteTx, identityHash: string, exceptAccountId: string) => Promise<number>;
}

/**
 * Keeps who an account is at a provider, as the provider has just resolved it (SPEC F5): the one place where a mapping is made or changed, for a single command and for
 * each row of an import. Its id and login stay sealed; what is stored in clear is a hash and a hint (SPEC F14).
 */
export async function keepMapping(deps: KeepDeps, tx: SiteTx, wanted: MappingWanted, identity: FoundIdentity, by: AskedBy): Promise<KeptMapping> {
  if (identity.state === 'deactivated') return refuse('mapping.unresolved', 'This person is deactivated at the provider', 'externalLogin');
  const target = await findTarget(deps.mappings, tx, wanted);
  if (target === 'gone') return refuse('mapping.not_found', 'The mapping was deleted meanwhile');
  if (target !== null && wanted.mappingId === null && !wanted.replace) return duplicate();
  await holdIdentities(deps.mappings, tx, identity, target);
  const others = await deps.countOthersOn(tx, identity.identityHash, wanted.accountId);
  if (others > 0 && wanted.aliases === 'refuse' && target?.identityHash !== identity.identityHash) return refuse('mapping.alias', 'Another account is mapped to this identity', 'externalLogin');

  const kept = await deps.mappings.putIdentity(tx, { id: deps.newId(), provider: wanted.provider, connectorId: wanted.connectorId, identityHash: identity.identityHash, sealed: identity.sealed, loginHint: identity.loginHint });
  const written = target === null ? await create(deps, tx, wanted, kept.id, by) : await change(deps, tx, target, kept.id, by);
  if (written === null) return duplicate();
  await tx.audit({
    action: 'mapping.resolved', actor: by.actor, subject: { mappingId: written.mappingId, accountId: wanted.accountId, connectorId: wanted.connectorId, commandId: by.commandId },
    data: { identityHash: identity.identityHash, otherAccountsOnIt: others },
  });
  return { ok: true, ...written };
}

const duplicate = (): ReturnType<typeof refuse> => refuse('mapping.duplicate', 'This account has a mapping at this connector already; change that one', 'accountId');

async function findTarget(mappings: MappingStore, tx: SiteTx, { mappingId, accountId, connectorId }: MappingWanted): Promise<MappingRow | null | 'gone'> {
  if (mappingId === null) return mappings.lockByAccount(tx, accountId, connectorId);
  return await mappings.lock(tx, mappingId) ?? 'gone';
}

/** In one order, whoever moves which way: two accounts that swap their identities don't wait for each other. */
async function holdIdentities(mappings: MappingStore, tx: SiteTx, identity: FoundIdentity, target: MappingRow | null): Promise<void> {
  const hashes = new Set([identity.identityHash, ...(target === null ? [] : [target.identityHash])]);
  for (const hash of [...hashes].sort()) await mappings.holdIdentity(tx, hash);
}

type Written = { readonly did: 'add' | 'change' | 'unchanged'; readonly mappingId: string };
/** Null when another transaction gave the account a mapping first. */
async function create(deps: KeepDeps, tx: SiteTx, { accountId, provider, connectorId }: MappingWanted, externalIdentityId: string, by: AskedBy): Promise<Written | null> {
  const id = deps.newId();
  if (!await deps.mappings.insert(tx, { id, accountId, provider, connectorId, externalIdentityId, createdBy: by.accountId })) return null;
  await tx.audit({ action: 'mapping.created', actor: by.actor, subject: { mappingId: id, accountId, commandId: by.commandId }, data: { provider } });
  return { did: 'add', mappingId: id };
}

async function change({ mappings }: KeepDeps, tx: SiteTx, target: MappingRow, externalIdentityId: string, by: AskedBy): Promise<Written> {
  if (target.externalIdentityId === externalIdentityId) return { did: 'unchanged', mappingId: target.id };
  await mappings.update(tx, target.id, externalIdentityId);
  await tx.audit({ action: 'mapping.updated', actor: by.actor, subject: { mappingId: target.id, accountId: target.accountId, commandId: by.commandId }, data: { provider: target.provider } });
  return { did: 'change', mappingId: target.id };
}
