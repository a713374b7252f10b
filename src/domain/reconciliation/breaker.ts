/** SPEC D3. A group or a run is held when it would change more than `minimum` people *and* more than `sharePercent` of those concerned. */
export interface BreakerLimits { readonly minimum: number; readonly sharePercent: number }
export const DEFAULT_LIMITS: BreakerLimits = { minimum: 5, sharePercent: 20 };

/** One group after its complete listing. */
export interface GroupOutcome {
  readonly externalGroupId: string;
  readonly deleted: boolean;
  /** Members by the listing. */
  readonly listed: number;
  /** Memberships that an active grant had read back present. */
  readonly expected: number;
  /** Suspicions whose effect is a change (finding.ts). */
  readonly changes: number;
  readonly waiver: Waiver | null;
}
export const HOLD_REASONS = ['groupDeleted', 'emptyListing', 'groupThreshold', 'runThreshold'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];
/** An admin has looked at a hold of this group and said go on: for this reason, and for so many changes. */
export interface Waiver { readonly reason: HoldReason; readonly changes: number }
export interface Hold { readonly externalGroupId: string; readonly reason: HoldReason }

/** From this many expected members on, a listing without anybody is no removal of people but a listing that can't be believed. */
const SUSPICIOUSLY_EMPTY_FROM = 2;

/** What a hold's finding told the admin who says go on; null when it told no such thing. */
export function waiverOf({ reason, changes }: Readonly<Record<string, unknown>>): Waiver | null {
  const known = HOLD_REASONS.find((one) => one === reason);
  return known === undefined || typeof changes !== 'number' ? null : { reason: known, changes };
}
/** Whether somebody who said go on to the one was shown the other as well: the same reason, and no more changes. */
export const covers = (waiver: Waiver, hold: Waiver): boolean => waiver.reason === hold.reason && hold.changes <= waiver.changes;

/** The groups in which nothing may be changed now. Pure arithmetic over suspicions: none of them has been confirmed yet. A waiver lets pass what it was given for. */
export function holdGroups(groups: readonly GroupOutcome[], limits: BreakerLimits): readonly Hold[] {
  const held = groups.flatMap((group): Hold[] => {
    const reason = holdReason(group, limits);
    return reason === null || isWaived(group, reason) ? [] : [{ externalGroupId: group.externalGroupId, reason }];
  });
  // Changes that an admin was shown are off the run's sum: the groups that nobody has looked at are judged by their own.
  const free = groups.filter((group) => !isShown(group, limits) && !held.some((hold) => hold.externalGroupId === group.externalGroupId));
  const sum = (of: (group: GroupOutcome) => number): number => free.reduce((total, group) => total + of(group), 0);
  if (!exceeds(sum((group) => group.changes), sum(concerned), limits)) return held;
  return [...held, ...free.filter((group) => group.changes > 0).map(({ externalGroupId }) => ({ externalGroupId, reason: 'runThreshold' }) as const)];
}

const isWaived = ({ waiver, changes }: GroupOutcome, reason: HoldReason): boolean => waiver !== null && covers(waiver, { reason, changes });
/** A group that came down to below its own threshold again needs no waiver of that: the admin was shown more changes than there are. */
const isShown = (group: GroupOutcome, limits: BreakerLimits): boolean => {
  const reason = holdReason(group, limits);
  return reason === null ? isWaived(group, 'groupThreshold') || isWaived(group, 'runThreshold') : isWaived(group, reason);
};

function holdReason(group: GroupOutcome, limits: BreakerLimits): HoldReason | null {
  if (group.deleted) return 'groupDeleted';
  if (group.listed === 0 && group.expected >= SUSPICIOUSLY_EMPTY_FROM) return 'emptyListing';
  return exceeds(group.changes, concerned(group), limits) ? 'groupThreshold' : null;
}
const concerned = (group: GroupOutcome): number => Math.max(group.listed, group.expected);
const exceeds = (changes: number, of: number, { minimum, sharePercent }: BreakerLimits): boolean => changes > minimum && changes * 100 > of * sharePercent;
