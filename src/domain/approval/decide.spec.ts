import { decisionFacts, DENYING, policyOutcome, type DecisionOver } from '../../../test/decisions/facts.js';
import { decideVote, grantableDays, refuseVote } from './decide.js';

const voter = (accountId: string, more: { readonly isAdmin?: boolean; readonly sharesIdentityWithRequester?: boolean } = {}): DecisionOver => ({ voter: { accountId, ...more } });
const vote = (accountId: string, stage = 'project', contentHash = 'hash-1'): { accountId: string; stage: string; contentHash: string } => ({ accountId, stage, contentHash });

describe('decideVote', () => {
  it.each<readonly [name: string, over: DecisionOver, code: string]>([
    ['on an approved request', { request: { decision: 'approved', pendingStage: null } }, 'request.already_decided'],
    ['on a denied request', { request: { decision: 'denied', pendingStage: null } }, 'request.already_decided'],
    ['on a withdrawn request', { request: { decision: 'withdrawn', pendingStage: null } }, 'request.already_decided'],
    ['on a lapsed request', { request: { decision: 'lapsed', pendingStage: null } }, 'request.already_decided'],
    ['on a request that waits for no stage', { request: { pendingStage: null } }, 'request.already_decided'],
    ['by the requester', voter('ann'), 'review.self_approval'],
    ['by the requester who is an approver', { ...voter('ann'), routing: { approvers: ['ann'] } }, 'review.self_approval'],
    ['by the requester who is an admin and stands in', { ...voter('ann', { isAdmin: true }), routing: { approvers: ['ann'], adminFallback: 'always' } }, 'review.self_approval'],
    ['by whoever submitted it for somebody else', { ...voter('bob'), request: { submittedBy: 'bob' } }, 'review.self_approval'],
    ['by the requester under another account', voter('bob', { sharesIdentityWithRequester: true }), 'review.self_approval'],
    ['by somebody who voted at this stage', { reviews: [vote('bob')] }, 'approval.already_voted'],
    ['by somebody who voted at an earlier stage', { ...voter('sec'), request: { stages: ['project', 'security'], pendingStage: 'security' }, reviews: [vote('sec')] }, 'approval.already_voted'],
    ['by somebody who is no approver', voter('dan'), 'review.not_approver'],
    ['by a project approver at the security stage', { request: { stages: ['project', 'security'], pendingStage: 'security' }, reviews: [vote('cy')] }, 'review.not_approver'],
    ['by an approver who is no admin at the admin stage', { request: { stages: ['jiraAdmin'], pendingStage: 'jiraAdmin' } }, 'review.not_approver'],
    ['for more days than were asked for', { vote: { durationDays: 31 } }, 'review.duration_not_shorter'],
    ['after a vote on other content', { ...voter('sec'), request: { stages: ['project', 'security'], pendingStage: 'security' }, reviews: [vote('cy', 'project', 'hash-0')] }, 'request.content_changed'],
    ['for somebody who has the tool already', { duplicateOpenGrant: true }, 'grant.duplicate_open'],
    ['for a tool whose group is not confirmed', { assignmentConfirmed: false }, 'tool.assignment_unconfirmed'],
  ])('refuses a vote %s', (_name, over, code) => {
    expect(decideVote(decisionFacts(over))).toMatchObject({ ok: false, error: { code } });
  });

  it('names the field that a refusal is about', () => {
    expect(decideVote(decisionFacts({ vote: { durationDays: 31 } }))).toMatchObject({ error: { path: 'durationDays' } });
  });

  it.each<readonly [name: string, over: DecisionOver, outcome: object]>([
    ['approves for what was asked', {}, { kind: 'approved', source: 'human', durationDays: 30 }],
    ['approves for less', { vote: { durationDays: 10 } }, { kind: 'approved', source: 'human', durationDays: 10 }],
    ['denies', { vote: { decision: 'deny' } }, { kind: 'denied', source: 'human' }],
    ['denies what policy denies', { policy: DENYING }, { kind: 'deniedByPolicy', source: 'policyDeny' }],
    ['goes on to the next stage', { request: { stages: ['project', 'security'] } }, { kind: 'nextStage', stage: 'security' }],
    ['approves at the last stage', { ...voter('sec'), request: { stages: ['project', 'security'], pendingStage: 'security' }, reviews: [vote('bob')] }, { kind: 'approved', source: 'human', durationDays: 30 }],
    ['goes on to a stage that policy has asked for since', { policy: policyOutcome({ stages: ['project', 'jiraAdmin'] }) }, { kind: 'nextStage', stage: 'jiraAdmin' }],
    ['goes on to a stage that policy has put before the ones that were passed', { ...voter('adm', { isAdmin: true }), request: { stages: ['project', 'jiraAdmin'], pendingStage: 'jiraAdmin' }, reviews: [vote('bob')], policy: policyOutcome({ stages: ['project', 'security', 'jiraAdmin'] }) }, { kind: 'nextStage', stage: 'security' }],
    ['keeps a stage that policy has stopped asking for', { request: { stages: ['project', 'security'] }, policy: policyOutcome({ outcome: 'autoApprove', stages: [] }) }, { kind: 'nextStage', stage: 'security' }],
  ])('%s', (_name, over, outcome) => {
    expect(decideVote(decisionFacts(over))).toEqual({ ok: true, value: outcome });
  });

  it.each<readonly [name: string, over: DecisionOver]>([
    ['policy would deny it anyway', { policy: DENYING }],
    ['the person has the tool already', { duplicateOpenGrant: true }],
    ['the tool\'s group is not confirmed', { assignmentConfirmed: false }],
    ['an earlier vote was for other content', { reviews: [vote('cy', 'project', 'hash-0')] }],
    ['stages are left', { request: { stages: ['project', 'security', 'jiraAdmin'] } }],
  ])('takes a denial although %s', (_name, over) => {
    expect(decideVote(decisionFacts({ ...over, vote: { decision: 'deny', durationDays: null } }))).toEqual({ ok: true, value: { kind: 'denied', source: 'human' } });
  });

  it('lets policy deny before anything else that stands against an approval is said', () => {
    expect(decideVote(decisionFacts({ policy: DENYING, duplicateOpenGrant: true, assignmentConfirmed: false }))).toMatchObject({ ok: true, value: { kind: 'deniedByPolicy' } });
  });

  it('refuses too long a duration before policy is asked, so that a slip does not end the request', () => {
    expect(decideVote(decisionFacts({ policy: DENYING, vote: { durationDays: 99 } }))).toMatchObject({ ok: false, error: { code: 'review.duration_not_shorter' } });
  });

  it('refuses a second stage to the same person under another account', () => {
    expect(refuseVote(decisionFacts({ voter: { sharesIdentityWithReviewer: true } }))).toMatchObject({ code: 'approval.already_voted' });
  });

  it('refuses nobody who is an approver of the stage and has not voted', () => {
    expect(refuseVote(decisionFacts())).toBeNull();
  });
});

describe('grantableDays', () => {
  it('is what was asked for, or the least that an earlier stage left of it', () => {
    expect(grantableDays(30, [])).toBe(30);
    expect(grantableDays(30, [{ durationDays: null }])).toBe(30);
    expect(grantableDays(30, [{ durationDays: 20 }, { durationDays: null }, { durationDays: 7 }, { durationDays: 14 }])).toBe(7);
  });
});
