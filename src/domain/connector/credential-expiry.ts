import { DAY_MS } from '../grant/grant.js';

/** How long before a connector's credential expires somebody is told (SPEC F16), and that it has. Days. */
export const EXPIRY_WARNINGS = [30, 7, 0] as const;
export type ExpiryWarning = (typeof EXPIRY_WARNINGS)[number];

/** The last warning that is due; null: more than thirty days are left. */
export const expiryWarning = (expiresAt: Date, now: Date): ExpiryWarning | null => EXPIRY_WARNINGS.findLast((days) => expiresAt.getTime() - now.getTime() <= days * DAY_MS) ?? null;

/** Whether a due warning has not been given: each is given once, and one that was missed is not made up for when a later one is due. */
export const isNewWarning = (due: ExpiryWarning, given: number | null): boolean => given === null || due < given;

/** `unknown`: neither the credential nor an admin says when it expires. */
export type CredentialState = 'unknown' | 'valid' | 'expiring' | 'expired';
export function credentialState(expiresAt: Date | null, now: Date): CredentialState {
  if (expiresAt === null) return 'unknown';
  const due = expiryWarning(expiresAt, now);
  if (due === null) return 'valid';
  return due === 0 ? 'expired' : 'expiring';
}
