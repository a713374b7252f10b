import type { MembershipAnswer } from '../../contracts/core-api.contract.js';
import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';

/** What stops an attempt for a moment only; everything else that was not attempted is refused for good: the order is older than another, or cancelled. */
const PASSING = new Set(['membership.busy', 'database.unavailable', 'provider.paced']);

/** The result of an order as Core answers it (SPEC F9): succeeded, retryable with delay, manual with reason, refused. */
export function membershipAnswer(order: ConvergeOrder, result: ConvergeResult): MembershipAnswer {
  return { outcome: outcomeOf(order, result), code: result.code, detail: result.detail, retryAfterMs: result.retryAfterMs, result };
}

function outcomeOf(order: ConvergeOrder, result: ConvergeResult): MembershipAnswer['outcome'] {
  switch (result.status) {
    // A read succeeds whatever it saw; an order only when the provider says what was wanted. What remains may not be added again (converge.ts).
    case 'observed': return order.mode === 'read' || result.observed === order.desired ? 'succeeded' : 'refused';
    case 'retryable':
    case 'manual': return result.status;
    case 'notAttempted': return PASSING.has(result.code) ? 'retryable' : 'refused';
  }
}

/** An earlier call with this key is being carried out by another process: ask again with the same key. */
export const underWay = (retryAfterMs: number): MembershipAnswer => ({ outcome: 'retryable', code: 'core.under_way', detail: 'An earlier call with this key is under way; ask again with the same key', retryAfterMs, result: null });
