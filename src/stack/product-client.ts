import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { readyAnswer } from '../contracts/health.contract.js';

const problem = z.looseObject({ status: z.number(), code: z.string().optional(), detail: z.string().optional(), title: z.string().optional() });

/** The product refused; `code` is API.md's stable one. */
export class ProductRefusal extends Error {
  constructor(readonly status: number, readonly code: string, detail: string, call: string) {
    super(`${call}: ${status} ${code}: ${detail}`);
    this.name = 'ProductRefusal';
  }
}

export interface Call {
  readonly token?: string;
  readonly body?: unknown;
  /** Same key, same answer: every POST that changes something may then be repeated. */
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
}

const noAnswer = z.object({ name: z.enum(['TypeError', 'TimeoutError', 'AbortError']) });
const RETRY_STATUS = new Set([429, 502, 503, 504]);

/** Speaks the HTTP API as any client would. Repeats while nobody answers or the answer says to, so that it outlives a restart of a process behind it. */
export class ProductClient {
  constructor(readonly baseUrl: string, private readonly patienceMs = 60_000) {}

  get<T>(path: string, schema: z.ZodType<T>, token?: string): Promise<T> {
    return this.send('GET', path, schema, token === undefined ? {} : { token });
  }

  post<T>(path: string, schema: z.ZodType<T>, call: Call): Promise<T> {
    return this.send('POST', path, schema, call);
  }

  /** Resolves when both workers have said that they work: a connector is enabled only then (SPEC F3). @throws Error when they did not within the patience */
  async untilWorkersWork(): Promise<void> {
    const deadline = performance.now() + this.patienceMs;
    for (;;) {
      const { parts } = await this.get('/health/ready', readyAnswer);
      if (parts.governanceWorker === 'up' && parts.coreWorker === 'up') return;
      if (performance.now() > deadline) throw new Error('the workers do not say that they work');
      await pause(50);
    }
  }

  /**
   * @throws ProductRefusal for a refusal, Error when nobody answered within the patience
   */
  async send<T>(method: string, path: string, schema: z.ZodType<T>, call: Call): Promise<T> {
    const deadline = performance.now() + this.patienceMs;
    for (;;) {
      const answer = await this.#try(method, path, call);
      const mayRepeat = method === 'GET' || call.idempotencyKey !== undefined;
      if (answer !== null && !(RETRY_STATUS.has(answer.status) && mayRepeat)) return this.#read(answer, schema, `${method} ${path}`);
      if (performance.now() > deadline || (answer === null && !mayRepeat)) throw new Error(`${method} ${path}: ${answer === null ? 'nobody answers' : `still ${answer.status}`}`);
      await pause(250);
    }
  }

  async #try(method: string, path: string, { token, body, idempotencyKey, ifMatch }: Call): Promise<Response | null> {
    try {
      return await fetch(new URL(path, this.baseUrl), {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
          ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(15_000),
      });
    } catch (error) {
      // fetch reports a refused connection as TypeError and a time-out as DOMException: both mean that there is no answer.
      if (noAnswer.safeParse(error).success) return null;
      throw error;
    }
  }

  async #read<T>(answer: Response, schema: z.ZodType<T>, call: string): Promise<T> {
    const text = await answer.text();
    const json: unknown = text === '' ? undefined : JSON.parse(text);
    if (answer.ok) {
      const parsed = schema.safeParse(json);
      if (parsed.success) return parsed.data;
      throw new Error(`${call}: an answer of another shape: ${z.prettifyError(parsed.error)}`);
    }
    const refusal = problem.safeParse(json);
    throw new ProductRefusal(answer.status, refusal.data?.code ?? 'unknown', refusal.data?.detail ?? refusal.data?.title ?? '', call);
  }
}

/**
 * Looks every 100 ms until there is something to see.
 * @throws Error naming what did not happen in time
 */
export async function waitFor<T>(what: string, look: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`);
    await pause(100);
  }
}
