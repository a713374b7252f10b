import { z } from 'zod';
import { DRIFT_RESPONSES, FINDING_KINDS, FINDING_STATES, RESOLVE_ACTIONS } from '../domain/reconciliation/finding.js';
import { pageQuery } from './page.contract.js';
import { accountId, externalGroupId, id, instant, longText, roleKey, toolKey } from './primitives.js';

/** Exactly one of the two, or neither where the site has a single enabled connector. */
export const startReconciliationBody = z.strictObject({ connectorId: id.optional(), toolKey: toolKey.optional() })
  .refine((body) => body.connectorId === undefined || body.toolKey === undefined, { error: 'name a connector or a tool, not both', params: { reason: 'both_named' } });
export type StartReconciliationBody = z.output<typeof startReconciliationBody>;

const count = z.int().min(0);
export const reconciliationView = z.strictObject({
  id,
  connectorId: id,
  /** `stopped`: something was held because too much would change; the open findings say what and ask (SPEC D3). `failed`: something was not listed, not read or not carried out; `failure` says how much of it. */
  status: z.enum(['running', 'done', 'stopped', 'failed']),
  trigger: z.enum(['schedule', 'admin', 'bind', 'finding']),
  counts: z.strictObject({
    groups: count, pages: count, members: count,
    /** Suspicions of the listings; what a fresh read of the member confirmed, and what it did not. */
    differences: count, confirmed: count, vanished: count, unreadable: count,
    held: count, findings: count, revoked: count, removed: count, failed: count, baseline: count,
  }),
  groups: z.array(z.strictObject({
    externalGroupId: z.string(), state: z.enum(['pending', 'listing', 'listed', 'deleted', 'failed']), held: z.enum(['groupDeleted', 'emptyListing', 'groupThreshold', 'runThreshold']).nullable(),
    pages: count, members: count, error: z.string().nullable(),
  })),
  failure: z.string().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
});
export type ReconciliationView = z.infer<typeof reconciliationView>;
export const reconciliationListQuery = z.strictObject({ ...pageQuery, connectorId: id.optional(), status: z.enum(['running', 'done', 'stopped', 'failed']).optional() });
export type ReconciliationListQuery = z.output<typeof reconciliationListQuery>;
/** SPEC D4. */
export const reconciliationExportQuery = z.strictObject({ format: z.enum(['jsonl', 'csv']).default('jsonl') });

export const findingView = z.strictObject({
  id,
  kind: z.enum(FINDING_KINDS),
  toolKey: toolKey.nullable(),
  connectorId: id.nullable(),
  externalGroupId: z.string().nullable(),
  /** Masked, and enough to recognise one's own: the login itself is sealed, and only the core worker opens it (SPEC F14). */
  loginHint: z.string().nullable(),
  accountId: accountId.nullable(),
  state: z.enum(FINDING_STATES),
  response: z.enum(DRIFT_RESPONSES),
  /** What was read when, or why a run was held; ids, codes and numbers. */
  evidence: z.record(z.string(), z.unknown()),
  reconciliationId: id.nullable(),
  seenAt: instant,
  lastSeenAt: instant,
  resolvedAt: instant.nullable(),
  /** An account id, or `reconciliation` where what it said was found to be over, or another finding about the group took its place. */
  resolvedBy: z.string().nullable(),
  note: z.string().nullable(),
});
export type FindingView = z.infer<typeof findingView>;
export const findingListQuery = z.strictObject({
  ...pageQuery, state: z.enum(FINDING_STATES).optional(), kind: z.enum(FINDING_KINDS).optional(), toolKey: toolKey.optional(), connectorId: id.optional(), accountId: accountId.optional(), externalGroupId: externalGroupId.optional(),
});
export type FindingListQuery = z.output<typeof findingListQuery>;
/** `repair` ends with the next steps of the connector's run; until then the finding stays open. */
export const resolveFindingBody = z.strictObject({ action: z.enum(RESOLVE_ACTIONS), note: longText.optional() });
export type ResolveFindingBody = z.output<typeof resolveFindingBody>;

/** SPEC K4: who has a tool without a request, because they were in its group when it was bound or an admin accepted it later. `roleKey`: in whose group; null: in the tool's own. */
export const baselineView = z.strictObject({ id, roleKey: roleKey.nullable(), kind: z.enum(['group', 'member']), label: z.string(), acceptedBy: z.string().nullable(), acceptedAt: instant.nullable(), createdAt: instant });
export type BaselineView = z.infer<typeof baselineView>;
export const baselineListQuery = z.strictObject({ ...pageQuery, accepted: z.enum(['true', 'false']).optional() });
export type BaselineListQuery = z.output<typeof baselineListQuery>;
/** Without ids: all that is proposed. */
export const acceptBaselineBody = z.strictObject({ ids: z.array(id).min(1).max(500).optional() });
export type AcceptBaselineBody = z.output<typeof acceptBaselineBody>;
export const acceptBaselineAnswer = z.strictObject({ accepted: count });
export type AcceptBaselineAnswer = z.infer<typeof acceptBaselineAnswer>;
