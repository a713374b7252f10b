import { entitlementName } from '../catalog/entitlement.js';
import type { AutoApprovalPolicy, PolicyFacts } from './policy.js';

/** What keeps an approval policy from a request. `namesNobody`: it has no group, and an empty list is nobody (SPEC P6). */
export type PolicyMiss = 'switchedOff' | 'notAutomatic' | 'otherProject' | 'otherTool' | 'unnamedRole' | 'namesNobody' | 'groupNotMatched' | 'durationExceeded';
type Asked = Pick<PolicyFacts['asked'], 'toolKey' | 'roleKey' | 'projectKey' | 'durationDays' | 'requesterGroups'>;
type About = Pick<PolicyFacts, 'tool'> & { readonly asked: Pick<Asked, 'toolKey' | 'roleKey'> };

/**
 * What keeps the policy's scope from what is asked; null: it covers it. A tool's key, and `all`, cover the tool and those of its roles whose risk is low; any
 * other is covered by its own name only, so that a new administrator's role is not approved by what was written for users (SPEC K3). The tool's own risk is not compared: raising it must
 * open nothing.
 */
export function scopeMiss({ toolKeys }: Pick<AutoApprovalPolicy, 'toolKeys'>, { asked, tool }: About): 'otherTool' | 'unnamedRole' | null {
  if (asked.roleKey !== null && toolKeys !== 'all' && toolKeys.includes(entitlementName(asked))) return null;
  if (toolKeys !== 'all' && !toolKeys.includes(asked.toolKey)) return 'otherTool';
  return (tool?.role?.risk ?? 'low') === 'low' ? null : 'unnamedRole';
}

/**
 * Everything that keeps this policy from approving what is asked, the more general first; none: it approves. SPEC P2: it covers the tool and the project, the requester is in at
 * least one allowed group and the duration is within the policy. The one statement of this rule: policy decides by it, and a diagnosis explains by it.
 */
export function missesOf(policy: AutoApprovalPolicy, { asked, tool }: Pick<PolicyFacts, 'tool'> & { readonly asked: Asked }): readonly PolicyMiss[] {
  const misses: PolicyMiss[] = [];
  if (!policy.enabled) misses.push('switchedOff');
  if (!policy.autoApprove) misses.push('notAutomatic');
  if (policy.projectKey !== null && policy.projectKey !== asked.projectKey) misses.push('otherProject');
  const scope = scopeMiss(policy, { asked, tool });
  if (scope !== null) misses.push(scope);
  if (policy.jiraGroups.length === 0) misses.push('namesNobody');
  else if (!policy.jiraGroups.some((group) => asked.requesterGroups.includes(group))) misses.push('groupNotMatched');
  if (policy.maxDurationDays !== null && asked.durationDays > policy.maxDurationDays) misses.push('durationExceeded');
  return misses;
}

const OUTSIDE: readonly PolicyMiss[] = ['switchedOff', 'notAutomatic', 'otherProject', 'otherTool'];
/** Whether the policy has nothing to say about the request: it is off, or about something else. A role of its tool that it does not name is not: as what it misses otherwise, that keeps a default from opening it to everybody. */
export const isOutside = (misses: readonly PolicyMiss[]): boolean => misses.some((miss) => OUTSIDE.includes(miss));
