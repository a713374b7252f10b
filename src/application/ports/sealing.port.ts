import type { Provider } from './identity-provider.port.js';

/**
 * Secrets at rest (DESIGN, security): sealed as JWE, each bound to the place it was sealed for. The API and the governance worker hold what
 * seals connector credentials and external identities; only the core worker holds what opens them (SPEC F9, F14).
 */
export interface SealContext {
  readonly siteId: string;
  readonly kind: 'connector' | 'identity' | 'jira';
  /** Which field of which object; together with the site and the kind it is compared when the seal is opened. */
  readonly field: string;
}

export interface Sealer {
  /** A compact JWE of `plaintext`, which opens for this context only. */
  seal(context: SealContext, plaintext: string): Promise<string>;
}
export interface Unsealer {
  /** @throws SealingFailure when the key is unknown, the context is another one, or a byte was changed. */
  open(context: SealContext, sealed: string): Promise<string>;
}

/** Opens with any key of a ring, seals with its newest, and tells them apart: what a rotation of keys needs. */
export interface Rewrapper extends Sealer, Unsealer {
  readonly newestKey: string;
  /** Id of the key that a value claims to be sealed under; null for what is no seal. */
  keyOf(sealed: string): string | null;
}

export class SealingFailure extends Error {
  override readonly name = 'SealingFailure';
  constructor(readonly code: 'sealing.unknown_key' | 'sealing.wrong_context' | 'sealing.broken', options?: ErrorOptions) {
    super(code, options);
  }
}

/** Keyed hash of an external id, hex: finds two accounts on one identity, and says which identity a finding is about, without opening anything (SPEC F14). */
export type IdentityHash = (siteId: string, provider: Provider, externalId: string) => string;

/** The whole configuration of a connector, as JSON of a `ProviderConnection`. */
export const connectorConfigContext = (siteId: string, connectorId: string): SealContext => ({ siteId, kind: 'connector', field: `${connectorId}/config` });
/** A person's id at the provider behind a connector. */
export const externalIdentityContext = (siteId: string, connectorId: string): SealContext => ({ siteId, kind: 'identity', field: `${connectorId}/externalId` });
/** A login on its way to the core worker, which resolves it; of its own context, so that it can't stand in for an id. */
export const externalLoginContext = (siteId: string, connectorId: string): SealContext => ({ siteId, kind: 'identity', field: `${connectorId}/login` });
/** Of what a recorded command carries, by the field that was recorded with it: a configuration or a login. */
export const recordedContext = (siteId: string, field: string): SealContext => ({ siteId, kind: field.endsWith('/config') ? 'connector' : 'identity', field });
/** The logins of one batch of an import, as a JSON array: looked up together, sealed once. */
export const loginBatchContext = (siteId: string, connectorId: string): SealContext => ({ siteId, kind: 'identity', field: `${connectorId}/loginBatch` });
/** One page of a group's members on its way through the governance worker and back. */
export const memberPageContext = (siteId: string, connectorId: string): SealContext => ({ siteId, kind: 'identity', field: `${connectorId}/memberPage` });
/** The Jira credential of a site, as JSON of `JiraConnection['auth']`. */
export const jiraCredentialContext = (siteId: string): SealContext => ({ siteId, kind: 'jira', field: 'auth' });
