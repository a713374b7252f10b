import type { ConnectorTest, ConnectorView } from '../../contracts/connector.contract.js';
import type { Provider } from './identity-provider.port.js';
import type { SiteTx } from './unit-of-work.port.js';

/** What may be shown of a connector: addresses, ids, and the kind of its credential. Everything secret is in the sealed configuration. */
export type ConnectorAddress =
  | { readonly provider: 'okta'; readonly orgUrl: string; readonly authKind: 'apiToken' | 'privateKeyJwt' }
  | { readonly provider: 'entra'; readonly tenantId: string; readonly clientId: string; readonly authorityHost: string | null; readonly graphBaseUrl: string | null; readonly authKind: 'clientSecret' | 'certificate' };

/** When a credential expires and who says so; both null where nobody does. */
export interface CredentialExpiry { readonly expiresAt: string | null; readonly saidBy: 'certificate' | 'admin' | null }

export interface ConnectorRow {
  readonly id: string;
  readonly name: string;
  readonly address: ConnectorAddress;
  readonly sealedConfig: string;
  readonly status: 'disabled' | 'enabled';
  readonly testOk: boolean | null;
  readonly rowVersion: number;
}
export interface ConnectorPatch {
  readonly name?: string;
  readonly address?: ConnectorAddress;
  readonly sealedConfig?: string;
  readonly status?: 'disabled' | 'enabled';
  /** Null: the last test says nothing about the configuration as it is now. */
  readonly test?: ConnectorTest | null;
  /** Of another credential, or another date: warnings begin anew. */
  readonly credential?: CredentialExpiry;
}

export interface ConnectorStore {
  findView(tx: SiteTx, id: string): Promise<ConnectorView | null>;
  lock(tx: SiteTx, id: string): Promise<ConnectorRow | null>;
  /** Holds off other writers of names until the transaction ends, so that the answer stays true. */
  isNameTaken(tx: SiteTx, name: string, exceptId: string | null): Promise<boolean>;
  insert(tx: SiteTx, connector: { readonly id: string; readonly name: string; readonly address: ConnectorAddress; readonly sealedConfig: string; readonly credential: CredentialExpiry }): Promise<void>;
  /** Every patch raises the row version. */
  update(tx: SiteTx, id: string, patch: ConnectorPatch): Promise<void>;
  remove(tx: SiteTx, id: string): Promise<void>;
  /** Tools, groups, identities or memberships, present or past, that name it. */
  isInUse(tx: SiteTx, id: string): Promise<boolean>;
  /** Connectors whose credential has expired or will within the longest warning's time, locked; those that somebody else holds are left out. */
  expiring(tx: SiteTx): Promise<readonly { readonly id: string; readonly name: string; readonly expiresAt: Date; readonly warnedDays: number | null }[]>;
  markWarned(tx: SiteTx, id: string, days: number): Promise<void>;
  /** Ids of the open findings about its credential, which are closed. */
  closeExpiryFindings(tx: SiteTx, id: string, by: string): Promise<readonly string[]>;
  /** Enabled connectors of a provider, oldest first. */
  listEnabled(tx: SiteTx, provider: Provider): Promise<readonly { readonly id: string }[]>;
  /** Lets every open request with work on this connector be looked at again at once (SPEC F13). */
  hastenRequests(tx: SiteTx, id: string): Promise<number>;
}
