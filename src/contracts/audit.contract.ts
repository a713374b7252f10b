import { z } from 'zod';
import { ACTOR_KINDS } from '../domain/audit/entry.js';
import { AUDIT_ACTIONS } from '../domain/audit/actions.js';
import { BAD_ENTRY_REASONS } from '../domain/audit/verify-rules.js';
import { accountId, id, instant, instantOrDay, issueKey, toolKey } from './primitives.js';
import { pageQuery } from './page.contract.js';

const sequence = z.string().regex(/^[0-9]{1,15}$/, 'expected a sequence number').transform(Number);
export const auditSeqParam = z.strictObject({ seq: sequence });

/** `noun.past_tense`, a closed list (SPEC E10). */
export const auditAction = z.enum(AUDIT_ACTIONS);

/** One sealed entry. `body` is the canonical JSON text that was hashed, so that anybody can recompute `entryHash` (SPEC E3). */
export const auditEventView = z.strictObject({
  seq: z.int(),
  at: instant,
  action: auditAction,
  /** The reference's names of the action and of the decision's source, such as `request_denied` and `auto-policy`; null where it has none (SPEC E10). Not part of what was hashed. */
  reference: z.strictObject({ action: z.string().nullable(), source: z.literal('auto-policy').nullable() }),
  actor: z.strictObject({ kind: z.enum(ACTOR_KINDS), accountId: z.string().optional(), name: z.string().optional() }),
  /** Ids of what the entry is about: requestId, grantId, toolKey, issueKey and so on. */
  subject: z.record(z.string(), z.string()),
  data: z.record(z.string(), z.unknown()),
  prevHash: z.string(),
  entryHash: z.string(),
  entryMac: z.string(),
  keyId: z.string(),
  body: z.string(),
});
export type AuditEventView = z.infer<typeof auditEventView>;

export const auditListQuery = z.strictObject({
  ...pageQuery,
  action: auditAction.optional(),
  accountId: accountId.optional(),
  requestId: id.optional(),
  grantId: id.optional(),
  issueKey: issueKey.optional(),
  toolKey: toolKey.optional(),
  from: instantOrDay.optional(),
  to: instantOrDay.optional(),
  order: z.enum(['newestFirst', 'oldestFirst']).default('newestFirst'),
});
export type AuditListQuery = z.output<typeof auditListQuery>;

/** Result of checking the chain (SPEC E5). `ok` is null while it runs; the first bad entry is named. */
export const auditVerification = z.strictObject({
  id,
  status: z.enum(['running', 'ok', 'broken', 'failed']),
  ok: z.boolean().nullable(),
  startedAt: instant,
  finishedAt: instant.nullable(),
  requestedBy: accountId.nullable(),
  entriesChecked: z.int(),
  firstSeq: z.int().nullable(),
  lastSeq: z.int().nullable(),
  /** `entryHash` of the last entry. */
  chainHead: z.string().nullable(),
  firstBad: z.strictObject({ seq: z.int(), reason: z.enum(BAD_ENTRY_REASONS) }).nullable(),
});
export type AuditVerification = z.infer<typeof auditVerification>;
