import { autoPolicy, defaults, guardrails, policyFacts, role, tool } from '../../../test/decisions/facts.js';
import { evaluatePolicy } from './evaluate.js';
import { POLICY_RULES, type PolicyFacts } from './policy.js';

type Row = readonly [name: string, facts: PolicyFacts, expected: { readonly outcome: string; readonly rules: readonly string[]; readonly stages?: readonly string[]; readonly limit?: number }];

const denied: readonly Row[] = [
  ['a tool outside the catalog while that is blocked', policyFacts({ tool: null }), { outcome: 'deny', rules: ['tool.unknown'], limit: 0 }],
  ['a tool outside the catalog for longer than critical tools may be had', policyFacts({ tool: null, guardrails: guardrails({ blockUnknownTools: false }), asked: { durationDays: 31 } }), { outcome: 'deny', rules: ['guardrail.duration_by_risk'], limit: 30 }],
  ['what a kill switch stops, besides its own reasons', policyFacts({ tool: tool({ status: 'blocked' }), policies: [autoPolicy()], blocks: [{ scope: 'tool', key: 'chatgpt', source: 'killSwitch', reason: 'incident 7' }] }), { outcome: 'deny', rules: ['access.kill_switch', 'tool.blocked'] }],
  ['a person who has left, for a tool outside the catalog too', policyFacts({ tool: null, guardrails: guardrails({ blockUnknownTools: false }), blocks: [{ scope: 'person', key: 'ann', source: 'leaver', reason: 'left' }] }), { outcome: 'deny', rules: ['access.leaver'], limit: 0 }],
  ['a restricted tool', policyFacts({ tool: tool({ status: 'restricted' }) }), { outcome: 'deny', rules: ['tool.restricted'] }],
  ['a blocked tool', policyFacts({ tool: tool({ status: 'blocked' }) }), { outcome: 'deny', rules: ['tool.blocked'] }],
  ['a retired tool', policyFacts({ tool: tool({ status: 'retired' }) }), { outcome: 'deny', rules: ['tool.retired'] }],
  ['a pilot for somebody outside its groups', policyFacts({ tool: tool({ status: 'pilot', pilotGroups: ['pilots'] }) }), { outcome: 'deny', rules: ['tool.pilot_group'] }],
  ['a pilot without groups, which is nobody\'s', policyFacts({ tool: tool({ status: 'pilot', pilotGroups: [] }) }), { outcome: 'deny', rules: ['tool.pilot_group'] }],
  ['a data class that the site does not have', policyFacts({ asked: { dataClasses: ['internal', 'gossip'] } }), { outcome: 'deny', rules: ['data_class.unknown'] }],
  ['a data class that the tool may not see', policyFacts({ tool: tool({ dataClasses: ['public'] }), asked: { dataClasses: ['public', 'internal'] } }), { outcome: 'deny', rules: ['tool.data_class'] }],
  ['any data class where the tool may see none', policyFacts({ tool: tool({ dataClasses: [] }) }), { outcome: 'deny', rules: ['tool.data_class'] }],
  ['more days than the tool allows', policyFacts({ asked: { durationDays: 91 } }), { outcome: 'deny', rules: ['tool.duration_limit'], limit: 90 }],
  ['more days than the risk allows', policyFacts({ tool: tool({ risk: 'critical' }), asked: { durationDays: 31 } }), { outcome: 'deny', rules: ['guardrail.duration_by_risk'], limit: 30 }],
  ['more than 180 days, whatever an admin set', policyFacts({ tool: tool({ maxDurationDays: 999 }), guardrails: guardrails({ maxDurationDaysByRisk: { low: 999, medium: 999, high: 999, critical: 999 } }), asked: { durationDays: 181 } }), { outcome: 'deny', rules: ['tool.duration_limit'], limit: 180 }],
  ['what the default for its risk denies', policyFacts({ defaults: defaults('deny') }), { outcome: 'deny', rules: ['default.by_risk'] }],
  ['what the default denies, also where a review would be mandatory', policyFacts({ defaults: defaults('deny'), guardrails: guardrails({ mandatoryReview: true }) }), { outcome: 'deny', rules: ['default.by_risk'] }],
  ['everything that is wrong, each with its reason', policyFacts({ tool: tool({ status: 'blocked', dataClasses: ['public'] }), asked: { durationDays: 91, dataClasses: ['gossip', 'internal'] } }), { outcome: 'deny', rules: ['tool.blocked', 'data_class.unknown', 'tool.data_class', 'tool.duration_limit'] }],
  ['a tool with roles where none is named', policyFacts({ tool: tool({ hasRoles: true }), policies: [autoPolicy()] }), { outcome: 'deny', rules: ['role.required'] }],
  ['a role that the tool does not have', policyFacts({ tool: tool({ hasRoles: true }), asked: { roleKey: 'owner' } }), { outcome: 'deny', rules: ['role.unknown'] }],
  ['a role of a tool without roles', policyFacts({ asked: { roleKey: 'admin' } }), { outcome: 'deny', rules: ['role.unknown'] }],
  ['a role that is closed', policyFacts({ tool: tool({ hasRoles: true, role: role({ requestable: false }) }), asked: { roleKey: 'admin' }, policies: [autoPolicy()] }), { outcome: 'deny', rules: ['role.closed'] }],
  ['more days than the role allows', policyFacts({ tool: tool({ hasRoles: true, role: role({ maxDurationDays: 7 }) }), asked: { roleKey: 'admin', durationDays: 8 } }), { outcome: 'deny', rules: ['tool.duration_limit'], limit: 7 }],
  ['more days than the tool allows, whatever its role does', policyFacts({ tool: tool({ hasRoles: true, role: role({ maxDurationDays: 180 }) }), asked: { roleKey: 'admin', durationDays: 91 } }), { outcome: 'deny', rules: ['tool.duration_limit'], limit: 90 }],
  ['more days than the risk of the role allows', policyFacts({ tool: tool({ hasRoles: true, role: role({ risk: 'critical' }) }), asked: { roleKey: 'admin', durationDays: 31 } }), { outcome: 'deny', rules: ['guardrail.duration_by_risk'], limit: 30 }],
  ['a blocked tool that an automatic approval covers', policyFacts({ tool: tool({ status: 'blocked' }), policies: [autoPolicy()] }), { outcome: 'deny', rules: ['tool.blocked'] }],
];

