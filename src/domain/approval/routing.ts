import type { Stage } from '../policy/policy.js';

/** Who may vote on one request, as an admin registered it for its project or for the site (SPEC A2). Empty lists are nobody. */
export interface Routing {
  readonly approvers: readonly string[];
  readonly securityReviewers: readonly string[];
  readonly adminFallback: 'never' | 'whenNoApprover' | 'always';
  /** Those listed above who are the requester, or one who voted on this request, under another account: they can't decide (SPEC A7, A8), so they keep no admin from standing in. */
  readonly aliases: readonly string[];
}
export interface Voter {
  readonly accountId: string;
  readonly isAdmin: boolean;
  /** The voter's mapped identity at a provider is the requester's: the same person under another account (SPEC A7). */
  readonly sharesIdentityWithRequester: boolean;
  /** Likewise of somebody who voted on this request already: one person, one stage (SPEC A8). */
  readonly sharesIdentityWithReviewer?: boolean;
}

/** Those who may vote at one stage, before asking whether they may decide this very request. */
export interface StageVoters {
  /** Listed for the stage; null: the stage is any Jira admin's. */
  readonly listed: readonly string[] | null;
  /** The listed who can: nobody decides on their own request (SPEC A7), and nobody twice (SPEC A8), under any account. */
  readonly others: readonly string[];
  /** Jira admins may vote: the stage is theirs, or they stand in (SPEC A2). */
  readonly admins: boolean;
}

/** Who votes at this stage. `spent`: the requester, who submitted the request and who voted on it already. The one statement of this rule: votes are let in by it, and a diagnosis names its people by it. */
export function votersOf(stage: Stage, routing: Routing, spent: readonly string[]): StageVoters {
  const listed = listedFor(stage, routing);
  if (listed === null) return { listed, others: [], admins: true };
  const others = listed.filter((accountId) => !spent.includes(accountId) && !routing.aliases.includes(accountId));
  return { listed, others, admins: adminsStandIn(others, routing) };
}

/** Whether this person is an approver of this stage, before asking whether they may decide this very request. */
export function mayVote(stage: Stage, routing: Routing, voter: Voter, spent: readonly string[]): boolean {
  const { listed, admins } = votersOf(stage, routing, spent);
  return (listed?.includes(voter.accountId) ?? false) || (admins && voter.isAdmin);
}

function listedFor(stage: Stage, routing: Routing): readonly string[] | null {
  switch (stage) {
    case 'project': return routing.approvers;
    case 'security': return routing.securityReviewers;
    case 'jiraAdmin': return null;
  }
}

/** Jira-admin fallback (SPEC A2): an admin stands in where nobody else can decide, or always where the project says so. */
function adminsStandIn(others: readonly string[], { adminFallback }: Routing): boolean {
  switch (adminFallback) {
    case 'never': return false;
    case 'always': return true;
    case 'whenNoApprover': return others.length === 0;
  }
}
