import { BLOCK_RULES } from './block.js';
import { isOutside, missesOf, type PolicyMiss } from './policy-misses.js';
import { MAX_LIFE_DAYS, RISKS, type AutoApprovalPolicy, type FiredRule, type PolicyFacts, type PolicyOutcome, type PolicyRule, type PolicyTool, type Risk, type Stage } from './policy.js';

/**
 * The one policy decision (SPEC P1, P2, P4–P6): at intake, after the last review, before the IdP call and at an extension. Deny overrides everything; an empty
 * list is nobody; what is unknown is refused.
 */
export function evaluatePolicy(facts: PolicyFacts): PolicyOutcome {
  const tool = facts.tool === null ? null : asRole(facts.tool);
  const stopped = blockDenials(facts);
  if (tool === null) return stopped.length > 0 ? outcome(facts, 'deny', [], 0, stopped) : unknownTool(facts);
  const limit = durationLimit(facts, tool);
  const denials = [...stopped, ...statusDenials(facts, tool), ...roleDenials(facts, tool), ...dataClassDenials(facts, tool), ...durationDenials(facts, tool, limit)];
  if (denials.length > 0) return outcome(facts, 'deny', [], limit, denials);

  const stages = requiredStages(facts, tool);
  const auto = autoApproval(facts);
  const unguarded = auto.approved
    ? outcome(facts, 'autoApprove', [], auto.limit === null ? limit : Math.min(limit, auto.limit), auto.rules)
    : byDefault(facts, tool, limit, auto.rules);
  // A guardrail only tightens: it puts people before an approval and never before a default that denies.
  if (unguarded.outcome === 'deny' || stages.rules.length === 0) return unguarded;
  return outcome(facts, 'review', stages.stages, limit, [...stages.rules, ...auto.rules]);
}

const atLeast = (risk: Risk, from: Risk | null): boolean => from !== null && RISKS.indexOf(risk) >= RISKS.indexOf(from);
const outcome = (facts: PolicyFacts, kind: PolicyOutcome['outcome'], stages: readonly Stage[], maxDurationDays: number, rules: readonly FiredRule[]): PolicyOutcome =>
  ({ outcome: kind, stages: [...stages], limits: { maxDurationDays }, rules: [...rules], version: facts.version });

/** A block denies whatever the catalog, a policy or an approver says (SPEC G6, G8). */
const blockDenials = ({ blocks }: PolicyFacts): FiredRule[] =>
  blocks.map(({ source, reason }): FiredRule => ({ rule: BLOCK_RULES[source], effect: 'deny', detail: source === 'leaver' ? 'The requester has left' : `Access is stopped by a kill switch: ${reason}` }));

/** A tool that is not in the catalog: denied while the guardrail is on; otherwise people look at it, at the strictest risk; never approved by itself (SPEC I5). */
function unknownTool(facts: PolicyFacts): PolicyOutcome {
  const detail = `"${facts.asked.toolKey}" is not in the catalog`;
  if (facts.guardrails.blockUnknownTools) return outcome(facts, 'deny', [], 0, [{ rule: 'tool.unknown', effect: 'deny', detail }]);
  const limit = Math.min(MAX_LIFE_DAYS, facts.guardrails.maxDurationDaysByRisk.critical);
  const unknown: FiredRule = { rule: 'tool.unknown', effect: 'review', detail: `${detail}; it is treated as critical` };
  if (facts.asked.durationDays <= limit) return outcome(facts, 'review', ['project', 'jiraAdmin'], limit, [unknown]);
  return outcome(facts, 'deny', [], limit, [{ rule: 'guardrail.duration_by_risk', effect: 'deny', detail: `At most ${limit} days are allowed for a tool outside the catalog` }]);
}

function statusDenials({ asked }: PolicyFacts, tool: PolicyTool): FiredRule[] {
  switch (tool.status) {
    case 'approved': return [];
    case 'pilot': {
      const member = tool.pilotGroups.some((group) => asked.requesterGroups.includes(group));
      return member ? [] : [{ rule: 'tool.pilot_group', effect: 'deny', detail: 'This tool is in a pilot and you are not in one of its pilot groups' }];
    }
    case 'restricted': return [{ rule: 'tool.restricted', effect: 'deny', detail: 'This tool is restricted and can\'t be requested' }];
    case 'blocked': return [{ rule: 'tool.blocked', effect: 'deny', detail: 'This tool is blocked' }];
    case 'retired': return [{ rule: 'tool.retired', effect: 'deny', detail: 'This tool is retired' }];
  }
}

/** What is decided about: the tool, with the risk of the role that is asked for, and with the shorter of both limits. */
const asRole = (tool: PolicyTool): PolicyTool =>
  (tool.role === null ? tool : { ...tool, risk: tool.role.risk, maxDurationDays: Math.min(tool.maxDurationDays, tool.role.maxDurationDays) });

