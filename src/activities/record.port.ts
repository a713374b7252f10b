import type { AppliedStep, Stepped } from '../application/access/steps.js';
import type { ConvergeResult } from '../domain/provisioning/provisioning.js';

/** Database steps: short, idempotent, safe to run twice. The names are what an operator reads in the Temporal UI. */
export interface RecordActivities {
  loadRequest(siteId: string, requestId: string): Promise<Stepped>;
  applyCommand(siteId: string, commandId: string, read: ConvergeResult | null): Promise<AppliedStep>;
  recordProviderResult(siteId: string, requestId: string, intentId: string, result: ConvergeResult): Promise<Stepped>;
}
