import { z } from 'zod';
import { distinct, grantedDays, id, instant, jiraGroup, name, projectKey, riskLevel, toolKey } from './primitives.js';
import { pageQuery } from './page.contract.js';

const toolOrRole = z.string().refine((text) => text.split('/').length <= 2 && text.split('/').every((key) => toolKey.safeParse(key).success), 'expected a tool key, or tool/role');
const policyFields = {
  name,
  /** Null: every project. */
  projectKey: projectKey.nullable(),
  /** A key covers the tool and its roles of low risk; any other role is covered by its own name, `tool/role` (SPEC K3). */
  toolKeys: z.union([z.literal('all'), distinct(toolOrRole, 1, 200)], { error: 'expected "all" or a list of tool keys, or tool/role for a role' }),
  autoApprove: z.boolean(),
  /** The requester must be in at least one; empty means nobody (SPEC P6). */
  jiraGroups: distinct(jiraGroup, 0, 50),
  maxDurationDays: grantedDays.nullable(),
  enabled: z.boolean(),
};
export const createApprovalPolicyBody = z.strictObject({ ...policyFields, projectKey: policyFields.projectKey.optional(), maxDurationDays: policyFields.maxDurationDays.optional() });
export type CreateApprovalPolicyBody = z.output<typeof createApprovalPolicyBody>;
export const patchApprovalPolicyBody = z.strictObject(policyFields).partial();
export type PatchApprovalPolicyBody = z.output<typeof patchApprovalPolicyBody>;
export const approvalPolicyView = z.strictObject({ id, ...policyFields, version: z.int(), createdAt: instant, updatedAt: instant });
export type ApprovalPolicyView = z.infer<typeof approvalPolicyView>;
export const approvalPolicyListQuery = z.strictObject({ ...pageQuery, projectKey: projectKey.optional(), toolKey: toolKey.optional() });
export type ApprovalPolicyListQuery = z.output<typeof approvalPolicyListQuery>;

export const guardrails = z.strictObject({
  blockUnknownTools: z.boolean(),
  mandatoryReview: z.boolean(),
  securityReviewFrom: riskLevel.nullable(),
  jiraAdminReviewFrom: riskLevel.nullable(),
  maxDurationDaysByRisk: z.strictObject({ low: grantedDays, medium: grantedDays, high: grantedDays, critical: grantedDays }),
});
const riskOutcome = z.enum(['autoApprove', 'review', 'deny']);
export const policyDefaults = z.strictObject({ outcomeByRisk: z.strictObject({ low: riskOutcome, medium: riskOutcome, high: riskOutcome, critical: riskOutcome }) });

/** A singleton document with what an `If-Match` compares. */
const revision = { version: z.int(), updatedAt: instant.nullable() };
export const guardrailsView = z.strictObject({ ...guardrails.shape, ...revision });
export const policyDefaultsView = z.strictObject({ ...policyDefaults.shape, ...revision });
export type Guardrails = z.infer<typeof guardrails>;
export type GuardrailsView = z.infer<typeof guardrailsView>;
export type PolicyDefaults = z.infer<typeof policyDefaults>;
export type PolicyDefaultsView = z.infer<typeof policyDefaultsView>;
