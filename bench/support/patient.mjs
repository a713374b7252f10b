import { isGrpcDeadlineError } from '@temporalio/client';

const DEADLINE_MS = 10_000;
/** A call that may be repeated, repeated while a busy machine gives no answer in time. @template T @param {import('@temporalio/client').Client} client @param {() => Promise<T>} call @returns {Promise<T>} */
export async function patient(client, call) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.withDeadline(Date.now() + DEADLINE_MS, call);
    } catch (error) {
      const noAnswer = isGrpcDeadlineError(error) || isGrpcDeadlineError(error?.cause) || error?.name === 'EngineUnavailable' || error?.name === 'WorkflowUpdateRPCTimeoutOrCancelledError';
      if (!noAnswer || attempt === 10) throw error;
    }
  }
}
