import fc from 'fast-check';
import { anyPolicyFacts, tightenedBy } from '../../../test/decisions/arbitraries.js';
import { evaluatePolicy } from './evaluate.js';
import { MAX_LIFE_DAYS, type PolicyOutcome } from './policy.js';

const openness = { deny: 0, review: 1, autoApprove: 2 } as const;
const fires = (decided: PolicyOutcome, effect: string): boolean => decided.rules.some((rule) => rule.effect === effect);

describe('evaluatePolicy, whatever the facts', () => {
  it('denies exactly when a rule denies, and always says why', () => {
    fc.assert(fc.property(anyPolicyFacts, (facts) => {
      const decided = evaluatePolicy(facts);
      expect(decided.outcome === 'deny').toBe(fires(decided, 'deny'));
      expect(decided.rules.length).toBeGreaterThan(0);
      expect(decided.rules.every((rule) => rule.detail.length > 0)).toBe(true);
    }), { numRuns: 2_000 });
  });

  it('asks for stages exactly when people decide, each once', () => {
    fc.assert(fc.property(anyPolicyFacts, (facts) => {
      const { outcome, stages } = evaluatePolicy(facts);
      expect(stages.length > 0).toBe(outcome === 'review');
      expect(new Set(stages).size).toBe(stages.length);
    }), { numRuns: 2_000 });
  });

  it('never turns a denial into anything else, nor a review into an approval, when a guardrail is tightened', () => {
    const both = anyPolicyFacts.chain((facts) => tightenedBy(facts.guardrails).map((guardrails) => ({ facts, tightened: { ...facts, guardrails } })));
    fc.assert(fc.property(both, ({ facts, tightened }) => {
      const [before, after] = [evaluatePolicy(facts), evaluatePolicy(tightened)];
      expect(openness[after.outcome]).toBeLessThanOrEqual(openness[before.outcome]);
      // An automatic approval has its policy's own limit, which says nothing about what people may approve.
      if (after.outcome === before.outcome) expect(after.limits.maxDurationDays).toBeLessThanOrEqual(before.limits.maxDurationDays);
      if (after.outcome === 'review') expect(after.stages).toEqual(expect.arrayContaining([...before.stages]));
    }), { numRuns: 5_000 });
  });

  it('never approves by itself a tool outside the catalog, a tool that is not open, or more days than the limit', () => {
    fc.assert(fc.property(anyPolicyFacts, (facts) => {
      const decided = evaluatePolicy(facts);
      if (decided.outcome === 'deny') return;
      expect(['approved', 'pilot', undefined]).toContain(facts.tool?.status);
      expect(facts.asked.durationDays).toBeLessThanOrEqual(decided.limits.maxDurationDays);
      expect(decided.limits.maxDurationDays).toBeLessThanOrEqual(MAX_LIFE_DAYS);
      if (decided.outcome === 'autoApprove') expect(facts.tool).not.toBeNull();
    }), { numRuns: 2_000 });
  });

  it('approves by a policy only members of a group that it names', () => {
    fc.assert(fc.property(anyPolicyFacts, (facts) => {
      const rule = evaluatePolicy(facts).rules.find((fired) => fired.rule === 'policy.auto_approve');
      if (rule === undefined) return;
      const named = facts.policies.filter((policy) => policy.id === rule.policyId && policy.enabled && policy.autoApprove);
      expect(named.some((policy) => policy.jiraGroups.some((group) => facts.asked.requesterGroups.includes(group)))).toBe(true);
    }), { numRuns: 2_000 });
  });

  it('is the same each time and changes nothing that it is given', () => {
    fc.assert(fc.property(anyPolicyFacts, (facts) => {
      const before = structuredClone(facts);
      expect(evaluatePolicy(facts)).toEqual(evaluatePolicy(facts));
      expect(facts).toEqual(before);
    }));
  });
});
