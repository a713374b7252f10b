import { z } from 'zod';

const defaultAnswerBytes = 8 * 1024 * 1024;

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bounds everything, from the connection to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type HttpFaultKind =
  /** No connection was made, so the other side has seen nothing. */
  | 'notSent'
  /** The connection broke; the other side may have acted. */
  | 'lost'
  | 'timedOut'
  | 'cancelled'
  /** A redirect, which no vendor API of ours uses and which could lead a credential elsewhere. */
  | 'redirected'
  | 'tooLarge';

/** No usable answer. The message names neither URL nor header. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';
  constructor(readonly kind: HttpFaultKind, readonly sentence: string) {
    super(`${kind}: ${sentence}`);
  }
}

/** Failures of connecting: nothing was written to the other side. */
const notSentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID']);

const aChunk = z.instanceof(Uint8Array);
const failed = z.object({ cause: z.object({ code: z.string() }) });

/**
 * Sends one request over a kept-alive connection and reads the whole answer, whatever its status. Never repeats.
 * @throws {@link HttpFault} and nothing else: no connection, a broken one, time-out, cancellation, a redirect, an answer over the limit.
 */
export async function sendHttp(request: HttpRequest): Promise<HttpAnswer> {
  if (request.signal?.aborted === true) throw new HttpFault('notSent', 'the call was cancelled before it was sent');
  const controller = new AbortController();
  const ended: { by: 'timedOut' | 'cancelled' | null } = { by: null };
  const end = (by: 'timedOut' | 'cancelled') => {
    ended.by = by;
    controller.abort();
  };
  const timer = setTimeout(() => end('timedOut'), request.timeoutMs);
  const onAbort = () => end('cancelled');
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await exchange(request, controller.signal);
  } catch (error) {
    if (error instanceof HttpFault) throw error;
    if (ended.by === 'timedOut') throw new HttpFault('timedOut', `no answer within ${request.timeoutMs} ms`);
    if (ended.by === 'cancelled') throw new HttpFault('cancelled', 'the call was cancelled while it waited for its answer');
    throw brokenConnection(error);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
    // Frees the connection of an answer that was not read to its end.
    controller.abort();
  }
}

async function exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const response = await fetch(request.url, {
    method: request.method,
    // Followed by hand would mean: not at all. `manual` rather than `error`, so that a redirect is told from a broken line.
    redirect: 'manual',
    signal,
    ...(request.headers === undefined ? {} : { headers: request.headers }),
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  if (response.status >= 300 && response.status < 400) {
    throw new HttpFault('redirected', `the service answered with a redirect (${response.status}), which is not followed`);
  }
  return { status: response.status, headers: response.headers, text: await readText(response, request.maxAnswerBytes ?? defaultAnswerBytes) };
}

async function readText(response: Response, limit: number): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  const pieces: AsyncIterable<unknown> = response.body;
  for await (const piece of pieces) {
    const bytes = aChunk.parse(piece);
    size += bytes.byteLength;
    if (size > limit) throw new HttpFault('tooLarge', `the answer is larger than ${limit} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** undici wraps every failure in a TypeError whose cause has the code; codes are plain words and safe to show. */
function brokenConnection(error: unknown): HttpFault {
  const parsed = failed.safeParse(error);
  const code = parsed.success ? parsed.data.cause.code : 'unknown cause';
  return notSentCodes.has(code)
    ? new HttpFault('notSent', `no connection could be made (${code})`)
    : new HttpFault('lost', `the connection broke before the answer was complete (${code})`);
}

/** True for an HTML page: a log-in form, a proxy, or a host that is not the API at all. */
export function isWebPage(answer: HttpAnswer): boolean {
  return /^text\/html\b/i.test(answer.headers.get('content-type') ?? '');
}

/** The answer's body as JSON, or undefined when it is not JSON: an HTML page of a proxy, an empty body, a cut text. */
export function tryJson(answer: HttpAnswer): unknown {
  if (!/^application\/([a-z.+-]+\+)?json\b/i.test(answer.headers.get('content-type') ?? '')) return undefined;
  try {
    const value: unknown = JSON.parse(answer.text);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
