import type { OidcOptions } from './auth/oidc.authenticator.js';
import type { ClientKey } from '../http-signature/client-keys.js';
import type { SandboxInfo } from '../contracts/sandbox.contract.js';

/** What the edge is configured with; made from the process's configuration by `apiOptionsOf` (api.module.ts). */
export interface ApiOptions {
  readonly version: string;
  /** Where users reach the API; https switches on HSTS. */
  readonly publicUrl: string | null;
  readonly temporalUiUrl: string | null;
  readonly oidc: (OidcOptions & { readonly jwksUrl: string }) | null;
  readonly forge: { readonly appId: string; readonly jwksUrl: string } | null;
  /** Who may sign requests in place of a token (SPEC I6). */
  readonly serviceClients: readonly ClientKey[];
  /** Null outside sandbox mode. */
  readonly sandbox: { readonly signInKey: Uint8Array; readonly info: SandboxInfo } | null;
  /** Tests shorten it: how long keys of an issuer are not fetched again for an unknown key id. */
  readonly jwksCooldownMs?: number;
}
