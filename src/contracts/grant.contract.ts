import { z } from 'zod';
import { GRANT_STATUSES } from '../domain/grant/grant.js';
import { ability, accountId, grantedDays, id, instant, instantOrDay, issueKey, longText, projectKey, roleKey, toolKey } from './primitives.js';
import { pageQuery } from './page.contract.js';
import { jobSummary } from './job.contract.js';

/** SPEC §2. `none` is spelled as a missing grant (null), except in filters. */
export const grantStatus = z.enum(GRANT_STATUSES);

/** What the identity provider was last read to say. No screen calls access ended while `observed` is present. */
export const membershipView = z.strictObject({
  desired: z.enum(['present', 'absent']),
  observed: z.enum(['present', 'absent', 'unknown']),
  lastReadAt: instant.nullable(),
  evidence: z.enum(['readBack', 'attested']).nullable(),
});
export type MembershipView = z.infer<typeof membershipView>;

/** The grant as a request shows it. */
export const grantSummary = z.strictObject({
  id,
  status: grantStatus,
  startsAt: instant.nullable(),
  expiresAt: instant.nullable(),
  /** `expired`, `expires today`, `expires tomorrow`, `N days remaining` in the site's time zone (SPEC G1). */
  expiryLabel: z.string().nullable(),
  membership: membershipView.nullable(),
});
export type GrantSummary = z.infer<typeof grantSummary>;

export const grantView = z.strictObject({
  ...grantSummary.shape,
  siteId: id,
  requestId: id,
  issueKey: issueKey.nullable(),
  toolKey,
  roleKey: roleKey.nullable(),
  accountId,
  durationDays: z.int(),
  expiringSoon: z.boolean(),
  /** Set when another open grant keeps the shared membership (SPEC F10): this one ended, the membership did not. */
  heldByGrantId: id.nullable(),
  job: jobSummary.nullable(),
  endedAt: instant.nullable(),
  endReason: z.enum(['expired', 'revoked', 'returned', 'policy', 'leaver', 'killSwitch']).nullable(),
  /** What proves that access ended: a read-back, a person's word, another grant or accepted baseline access that keeps the membership, or that there never was one. */
  endEvidence: z.enum(['readBack', 'attested', 'heldByOtherGrant', 'heldByBaseline', 'neverProvisioned', 'noConnector']).nullable(),
  abilities: z.strictObject({ revoke: ability, extend: ability, return: ability, completeManualAction: ability, retry: ability }),
  createdAt: instant,
});
export type GrantView = z.infer<typeof grantView>;

export const grantListQuery = z.strictObject({
  ...pageQuery,
  status: grantStatus.optional(),
  toolKey: toolKey.optional(),
  accountId: accountId.optional(),
  projectKey: projectKey.optional(),
  issueKey: issueKey.optional(),
  requestId: id.optional(),
  from: instantOrDay.optional(),
  to: instantOrDay.optional(),
});
export type GrantListQuery = z.output<typeof grantListQuery>;

export const revokeBody = z.strictObject({ reason: longText.optional() });
export type RevokeBody = z.output<typeof revokeBody>;
export const returnBody = z.strictObject({ reason: longText.optional() });
export type ReturnBody = z.output<typeof returnBody>;
export const extendBody = z.strictObject({ durationDays: grantedDays, reason: longText });
export type ExtendBody = z.output<typeof extendBody>;
