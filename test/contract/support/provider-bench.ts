import type { IdentityProviderPort, UnmanageableCode } from '../../../src/application/ports/identity-provider.port.js';
import type { FaultOrder, VendorControl } from '../../support/vendor.js';

/** What a page of a list looks like at one vendor: the effect of a fault that answers it. */
export interface FakePage {
  readonly ids: readonly string[];
  /** Absolute URL of the next page. */
  readonly next?: string;
}

/** People and groups that the provider under test has, and the ways to steer it. Built by one file per vendor. */
export interface ProviderBench {
  readonly name: string;
  readonly baseUrl: string;
  /** An active person. */
  readonly login: string;
  /** Ids in the vendor's form that name nothing. */
  readonly nobody: string;
  readonly noGroup: string;
  connect(options?: { readonly timeoutMs?: number }): IdentityProviderPort;
  /** The same with a credential that the vendor refuses. */
  connectUnauthorized(): IdentityProviderPort;
  /** Groups that must not be managed, by name. */
  readonly unmanageable: readonly { readonly name: string; readonly code: UnmanageableCode; readonly refusesWrites: boolean }[];
  /** Paths of the vendor as regular expressions. */
  readonly paths: { readonly member: string; readonly groupsOfUser: string; readonly members: string };
  /** URL of a further page of {@link paths.groupsOfUser}. */
  nextPageUrl(userId: string, cursor: string): string;
  page(page: FakePage): FaultOrder['effect'];
  /** Each way in which the vendor says how long to wait. */
  readonly throttling: readonly { readonly form: string; readonly headers: () => Readonly<Record<string, string>>; readonly atLeastMs: number; readonly atMostMs: number }[];
  /** Absent where the server under test has no control surface: what needs one is skipped then. */
  readonly control?: VendorControl;
  /** Absent where the server under test can't be told to do what its administrators would. */
  readonly admin?: {
    addUser(login: string): Promise<string>;
    deactivateUser(userId: string): Promise<void>;
    deleteUser(userId: string): Promise<void>;
    deleteGroup(groupId: string): Promise<void>;
    /** Assigns the group to a new application of this name. */
    openApp(groupId: string, name: string): Promise<void>;
  };
  stop(): Promise<void>;
}
