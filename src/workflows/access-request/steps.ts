import { isCancellation, proxyActivities, proxyLocalActivities, TemporalFailure } from '@temporalio/workflow';
import type { RecordActivities } from '../../activities/record.port.js';

/** Quick: no server round trip. Time-outs of the statement and its locks lie below this (persistence/unit-of-work.ts). */
const quick = proxyLocalActivities<RecordActivities>({ startToCloseTimeout: '6s', retry: { maximumAttempts: 3, initialInterval: '50ms', maximumInterval: '500ms' } });
/** Patient: the same step where an operator can see it waiting, for as long as the database is away. */
const patient = proxyActivities<RecordActivities>({ startToCloseTimeout: '30s', summary: 'Waiting for the database', retry: { initialInterval: '1s', maximumInterval: '30s' } });

/**
 * One database step: quickly three times, then patiently for ever. The steps are idempotent, so running twice is safe. A local activity that gives up
 * rejects with the failure of its last attempt itself, an ApplicationFailure or TimeoutFailure, and not with an ActivityFailure around it.
 */
async function record<T>(step: (via: RecordActivities) => Promise<T>): Promise<T> {
  try {
    return await step(quick);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
    return step(patient);
  }
}

/**
 * The database steps of one run, one after the other. The request's row lock orders them anyway; two local activities under way at once would besides be
 * settled in the order of their ends live and of their beginnings on replay, and a run that is replayed would never move again (test/faults/replay.spec.ts).
 */
export class RecordSteps {
  private last: Promise<unknown> = Promise.resolve();

  take<T>(step: (via: RecordActivities) => Promise<T>): Promise<T> {
    const taken = this.last.then(() => record(step));
    this.last = taken.catch(() => undefined); // its caller has the failure
    return taken;
  }
}
