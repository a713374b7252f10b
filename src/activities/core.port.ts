import type { CoreCallOrder, CoreCallResult } from '../application/core/core-call.js';
import type { ConvergeOrder } from '../domain/plan/plan.js';
import type { ConvergeResult } from '../domain/provisioning/provisioning.js';

/** Steps of the core worker, the only holder of provider credentials (SPEC F9). They answer with a structured result instead of failing. */
export interface CoreActivities {
  convergeMembership(order: ConvergeOrder): Promise<ConvergeResult>;
  readMembership(order: ConvergeOrder): Promise<ConvergeResult>;
  performCoreCall(order: CoreCallOrder): Promise<CoreCallResult>;
}
