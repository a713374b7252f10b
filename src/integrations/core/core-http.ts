import { z } from 'zod';
import { signRequest } from '../../http-signature/sign-request.js';
import { HttpFault, sendHttp, tryJson, type HttpAnswer } from '../http/send-http.js';
import { operatorCode } from '../http/operator-text.js';

export interface RemoteCoreOptions {
  /** Without trailing slash. */
  readonly url: string;
  readonly appId: string;
  readonly secret: string;
  /** Real time, for signatures. */
  readonly now: () => Date;
  /** Waits; returns early when the signal fires. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Once a newer decision has come, how much longer an order is followed, in milliseconds; ten seconds unless said. */
  readonly afterCancelMs?: number;
}

/** What one signed call came to. */
export type CoreReply<T> =
  | { readonly kind: 'answered'; readonly answer: T }
  /** No connection, or Core said that it did nothing (503). */
  | { readonly kind: 'notDone'; readonly why: string; readonly retryAfterMs: number | null }
  /** Core may have done it: the answer was lost, came too late, or is none of Core's. */
  | { readonly kind: 'unknown'; readonly why: string; readonly garbled: boolean }
  /** Core refuses the message itself; repeating it won't help. `clock`: unless the clocks are set. */
  | { readonly kind: 'refused'; readonly code: string; readonly clock: boolean };

const problem = z.object({ code: z.string() });
const CLOCK_CODES = new Set(['signature.expired', 'signature.clock_skew']);
const encoder = new TextEncoder();

/** One signed request, sent once. A repeat is signed anew: its nonce is good for one message. */
export async function callCore<T>(options: RemoteCoreOptions, method: 'GET' | 'POST', path: string, body: unknown, schema: z.ZodType<T>, timeoutMs: number): Promise<CoreReply<T>> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const url = `${options.url}${path}`;
  const signature = signRequest({ method, targetUri: url, body: encoder.encode(text) }, { keyId: options.appId, key: encoder.encode(options.secret) }, options.now());
  try {
    const headers = { ...signature, accept: 'application/json', ...(text === '' ? {} : { 'content-type': 'application/json' }) };
    return read(await sendHttp({ method, url, headers, timeoutMs, ...(text === '' ? {} : { body: text }) }), schema);
  } catch (error) {
    if (!(error instanceof HttpFault)) throw error;
    return error.kind === 'notSent' ? { kind: 'notDone', why: error.sentence, retryAfterMs: null } : { kind: 'unknown', why: error.sentence, garbled: error.kind === 'redirected' || error.kind === 'tooLarge' };
  }
}

function read<T>(answer: HttpAnswer, schema: z.ZodType<T>): CoreReply<T> {
  const json = tryJson(answer);
  if (answer.status >= 200 && answer.status < 300) {
    const parsed = schema.safeParse(json);
    return parsed.success ? { kind: 'answered', answer: parsed.data } : { kind: 'unknown', why: 'it answered something that Core does not say', garbled: true };
  }
  const code = operatorCode(problem.safeParse(json).data?.code);
  // Only Core's own problem says what was done; a proxy's page may come after Core has begun.
  if (code === undefined || answer.status === 500 || answer.status === 504) return { kind: 'unknown', why: `it answered ${answer.status}`, garbled: code === undefined };
  // Somebody on the way sent our message twice: the first of the two may have been carried out.
  if (code === 'signature.replayed') return { kind: 'unknown', why: 'the message reached it twice', garbled: false };
  if (answer.status === 503) return { kind: 'notDone', why: code, retryAfterMs: secondsOf(answer.headers.get('retry-after')) };
  return { kind: 'refused', code, clock: CLOCK_CODES.has(code) };
}
const secondsOf = (header: string | null): number | null => (header !== null && /^\d{1,4}$/.test(header) ? Number(header) * 1000 : null);
