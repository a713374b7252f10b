import type { Desired } from '../provisioning/provisioning.js';
import type { MemberDrift } from './finding.js';

/** One person and one group, as the record and a complete listing see them. */
export interface MemberFacts {
  readonly listed: boolean;
  /** The membership, its intents and its grants were not touched since the listing began, less the provider's lag (DESIGN, converge). */
  readonly settled: boolean;
  /** A Jira account is mapped to this identity. */
  readonly mapped: boolean;
  /** Accepted or proposed baseline access (SPEC K4). */
  readonly baseline: boolean;
  /** An open grant for a tool of the group, fulfilled by hand: no membership belongs to it, and yet it explains the person. */
  readonly grantedByHand: boolean;
  /** Null where there is none, or one that never had a grant (a member removed by an earlier finding). */
  readonly membership: MembershipFacts | null;
}
export interface MembershipFacts {
  readonly desired: Desired;
  /** This generation was read back present: the person was in the group by our decision. */
  readonly readBack: boolean;
  /** pendingProvision, active or suspended grants on it. */
  readonly openGrants: number;
  /** Active ones among them. */
  readonly activeGrants: number;
  /** Grants whose removal is under way: their workflow is at it. */
  readonly removingGrants: number;
  /** An add of ours ended without anybody seeing what it did. */
  readonly addUnresolved: boolean;
}

/**
 * What is wrong with one person in one group, or null. A suspicion: the listing may be stale, so a fresh read has to confirm it (DESIGN, converge).
 * Rules in this order: what is moving is left alone, baseline access is nobody's drift, our own decisions come before what others did.
 */
export function compareMember(facts: MemberFacts): MemberDrift | null {
  if (!facts.settled || (facts.membership !== null && facts.membership.removingGrants > 0)) return null;
  return facts.listed ? unexpectedPresence(facts) : unexpectedAbsence(facts.membership);
}

function unexpectedPresence({ membership, baseline, grantedByHand, mapped }: MemberFacts): MemberDrift | null {
  if (baseline || grantedByHand || (membership !== null && membership.desired === 'present' && membership.openGrants > 0)) return null;
  if (membership !== null && membership.openGrants === 0) return membership.addUnresolved ? 'lateLanding' : 'expiredPresent';
  return mapped ? 'outOfBandAdd' : 'unknownMember';
}

/** Only who was seen in the group can have been removed from it; a provisioning that has not got there yet is its own job's business. */
function unexpectedAbsence(membership: MembershipFacts | null): MemberDrift | null {
  return membership !== null && membership.desired === 'present' && membership.readBack && membership.activeGrants > 0 ? 'outOfBandRemoval' : null;
}
