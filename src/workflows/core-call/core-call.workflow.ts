import { isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { CoreCallActivities, CoreCallResult } from '../../activities/admin.port.js';
import type { CoreActivities } from '../../activities/core.port.js';

const governance = proxyActivities<CoreCallActivities>({ startToCloseTimeout: '10s', retry: { initialInterval: '200ms', maximumAttempts: 5 } });

/** Input of one operation that an admin waits for and only the core worker can do: connector test, group create or bind, identity lookup. */
export interface CoreCallInput { readonly siteId: string; readonly commandId: string }

/** Begin, ask the core worker once, finish: the result is stored with the command (DESIGN, commands). */
export async function coreCall(input: CoreCallInput): Promise<CoreCallResult | null> {
  const core = proxyActivities<CoreActivities>({
    taskQueue: workflowInfo().taskQueue.replace(/governance$/, 'core'), startToCloseTimeout: '30s', scheduleToStartTimeout: '8s', summary: 'Ask the identity provider for an admin', retry: { maximumAttempts: 1 },
  });
  const order = await governance.beginCoreCall(input.siteId, input.commandId);
  if (order === null) return null; // answered already
  let result: CoreCallResult;
  try {
    result = await core.performCoreCall(order);
  } catch (error) {
    if (isCancellation(error)) throw error;
    result = { kind: 'failed', failure: 'retryable', detail: 'The core worker gave no answer; check that it runs and try again' };
  }
  await governance.finishCoreCall(input.siteId, input.commandId, result);
  return result;
}
