/** A request's decision is one of three orthogonal statuses (SPEC §2); grant and job have their own. */
export const DECISIONS = ['pending', 'approved', 'denied', 'withdrawn', 'lapsed'] as const;
export type DecisionStatus = (typeof DECISIONS)[number];

/** First terminal decision wins: nothing leaves a terminal state. */
export const DECISION_TRANSITIONS: Readonly<Record<DecisionStatus, readonly DecisionStatus[]>> = {
  pending: ['approved', 'denied', 'withdrawn', 'lapsed'],
  approved: [],
  denied: [],
  withdrawn: [],
  lapsed: [],
};

export const DECISION_SOURCES = ['human', 'autoPolicy', 'policyDeny', 'breakGlass', 'lapse', 'requester', 'leaver', 'killSwitch'] as const;
export type DecisionSource = (typeof DECISION_SOURCES)[number];

/** What a vote is bound to (N8): a change of any of these is another request. */
export interface RequestContent {
  readonly siteId: string;
  readonly issueId: string | null;
  readonly requester: string;
  readonly toolKey: string;
  readonly roleKey: string | null;
  readonly businessUse: string;
  readonly dataClasses: readonly string[];
  readonly durationDays: number;
}
/** Canonical text of the content: the caller hashes it (SHA-256). Arrays keep their order, keys are sorted. */
export const canonicalContent = (c: RequestContent): string =>
  JSON.stringify({ businessUse: c.businessUse, dataClasses: c.dataClasses, durationDays: c.durationDays, issueId: c.issueId, requester: c.requester, roleKey: c.roleKey, siteId: c.siteId, toolKey: c.toolKey });
