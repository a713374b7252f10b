import { applyStep, loadStep, recordStep } from '../application/access/steps.js';
import type { AccessDeps } from '../application/access/access-deps.js';
import type { RecordActivities } from './record.port.js';

/** Thin over the application's steps. `committed` is told after each, so that what waits for a commit (the sealer) need not poll. */
export const createRecordActivities = (deps: AccessDeps, committed: () => void): RecordActivities => {
  const after = async <T>(step: Promise<T>): Promise<T> => {
    const value = await step;
    committed();
    return value;
  };
  return {
    loadRequest: (siteId, requestId) => after(loadStep(deps, siteId, requestId)),
    applyCommand: (siteId, commandId, read) => after(applyStep(deps, siteId, commandId, read)),
    recordProviderResult: (siteId, requestId, intentId, result) => after(recordStep(deps, siteId, requestId, intentId, result)),
  };
};
