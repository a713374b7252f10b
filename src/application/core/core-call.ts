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
  | { readonly kind: 'resolveIdentity'; readonly sealedLogin: string };

export interface CoreAbility { readonly ability: 'readUsers' | 'readGroups' | 'manageMembers'; readonly ok: boolean; readonly detail?: string }
export type CoreCallResult =
  | { readonly kind: 'tested'; readonly abilities: readonly CoreAbility[] }
  | { readonly kind: 'group'; readonly externalGroupId: string; readonly name: string; readonly unmanageable: { readonly code: UnmanageableCode; readonly reason: string } | null }
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
  | { readonly kind: 'failed'; readonly failure: FailureKind | 'configurationUnreadable'; readonly detail: string };

/** A login as a list may show it: enough to recognise one's own entry, too little to be one. */
export function loginHint(login: string): string {
  const at = login.lastIndexOf('@');
  const [local, domain] = at < 0 ? [login, ''] : [login.slice(0, at), login.slice(at)];
  const [first = ''] = local;
  return `${first}•••${domain}`;
}
