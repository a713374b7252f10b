import type { BlockScope, BlockSource } from '../policy/block.js';

/** Ending many grants at once: a kill switch (SPEC G8) or a leaver (SPEC G6). */
export const MASS_ACTION_STATUSES = ['planned', 'running', 'done', 'stopped'] as const;
export type MassActionStatus = (typeof MASS_ACTION_STATUSES)[number];
export const MASS_ACTION_MODES = ['dryRun', 'execute'] as const;
export type MassActionMode = (typeof MASS_ACTION_MODES)[number];
export const RESTORE_STATUSES = ['none', 'running', 'done'] as const;
export type RestoreStatus = (typeof RESTORE_STATUSES)[number];

/** `grant`: open when it was found; `ending`: its removal was under way already; `request`: nobody had decided it. */
export const ITEM_KINDS = ['grant', 'ending', 'request'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];
/** `alreadyOver`: ended or decided meanwhile; `spared`: a restore came first. */
export const ITEM_OUTCOMES = ['stopped', 'alreadyOver', 'spared'] as const;
export type ItemOutcome = (typeof ITEM_OUTCOMES)[number];

export interface MassActionTarget { readonly source: BlockSource; readonly scope: BlockScope; readonly key: string }

/** Counted from the grants themselves: nothing here is remembered by who ended them. */
export interface MassActionCounts {
  /** Grants, those included that were ending already. */
  readonly total: number;
  /** Over with evidence that nobody is left in the group, or that there is none. */
  readonly verifiedAbsent: number;
  /** Not stopped yet, or stopped and not yet seen absent. */
  readonly pending: number;
  /** Over; the membership stays for another open grant outside the scope (SPEC F10), or as accepted baseline access (SPEC K4). */
  readonly held: number;
  /** Requests that were waiting for a decision, and how many of them are closed. */
  readonly requests: number;
  readonly requestsClosed: number;
  readonly restored: number;
  readonly restoreRefused: number;
  /** To be restored once another block over them is lifted. */
  readonly restoreWaiting: number;
}

/** Whether everything that was to end has ended and was seen to. */
export const isThrough = (counts: Pick<MassActionCounts, 'pending' | 'requests' | 'requestsClosed'>): boolean => counts.pending === 0 && counts.requests === counts.requestsClosed;

/** How long a run waits before it looks again, when the last looks changed nothing: people and providers take their time. Milliseconds. */
export const quietPauseMs = (quietLooks: number): number => Math.min(15_000, 500 * 2 ** Math.min(10, quietLooks));

/** After so many looks that changed nothing, the runs of what is not over are told to look at the record: one whose worker died behind a commit waits for nobody else. */
export const NUDGE_AFTER_LOOKS = 3;
