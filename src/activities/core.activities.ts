import { Context } from '@temporalio/activity';
import type { ConvergeDeps } from '../application/core/converge.js';
import { convergeMembership, readMembershipOnce } from '../application/core/converge.js';
import { performCoreCall, type CoreCallDeps } from '../application/core/perform-core-call.js';
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

export const createCoreActivities = (converge: ConvergeDeps, calls: CoreCallDeps): CoreActivities => ({
  convergeMembership: (order) => beating((signal) => convergeMembership(converge, order, signal)),
  readMembership: (order) => beating((signal) => readMembershipOnce(converge, order, signal)),
  performCoreCall: (order) => beating((signal) => performCoreCall(calls, order, signal)),
});
