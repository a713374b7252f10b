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
  /** Page by page, in the provider's order; never drops a page that is empty but has a next one. */
  listMembers(groupId: string, signal?: AbortSignal): AsyncIterable<readonly ProviderUser[]>;
  /** Says which abilities the credential has, and for each missing one the vendor's permission to add (SPEC F3). */
  test(signal?: AbortSignal): Promise<readonly { readonly ability: 'readUsers' | 'readGroups' | 'manageMembers'; readonly ok: boolean; readonly detail?: string }[]>;
}
/** One client per opened connector; adapters keep token caches inside. */
export type IdentityProviderFactory = (connection: ProviderConnection) => IdentityProviderPort;
