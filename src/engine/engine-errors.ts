import { isGrpcServiceError, ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';

/**
 * gRPC: cancelled, deadline exceeded, permission denied, resource exhausted, failed precondition (a run whose last step failed takes no update until it was tried again), aborted,
 * internal, unavailable, unauthenticated: time or an operator mends it, the caller repeats.
 */
const AWAY = new Set([1, 4, 7, 8, 9, 10, 13, 14, 16]);

/** Whether the engine is away, overloaded or gave no answer in time; the outcome is unknown and the same command may be sent again. */
export function engineUnavailable(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  if (isGrpcServiceError(error)) return AWAY.has(error.code);
  if (error instanceof ServiceError) return error.cause === undefined || engineUnavailable(error.cause);
  return error instanceof Error && /TRANSPORT|Failed to connect|ECONNREFUSED|deadline/i.test(error.message);
}
