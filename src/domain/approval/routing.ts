import type { Stage } from '../policy/policy.js';

/** Who may vote on one request, as an admin registered it for its project or for the site (SPEC A2). Empty lists are nobody. */
export interface Routing {
  readonly approvers: readonly string[];
  readonly securityReviewers: readonly string[];
  readonly adminFallback: 'never' | 'whenNoApprover' | 'always';
  /** Those listed above who are the requester under another account: they can't decide (SPEC A7), so they keep no admin from standing in. */
  readonly requesterAliases: readonly string[];
}
export interface Voter {
  readonly accountId: string;
  readonly isAdmin: boolean;
  /** The voter's mapped identity at a provider is the requester's: the same person under another account (SPEC A7). */
  readonly sharesIdentityWithRequester: boolean;
  /** Likewise of somebody who voted on this request already: one person, one stage (SPEC A8). */
  readonly sharesIdentityWithReviewer?: boolean;
}

/** Whether this person is an approver of this stage, before asking whether they may decide this very request. */
export function mayVote(stage: Stage, routing: Routing, voter: Voter, requester: string): boolean {
  switch (stage) {
    case 'project': return routing.approvers.includes(voter.accountId) || adminStandsIn(routing.approvers, routing, voter, requester);
    case 'security': return routing.securityReviewers.includes(voter.accountId) || adminStandsIn(routing.securityReviewers, routing, voter, requester);
    case 'jiraAdmin': return voter.isAdmin;
  }
}

/** Jira-admin fallback (SPEC A2): an admin stands in where nobody but the requester could decide, or always where the project says so. */
function adminStandsIn(list: readonly string[], routing: Routing, voter: Voter, requester: string): boolean {
  if (!voter.isAdmin) return false;
  switch (routing.adminFallback) {
    case 'never': return false;
    case 'always': return true;
    case 'whenNoApprover': return list.every((accountId) => accountId === requester || routing.requesterAliases.includes(accountId));
  }
}