const reviewed: readonly Row[] = [
  ['a tool outside the catalog where that is not blocked, by two stages and for as long as a critical one', policyFacts({ tool: null, guardrails: guardrails({ blockUnknownTools: false }) }), { outcome: 'review', rules: ['tool.unknown'], stages: ['project', 'jiraAdmin'], limit: 30 }],
  ['everything under mandatory review, automatic approvals too', policyFacts({ guardrails: guardrails({ mandatoryReview: true }), policies: [autoPolicy()] }), { outcome: 'review', rules: ['guardrail.mandatory_review', 'policy.auto_approve'], stages: ['project'] }],
  ['a risk from which security looks', policyFacts({ guardrails: guardrails({ securityReviewFrom: 'medium' }) }), { outcome: 'review', rules: ['guardrail.security_review'], stages: ['project', 'security'] }],
  ['a risk from which a Jira admin looks', policyFacts({ guardrails: guardrails({ jiraAdminReviewFrom: 'low' }) }), { outcome: 'review', rules: ['guardrail.jira_admin_review'], stages: ['project', 'jiraAdmin'] }],
  ['all stages in their order', policyFacts({ guardrails: guardrails({ mandatoryReview: true, securityReviewFrom: 'low', jiraAdminReviewFrom: 'low' }) }), { outcome: 'review', rules: ['guardrail.mandatory_review', 'guardrail.security_review', 'guardrail.jira_admin_review'], stages: ['project', 'security', 'jiraAdmin'] }],
  ['a risk below every threshold, by default', policyFacts({ guardrails: guardrails({ securityReviewFrom: 'high', jiraAdminReviewFrom: 'critical' }) }), { outcome: 'review', rules: ['default.by_risk'], stages: ['project'] }],
  ['a role of a risk from which security looks, at a tool below it', policyFacts({ tool: tool({ hasRoles: true, role: role({ risk: 'high' }) }), asked: { roleKey: 'admin' }, guardrails: guardrails({ securityReviewFrom: 'high' }) }), { outcome: 'review', rules: ['guardrail.security_review'], stages: ['project', 'security'] }],
  ['a role that a policy for its tool does not name', policyFacts({ tool: tool({ hasRoles: true, role: role({ risk: 'high' }) }), asked: { roleKey: 'admin' }, policies: [autoPolicy({ toolKeys: ['chatgpt'] })] }), { outcome: 'review', rules: ['policy.role_not_named', 'default.by_risk'] }],
  ['a role that a policy for all does not name, where the default opens to everybody', policyFacts({ defaults: defaults('autoApprove'), tool: tool({ hasRoles: true, role: role({ risk: 'high' }) }), asked: { roleKey: 'admin' }, policies: [autoPolicy({ jiraGroups: ['lawyers'] })] }), { outcome: 'review', rules: ['policy.role_not_named'], stages: ['project'] }],
  ['somebody in no group of the policy', policyFacts({ policies: [autoPolicy({ jiraGroups: ['lawyers'] })] }), { outcome: 'review', rules: ['policy.group_not_matched', 'default.by_risk'] }],
  ['everybody under a policy without groups, which is nobody\'s', policyFacts({ policies: [autoPolicy({ jiraGroups: [] })] }), { outcome: 'review', rules: ['policy.group_not_matched', 'default.by_risk'] }],
  ['more days than the policy gives by itself', policyFacts({ policies: [autoPolicy({ maxDurationDays: 29 })] }), { outcome: 'review', rules: ['policy.duration_exceeded', 'default.by_risk'] }],
  ['what misses a policy that names groups, where the default opens to everybody', policyFacts({ defaults: defaults('autoApprove'), policies: [autoPolicy({ jiraGroups: ['lawyers'] })] }), { outcome: 'review', rules: ['policy.group_not_matched'], stages: ['project'] }],
  ['what only a disabled policy covers', policyFacts({ policies: [autoPolicy({ enabled: false })] }), { outcome: 'review', rules: ['default.by_risk'] }],
  ['what a policy of another project covers', policyFacts({ policies: [autoPolicy({ projectKey: 'HR' })] }), { outcome: 'review', rules: ['default.by_risk'] }],
  ['what a policy of another tool covers', policyFacts({ policies: [autoPolicy({ toolKeys: ['codex'] })] }), { outcome: 'review', rules: ['default.by_risk'] }],
  ['what a policy without tools covers, which is none', policyFacts({ policies: [autoPolicy({ toolKeys: [] })] }), { outcome: 'review', rules: ['default.by_risk'] }],
  ['what a policy covers that does not approve by itself', policyFacts({ policies: [autoPolicy({ autoApprove: false })] }), { outcome: 'review', rules: ['default.by_risk'] }],
];

