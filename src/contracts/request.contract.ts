import { z } from 'zod';
import { POLICY_RULES, STAGES } from '../domain/policy/policy.js';
import { DECISION_SOURCES, DECISIONS } from '../domain/request/request.js';
import { ability, accountId, dataClass, distinct, grantedDays, id, instant, instantOrDay, issueKey, LIMITS, longText, projectKey, toolKey } from './primitives.js';
import { pageQuery } from './page.contract.js';
import { grantStatus, grantSummary } from './grant.contract.js';
import { jobSummary } from './job.contract.js';
import { snapshot } from './snapshot.contract.js';

/** SPEC §2: three statuses, never merged; this is the first. */
export const decisionStatus = z.enum(DECISIONS);
export const decisionSource = z.enum(DECISION_SOURCES);

export const reviewView = z.strictObject({
  accountId,
  decision: z.enum(['approve', 'deny']),
  stage: z.enum(STAGES),
  comment: z.string().nullable(),
  at: instant,
});
export type ReviewView = z.infer<typeof reviewView>;

/** The policy decision that stands: what it said, which rules fired, and the hashes that prove what it looked at (SPEC P5). */
export const policyView = z.strictObject({
  outcome: z.enum(['autoApprove', 'review', 'deny']),
  rules: z.array(z.strictObject({ rule: z.enum(POLICY_RULES), effect: z.enum(['deny', 'review', 'allow', 'limit']), detail: z.string(), policyId: id.optional() })),
  version: z.int(),
  policyHash: z.string(),
  inputHash: z.string(),
});

export const requestView = z.strictObject({
  id,
  siteId: id,
  issueKey: issueKey.nullable(),
  toolKey: z.string(),
  /** Which of the tool's roles; null: none was named (SPEC K3). */
  roleKey: z.string().nullable(),
  requester: z.strictObject({ accountId }),
  businessUse: z.string(),
  dataClasses: z.array(dataClass),
  durationDays: z.int(),
  decision: decisionStatus,
  /** Null while pending. */
  decisionSource: decisionSource.nullable(),
  grant: grantSummary.nullable(),
  job: jobSummary.nullable(),
  policy: policyView.nullable(),
  reviews: z.array(reviewView),
  /** The stage that waits for a vote, while pending. */
  pendingStage: z.enum(STAGES).nullable(),
  approvalDueAt: instant.nullable(),
  abilities: z.strictObject({ decide: ability, withdraw: ability, revoke: ability, extend: ability, return: ability }),
  workflowId: z.string(),
  createdAt: instant,
  decidedAt: instant.nullable(),
});
export type RequestView = z.infer<typeof requestView>;

/** `accountId` only for a service client; a person asks for themselves (SPEC I3). */
export const submitRequestBody = z.strictObject({ ...snapshot.shape, issueKey: issueKey.optional(), accountId: accountId.optional() });
export type SubmitRequestBody = z.output<typeof submitRequestBody>;

export const requestListQuery = z.strictObject({
  ...pageQuery,
  decision: decisionStatus.optional(),
  grant: z.union([grantStatus, z.literal('none')], { error: 'expected a grant status or none' }).optional(),
  toolKey: toolKey.optional(),
  accountId: accountId.optional(),
  projectKey: projectKey.optional(),
  issueKey: issueKey.optional(),
  requestId: id.optional(),
  from: instantOrDay.optional(),
  to: instantOrDay.optional(),
});
export type RequestListQuery = z.output<typeof requestListQuery>;

const verdict = z.enum(['approve', 'deny']);

/** An approver may shorten, never lengthen (SPEC A9); the use case compares with what was asked. */
export const decisionBody = z.strictObject({ decision: verdict, comment: longText.optional(), durationDays: grantedDays.optional() })
  .refine((body) => body.decision === 'approve' || body.durationDays === undefined, { path: ['durationDays'], error: 'a denial has no duration', params: { reason: 'not_with_denial' } });
export type DecisionBody = z.output<typeof decisionBody>;

export const bulkDecisionBody = z.strictObject({
  issueKeys: distinct(issueKey, 1, LIMITS.bulkItems).optional(),
  requestIds: distinct(id, 1, LIMITS.bulkItems).optional(),
  decision: verdict,
  comment: longText.optional(),
}).refine((body) => (body.issueKeys === undefined) !== (body.requestIds === undefined), { path: ['issueKeys'], error: 'expected either issueKeys or requestIds', params: { reason: 'one_of' } });
export type BulkDecisionBody = z.output<typeof bulkDecisionBody>;

/** `status` is the HTTP status that the single command would have answered with. */
export const bulkDecisionAnswer = z.strictObject({
  results: z.array(z.strictObject({ issueKey: issueKey.nullable(), requestId: id.nullable(), status: z.int(), code: z.string().optional(), detail: z.string().optional() })),
});
export type BulkDecisionAnswer = z.infer<typeof bulkDecisionAnswer>;

export const withdrawBody = z.strictObject({ reason: longText.optional() });
export type WithdrawBody = z.output<typeof withdrawBody>;

/** One thing that happened to a request, in order (SPEC E5): audit events, reviews, jobs and what the identity provider was read to say. */
export const timelineEntry = z.strictObject({
  at: instant,
  kind: z.enum(['audit', 'review', 'job', 'readBack']),
  /** Audit action (`request.approved`), or `review.approve`, `job.provision`, `membership.read_back`. */
  action: z.string(),
  actor: z.strictObject({ kind: z.string(), accountId: accountId.nullable() }).nullable(),
  /** Audit sequence number once the event is sealed. */
  seq: z.int().nullable(),
  summary: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;
