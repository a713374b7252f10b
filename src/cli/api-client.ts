import { z } from 'zod';
import { apiProblem, CliProblem } from './cli-problem.js';
import { EXIT } from './exit-codes.js';

/** How long a call may take, in milliseconds. */
const PATIENCE_MS = 30_000;
/** Checking a long chain takes as long as it takes, up to the patience of Node's own client. */
export const LONG_PATIENCE_MS = 290_000;

export type QueryValue = string | number | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

/** A body that is sent while it is read; read once. */
export interface Upload { readonly contentType: string; readonly bytes: AsyncIterable<Uint8Array> }

interface Message { readonly method: 'GET' | 'POST'; readonly path: string; readonly query?: Query; readonly body?: unknown; readonly upload?: Upload; readonly idempotencyKey?: string; readonly patienceMs?: number }

/** fetch reports a refused connection as TypeError with the reason as its cause, and its own time-out as DOMException. */
const noAnswer = z.object({ name: z.enum(['TypeError', 'TimeoutError', 'AbortError']), cause: z.object({ code: z.string() }).optional().catch(undefined) });
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there', ENOTFOUND: 'the name is not known', EAI_AGAIN: 'the name is not known', ECONNRESET: 'the connection was cut', UND_ERR_SOCKET: 'the connection was cut', EHOSTUNREACH: 'there is no way to it',
};

/** Speaks the HTTP API (OpenAPI at /api/v1/openapi.json). Every refusal and every silence becomes a CliProblem with its exit code. */
export class ApiClient {
  constructor(readonly baseUrl: string, private readonly token: string | null = null) {}

  signedIn(token: string): ApiClient {
    return new ApiClient(this.baseUrl, token);
  }

  /**
   * @param path below /api/v1
   * @throws CliProblem
   */
  get<T>(path: string, schema: z.ZodType<T>, query: Query = {}): Promise<T> {
    return this.#call({ method: 'GET', path: `/api/v1${path}`, query }, schema);
  }

  /**
   * Sends a command under a key that makes it safe to repeat.
   * @throws CliProblem; when the outcome is not known it names the key to repeat with
   */
  post<T>(path: string, schema: z.ZodType<T>, body: unknown, idempotencyKey: string, patienceMs = PATIENCE_MS): Promise<T> {
    return this.#command({ method: 'POST', path: `/api/v1${path}`, body, idempotencyKey, patienceMs }, schema, idempotencyKey);
  }

  /** A command with a file for its body, held in memory a piece at a time. @throws CliProblem as {@link post} */
  upload<T>(path: string, schema: z.ZodType<T>, upload: Upload, query: Query, idempotencyKey: string): Promise<T> {
    return this.#command({ method: 'POST', path: `/api/v1${path}`, query, upload, idempotencyKey, patienceMs: LONG_PATIENCE_MS }, schema, idempotencyKey);
  }

  async #command<T>(message: Message, schema: z.ZodType<T>, idempotencyKey: string): Promise<T> {
    try {
      return await this.#call(message, schema);
    } catch (error) {
      if (error instanceof CliProblem) throw error.repeatableWith(idempotencyKey);
      throw error;
    }
  }

  /** A POST that changes nothing which could be done twice: signing in. @throws CliProblem */
  ask<T>(path: string, schema: z.ZodType<T>, body: unknown): Promise<T> {
    return this.#call({ method: 'POST', path: `/api/v1${path}`, body }, schema);
  }

  /** Whatever the process answers outside /api/v1, with its status; health checks say 503 in their own words. @throws CliProblem */
  async probe<T>(path: string, schema: z.ZodType<T>): Promise<{ readonly status: number; readonly value: T }> {
    const { status, json } = await this.#send({ method: 'GET', path, patienceMs: 5_000 });
    const parsed = schema.safeParse(json);
    if (!parsed.success) throw this.#strange(`GET ${path}`);
    return { status, value: parsed.data };
  }

  async #call<T>(message: Message, schema: z.ZodType<T>): Promise<T> {
    const { status, json } = await this.#send(message);
    const name = `${message.method} ${message.path}`;
    if (status < 200 || status > 299) {
      const problem = apiProblem.safeParse(json);
      throw problem.success ? CliProblem.ofAnswer(problem.data) : this.#strange(`${name} (status ${status})`);
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw this.#strange(name, new Error(z.prettifyError(parsed.error)));
  }

  async #send(message: Message): Promise<{ readonly status: number; readonly json: unknown }> {
    const { method, path, query, patienceMs = PATIENCE_MS } = message;
    try {
      const answer = await fetch(this.baseUrl + path + searchOf(query ?? {}), {
        method,
        // A redirect could take the token elsewhere, and would turn a command into a GET.
        redirect: 'error',
        headers: headersOf(message, this.token),
        ...bodyOf(message),
        signal: AbortSignal.timeout(patienceMs),
      });
      return { status: answer.status, json: jsonOrText(await answer.text()) };
    } catch (error) {
      const silence = noAnswer.safeParse(error);
      if (!silence.success) throw error;
      throw this.#silent(silence.data, patienceMs, error);
    }
  }

  #silent({ name, cause }: z.infer<typeof noAnswer>, patienceMs: number, error: unknown): CliProblem {
    const reason = name === 'TypeError' ? (REASONS[cause?.code ?? ''] ?? cause?.code ?? 'no readable answer') : `no answer within ${patienceMs / 1000} s`;
    const toDo = 'Start it with npm start, or name another one with --url or AICLEARANCE_URL; aiclearance doctor says more.';
    return CliProblem.of(EXIT.unavailable, 'cli.unreachable', `The API at ${this.baseUrl} can't be reached: ${reason}.`, toDo, { cause: error });
  }

  #strange(call: string, cause?: Error): CliProblem {
    return CliProblem.of(EXIT.unavailable, 'cli.unexpected_answer', `${this.baseUrl} answers ${call}, but not as AI Clearance does.`, 'Check --url or AICLEARANCE_URL, and that both sides have the same version.', { cause });
  }
}

function bodyOf({ body, upload }: Message): { readonly body?: string | ReadableStream<Uint8Array>; readonly duplex?: 'half' } {
  if (upload !== undefined) return { body: ReadableStream.from(upload.bytes), duplex: 'half' };
  return body === undefined ? {} : { body: JSON.stringify(body) };
}

const headersOf = ({ body, upload, idempotencyKey }: Message, token: string | null): Readonly<Record<string, string>> => ({
  accept: 'application/json',
  ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  ...(upload === undefined ? {} : { 'content-type': upload.contentType }),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
});

function searchOf(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** What is no JSON stays text, which no schema accepts. */
function jsonOrText(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
