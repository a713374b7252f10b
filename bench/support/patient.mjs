const DEADLINE_MS = 10_000;
/** gRPC status of a call that a server or a connection under load gave up: cancelled, deadline exceeded, unavailable. */
const GIVEN_UP = new Set([1, 4, 14]);
const hasNoAnswer = (error) => error?.name === 'EngineUnavailable' || error?.name === 'WorkflowUpdateRPCTimeoutOrCancelledError' || GIVEN_UP.has(error?.code) || (error?.cause !== undefined && hasNoAnswer(error.cause));

/** A call that may be repeated, repeated while a busy machine gives no answer in time. @template T @param {import('@temporalio/client').Client} client @param {() => Promise<T>} call @returns {Promise<T>} */
export async function patient(client, call) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.withDeadline(Date.now() + DEADLINE_MS, call);
    } catch (error) {
      if (!hasNoAnswer(error) || attempt === 20) throw error;
    }
  }
}
