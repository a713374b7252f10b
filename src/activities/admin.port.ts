import type { CoreCallOrder, CoreCallResult } from '../application/core/core-call.js';

export type { CoreCallResult };

/** The governance side of one core call: what to ask, and what came of it. */
export interface CoreCallActivities {
  beginCoreCall(siteId: string, commandId: string): Promise<CoreCallOrder | null>;
  finishCoreCall(siteId: string, commandId: string, result: CoreCallResult): Promise<void>;
}
/** Sweeps find what a lost timer or a lost workflow left behind (SPEC §12); they wake and start, and write no request. */
export interface SweepActivities {
  runJobSweep(): Promise<{ readonly woken: number; readonly pruned: number }>;
  runEscalationSweep(): Promise<{ readonly woken: number }>;
}
