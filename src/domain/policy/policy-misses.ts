import type { AutoApprovalPolicy, PolicyFacts } from './policy.js';

/** What keeps an approval policy from a request. `namesNobody`: it has no group, and an empty list is nobody (SPEC P6). */
export type PolicyMiss = 'switchedOff' | 'notAutomatic' | 'otherProject' | 'otherTool' | 'namesNobody' | 'groupNotMatched' | 'durationExceeded';
type Asked = Pick<PolicyFacts['asked'], 'toolKey' | 'projectKey' | 'durationDays' | 'requesterGroups'>;

/**
 * Everything that keeps this policy from approving what is asked, the more general first; none: it approves. SPEC P2: it covers the tool and the project, the requester is in at
 * least one allowed group and the duration is within the policy. The one statement of this rule: policy decides by it, and a diagnosis explains by it.
 */
export function missesOf(policy: AutoApprovalPolicy, asked: Asked): readonly PolicyMiss[] {
  const misses: PolicyMiss[] = [];
  if (!policy.enabled) misses.push('switchedOff');
  if (!policy.autoApprove) misses.push('notAutomatic');
  if (policy.projectKey !== null && policy.projectKey !== asked.projectKey) misses.push('otherProject');
  if (policy.toolKeys !== 'all' && !policy.toolKeys.includes(asked.toolKey)) misses.push('otherTool');
  if (policy.jiraGroups.length === 0) misses.push('namesNobody');
  else if (!policy.jiraGroups.some((group) => asked.requesterGroups.includes(group))) misses.push('groupNotMatched');
  if (policy.maxDurationDays !== null && asked.durationDays > policy.maxDurationDays) misses.push('durationExceeded');
  return misses;
}

const OUTSIDE: readonly PolicyMiss[] = ['switchedOff', 'notAutomatic', 'otherProject', 'otherTool'];
/** Whether the policy has nothing to say about the request: it is off, or about something else. */
export const isOutside = (misses: readonly PolicyMiss[]): boolean => misses.some((miss) => OUTSIDE.includes(miss));
