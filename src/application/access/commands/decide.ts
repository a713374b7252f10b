import { err, ok } from '../../../domain/kernel/result.js';
import { decideVote, grantableDays, refuseVote, type DecisionFacts, type VoteOutcome } from '../../../domain/approval/decide.js';
import { mayManage as mayManageUnder } from '../../../domain/abilities/abilities.js';
import type { Voter } from '../../../domain/approval/routing.js';
import type { PolicyDecision } from '../../../domain/policy/policy.js';
import { type AccessCase, person, POLICY } from '../access-case.js';
import { openGrant } from '../open-grant.js';
import { auditPolicy, decideNow } from '../policy-step.js';
import { done, type ApplyCommand, type Caller, type CommandPayload } from './command-types.js';

type Decide = Extract<CommandPayload, { operation: 'decide' }>;

/** One person's vote (SPEC A1, A3–A9): gathered under the lock, decided by the core, applied with its audit in the same transaction. */
export const decide: ApplyCommand<Decide> = async (c, payload) => {
  const voter = await voterOf(c, payload.caller);
  const durationDays = payload.durationDays ?? grantableDays(c.request.durationDays, c.reviews);
  const policy = await decideNow(c, durationDays, { onFreshGroups: payload.decision === 'approve' });
  const facts = await gather(c, voter, payload, policy);
  const decided = decideVote(facts);
  if (!decided.ok) return err(decided.error);
  await auditPolicy(c, 'decision', policy);
  await apply(c, payload, decided.value, policy);
  return ok(done({ decision: c.request.decision }));
};

export async function voterOf(c: AccessCase, caller: Caller): Promise<Voter> {
  const shares = caller.accountId !== c.request.requester && (await c.store.sharesIdentity(c.tx, caller.accountId, c.request.requester));
  let reviewer = false;
  for (const review of c.reviews) reviewer ||= review.accountId !== caller.accountId && (await c.store.sharesIdentity(c.tx, caller.accountId, review.accountId));
  return { accountId: caller.accountId, isAdmin: caller.isAdmin, sharesIdentityWithRequester: shares, sharesIdentityWithReviewer: reviewer };
}
/** Who can't vote on it, under any account: the requester, and who did already. */
export const spentOn = ({ request, reviews }: Pick<AccessCase, 'request' | 'reviews'>): readonly string[] => [request.requester, ...reviews.map(({ accountId }) => accountId)];

/** Whether this person may end, extend or follow up access in this project: an approver of any stage, or an admin (API.md). Never the holder. */
export async function mayManage(c: AccessCase, voter: Voter): Promise<boolean> {
  return mayManageUnder(await c.store.routing(c.tx, c.request.projectKey, [c.request.requester]), voter, c.request.requester);
}

async function gather(c: AccessCase, voter: Voter, payload: Decide, policy: PolicyDecision): Promise<DecisionFacts> {
  const routing = await c.store.routing(c.tx, c.request.projectKey, spentOn(c));
  const request = { ...c.request, durationDays: grantableDays(c.request.durationDays, c.reviews) };
  const base = { request, reviews: c.reviews, routing, voter, vote: { decision: payload.decision, durationDays: payload.durationDays }, policy };
  // A refused vote needs no more queries; twenty at once should be told quickly.
  if (refuseVote(base) !== null) return { ...base, duplicateOpenGrant: false, assignmentConfirmed: true };
  const tool = await c.store.toolFulfilment(c.tx, c.request);
  const connected = tool !== null && tool.provider !== 'none' && tool.fulfilment === 'automatic';
  return {
    ...base,
    duplicateOpenGrant: await c.store.hasOpenGrant(c.tx, c.request.requester, c.request.toolKey, null),
    assignmentConfirmed: !connected || tool.group?.confirmed === true,
  };
}

async function apply(c: AccessCase, payload: Decide, outcome: VoteOutcome, policy: PolicyDecision): Promise<void> {
  const actor = person(payload.caller.accountId);
  const stage = c.request.pendingStage ?? 'project';
  const review = { accountId: payload.caller.accountId, stage, vote: payload.decision, comment: payload.comment, durationDays: payload.durationDays, contentHash: c.request.contentHash, at: c.now };
  await c.store.insertReview(c.tx, c.request.id, review);
  c.reviews.push(review);
  await c.audit('review.recorded', actor, {}, { stage, vote: payload.decision, contentHash: c.request.contentHash });
  switch (outcome.kind) {
    case 'nextStage': return c.patchRequest({ pendingStage: outcome.stage, stages: c.request.stages.includes(outcome.stage) ? c.request.stages : [...c.request.stages, outcome.stage] });
    case 'denied': return deny(c, payload);
    case 'deniedByPolicy': return denyByPolicy(c, policy);
    case 'approved': return approve(c, payload, outcome.durationDays, policy);
  }
}

async function deny(c: AccessCase, payload: Decide): Promise<void> {
  await c.patchRequest({ decision: 'denied', decisionSource: 'human', decidedBy: payload.caller.accountId, decidedAt: c.now, pendingStage: null });
  const eventId = await c.audit('request.denied', person(payload.caller.accountId), {}, { source: 'human' });
  await c.comment(['Denied by an approver.', ...(payload.comment === null ? [] : [payload.comment])], eventId);
  await c.transition('deny', eventId);
}
async function denyByPolicy(c: AccessCase, policy: PolicyDecision): Promise<void> {
  await c.patchRequest({ decision: 'denied', decisionSource: 'policyDeny', decidedAt: c.now, pendingStage: null, policy });
  const eventId = await c.audit('request.denied', POLICY, {}, { source: 'policyDeny', rules: policy.rules.map((rule) => rule.rule), policyHash: policy.policyHash });
  await c.comment(['Denied by policy, although it was approved:', ...policy.rules.filter((rule) => rule.effect === 'deny').map((rule) => rule.detail)], eventId);
  await c.transition('deny', eventId);
}
async function approve(c: AccessCase, payload: Decide, durationDays: number, policy: PolicyDecision): Promise<void> {
  await c.patchRequest({ decision: 'approved', decisionSource: 'human', decidedBy: payload.caller.accountId, decidedAt: c.now, decidedDurationDays: durationDays, pendingStage: null, policy });
  const eventId = await c.audit('request.approved', person(payload.caller.accountId), {}, { source: 'human', durationDays, contentHash: c.request.contentHash });
  await c.comment([`Approved for ${durationDays} days.`, ...(payload.comment === null ? [] : [payload.comment])], eventId);
  await c.transition('approve', eventId);
  await openGrant(c, durationDays);
}
