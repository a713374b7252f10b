export { accessRequest } from './access-request/access-request.workflow.js';
export { reconciliation, scheduledReconciliation } from './reconciliation/reconciliation.workflow.js';
export { coreCall } from './core-call/core-call.workflow.js';
export { leaverCheck, leaverSweep } from './leavers/leavers.workflow.js';
export { mappingImport } from './mapping-import/mapping-import.workflow.js';
export { killSwitch } from './mass-action/mass-action.workflow.js';
export { escalationSweep, jobRunner } from './sweeps/sweeps.workflow.js';
