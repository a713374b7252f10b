import fc from 'fast-check';
import { BLOCK_SCOPES, BLOCK_SOURCES, type AccessBlock } from '../../src/domain/policy/block.js';
import { RISKS, TOOL_STATUSES, type AutoApprovalPolicy, type Guardrails, type PolicyFacts, type PolicyRole, type PolicyTool, type Risk } from '../../src/domain/policy/policy.js';

/** Small worlds on purpose: few keys, groups and durations, so that rules meet each other often. */
const risk = fc.constantFrom(...RISKS);
const days = fc.constantFrom(1, 7, 30, 60, 90, 180, 365);
const groups = fc.subarray(['engineers', 'lawyers', 'pilots']);
const classes = fc.subarray(['internal', 'public', 'secret', 'unheard-of']);
const toolKey = fc.constantFrom('chatgpt', 'claude', 'codex');
const projectKey = fc.constantFrom('AI', 'HR');
const byRisk = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<Risk, T>> => fc.record({ low: value, medium: value, high: value, critical: value });

export const anyGuardrails: fc.Arbitrary<Guardrails> = fc.record({
  blockUnknownTools: fc.boolean(), mandatoryReview: fc.boolean(), securityReviewFrom: fc.option(risk), jiraAdminReviewFrom: fc.option(risk), maxDurationDaysByRisk: byRisk(days),
});
export const anyRole: fc.Arbitrary<PolicyRole> = fc.record({ key: fc.constant('admin'), name: fc.constant('Administrator'), risk, maxDurationDays: days, requestable: fc.boolean() });
/** A role goes with the key that is asked for; {@link anyPolicyFacts} sees to it. */
export const anyTool: fc.Arbitrary<PolicyTool> = fc.record({
  key: toolKey, status: fc.constantFrom('approved', 'approved', 'approved', ...TOOL_STATUSES), risk, maxDurationDays: days, pilotGroups: groups, dataClasses: fc.option(classes),
  hasRoles: fc.boolean(), role: fc.option(anyRole),
});
export const anyAutoPolicy: fc.Arbitrary<AutoApprovalPolicy> = fc.record({
  id: fc.constantFrom('pol_1', 'pol_2', 'pol_3'), name: fc.constantFrom('Engineers', 'Everybody'), projectKey: fc.option(projectKey), toolKeys: fc.oneof(fc.constant('all' as const), fc.uniqueArray(fc.oneof(toolKey, toolKey.map((key) => `${key}/admin`)))),
  autoApprove: fc.boolean(), jiraGroups: groups, maxDurationDays: fc.option(days), enabled: fc.boolean(),
});
/** Rare: a block denies everything else away. */
export const anyBlock: fc.Arbitrary<AccessBlock> = fc.record({ scope: fc.constantFrom(...BLOCK_SCOPES), key: fc.constantFrom('chatgpt', 'con', 'ann'), source: fc.constantFrom(...BLOCK_SOURCES), reason: fc.constant('incident 7') });
export const anyPolicyFacts: fc.Arbitrary<PolicyFacts> = fc.record({
  version: fc.nat(1_000), guardrails: anyGuardrails, defaults: fc.record({ outcomeByRisk: byRisk(fc.constantFrom('autoApprove' as const, 'review' as const, 'deny' as const)) }),
  policies: fc.array(anyAutoPolicy, { maxLength: 4 }), dataClasses: fc.constant(['internal', 'public', 'secret']), tool: fc.option(anyTool, { freq: 6 }), blocks: fc.array(anyBlock, { maxLength: 1 }),
  asked: fc.record({ toolKey, roleKey: fc.option(fc.constant('admin')), projectKey, durationDays: days, dataClasses: fc.subarray(['internal', 'public', 'unheard-of'], { maxLength: 1 }), requesterGroups: groups }),
}).map((facts) => ({ ...facts, tool: facts.tool === null ? null : { ...facts.tool, role: facts.tool.hasRoles && facts.asked.roleKey !== null ? facts.tool.role : null } }));

/** The same guardrails or stricter ones: each setting stays or moves towards more review, less time, fewer tools. */
export const tightenedBy = (from: Guardrails): fc.Arbitrary<Guardrails> => fc.record({
  blockUnknownTools: fc.boolean(), mandatoryReview: fc.boolean(), security: fc.option(risk), admin: fc.option(risk), days: byRisk(days),
}).map((more) => ({
  blockUnknownTools: from.blockUnknownTools || more.blockUnknownTools,
  mandatoryReview: from.mandatoryReview || more.mandatoryReview,
  securityReviewFrom: lower(from.securityReviewFrom, more.security),
  jiraAdminReviewFrom: lower(from.jiraAdminReviewFrom, more.admin),
  maxDurationDaysByRisk: {
    low: Math.min(from.maxDurationDaysByRisk.low, more.days.low), medium: Math.min(from.maxDurationDaysByRisk.medium, more.days.medium),
    high: Math.min(from.maxDurationDaysByRisk.high, more.days.high), critical: Math.min(from.maxDurationDaysByRisk.critical, more.days.critical),
  },
}));
const lower = (a: Risk | null, b: Risk | null): Risk | null => RISKS.find((candidate) => candidate === a || candidate === b) ?? null;
