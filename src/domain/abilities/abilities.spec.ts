import { completeAbility, decideAbility, endAbility, extendAbility, mayManage, retryAbility, withdrawAbility, type AbilityFacts } from './abilities.js';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const grant = { status: 'active', accountId: 'holder', expiresAt: new Date('2026-04-10T12:00:00.000Z'), firstStartedAt: NOW, fulfilment: 'connector' } as const;
const facts = (over: Partial<AbilityFacts> = {}): AbilityFacts => ({
  request: { decision: 'pending', requester: 'holder', submittedBy: 'holder', durationDays: 30, contentHash: 'h', stages: ['project'], pendingStage: 'project' },
  reviews: [], routing: { approvers: ['approver'], securityReviewers: ['security'], adminFallback: 'whenNoApprover', aliases: [] },
  viewer: { accountId: 'approver', isAdmin: false, sharesIdentityWithRequester: false },
  grant: null, selfServiceOn: false, duplicateOpenGrant: false, now: NOW, ...over,
});
const as = (accountId: string, more: { isAdmin?: boolean; sharesIdentityWithRequester?: boolean } = {}): Partial<AbilityFacts> => ({ viewer: { accountId, isAdmin: false, sharesIdentityWithRequester: false, ...more } });
const decided = { request: { ...facts().request, decision: 'approved', pendingStage: null } } as const;

describe('abilities', () => {
  it.each([
    ['the approver of the stage', as('approver'), undefined],
    ['the requester', as('holder'), 'review.self_approval'],
    ['the requester under another account', as('approver', { sharesIdentityWithRequester: true }), 'review.self_approval'],
    ['the reviewer of another stage', as('security'), 'review.not_approver'],
    ['an admin while there is an approver', as('admin', { isAdmin: true }), 'review.not_approver'],
    ['anybody once it is decided', { ...as('approver'), ...decided }, 'request.already_decided'],
  ])('to decide: %s', (_who, over, reason) => {
    expect(decideAbility(facts(over)).reason).toBe(reason);
    expect(decideAbility(facts(over)).allowed).toBe(reason === undefined);
  });

  it('to withdraw is the requester\'s while nothing is decided', () => {
    expect(withdrawAbility(facts(as('holder')))).toEqual({ allowed: true });
    expect(withdrawAbility(facts()).reason).toBe('request.not_requester');
    expect(withdrawAbility(facts({ ...as('holder'), ...decided })).reason).toBe('request.already_decided');
  });

  it('to revoke is the approver\'s, to return is the holder\'s, both while access is open', () => {
    expect(endAbility(facts({ grant }), 'revoke')).toEqual({ allowed: true });
    expect(endAbility(facts({ grant, ...as('holder') }), 'return')).toEqual({ allowed: true });
    expect(endAbility(facts({ grant, ...as('holder') }), 'revoke').reason).toBe('review.not_approver');
    expect(endAbility(facts({ grant }), 'return').reason).toBe('grant.not_holder');
    expect(endAbility(facts({ grant: { ...grant, status: 'removing' } }), 'revoke').reason).toBe('grant.removal_open');
    expect(endAbility(facts(), 'revoke').reason).toBe('grant.not_found');
  });

  it('to extend follows life, grace, self-service and the one open grant', () => {
    expect(extendAbility(facts({ grant }))).toEqual({ allowed: true });
    expect(extendAbility(facts({ grant, ...as('holder') })).reason).toBe('extension.self_service_off');
    expect(extendAbility(facts({ grant, ...as('holder'), selfServiceOn: true }))).toEqual({ allowed: true });
    expect(extendAbility(facts({ grant: { ...grant, expiresAt: new Date('2026-09-06T12:00:00.000Z') } })).reason).toBe('extension.life_exceeded');
    const ended = { ...grant, status: 'expired', expiresAt: new Date('2026-03-03T12:00:00.000Z') } as const;
    expect(extendAbility(facts({ grant: ended }))).toEqual({ allowed: true });
    expect(extendAbility(facts({ grant: ended, duplicateOpenGrant: true })).reason).toBe('grant.duplicate_open');
    expect(extendAbility(facts({ grant: { ...ended, expiresAt: new Date('2026-03-03T11:59:59.000Z') } })).reason).toBe('extension.out_of_grace');
  });

  it('to retry a job and to complete manual work are an approver\'s, while they are open', () => {
    expect(retryAbility(facts({ grant }), { status: 'deadLetter' })).toEqual({ allowed: true });
    expect(retryAbility(facts({ grant }), { status: 'running' }).reason).toBe('job.not_retryable');
    expect(retryAbility(facts({ grant: { ...grant, fulfilment: 'manual' } }), { status: 'manual' }).reason).toBe('job.not_retryable');
    expect(retryAbility(facts({ grant, ...as('holder') }), { status: 'deadLetter' }).reason).toBe('review.not_approver');
    expect(completeAbility(facts({ grant }), { open: true })).toEqual({ allowed: true });
    expect(completeAbility(facts({ grant }), { open: false }).reason).toBe('manual_action.already_done');
    expect(completeAbility(facts({ grant }), null).reason).toBe('manual_action.not_found');
  });

  it('to manage are an approver\'s of any stage and an admin\'s, never the holder\'s', () => {
    const { routing } = facts();
    const may = (accountId: string, isAdmin = false, shares = false): boolean => mayManage(routing, { accountId, isAdmin, sharesIdentityWithRequester: shares }, 'holder');
    expect([may('approver'), may('security'), may('admin', true)]).toEqual([true, true, true]);
    expect([may('somebody'), may('holder', true), may('approver', true, true)]).toEqual([false, false, false]);
  });
});
