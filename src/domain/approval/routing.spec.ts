import { mayVote, votersOf, type Routing, type Voter } from './routing.js';

const routing = (over: Partial<Routing> = {}): Routing => ({ approvers: ['bob'], securityReviewers: ['sec'], adminFallback: 'whenNoApprover', aliases: [], ...over });
const somebody = (accountId: string, isAdmin = false): Voter => ({ accountId, isAdmin, sharesIdentityWithRequester: false });
const admin = somebody('adm', true);

describe('mayVote', () => {
  it('gives each stage to its own people', () => {
    const may = (accountId: string): boolean[] => [mayVote('project', routing(), somebody(accountId), ['ann']), mayVote('security', routing(), somebody(accountId), ['ann']), mayVote('jiraAdmin', routing(), somebody(accountId), ['ann'])];
    expect(may('bob')).toEqual([true, false, false]);
    expect(may('sec')).toEqual([false, true, false]);
    expect(may('zoe')).toEqual([false, false, false]);
  });

  it('gives the admin stage to admins, whatever the fallback', () => {
    for (const adminFallback of ['never', 'whenNoApprover', 'always'] as const) expect(mayVote('jiraAdmin', routing({ adminFallback }), admin, ['ann'])).toBe(true);
  });

  it.each([
    ['never', { adminFallback: 'never', approvers: [], securityReviewers: [] }, false],
    ['while nobody is registered', { adminFallback: 'whenNoApprover', approvers: [], securityReviewers: [] }, true],
    ['while only the requester is registered', { adminFallback: 'whenNoApprover', approvers: ['ann'], securityReviewers: ['ann'] }, true],
    ['while only the requester is registered, also under another account', { adminFallback: 'whenNoApprover', approvers: ['ann', 'ann-2'], securityReviewers: ['ann-2'], aliases: ['ann-2'] }, true],
    ['not while somebody else could decide', { adminFallback: 'whenNoApprover', approvers: ['ann', 'bob'], securityReviewers: ['ann', 'sec'] }, false],
    ['always', { adminFallback: 'always' }, true],
    ['while those registered voted at an earlier stage, also under another account', { adminFallback: 'whenNoApprover', approvers: ['zoe'], securityReviewers: ['zoe', 'zoe-2'], aliases: ['zoe-2'] }, true],
  ] as const)('lets an admin stand in: %s', (_when, over, allowed) => {
    expect([mayVote('project', routing(over), admin, ['ann', 'zoe']), mayVote('security', routing(over), admin, ['ann', 'zoe'])]).toEqual([allowed, allowed]);
  });

  it('takes an empty list for nobody: without the fallback to admins nobody may vote', () => {
    expect(mayVote('project', routing({ approvers: [], adminFallback: 'always' }), somebody('bob'), ['ann'])).toBe(false);
    expect(mayVote('security', routing({ securityReviewers: [], adminFallback: 'always' }), somebody('sec'), ['ann'])).toBe(false);
  });
});

describe('votersOf', () => {
  it('names the people of the stage, without the requester under any account', () => {
    const listed = routing({ approvers: ['ann', 'bob'], securityReviewers: ['ann-2', 'sec'], aliases: ['ann-2'] });
    expect(votersOf('project', listed, ['ann'])).toEqual({ listed: ['ann', 'bob'], others: ['bob'], admins: false });
    expect(votersOf('security', listed, ['ann'])).toEqual({ listed: ['ann-2', 'sec'], others: ['sec'], admins: false });
    expect(votersOf('jiraAdmin', listed, ['ann'])).toEqual({ listed: null, others: [], admins: true });
  });
});