const approved: readonly Row[] = [
  ['a member of an allowed group, within the policy\'s days', policyFacts({ policies: [autoPolicy({ maxDurationDays: 30, projectKey: 'AI', toolKeys: ['chatgpt'] })] }), { outcome: 'autoApprove', rules: ['policy.auto_approve'], limit: 30 }],
  ['by the first policy that passes', policyFacts({ policies: [autoPolicy({ id: 'pol_0', jiraGroups: [] }), autoPolicy()] }), { outcome: 'autoApprove', rules: ['policy.auto_approve'], limit: 90 }],
  ['a role that the policy names', policyFacts({ tool: tool({ hasRoles: true, role: role({ risk: 'high' }) }), asked: { roleKey: 'admin' }, policies: [autoPolicy({ toolKeys: ['chatgpt/admin'] })] }), { outcome: 'autoApprove', rules: ['policy.auto_approve'], limit: 90 }],
  ['a role of low risk, by a policy for all', policyFacts({ tool: tool({ hasRoles: true, role: role({ risk: 'low' }) }), asked: { roleKey: 'admin' }, policies: [autoPolicy()] }), { outcome: 'autoApprove', rules: ['policy.auto_approve'] }],
  ['by the default for its risk', policyFacts({ defaults: defaults('autoApprove') }), { outcome: 'autoApprove', rules: ['default.by_risk'] }],
  ['a pilot for a member of its groups', policyFacts({ tool: tool({ status: 'pilot', pilotGroups: ['engineers'] }), policies: [autoPolicy()] }), { outcome: 'autoApprove', rules: ['policy.auto_approve'] }],
  ['exactly as many days as are allowed', policyFacts({ policies: [autoPolicy()], asked: { durationDays: 90 } }), { outcome: 'autoApprove', rules: ['policy.auto_approve'] }],
  ['a member although the default denies everybody else', policyFacts({ defaults: defaults('deny'), policies: [autoPolicy()] }), { outcome: 'autoApprove', rules: ['policy.auto_approve'] }],
];

describe('evaluatePolicy', () => {
  const check = (_name: string, facts: PolicyFacts, expected: Row[2]): void => {
    const decided = evaluatePolicy(facts);
    expect({ outcome: decided.outcome, rules: decided.rules.map(({ rule }) => rule) }).toEqual({ outcome: expected.outcome, rules: expected.rules });
    if (expected.stages !== undefined) expect(decided.stages).toEqual(expected.stages);
    if (expected.limit !== undefined) expect(decided.limits).toEqual({ maxDurationDays: expected.limit });
    expect(decided.version).toBe(facts.version);
  };
  it.each(denied)('denies %s', check);
  it.each(reviewed)('asks people about %s', check);
  it.each(approved)('approves %s', check);

  it('names the policy that approved and those that were missed', () => {
    const missed = autoPolicy({ id: 'pol_0', name: 'Lawyers', jiraGroups: ['lawyers'] });
    expect(evaluatePolicy(policyFacts({ policies: [missed, autoPolicy()] })).rules).toEqual([{ rule: 'policy.auto_approve', effect: 'allow', policyId: 'pol_1', detail: 'Approved by policy "Engineers"' }]);
    expect(evaluatePolicy(policyFacts({ policies: [missed] })).rules[0]).toMatchObject({ rule: 'policy.group_not_matched', policyId: 'pol_0' });
  });

  it('has no rule that nothing fires', () => {
    const fired = new Set([...denied, ...reviewed, ...approved].flatMap(([, facts]) => evaluatePolicy(facts).rules.map(({ rule }) => rule)));
    expect(POLICY_RULES.filter((rule) => !fired.has(rule))).toEqual([]);
  });
});
