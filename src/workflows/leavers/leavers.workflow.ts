import { isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { CoreActivities } from '../../activities/core.port.js';
import type { LeaverActivities } from '../../activities/leaver.port.js';
import type { LeaverCheckInput } from './messages.js';

const { beginLeaverCheck, finishLeaverCheck } = proxyActivities<LeaverActivities>({ startToCloseTimeout: '30s', summary: 'Whether somebody has left', retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 20 } });
/** Reads one account of Jira after another; begun anew it does no harm, and tomorrow there is another one. */
const { runLeaverSweep } = proxyActivities<LeaverActivities>({ startToCloseTimeout: '6h', heartbeatTimeout: '2m', retry: { initialInterval: '1m', maximumAttempts: 3 } });

/** One hint that somebody has left: a fresh read decides (SPEC G6). A read that fails leaves the hint due again later. */
export async function leaverCheck({ siteId, hintId }: LeaverCheckInput): Promise<string> {
  const order = await beginLeaverCheck(siteId, hintId);
  if (order === null) return 'settled';
  const core = proxyActivities<CoreActivities>({
    taskQueue: workflowInfo().taskQueue.replace(/governance$/, 'core'), startToCloseTimeout: '30s', scheduleToStartTimeout: '1m', summary: 'Read whether the person is active', retry: { maximumAttempts: 1 },
  });
  try {
    return await finishLeaverCheck(siteId, hintId, order.connectorId, await core.performCoreCall(order));
  } catch (error) {
    if (isCancellation(error)) throw error;
    return finishLeaverCheck(siteId, hintId, order.connectorId, { kind: 'failed', failure: 'retryable', detail: 'The core worker gave no answer' });
  }
}

/** Daily: closed Jira accounts among those who hold or await access (SPEC G6). */
export async function leaverSweep(): Promise<{ readonly looked: number; readonly left: number }> {
  return runLeaverSweep();
}
