import { AsyncLocalStorage } from 'node:async_hooks';
import { RequestExecutor } from '@okta/okta-sdk-nodejs';
import { z } from 'zod';
import { failureOf } from '../http/provider-failure.js';
import { tryJson } from '../http/send-http.js';
import type { HttpAnswer } from '../http/send-http.js';
import { staysBelow } from '../http/service-url.js';
import { endpointClass } from '../pacing/endpoint-class.js';
import { sendPaced } from '../pacing/send-paced.js';
import type { Pacing } from '../pacing/send-paced.js';
import { failureOfAnswer, notOktas, requestIdOf } from './okta-answers.js';
import type { OktaCall } from './okta-answers.js';
import type { OktaCredential } from './okta-credential.js';

/** What the SDK hands to its executor: its own request object, of which only this much is used. */
const sdkRequest = z.object({
  url: z.string(),
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  isCollection: z.boolean().optional(),
});
type SdkRequest = z.infer<typeof sdkRequest>;

const anObject = z.record(z.string(), z.unknown());
/** The SDK's link parser drops a longer header without a word, and with it every further page (measured). */
const longestLink = 2000;

interface Scope {
  readonly call: OktaCall;
  readonly signal: AbortSignal | undefined;
  requestId?: string | undefined;
  status?: number;
}

export interface TransportOptions {
  readonly orgUrl: string;
  readonly credential: OktaCredential;
  readonly timeoutMs: number;
  readonly pacing: Pacing;
  readonly now: () => number;
}

/**
 * The SDK's way to the network, replaced: every request is bounded in time, goes to the org and nowhere else, is sent once,
 * and gets its credential here. Answers that the SDK would misread are refused before it sees them: its deserialiser makes
 * a list of users out of any text or list, which would read as "nobody is a member".
 */
export class OktaTransport extends RequestExecutor {
  private readonly scopes = new AsyncLocalStorage<Scope>();

  constructor(private readonly options: TransportOptions) {
    super();
  }

  /** Runs SDK calls that belong to one purpose, and answers their result with the request id and the status of Okta's last answer. */
  async within<T>(call: OktaCall, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<{ value: T; requestId: string | undefined; status: number | undefined }> {
    const scope: Scope = { call, signal };
    const value = await this.scopes.run(scope, run);
    return { value, requestId: scope.requestId, status: scope.status };
  }

  override async fetch(request: unknown): Promise<Response> {
    const scope = this.scopes.getStore();
    if (scope === undefined) throw new Error('an Okta SDK call was made outside OktaTransport.within');
    const asked = sdkRequest.parse(request);
    if (!staysBelow(`${this.options.orgUrl}/api/v1`, asked.url)) throw failureOf(scope.call, 'invalidAnswer', 'it pointed to an address outside its API');
    const answer = await this.send(scope, asked);
    scope.requestId = requestIdOf(answer);
    scope.status = answer.status;
    if (answer.status < 200 || answer.status > 299) throw failureOfAnswer(scope.call, answer, this.options.credential.secrets(), this.options.now());
    if (!isReadable(answer, asked)) {
      throw failureOf(scope.call, scope.call.writes ? 'unknownOutcome' : 'invalidAnswer', notOktas(answer), { status: answer.status });
    }
    return new Response(answer.status === 204 ? null : answer.text, { status: answer.status, headers: answer.headers });
  }

  private async send(scope: Scope, asked: SdkRequest): Promise<HttpAnswer> {
    const first = await this.sendOnce(scope, asked);
    // 401 means that nothing was done. A token revoked or expired meanwhile is renewed; this is the one request sent again.
    if (first.answer.status !== 401 || !this.options.credential.renew(first.credential)) return first.answer;
    return (await this.sendOnce(scope, asked)).answer;
  }

  private async sendOnce(scope: Scope, asked: SdkRequest): Promise<{ answer: HttpAnswer; credential: Readonly<Record<string, string>> }> {
    const method = asked.method.toUpperCase();
    const credential = await this.options.credential.headersFor(method, asked.url, scope.signal);
    const headers = new Map(Object.entries(asked.headers).map(([name, value]) => [name.toLowerCase(), value]));
    for (const [name, value] of Object.entries(credential)) headers.set(name, value);
    headers.set('accept', 'application/json');
    const answer = await sendPaced(this.options.pacing, scope.call, endpointClass(method, asked.url), {
      method,
      url: asked.url,
      headers: Object.fromEntries(headers),
      ...(asked.body === undefined ? {} : { body: asked.body }),
      timeoutMs: this.options.timeoutMs,
      signal: scope.signal,
    });
    return { answer, credential };
  }
}

function isReadable(answer: HttpAnswer, asked: SdkRequest): boolean {
  if (answer.status === 204) return asked.method.toUpperCase() !== 'GET';
  const schema = asked.isCollection === true ? z.array(anObject) : anObject;
  return schema.safeParse(tryJson(answer)).success && (answer.headers.get('link') ?? '').length <= longestLink;
}
