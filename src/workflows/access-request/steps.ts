import { ActivityFailure, isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { RecordActivities } from '../../activities/record.port.js';

/** Quick: no server round trip. Time-outs of the statement and its locks lie below this (persistence/unit-of-work.ts). */
const quick = proxyLocalActivities<RecordActivities>({ startToCloseTimeout: '6s', retry: { maximumAttempts: 3, initialInterval: '50ms', maximumInterval: '500ms' } });
/** Patient: the same step where an operator can see it waiting, for as long as the database is away. */
const patient = proxyActivities<RecordActivities>({ startToCloseTimeout: '30s', summary: 'Waiting for the database', retry: { initialInterval: '1s', maximumInterval: '30s' } });

/** One database step: quickly three times, then patiently for ever. The steps are idempotent, so running twice is safe. */
export async function record<T>(step: (via: RecordActivities) => Promise<T>): Promise<T> {
  try {
    return await step(quick);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return step(patient);
  }
}
