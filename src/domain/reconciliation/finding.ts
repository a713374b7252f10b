/** What a comparison of a group with the grants can find (SPEC D1, API.md), `massChange`: a run that stopped and asks (SPEC D3), and `credentialExpiring`: a connector's credential (SPEC F16). */
export const FINDING_KINDS = ['outOfBandAdd', 'outOfBandRemoval', 'unknownMember', 'groupDeleted', 'expiredPresent', 'lateLanding', 'massChange', 'identityDeactivated', 'sodConflict', 'overdueReview', 'credentialExpiring', 'groupAppsChanged'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];
export const FINDING_STATES = ['open', 'accepted', 'repaired', 'dismissed'] as const;
export type FindingState = (typeof FINDING_STATES)[number];
export const RESOLVE_ACTIONS = ['accept', 'repair', 'dismiss'] as const;

/** What a tool wants done about members that nobody granted (SPEC D1); from the mildest to the strictest. */
export const DRIFT_RESPONSES = ['report', 'quarantine', 'revert'] as const;
export type DriftResponse = (typeof DRIFT_RESPONSES)[number];

/** Tools that share a group share its members: the strictest response counts. No tool at all: report. */
export function sharedResponse(responses: readonly DriftResponse[]): DriftResponse {
  return DRIFT_RESPONSES.findLast((response) => responses.includes(response)) ?? 'report';
}

/** What follows once a difference is confirmed. */
export type Effect =
  /** Said, and closed by itself when it is gone. */
  | 'report'
  /** Said, and waits for an admin's word. */
  | 'quarantine'
  /** Removed by converge under the finding's own intent. */
  | 'revert'
  /** The open grants are revoked by command; the person is not added again (SPEC D2). */
  | 'revokeGrants'
  /** The ended grant goes back to `removing` by command (SPEC D1: always). */
  | 'removeEnded';
/** Kinds that are about one member of a group. */
export type MemberDrift = 'outOfBandAdd' | 'outOfBandRemoval' | 'unknownMember' | 'expiredPresent' | 'lateLanding';

export function effectOf(kind: MemberDrift, response: DriftResponse): Effect {
  switch (kind) {
    case 'outOfBandRemoval': return 'revokeGrants';
    case 'expiredPresent':
    case 'lateLanding': return 'removeEnded';
    case 'outOfBandAdd':
    case 'unknownMember': return response;
  }
}
/** Whether an effect counts towards the breaker: it changes what people can do on the strength of this run. Ended access is removed by an earlier decision. */
export const isChange = (effect: Effect): boolean => effect === 'revokeGrants' || effect === 'revert';

/** Presence is what most kinds are about: the fresh read that confirms a difference must say this. */
export const confirmedBy = (kind: MemberDrift): 'present' | 'absent' => (kind === 'outOfBandRemoval' ? 'absent' : 'present');
