import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { failureOf } from '../http/provider-failure.js';
import { tryJson } from '../http/send-http.js';
import type { HttpAnswer } from '../http/send-http.js';
import { PageTrail } from '../http/page-trail.js';
import { staysBelow } from '../http/service-url.js';
import { endpointClass } from '../pacing/endpoint-class.js';
import { sendPaced } from '../pacing/send-paced.js';
import type { Pacing } from '../pacing/send-paced.js';
import type { EntraTokens } from './entra-tokens.js';
import { failureOfAnswer, notGraphs, requestIdOf } from './graph-answers.js';
import type { GraphCall } from './graph-answers.js';
import { checkedCursor } from './graph-paths.js';
import type { MemberReference } from './graph-paths.js';

export interface GraphOptions {
  /** With its version, without a slash at the end. */
  readonly baseUrl: string;
  readonly tokens: EntraTokens;
  readonly timeoutMs: number;
  readonly pacing: Pacing;
  readonly now: () => number;
}

interface Request { readonly method: 'GET' | 'POST' | 'DELETE'; readonly url: string; readonly body?: unknown; readonly signal: AbortSignal | undefined }

/** The few endpoints of Microsoft Graph that are used, over fetch: each call is sent once and bounded in time. */
export class GraphHttp {
  constructor(private readonly options: GraphOptions) {}

  async get<S extends z.ZodType>(call: GraphCall, path: string, query: Readonly<Record<string, string>>, schema: S, signal: AbortSignal | undefined): Promise<z.infer<S>> {
    return this.parsed(call, await this.send(call, { method: 'GET', url: this.url(path, query), signal }), schema);
  }

  async post<S extends z.ZodType>(call: GraphCall, path: string, body: unknown, schema: S, signal: AbortSignal | undefined): Promise<z.infer<S>> {
    return this.parsed(call, await this.send(call, { method: 'POST', url: this.url(path, {}), body, signal }), schema);
  }

  /** A POST that answers nothing; answers Graph's request id. */
  async postReference(call: GraphCall, path: string, body: unknown, signal: AbortSignal | undefined): Promise<string | undefined> {
    return this.done(call, await this.send(call, { method: 'POST', url: this.url(path, {}), body, signal }));
  }

  /** The only DELETE there is. */
  async removeReference(call: GraphCall, reference: MemberReference, signal: AbortSignal | undefined): Promise<string | undefined> {
    const url = `${this.options.baseUrl}${reference.path}`;
    if (!url.endsWith('/$ref')) throw new Error('a DELETE must end in /$ref: without it Graph deletes the user');
    return this.done(call, await this.send(call, { method: 'DELETE', url, signal }));
  }

  /**
   * Every page in Graph's order, empty ones included; next links must stay below the base URL, since the token goes with them. `next` is a link without the base URL,
   * because a link is to be used whole (Graph reference, "Paging"); `cursor` is one of them.
   */
  async *pages<S extends z.ZodType>(
    call: GraphCall, path: string, query: Readonly<Record<string, string>>, schema: S, signal: AbortSignal | undefined, cursor?: string,
  ): AsyncGenerator<{ items: z.infer<S>[]; requestId: string | undefined; next: string | null }> {
    const page = z.object({ value: z.array(schema), '@odata.nextLink': z.string().nullish() });
    const trail = new PageTrail();
    const checked = (next: string | null): string | null => {
      if (next !== null && (!trail.leadsOn(next) || !staysBelow(this.options.baseUrl, next))) throw failureOf(call, 'invalidAnswer', 'its page link leads back or to another host');
      return next;
    };
    for (let next = checked(cursor === undefined ? this.url(path, query) : `${this.options.baseUrl}${checkedCursor(path, cursor)}`); next !== null;) {
      const answer = await this.send(call, { method: 'GET', url: next, signal });
      const read: z.infer<typeof page> = this.parsed(call, answer, page);
      next = checked(read['@odata.nextLink'] ?? null);
      yield { items: read.value, requestId: requestIdOf(answer), next: next === null ? null : next.slice(this.options.baseUrl.length) };
    }
  }

  private url(path: string, query: Readonly<Record<string, string>>): string {
    // Graph takes %20 for a space, not the plus sign of forms, and `$` as it is.
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return `${this.options.baseUrl}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
  }

  private async send(call: GraphCall, request: Request): Promise<HttpAnswer> {
    const { tokens } = this.options;
    const before = tokens.secrets();
    const token = await tokens.bearer(request.signal);
    const answer = await this.exchange(call, request, token);
    // 401 means that nothing was done. A token that was cached may have been revoked: one more try with a new one.
    const renewed = answer.status === 401 && before.includes(token);
    if (answer.status === 401) tokens.forget(token);
    const final = renewed ? await this.exchange(call, request, await tokens.bearer(request.signal)) : answer;
    if (final.status >= 200 && final.status < 300) return final;
    throw failureOfAnswer(call, final, [token, ...tokens.secrets()], this.options.now());
  }

  private exchange(call: GraphCall, request: Request, token: string): Promise<HttpAnswer> {
    return sendPaced(this.options.pacing, call, endpointClass(request.method, request.url), {
      method: request.method,
      url: request.url,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        'client-request-id': randomUUID(),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      timeoutMs: this.options.timeoutMs,
      signal: request.signal,
    });
  }

  private parsed<S extends z.ZodType>(call: GraphCall, answer: HttpAnswer, schema: S): z.infer<S> {
    const result = schema.safeParse(tryJson(answer));
    if (result.success) return result.data;
    throw failureOf(call, call.writes ? 'unknownOutcome' : 'invalidAnswer', notGraphs(answer), { status: answer.status });
  }

  private done(call: GraphCall, answer: HttpAnswer): string | undefined {
    // Graph answers such a write with 204 and nothing else (reference, "Add members", "Remove member"): whatever has a body did not come from the write.
    if (answer.text !== '') throw failureOf(call, 'unknownOutcome', `HTTP ${answer.status} with a body that is not Graph's`, { status: answer.status });
    return requestIdOf(answer);
  }
}
