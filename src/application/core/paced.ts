import type { CoreCallResult } from './core-call.js';

const SHORTEST_MS = 250;
const LONGEST_MS = 60_000;
/** When a call that nobody could make is asked for again: as the tenant's budget said, within bounds that neither hammer nor forget it. Milliseconds. */
export const untriedPauseMs = (retryAfterMs: number | null | undefined): number => Math.min(LONGEST_MS, Math.max(SHORTEST_MS, retryAfterMs ?? SHORTEST_MS));

/** The same for a call that waited in vain for its turn: it was never made, so it costs a page, a member, a group or an import none of its tries (SPEC F6). Null: it was made. */
export const pacedPauseMs = (result: CoreCallResult): number | null =>
  ((result.kind === 'failed' || result.kind === 'memberReads') && result.paced === true ? untriedPauseMs(result.retryAfterMs) : null);
