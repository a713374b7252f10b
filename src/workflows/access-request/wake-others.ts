import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { wakeSignal, workflowIdOf } from './messages.js';

/** Tells other requests to look again. A hint: a run that is gone is found by the poller, so a failure here is none. */
export function wakeOthers(siteId: string, requestIds: readonly string[]): void {
  for (const requestId of requestIds) {
    void getExternalWorkflowHandle(workflowIdOf(siteId, requestId)).signal(wakeSignal, 'otherGrantChanged').catch(() => undefined);
  }
}
