import { Context } from '@temporalio/activity';
import type { CoreWork } from '../application/ports/core-work.port.js';
import type { CoreActivities } from './core.port.js';

const BEAT_MS = 500;
/** Beats while the work lasts: a dead worker is noticed in seconds, and a cancellation reaches the work at the next beat. */
async function beating<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}

/** The same for work in this process and for a Core behind HTTP, so that workflows don't know which it is. */
export const createCoreActivities = (core: CoreWork): CoreActivities => ({
  convergeMembership: (order) => beating((signal) => core.convergeMembership(order, signal)),
  readMembership: (order) => beating((signal) => core.readMembership(order, signal)),
  performCoreCall: (order) => beating((signal) => core.performCoreCall(order, signal, executionKey())),
});

/** Names this execution, for a Core that is asked again because its answer was lost. */
function executionKey(): string {
  const { workflowExecution, activityId } = Context.current().info;
  return `call.${workflowExecution?.runId ?? 'none'}.${activityId}`;
}
