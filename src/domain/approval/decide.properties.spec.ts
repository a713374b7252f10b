import fc from 'fast-check';
import { decisionFacts, DENYING, policyOutcome } from '../../../test/decisions/facts.js';
import { STAGES, type PolicyOutcome, type Stage } from '../policy/policy.js';
import { decideVote, grantableDays, type DecisionFacts } from './decide.js';

/** A few people who may be anything at once: requester, submitter, approver, reviewer, admin, the requester's second account. */
const PEOPLE = ['ann', 'bob', 'cy', 'sec', 'adm'];
const person = fc.constantFrom(...PEOPLE);
const stages = fc.subarray([...STAGES], { minLength: 1 });
const policy: fc.Arbitrary<PolicyOutcome> = fc.oneof({ arbitrary: fc.constant(DENYING), weight: 1 }, { arbitrary: stages.map((asked) => policyOutcome({ stages: asked })), weight: 6 }, { arbitrary: fc.constant(policyOutcome({ outcome: 'autoApprove', stages: [] })), weight: 1 });
interface Ballot { readonly who: string; readonly decision: 'approve' | 'deny'; readonly durationDays: number | null; readonly policy: PolicyOutcome }
const ballot: fc.Arbitrary<Ballot> = fc.record({ who: person, decision: fc.constantFrom('approve', 'approve', 'approve', 'deny'), durationDays: fc.option(fc.integer({ min: 1, max: 40 })), policy });
const world = fc.record({
  requester: person, submittedBy: person, aliases: fc.subarray(PEOPLE), admins: fc.subarray(PEOPLE), stages,
  approvers: fc.subarray(PEOPLE), securityReviewers: fc.subarray(PEOPLE), adminFallback: fc.constantFrom('never' as const, 'whenNoApprover' as const, 'always' as const),
  ballots: fc.array(ballot, { minLength: 1, maxLength: 12 }),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;
interface Vote { readonly accountId: string; readonly stage: string; readonly contentHash: string; readonly durationDays: number | null; readonly policy: PolicyOutcome }
interface Run { readonly request: DecisionFacts['request']; readonly votes: readonly Vote[]; readonly grantedDays: number | null; readonly deniedBy: string | null; readonly accepted: number }

/** Casts the ballots one after the other and applies each outcome as the record does (application/access/commands/decide.ts). */
function hold(w: World): Run {
  let request: DecisionFacts['request'] = { ...decisionFacts().request, requester: w.requester, submittedBy: w.submittedBy, stages: w.stages, pendingStage: w.stages[0] ?? null };
  const votes: Vote[] = [];
  let [grantedDays, deniedBy, accepted]: [number | null, string | null, number] = [null, null, 0];
  for (const { who, ...cast } of w.ballots) {
    const decided = decideVote({
      request: { ...request, durationDays: grantableDays(request.durationDays, votes) }, reviews: votes, policy: cast.policy, duplicateOpenGrant: false, assignmentConfirmed: true, routing: { ...w, aliases: [] }, vote: cast,
      voter: { accountId: who, isAdmin: w.admins.includes(who), sharesIdentityWithRequester: w.aliases.includes(who) && who !== w.requester },
    });
    if (!decided.ok) continue;
    accepted += 1;
    const stage: Stage = request.pendingStage ?? 'project';
    votes.push({ accountId: who, stage, contentHash: request.contentHash, durationDays: cast.durationDays, policy: cast.policy });
    switch (decided.value.kind) {
      case 'nextStage': request = { ...request, pendingStage: decided.value.stage, stages: request.stages.includes(decided.value.stage) ? request.stages : [...request.stages, decided.value.stage] }; break;
      case 'approved': grantedDays = decided.value.durationDays; request = { ...request, decision: 'approved', pendingStage: null }; break;
      case 'denied': case 'deniedByPolicy': deniedBy = decided.value.kind; request = { ...request, decision: 'denied', pendingStage: null };
    }
  }
  return { request, votes, grantedDays, deniedBy, accepted };
}
const check = (holds: (run: Run, w: World) => void): void => { fc.assert(fc.property(world, (w) => holds(hold(w), w)), { numRuns: 1_500 }); };

describe('a vote, whoever casts it and in whatever order', () => {
  it('is never taken from the requester, the submitter or the requester\'s other account', () => {
    check(({ votes }, w) => {
      const own = new Set([w.requester, w.submittedBy, ...w.aliases]);
      expect(votes.filter(({ accountId }) => own.has(accountId))).toEqual([]);
    });
  });

  it('is one a person, and one a stage', () => {
    check(({ votes }) => {
      expect(new Set(votes.map(({ accountId }) => accountId)).size).toBe(votes.length);
      expect(new Set(votes.map(({ stage }) => stage)).size).toBe(votes.length);
    });
  });

  it('approves only once every stage of the request, and every stage that policy asks for at the last vote, has its own', () => {
    check(({ request, votes }, w) => {
      if (request.decision !== 'approved') return;
      const voted = votes.map(({ stage }) => stage);
      expect(voted).toEqual(expect.arrayContaining([...w.stages, ...(votes.at(-1)?.policy.stages ?? [])]));
    });
  });

  it('never approves what policy denies or anybody denied', () => {
    check(({ request, votes, deniedBy }) => {
      if (request.decision === 'approved') expect(votes.at(-1)?.policy.outcome).not.toBe('deny');
      expect(request.decision === 'denied').toBe(deniedBy !== null);
    });
  });

  it('gives no more days than were asked for or than any approver left', () => {
    check(({ grantedDays, votes }, w) => {
      if (grantedDays === null) return;
      expect(grantedDays).toBe(Math.min(decisionFacts({ request: { stages: w.stages } }).request.durationDays, ...votes.flatMap(({ durationDays }) => (durationDays === null ? [] : [durationDays]))));
    });
  });

  it('changes nothing once the request is decided', () => {
    check(({ request, votes, accepted }) => {
      expect(accepted).toBe(votes.length);
      if (request.decision === 'pending') return;
      const late = decideVote(decisionFacts({ request, voter: { accountId: 'zoe', isAdmin: true }, routing: { approvers: ['zoe'], securityReviewers: ['zoe'], adminFallback: 'always' } }));
      expect(late).toMatchObject({ ok: false, error: { code: 'request.already_decided' } });
    });
  });
});
