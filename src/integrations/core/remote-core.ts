import { z } from 'zod';
import { isPaged, type CoreCallOrder, type CoreCallResult } from '../../application/core/core-call.js';
import { result } from '../../application/core/converge-result.js';
import type { CoreWork } from '../../application/ports/core-work.port.js';
import { coreCallAnswer, membershipAnswer, whoamiAnswer, type CoreCallBody } from '../../contracts/core-api.contract.js';
import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import { callCore, type CoreReply, type RemoteCoreOptions } from './core-http.js';

/** How long an order is followed: below the time-outs of the steps that ask (workflows/access-request/provider-step.ts, core-call, reconciliation). Milliseconds. */
const PATIENCE_MS = { converge: 50_000, read: 15_000, call: 25_000, pages: 100_000 } as const;
/** Once a newer decision has come, an order is followed this much longer. Milliseconds. */
const AFTER_CANCEL_MS = 10_000;
/** Where Core can't be reached: how long until the next attempt. It costs the job none of its tries. Milliseconds. */
const AWAY_MS = 5_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

interface Followed<T> { readonly last: CoreReply<T>; /** Whether any of the requests may have reached Core. */ readonly mayHaveActed: boolean }

/** A Core behind signed HTTP, for a governance worker that holds no key to any credential (SPEC F9). */
export class RemoteCore implements CoreWork {
  constructor(private readonly options: RemoteCoreOptions) {}

  async convergeMembership(order: ConvergeOrder, signal: AbortSignal): Promise<ConvergeResult> {
    const path = order.desired === 'present' ? '/membership/provision' : '/membership/deprovision';
    const onCancel = (): void => void this.cancel(order);
    signal.addEventListener('abort', onCancel, { once: true });
    try {
      return settled(await this.follow(path, order, membershipAnswer, (answer) => answer.result === null, PATIENCE_MS.converge, signal), 'unknown');
    } finally {
      signal.removeEventListener('abort', onCancel);
    }
  }

  async readMembership(order: ConvergeOrder, signal: AbortSignal): Promise<ConvergeResult> {
    return settled(await this.follow('/membership/check', order, membershipAnswer, () => false, PATIENCE_MS.read, signal), 'none');
  }

  async performCoreCall(order: CoreCallOrder, signal: AbortSignal, key: string): Promise<CoreCallResult> {
    const body: CoreCallBody = { key, order };
    const { last } = await this.follow('/calls', body, coreCallAnswer, (answer) => answer.result === null, isPaged(order) ? PATIENCE_MS.pages : PATIENCE_MS.call, signal);
    if (last.kind === 'answered' && last.answer.result !== null) return last.answer.result;
    return { kind: 'failed', failure: 'retryable', detail: `${sentenceOf(last)}; try again` };
  }

  /** Whether address, key and clock are right. @throws Error with the reason in one sentence */
  async ping(): Promise<void> {
    const reply = await callCore(this.options, 'GET', '/whoami', undefined, whoamiAnswer, 2_000);
    if (reply.kind !== 'answered') throw new Error(sentenceOf(reply));
  }

  /** Asks until there is an answer, under the same key, so that what was begun is joined and not begun again. */
  private async follow<T>(path: string, body: unknown, schema: z.ZodType<T>, isUnderWay: (answer: T) => boolean, patienceMs: number, signal: AbortSignal): Promise<Followed<T>> {
    const startedAt = Date.now();
    let cancelledAt: number | undefined;
    let mayHaveActed = false;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const left = (): number => Math.min(startedAt + patienceMs, signal.aborted ? (cancelledAt ??= Date.now()) + (this.options.afterCancelMs ?? AFTER_CANCEL_MS) : Infinity) - Date.now();
      const last = await callCore(this.options, 'POST', path, body, schema, Math.max(1, left()));
      if (last.kind === 'refused' || (last.kind === 'answered' && !isUnderWay(last.answer))) return { last, mayHaveActed };
      mayHaveActed ||= last.kind !== 'notDone';
      const waitMs = Math.max(pauseMs, last.kind === 'notDone' ? last.retryAfterMs ?? 0 : 0);
      if (left() <= waitMs || (signal.aborted && !mayHaveActed)) return { last, mayHaveActed };
      await this.options.pause(waitMs, signal.aborted ? new AbortController().signal : signal);
    }
  }

  /** A hint: what has written nothing yet stops. The answer to the order says what became of it. */
  private async cancel({ siteId, intentId }: ConvergeOrder): Promise<void> {
    await callCore(this.options, 'POST', '/membership/cancel', { siteId, intentId }, anything, 5_000);
  }
}

const anything = z.unknown();

/** `unanswered`: whether a write may have happened where no answer came. */
function settled({ last, mayHaveActed }: Followed<z.infer<typeof membershipAnswer>>, unanswered: 'unknown' | 'none'): ConvergeResult {
  if (last.kind === 'answered' && last.answer.result !== null) return last.answer.result;
  const write = mayHaveActed ? unanswered : 'none';
  if (last.kind === 'refused' && !last.clock) return result('manual', { code: 'core.refused', detail: `${sentenceOf(last)}${last.code.startsWith('signature.') ? "; compare ARDSAOR_CORE_URL, _APP_ID and _APP_SECRET with Core's CORE_PUBLIC_URL and CORE_CLIENTS" : ''}`, write });
  // Nothing was asked of the provider, and the job has lost none of its tries.
  if (!mayHaveActed) return result('notAttempted', { code: last.kind === 'refused' ? 'core.refused' : 'core.unreachable', detail: sentenceOf(last), retryAfterMs: AWAY_MS });
  return result('retryable', { code: last.kind === 'unknown' && last.garbled ? 'core.invalid_answer' : 'core.lost', detail: sentenceOf(last), write });
}

function sentenceOf(reply: CoreReply<unknown>): string {
  switch (reply.kind) {
    case 'answered': return 'Core is still at it';
    case 'notDone': return `Core could not be asked (${reply.why})`;
    case 'unknown': return `Core gave no answer: ${reply.why}`;
    case 'refused': return `Core refuses the message (${reply.code})`;
  }
}
