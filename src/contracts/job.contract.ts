import { z } from 'zod';
import { JOB_KINDS, JOB_STATUSES } from '../domain/provisioning/provisioning.js';
import { ability, accountId, id, instant, issueKey, longText, provider, roleKey, toolKey } from './primitives.js';
import { pageQuery } from './page.contract.js';

/** SPEC §2 and F6. */
export const jobStatus = z.enum(JOB_STATUSES);
export const jobKind = z.enum(JOB_KINDS);

/** The newest job of a grant, as a request shows it. `lastError` is one sentence without a secret. */
export const jobSummary = z.strictObject({
  id,
  kind: jobKind,
  status: jobStatus,
  attempts: z.int().min(0),
  nextAttemptAt: instant.nullable(),
  lastError: z.string().nullable(),
  lastErrorCode: z.string().nullable(),
});
export type JobSummary = z.infer<typeof jobSummary>;

export const jobView = z.strictObject({
  ...jobSummary.shape,
  grantId: id,
  requestId: id,
  issueKey: issueKey.nullable(),
  toolKey,
  roleKey: roleKey.nullable(),
  accountId,
  createdAt: instant,
  updatedAt: instant,
  abilities: z.strictObject({ retry: ability }),
});
export type JobView = z.infer<typeof jobView>;

export const jobListQuery = z.strictObject({
  ...pageQuery,
  status: jobStatus.optional(),
  kind: jobKind.optional(),
  toolKey: toolKey.optional(),
  grantId: id.optional(),
  requestId: id.optional(),
});
export type JobListQuery = z.output<typeof jobListQuery>;

export const manualActionStatus = z.enum(['open', 'done', 'obsolete']);
/** Work that people do because the product may not or cannot (SPEC F7, F11). Shows the decided entitlement, never ticket text (SPEC P10). */
export const manualActionView = z.strictObject({
  id,
  kind: jobKind,
  status: manualActionStatus,
  /** Closed code such as `mapping.missing` or `connector.disabled`, and its sentence. */
  reason: z.strictObject({ code: z.string(), message: z.string() }),
  requestId: id,
  grantId: id,
  issueKey: issueKey.nullable(),
  toolKey,
  roleKey: roleKey.nullable(),
  accountId,
  entitlement: z.strictObject({ provider: provider.nullable(), groupName: z.string().nullable(), externalGroupId: z.string().nullable() }),
  assigneeAccountId: accountId.nullable(),
  dueAt: instant.nullable(),
  openedAt: instant,
  completedAt: instant.nullable(),
  abilities: z.strictObject({ complete: ability }),
});
export type ManualActionView = z.infer<typeof manualActionView>;

export const manualActionListQuery = z.strictObject({
  ...pageQuery,
  status: manualActionStatus.optional(),
  toolKey: toolKey.optional(),
  grantId: id.optional(),
  requestId: id.optional(),
});
export type ManualActionListQuery = z.output<typeof manualActionListQuery>;

export const completeManualActionBody = z.strictObject({ outcome: z.enum(['fulfilled', 'deprovisioned', 'verified']), note: longText });
export type CompleteManualActionBody = z.output<typeof completeManualActionBody>;

/** What the identity provider said when the action was marked done; null where no connector can be asked. */
export const manualActionAnswer = z.strictObject({
  action: manualActionView,
  readBack: z.strictObject({ observed: z.enum(['present', 'absent', 'unknown']), readAt: instant }).nullable(),
  grantStatus: z.string(),
});
export type ManualActionAnswer = z.infer<typeof manualActionAnswer>;
