import { randomUUID } from 'node:crypto';
import type { HttpAnswer, TestApi } from '../../support/api.js';
import { until } from '../../support/until.js';

type Person = Parameters<TestApi['send']>[0];
/** One command of a client, which it may send again and again under its idempotency key. */
export interface HttpCommand {
  readonly send: () => Promise<HttpAnswer>;
  /** As a good client: again while the product says 503. */
  readonly insist: (timeoutMs?: number) => Promise<HttpAnswer>;
}

export function commandOf(api: TestApi, as: Person, path: string, body: unknown): HttpCommand {
  const key = randomUUID();
  const send = (): Promise<HttpAnswer> => api.send(as, 'POST', path, body, key);
  return {
    send,
    insist: (timeoutMs = 60_000) => until(`another answer than 503 to POST ${path}`, async () => {
      const answer = await send();
      return answer.status === 503 ? undefined : answer;
    }, { timeoutMs, everyMs: 250 }),
  };
}
