import { isGrpcServiceError, ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';

/** gRPC: cancelled, deadline exceeded, resource exhausted, aborted, internal, unavailable: nothing is known to have gone wrong for good. */
const AWAY = new Set([1, 4, 8, 10, 13, 14]);

/** Whether the engine is away, overloaded or gave no answer in time; the outcome is unknown and the same command may be sent again. */
export function engineUnavailable(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  if (isGrpcServiceError(error)) return AWAY.has(error.code);
  if (error instanceof ServiceError) return error.cause === undefined || engineUnavailable(error.cause);
  return error instanceof Error && /TRANSPORT|Failed to connect|ECONNREFUSED|deadline/i.test(error.message);
}