/** A tool with roles is asked for by one of them, any other by none (SPEC K3). */
function roleDenials({ asked }: PolicyFacts, { hasRoles, role }: PolicyTool): FiredRule[] {
  if (asked.roleKey === null) return hasRoles ? [{ rule: 'role.required', effect: 'deny', detail: 'This tool has roles, and the request names none of them' }] : [];
  if (role === null) return [{ rule: 'role.unknown', effect: 'deny', detail: `This tool has no role "${asked.roleKey}"` }];
  return role.requestable ? [] : [{ rule: 'role.closed', effect: 'deny', detail: `The role "${role.name}" can't be requested` }];
}
function dataClassDenials({ asked, dataClasses }: PolicyFacts, tool: PolicyTool): FiredRule[] {
  const unknown = asked.dataClasses.filter((name) => !dataClasses.includes(name));
  const closed = tool.dataClasses;
  const notAllowed = closed === null ? [] : asked.dataClasses.filter((name) => dataClasses.includes(name) && !closed.includes(name));
  return [
    ...unknown.map((name): FiredRule => ({ rule: 'data_class.unknown', effect: 'deny', detail: `"${name}" is not a data class of this site` })),
    ...notAllowed.map((name): FiredRule => ({ rule: 'tool.data_class', effect: 'deny', detail: `This tool may not see data of the class "${name}"` })),
  ];
}

const durationLimit = ({ guardrails }: PolicyFacts, tool: PolicyTool): number =>
  Math.min(MAX_LIFE_DAYS, tool.maxDurationDays, guardrails.maxDurationDaysByRisk[tool.risk]);

function durationDenials({ asked, guardrails }: PolicyFacts, tool: PolicyTool, limit: number): FiredRule[] {
  if (asked.durationDays <= limit) return [];
  const byRisk = guardrails.maxDurationDaysByRisk[tool.risk] === limit && limit < tool.maxDurationDays;
  return [{ rule: byRisk ? 'guardrail.duration_by_risk' : 'tool.duration_limit', effect: 'deny', detail: `At most ${limit} days are allowed for this tool; ${asked.durationDays} were asked for` }];
}

function requiredStages({ guardrails }: PolicyFacts, tool: PolicyTool): { stages: Stage[]; rules: FiredRule[] } {
  const stages: Stage[] = [];
  const rules: FiredRule[] = [];
  const security = atLeast(tool.risk, guardrails.securityReviewFrom);
  const admin = atLeast(tool.risk, guardrails.jiraAdminReviewFrom);
  if (guardrails.mandatoryReview || security || admin) stages.push('project');
  if (guardrails.mandatoryReview) rules.push({ rule: 'guardrail.mandatory_review', effect: 'review', detail: 'Every request is reviewed by a person' });
  if (security) {
    stages.push('security');
    rules.push({ rule: 'guardrail.security_review', effect: 'review', detail: `Risk ${tool.risk} needs a security review` });
  }
  if (admin) {
    stages.push('jiraAdmin');
    rules.push({ rule: 'guardrail.jira_admin_review', effect: 'review', detail: `Risk ${tool.risk} needs a Jira admin's review` });
  }
  return { stages, rules };
}

/** The first policy that nothing keeps from the request, in the given order, is named (SPEC P2); otherwise each that is about it, with what it was missed by. */
function autoApproval(facts: PolicyFacts): { approved: boolean; limit: number | null; rules: FiredRule[] } {
  const missed: FiredRule[] = [];
  for (const policy of facts.policies) {
    const misses = missesOf(policy, facts);
    if (misses.length === 0) {
      return { approved: true, limit: policy.maxDurationDays, rules: [{ rule: 'policy.auto_approve', effect: 'allow', policyId: policy.id, detail: `Approved by policy "${policy.name}"` }] };
    }
    if (isOutside(misses)) continue;
    missed.push(whyMissed(policy, misses));
  }
  return { approved: false, limit: null, rules: missed };
}

function whyMissed({ id, name, maxDurationDays }: AutoApprovalPolicy, misses: readonly PolicyMiss[]): FiredRule {
  const missed = (rule: PolicyRule, detail: string): FiredRule => ({ rule, effect: 'review', policyId: id, detail });
  if (misses.includes('unnamedRole')) return missed('policy.role_not_named', `Policy "${name}" is about the tool and does not name this role, whose risk is not low`);
  if (misses.includes('namesNobody') || misses.includes('groupNotMatched')) return missed('policy.group_not_matched', `The requester is in no group of policy "${name}"`);
  return missed('policy.duration_exceeded', `Policy "${name}" allows at most ${maxDurationDays ?? 0} days`);
}

function byDefault(facts: PolicyFacts, tool: PolicyTool, limit: number, missed: readonly FiredRule[]): PolicyOutcome {
  const choice = facts.defaults.outcomeByRisk[tool.risk];
  const detail = `The default for risk ${tool.risk} is ${choice}`;
  switch (choice) {
    case 'deny': return outcome(facts, 'deny', [], limit, [...missed, { rule: 'default.by_risk', effect: 'deny', detail }]);
    case 'review': return outcome(facts, 'review', ['project'], limit, [...missed, { rule: 'default.by_risk', effect: 'review', detail }]);
    // A default opens to everybody who may request the tool; a policy that names groups and was missed keeps its review.
    case 'autoApprove': return missed.length > 0
      ? outcome(facts, 'review', ['project'], limit, missed)
      : outcome(facts, 'autoApprove', [], limit, [{ rule: 'default.by_risk', effect: 'allow', detail }]);
  }
}
