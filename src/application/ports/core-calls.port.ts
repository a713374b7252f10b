import type { CoreCallResult } from '../core/core-call.js';

/**
 * Carries a recorded command to the core worker and back: begin (governance) → perform (core) → finish (governance). One execution per command id,
 * however often it is asked for; when it returns, the command's result is stored; null when an earlier run had stored it.
 * @throws EngineUnavailable when the engine or the core worker did not answer in time; the command may still finish.
 */
export interface CoreCalls {
  execute(siteId: string, commandId: string): Promise<CoreCallResult | null>;
}
