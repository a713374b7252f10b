import type { CallPriority } from '../../domain/budget/rate-budget.js';
import type { GroupApp } from '../../domain/reconciliation/group-apps.js';

/**
 * What the product needs of an identity provider: one group's membership, read and written, and the little around it (SPEC F2).
 * Every call is bounded in time by the adapter. Every method throws {@link ProviderFailure} and nothing else that a caller should expect.
 */
export const PROVIDERS = ['okta', 'entra'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Opened connector configuration: lives in the core worker's memory only, never in a log, a history or an answer (SPEC O4). */
export type OktaConnection = {
  readonly provider: 'okta';
  readonly orgUrl: string;
  readonly auth:
    | { readonly kind: 'apiToken'; readonly token: string }
    | { readonly kind: 'privateKeyJwt'; readonly clientId: string; readonly privateKeyPem: string; readonly keyId?: string; readonly scopes?: readonly string[] };
};
export type EntraConnection = {
  readonly provider: 'entra';
  readonly tenantId: string;
  readonly clientId: string;
  readonly auth:
    | { readonly kind: 'clientSecret'; readonly clientSecret: string }
    | { readonly kind: 'certificate'; readonly certificatePem: string };
  /** Defaults to the public cloud. */
  readonly authorityHost?: string;
  readonly graphBaseUrl?: string;
};
export type ProviderConnection = OktaConnection | EntraConnection;

export type FailureKind =
  /** Nothing is known to be wrong for good: 429, 5xx, time-out before the request was sent, read lag. */
  | 'retryable'
  /** A write was sent and its answer lost: the effect must be read back before anything else. */
  | 'unknownOutcome'
  /** 401: the connector's credential is refused. */
  | 'unauthorized'
  /** 403: the credential is good and not allowed to do this. */
  | 'forbidden'
  | 'userNotFound'
  | 'groupNotFound'
  /** The group exists and can't be managed by us; `detail` says why. */
  | 'groupNotManageable'
  /** The provider answered something its contract does not name. */
  | 'invalidAnswer'
  /** 400-class refusal that repeating can't mend. */
  | 'rejected';

/** A provider call that did not give what was asked. Carries no credential and no body, only what an operator may read. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  constructor(
    readonly kind: FailureKind,
    /** One sentence for people, free of secrets. */
    readonly detail: string,
    readonly more: {
      readonly status?: number;
      /** The provider's own code, such as E0000007 or Authorization_RequestDenied. */
      readonly providerCode?: string;
      /** How long the provider asks to wait, in milliseconds (Retry-After, X-Rate-Limit-Reset). */
      readonly retryAfterMs?: number;
      readonly providerRequestId?: string;
      /** Set when the call was never sent, because the tenant's budget had no room for it: no fault of the provider's, and no try. */
      readonly paced?: true;
    } = {},
  ) {
    super(`${kind}: ${detail}`);
  }
}

export interface ProviderUser {
  readonly externalId: string;
  /** Okta login or Entra user principal name, as the provider spells it. */
  readonly login: string;
  readonly state: 'active' | 'deactivated';
}
/** Groups, devices and applications can be members too (Entra): they open the group as people do, but only people can be looked up or read singly. */
export interface GroupMember extends ProviderUser {
  readonly kind: 'user' | 'other';
}
export interface MemberPage {
  readonly members: readonly GroupMember[];
  /** Opaque place after this page, valid for this group and connector only; null after the last page. Without credential or person, so it may be stored. */
  readonly next: string | null;
}
export interface ListOptions {
  readonly signal?: AbortSignal | undefined;
  readonly cursor?: string | undefined;
  /** The provider's largest sensible page unless said. */
  readonly pageSize?: number | undefined;
}
export interface ProviderUserState {
  readonly externalId: string;
  /** `deleted`: the provider knows no user of this id; a user that it created moments ago may read so too. */
  readonly state: ProviderUser['state'] | 'deleted';
}
export interface ProviderGroup {
  readonly externalId: string;
  readonly name: string;
  /** Null when we may manage its members; otherwise the reason in one sentence and a closed code (SPEC F4). */
  readonly unmanageable: { readonly code: UnmanageableCode; readonly reason: string } | null;
}
export const UNMANAGEABLE_CODES = ['okta.app_group', 'okta.built_in', 'okta.active_rule', 'entra.dynamic', 'entra.on_premises_synced', 'entra.mail_enabled', 'entra.role_assignable'] as const;
export type UnmanageableCode = (typeof UNMANAGEABLE_CODES)[number];

export interface MembershipRead {
  readonly observed: 'present' | 'absent';
  /** ISO instant of the read, by the machine that read. */
  readonly readAt: string;
  readonly providerRequestId?: string;
}

export interface IdentityProviderPort {
  readonly provider: Provider;
  /** By login (exact) or by external id. Throws `userNotFound`; a deactivated user is returned with its state. */
  getUser(loginOrId: string, signal?: AbortSignal): Promise<ProviderUser>;
  /** Throws `groupNotFound`. Reads everything that decides whether the group can be managed, group rules included. */
  getGroup(groupId: string, signal?: AbortSignal): Promise<ProviderGroup>;
  findGroupsByName(name: string, signal?: AbortSignal): Promise<readonly ProviderGroup[]>;
  createGroup(name: string, description: string, signal?: AbortSignal): Promise<ProviderGroup>;
  /** One person's membership of one group, read freshly (never from a cache). Throws `userNotFound` / `groupNotFound`. */
  readMembership(groupId: string, userId: string, signal?: AbortSignal): Promise<MembershipRead>;
  /** Sends one add and returns; `changed: false` when the provider says the person is a member already. The caller reads back. */
  addMember(groupId: string, userId: string, signal?: AbortSignal): Promise<{ readonly changed: boolean; readonly providerRequestId?: string }>;
  /** Sends one removal and returns; `changed: false` when the provider says there is nothing to remove. The caller reads back. */
  removeMember(groupId: string, userId: string, signal?: AbortSignal): Promise<{ readonly changed: boolean; readonly providerRequestId?: string }>;
  /**
   * Page by page in the provider's order, one page in memory at a time; a page may be empty and have a next one. Goes on behind `cursor`, the `next` of a page
   * read earlier; a provider forgets those (`rejected`: begin anew). Throws `groupNotFound`. Without lag only where the provider has none: confirm before acting.
   */
  listMembers(groupId: string, options?: ListOptions): AsyncIterable<MemberPage>;
  /** Applications that members get by the group, every page. Throws `groupNotFound`, and `forbidden` where the credential may not see them. */
  listGroupApps(groupId: string, signal?: AbortSignal): Promise<readonly GroupApp[]>;
  /** Whether each of these ids is active, deactivated or gone, in batches of the provider's size and in the order given; each id once. */
  readUserStates(userIds: readonly string[], options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<readonly ProviderUserState[]>;
  /** Says which abilities the credential has, and for each missing one the vendor's permission to add and the vendor's page about it (SPEC F3). */
  test(signal?: AbortSignal): Promise<readonly { readonly ability: 'readUsers' | 'readGroups' | 'manageMembers'; readonly ok: boolean; readonly detail?: string; readonly documentation?: string }[]>;
}
/** One client per opened connector; adapters keep token caches inside. Calls wait for their turn in the tenant's budget, the more urgent ones first; `read` unless said. */
export type IdentityProviderFactory = (connection: ProviderConnection, priority?: CallPriority) => IdentityProviderPort;
