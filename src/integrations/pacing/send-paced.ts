import type { CallPriority } from '../../domain/budget/rate-budget.js';
import { failureOf, failureOfFault } from '../http/provider-failure.js';
import type { CallPurpose } from '../http/provider-failure.js';
import { retryAfterMs } from '../http/retry-after.js';
import { HttpFault, sendHttp } from '../http/send-http.js';
import type { HttpAnswer, HttpRequest } from '../http/send-http.js';
import { toldWindow } from './told-window.js';
import { TurnRefused, type Pace, type TurnAsk } from './pace.js';

/** How a client's calls are paced; without a pace they go at once (tests, and tools that send one call). */
export interface Pacing {
  readonly pace?: Pace | undefined;
  readonly priority: CallPriority;
}

/**
 * The one place where the identity providers' adapters send: waits for its turn in the tenant's budget, sends once, and shows the answer's limits to the budget.
 * @throws ProviderFailure `retryable` with the time to stay away when the turn does not come in time: nothing was sent; and what a call without an answer means
 */
export async function sendPaced({ pace, priority }: Pacing, call: CallPurpose, endpointClass: string, request: HttpRequest): Promise<HttpAnswer> {
  const ask: TurnAsk = { priority, endpointClass, writes: call.writes, signal: request.signal };
  try {
    await pace?.turn(ask);
    const answer = await sendHttp(request);
    const nowMs = Date.now();
    await pace?.answered(ask, { status: answer.status, retryAfterMs: retryAfterMs(answer.headers, nowMs), window: toldWindow(answer.headers, nowMs) });
    return answer;
  } catch (error) {
    if (error instanceof HttpFault) throw failureOfFault(call, error);
    if (error instanceof TurnRefused) throw failureOfRefusal(call, error);
    throw error;
  }
}

function failureOfRefusal(call: CallPurpose, { because, retryAfterMs: waitMs }: TurnRefused): ReturnType<typeof failureOf> {
  if (because === 'cancelled') return failureOf(call, 'retryable', 'the call was cancelled before it was sent');
  const why = because === 'pause' ? 'the provider asked for a pause' : 'the budget of calls to this tenant is used up';
  return failureOf(call, 'retryable', `nothing was sent, since ${why}`, { retryAfterMs: waitMs, paced: true });
}
