import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import type { CoreCallOrder, CoreCallResult } from '../core/core-call.js';

/**
 * What is done beside the credentials: in this process (core/local-core.ts) or by a Core behind signed HTTP (integrations/core). Answers with structured
 * results; a fired signal stops what was not written yet.
 */
export interface CoreWork {
  convergeMembership(order: ConvergeOrder, signal: AbortSignal): Promise<ConvergeResult>;
  readMembership(order: ConvergeOrder, signal: AbortSignal): Promise<ConvergeResult>;
  performCoreCall(order: CoreCallOrder, signal: AbortSignal, key: string): Promise<CoreCallResult>;
}
