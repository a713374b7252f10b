import type { SealContext } from './sealing.port.js';
import type { SiteTx } from './unit-of-work.port.js';

/** Where sealed values are kept; the name goes into the audit trail. */
export const SEALED_PLACES = ['connector.sealed_config', 'external_identity.sealed', 'leaver_hint.sealed_identity', 'mapping_import_batch.sealed_logins', 'command.sealed', 'site.jira_auth_sealed'] as const;
export type SealedPlace = (typeof SEALED_PLACES)[number];
export interface SealedValue { readonly id: string; readonly context: SealContext; readonly sealed: string }

/** Sealed values as such, for the rotation of keys. */
export interface SealedValues {
  siteIds(): Promise<readonly string[]>;
  /** Up to `limit` values of a site behind `after`, by id. */
  page(tx: SiteTx, place: SealedPlace, after: string, limit: number): Promise<readonly SealedValue[]>;
  /** Puts `next` where `value` still stands; false when somebody wrote another one meanwhile. */
  replace(tx: SiteTx, place: SealedPlace, value: SealedValue, next: string): Promise<boolean>;
}
