import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAuditAction } from '../../src/domain/audit/actions.js';
import { GRANT_STATUSES } from '../../src/domain/grant/grant.js';
import { BLOCK_SCOPES, BLOCK_SOURCES } from '../../src/domain/policy/block.js';
import { POLICY_RULES, RISKS, STAGES, TOOL_STATUSES } from '../../src/domain/policy/policy.js';
import { DECISION_SOURCES, DECISIONS } from '../../src/domain/request/request.js';
import { isRefusalCode } from '../../src/domain/refusal.js';

const names = z.array(z.string());
const days = z.int();
const role = z.strictObject({ risk: z.enum(RISKS).default('medium'), maxDurationDays: days.default(90), requestable: z.boolean().default(true) });
/** What is left out is an ordinary case: a tool of medium risk in Okta, reviewed by the project's approvers. */
const tool = z.strictObject({
  status: z.enum(TOOL_STATUSES).default('approved'), risk: z.enum(RISKS).default('medium'), maxDurationDays: days.default(90), pilotGroups: names.default([]), dataClasses: names.nullable().default(null),
  provider: z.enum(['none', 'okta']).default('okta'), fulfilment: z.enum(['automatic', 'manual']).default('automatic'), assignmentConfirmed: z.boolean().default(true), connectorEnabled: z.boolean().default(true),
  /** By key. */
  roles: z.record(z.string(), role).optional(),
});
const guardrails = z.strictObject({
  blockUnknownTools: z.boolean().default(true), mandatoryReview: z.boolean().default(false), securityReviewFrom: z.enum(RISKS).nullable().default(null), jiraAdminReviewFrom: z.enum(RISKS).nullable().default(null),
});
const autoApproval = z.strictObject({
  id: z.string().default('pol_1'), name: z.string().default('Engineers'), projectKey: z.string().nullable().default(null), toolKeys: z.union([names, z.literal('all')]).default('all'),
  jiraGroups: names.default(['engineers']), maxDurationDays: days.nullable().default(null),
});
const review = z.strictObject({ by: z.string(), stage: z.enum(STAGES), durationDays: days.nullable().default(null), ofOtherContent: z.boolean().default(false) });
const request = z.strictObject({
  /** Approved where a grant is given, otherwise pending. */
  decision: z.enum(DECISIONS).optional(), submittedBy: z.string().default('ann'), durationDays: days.default(30), stages: z.array(z.enum(STAGES)).default(['project']),
  pendingStage: z.enum(STAGES).default('project'), groups: names.default([]), reviews: z.array(review).default([]),
});

const given = z.strictObject({
  /** Null: not in the catalog. */
  tool: tool.nullable().prefault({}), guardrails: guardrails.prefault({}), defaultOutcome: z.enum(['autoApprove', 'review', 'deny']).default('review'), policies: z.array(autoApproval).default([]),
  approvers: names.default(['bob', 'cy']), securityReviewers: names.default(['sec']), adminFallback: z.enum(['never', 'whenNoApprover', 'always']).default('whenNoApprover'),
  /** External identity by account. */
  identities: z.record(z.string(), z.string()).default({ ann: 'ext-ann' }),
  selfService: z.boolean().default(false),
  /** The request that is there already, unless the case is an intake. */
  request: request.prefault({}),
  grant: z.strictObject({ status: z.enum(GRANT_STATUSES), startedDaysAgo: days.nullable(), expiresInDays: days }).nullable().default(null),
  otherOpenGrant: z.boolean().default(false),
  /** In force, of this tool, its connector or the requester. */
  blocks: z.array(z.strictObject({ scope: z.enum(BLOCK_SCOPES), key: z.string(), source: z.enum(BLOCK_SOURCES), reason: z.string().default('incident 7') })).default([]),
});
const by = { by: z.string(), admin: z.boolean().default(false) };
const when = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('ask'), role: z.string().nullable().default(null), durationDays: days.default(30), dataClasses: names.default(['internal']), groups: names.default([]) }),
  z.strictObject({ operation: z.literal('decide'), ...by, decision: z.enum(['approve', 'deny']), durationDays: days.nullable().default(null) }),
  z.strictObject({ operation: z.literal('withdraw'), ...by }),
  z.strictObject({ operation: z.literal('revoke'), ...by }),
  z.strictObject({ operation: z.literal('return'), ...by }),
  z.strictObject({ operation: z.literal('extend'), ...by, durationDays: days }),
  z.strictObject({ operation: z.literal('timePasses'), days }),
]);
const then = z.strictObject({
  refused: z.string().refine(isRefusalCode).optional(),
  decision: z.enum(DECISIONS).optional(), source: z.enum(DECISION_SOURCES).nullable().optional(), pendingStage: z.enum(STAGES).nullable().optional(),
  grant: z.enum(GRANT_STATUSES).nullable().optional(), expiresInDays: days.optional(), rules: z.array(z.enum(POLICY_RULES)).optional(),
  /** What the audit trail says, in its order; a refused attempt too. */
  audit: z.array(z.string().refine(isAuditAction)),
  /** The transition that is asked for on the ticket. */
  ticket: z.enum(['approve', 'deny']).optional(),
});
const goldenCase = z.strictObject({ name: z.string(), covers: names.min(1), given, when, then });
export type GoldenCase = z.infer<typeof goldenCase>;

/** Facts, what is done, and what must come of it: plain data, so that each layer that decides can be held to the same cases. */
export function goldenCases(): readonly GoldenCase[] {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.json')).sort();
  return files.flatMap((file) => z.array(goldenCase).parse(JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'))));
}
