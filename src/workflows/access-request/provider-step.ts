import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { CoreActivities } from '../../activities/core.port.js';
import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';

/**
 * Provider steps are tried once by the engine: each further attempt is a new intent with a new policy check, decided by the record (N4, N9). No time limit on
 * waiting for a worker: an order that is too old is refused by the core worker and issued again.
 */
const core = (queue: string, summary: string): CoreActivities =>
  proxyActivities<CoreActivities>({ taskQueue: queue, startToCloseTimeout: '60s', heartbeatTimeout: '15s', cancellationType: 'WAIT_CANCELLATION_COMPLETED', summary, retry: { maximumAttempts: 1 } });
/** A person waits for this read: without a core worker they are told so instead. */
const reader = (queue: string): CoreActivities =>
  proxyActivities<CoreActivities>({ taskQueue: queue, startToCloseTimeout: '20s', scheduleToStartTimeout: '5s', heartbeatTimeout: '15s', summary: 'Read membership for a person', retry: { maximumAttempts: 1 } });

/** One attempt that is under way: superseded when the record asks for another one. */
export class ProviderStep {
  result: ConvergeResult | undefined;
  private readonly scope = new CancellationScope();

  constructor(queue: string, readonly order: ConvergeOrder) {
    const summary = order.desired === 'present' ? 'Add to group and read back' : 'Remove from group and read back';
    void this.scope.run(() => core(queue, summary).convergeMembership(order)).then(
      (result) => { this.result = result; },
      (error: unknown) => { this.result = lost(error); },
    );
  }
  get done(): boolean { return this.result !== undefined; }
  supersede(): void {
    if (!this.scope.consideredCancelled) this.scope.cancel();
  }
}

export async function readForPerson(queue: string, order: ConvergeOrder): Promise<ConvergeResult> {
  try {
    return await reader(queue).readMembership(order);
  } catch (error) {
    return lost(error);
  }
}

/** No answer: cancelled before a worker took it (then nothing was written), or the worker died (then whether it wrote is unknown until the next read). */
function lost(error: unknown): ConvergeResult {
  const none = { observed: 'unknown', readAt: null, retryAfterMs: null, providerRequestId: null } as const;
  if (isCancellation(error)) return { ...none, status: 'notAttempted', write: 'none', code: 'core.superseded', detail: 'Superseded by a newer decision before it began' };
  return { ...none, status: 'retryable', write: 'unknown', code: 'core.lost', detail: 'The core worker gave no answer' };
}
