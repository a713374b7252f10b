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
  /** An admin has looked at this group's hold and said go on. */
  readonly waived: boolean;
}
export type HoldReason = 'groupDeleted' | 'emptyListing' | 'groupThreshold' | 'runThreshold';
export interface Hold { readonly externalGroupId: string; readonly reason: HoldReason }

/** From this many expected members on, a listing without anybody is no removal of people but a listing that can't be believed. */
const SUSPICIOUSLY_EMPTY_FROM = 2;

/** The groups in which nothing may be changed now. Pure arithmetic over suspicions: none of them has been confirmed yet. */
export function holdGroups(groups: readonly GroupOutcome[], limits: BreakerLimits): readonly Hold[] {
  const held = groups.flatMap((group): Hold[] => {
    const reason = group.waived ? null : holdReason(group, limits);
    return reason === null ? [] : [{ externalGroupId: group.externalGroupId, reason }];
  });
  const free = groups.filter((group) => !group.waived && !held.some((hold) => hold.externalGroupId === group.externalGroupId));
  const sum = (of: (group: GroupOutcome) => number): number => free.reduce((total, group) => total + of(group), 0);
  if (!exceeds(sum((group) => group.changes), sum(concerned), limits)) return held;
  return [...held, ...free.filter((group) => group.changes > 0).map(({ externalGroupId }) => ({ externalGroupId, reason: 'runThreshold' }) as const)];
}

function holdReason(group: GroupOutcome, limits: BreakerLimits): HoldReason | null {
  if (group.deleted) return 'groupDeleted';
  if (group.listed === 0 && group.expected >= SUSPICIOUSLY_EMPTY_FROM) return 'emptyListing';
  return exceeds(group.changes, concerned(group), limits) ? 'groupThreshold' : null;
}
const concerned = (group: GroupOutcome): number => Math.max(group.listed, group.expected);
const exceeds = (changes: number, of: number, { minimum, sharePercent }: BreakerLimits): boolean => changes > minimum && changes * 100 > of * sharePercent;
