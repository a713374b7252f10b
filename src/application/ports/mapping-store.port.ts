import type { IdentityMappingView } from '../../contracts/identity-mapping.contract.js';
import type { Provider } from './identity-provider.port.js';
import type { SiteTx } from './unit-of-work.port.js';

export interface MappingRow {
  readonly id: string;
  readonly accountId: string;
  readonly provider: Provider;
  readonly externalIdentityId: string;
  readonly identityHash: string;
  readonly connectorId: string;
  readonly rowVersion: number;
}

/** Who a Jira account is at a provider. External ids are sealed and found by their keyed hash only (SPEC F5, F14). */
export interface MappingStore {
  /** `externalId` and `externalLogin` are null in it: only the core worker can open them. */
  findView(tx: SiteTx, id: string): Promise<IdentityMappingView | null>;
  lock(tx: SiteTx, id: string): Promise<MappingRow | null>;
  lockByAccount(tx: SiteTx, accountId: string, connectorId: string): Promise<MappingRow | null>;
  /** Holds off whoever else maps an account to this identity until the transaction ends, so that who is on it stays true. */
  holdIdentity(tx: SiteTx, identityHash: string): Promise<void>;
  /** The identity with this hash, made when it is new; its seal and its hint are brought up to date. */
  putIdentity(tx: SiteTx, identity: { readonly id: string; readonly provider: Provider; readonly connectorId: string; readonly identityHash: string; readonly sealed: string; readonly loginHint: string }): Promise<{ readonly id: string }>;
  /** False when the account has a mapping at the connector already. */
  insert(tx: SiteTx, mapping: { readonly id: string; readonly accountId: string; readonly provider: Provider; readonly connectorId: string; readonly externalIdentityId: string; readonly createdBy: string }): Promise<boolean>;
  update(tx: SiteTx, id: string, externalIdentityId: string): Promise<void>;
  /** Removes the mapping; its identity goes too unless another mapping or a membership, which may still have to be removed, needs it. */
  remove(tx: SiteTx, id: string): Promise<void>;
  /**
   * Lets the requests of these accounts that wait to be provisioned be looked at again at once, and those whose access was given to another identity than these: their next due time is now, which outlives every lost wake (SPEC F5). Holds their
   * open requests until the transaction ends, so that none of them decides by the mapping as it was; requests are locked before mappings, so this comes first. Returns the ids of
   * those that are due now, which may be woken once it is committed.
   */
  hastenRequests(tx: SiteTx, accountIds: readonly string[], identityHashes: readonly string[]): Promise<readonly string[]>;
  /** Other accounts on the same identity, through whatever connector: one person under several accounts (SPEC A7). */
  countOthersOn(tx: SiteTx, identityHash: string, exceptAccountId: string): Promise<number>;
}
