import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import type { ConformanceReport } from './conformance.js';
import type { FailureKind, Provider, UnmanageableCode } from '../ports/identity-provider.port.js';

/**
 * Admin operations that need the identity provider run in the core worker, the only process that opens credentials (SPEC F9). Everything here is
 * plain JSON, because it crosses the engine; logins and ids of people stay sealed on the way there.
 */
export type CoreCallOrder = {
  readonly siteId: string;
  readonly connectorId: string;
  readonly provider: Provider;
  /** JSON of a ProviderConnection, sealed for `connectorConfigContext`. */
  readonly sealedConfig: string;
} & CoreCallArguments;
export type CoreCallArguments =
  | { readonly kind: 'testConnector' }
  | { readonly kind: 'createGroup'; readonly name: string; readonly description: string }
  | { readonly kind: 'bindGroup'; readonly externalGroupId: string }
  /** The login, sealed for `externalLoginContext`. */
  | { readonly kind: 'resolveIdentity'; readonly sealedLogin: string }
  /** The applications that a group opens (SPEC F15). */
  | { readonly kind: 'listGroupApps'; readonly externalGroupId: string }
  /** The logins at these places of a batch, sealed for `loginBatchContext` as a JSON array (SPEC F5). */
  | { readonly kind: 'resolveIdentities'; readonly sealedLogins: string; readonly places: readonly number[] }
  /** Whether a person is still there: their id, sealed for `externalIdentityContext` of this connector (SPEC G6). */
  | { readonly kind: 'readIdentity'; readonly sealedIdentity: string }
  /** One page of a group's members, behind `cursor` (SPEC D4). */
  | { readonly kind: 'listMembers'; readonly externalGroupId: string; readonly cursor: string | null }
  /** Who the members at these places of a page are: the page comes back as it was sealed. */
  | { readonly kind: 'describeMembers'; readonly sealedPage: string; readonly indexes: readonly number[] }
  /** A fresh read of each of these people's membership, one by one. */
  | { readonly kind: 'readMembers'; readonly externalGroupId: string; readonly people: readonly SealedPerson[] }
  /** The login sealed as above; the group's name begins as a scratch group's does. */
  | { readonly kind: 'runConformance'; readonly sealedLogin: string; readonly groupName: string };

export interface CoreAbility { readonly ability: 'readUsers' | 'readGroups' | 'manageMembers'; readonly ok: boolean; readonly detail?: string; readonly documentation?: string }
export type CoreCallResult =
  | { readonly kind: 'tested'; readonly abilities: readonly CoreAbility[] }
  | { readonly kind: 'group'; readonly externalGroupId: string; readonly name: string; readonly unmanageable: { readonly code: UnmanageableCode; readonly reason: string } | null }
  /** Null: the credential may not see them; `untold` says so. */
  | { readonly kind: 'groupApps'; readonly apps: readonly GroupApp[] | null; readonly untold: string | null }
  /** A group of the wanted name exists already. */
  | { readonly kind: 'groupNameTaken'; readonly externalGroupId: string }
  | {
    readonly kind: 'identity';
    /** For the answer to the admin who asked; stored nowhere in clear. */
    readonly externalId: string;
    readonly identityHash: string;
    readonly sealed: string;
    readonly loginHint: string;
    readonly state: 'active' | 'deactivated';
  }
  /** In the order asked for; shorter than that when time was up or the provider asked for a pause (`retryAfterMs`). */
  | { readonly kind: 'identities'; readonly identities: readonly ResolvedPlace[]; readonly retryAfterMs: number | null }
  /** `deleted`: the provider knows nobody by this id. */
  | { readonly kind: 'identityState'; readonly state: 'active' | 'deactivated' | 'deleted'; readonly identityHash: string }
  | {
    readonly kind: 'members';
    /** Keyed hashes of the members in the page's order: governance compares by them and opens nobody (SPEC F14). */
    readonly hashes: readonly string[];
    /** Places of members who are deactivated, and of those that are no people. */
    readonly deactivated: readonly number[];
    readonly others: readonly number[];
    /** Ids and login hints of the page, sealed for {@link memberPageContext}. */
    readonly sealedPage: string;
    readonly next: string | null;
    /** With the first page: the applications that the group opens, where the provider tells. */
    readonly apps?: readonly GroupApp[];
  }
  | { readonly kind: 'described'; readonly identities: readonly { readonly identityHash: string; readonly sealed: string; readonly loginHint: string }[] }
  /** In the order asked for; shorter than that when the provider asked for a pause, or the tenant's budget had no room (`retryAfterMs`; `paced` as below). */
  | { readonly kind: 'memberReads'; readonly reads: readonly MemberRead[]; readonly retryAfterMs: number | null; readonly paced?: true }
  | { readonly kind: 'conformance'; readonly report: ConformanceReport }
  /** `paced`: nothing was sent, because the tenant's budget of calls had no room for it. No fault of anybody, and no try: to be asked for again after `retryAfterMs`. */
  | { readonly kind: 'failed'; readonly failure: FailureKind | 'configurationUnreadable'; readonly detail: string; readonly retryAfterMs?: number; readonly paced?: true };
/** Who the login at a place of a batch is; or why this one can't be said, which others need not wait for. */
export interface ResolvedPlace {
  readonly place: number;
  readonly identity: { readonly identityHash: string; readonly sealed: string; readonly loginHint: string; readonly state: 'active' | 'deactivated' } | null;
  readonly failure: { readonly kind: FailureKind; readonly detail: string } | null;
}
/** `identityConnectorId`: through which the person was resolved, and whom the seal is for. */
export interface SealedPerson { readonly identityHash: string; readonly sealedIdentity: string; readonly identityConnectorId: string }
export interface MemberRead { readonly identityHash: string; readonly observed: 'present' | 'absent' | 'unknown'; readonly readAt: string | null; readonly code: string }

const PAGED: ReadonlySet<CoreCallOrder['kind']> = new Set(['listMembers', 'describeMembers', 'readMembers', 'resolveIdentities']);
/** Calls of a reconciliation or an import: page by page, in their own time. */
export const isPaged = ({ kind }: Pick<CoreCallOrder, 'kind'>): boolean => PAGED.has(kind);

/** A login as a list may show it: enough to recognise one's own entry, too little to be one. */
export function loginHint(login: string): string {
  const at = login.lastIndexOf('@');
  const [local, domain] = at < 0 ? [login, ''] : [login.slice(0, at), login.slice(at)];
  const [first = ''] = local;
  return `${first}•••${domain}`;
}
