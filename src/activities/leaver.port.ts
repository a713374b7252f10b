import type { CoreCallOrder, CoreCallResult } from '../application/core/core-call.js';
import type { HintState } from '../application/ports/leaver-store.port.js';

/** Whether somebody has left: what to read, and what came of it (SPEC G6). */
export interface LeaverActivities {
  beginLeaverCheck(siteId: string, hintId: string): Promise<CoreCallOrder | null>;
  finishLeaverCheck(siteId: string, hintId: string, connectorId: string, result: CoreCallResult): Promise<HintState>;
  runLeaverSweep(): Promise<{ readonly looked: number; readonly left: number }>;
}
