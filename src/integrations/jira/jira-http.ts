import { setTimeout as wait } from 'node:timers/promises';
import type { z } from 'zod';
import { JiraFailure } from '../../application/ports/jira.port.js';
import type { JiraConnection } from '../../application/ports/jira.port.js';
import { operatorCode, operatorText } from '../http/operator-text.js';
import { retryAfterMs } from '../http/retry-after.js';
import { HttpFault, sendHttp, tryJson } from '../http/send-http.js';
import type { HttpAnswer } from '../http/send-http.js';
import { IssueWriteBudget } from './issue-write-budget.js';
import { jiraError } from './jira-answers.js';
import type { Page } from './jira-answers.js';

export interface JiraCall {
  /** In the infinitive, for the failure's sentence: `add a comment`. */
  readonly action: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Segments of the path, each encoded here. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The issue that is written to, for the per-issue limit. */
  readonly writesTo?: string;
  /** A POST that asks and changes nothing. */
  readonly asks?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** False when the call may have had an effect by the time its answer is lost. */
const asksOnly = (call: JiraCall): boolean => call.method === undefined || call.method === 'GET' || call.asks === true;

export interface JiraHttpOptions {
  readonly baseUrl: string;
  readonly auth: JiraConnection['auth'];
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** A wait that is worth holding a worker's slot for; longer ones go back to the caller with `retryAfterMs`. */
const longestPauseMs = 2000;
const mostPages = 10_000;

/** One Jira site over HTTP: each call is sent once, bounded in time, its failure told in the port's words. */
export class JiraHttp {
  private readonly budget = new IssueWriteBudget();
  private readonly authorization: string;
  private readonly secrets: readonly string[];

  constructor(private readonly options: JiraHttpOptions) {
    const { auth } = options;
    const basic = auth.kind === 'basic' ? Buffer.from(`${auth.email}:${auth.token}`).toString('base64') : '';
    this.authorization = auth.kind === 'basic' ? `Basic ${basic}` : `Bearer ${auth.token}`;
    this.secrets = [auth.token, basic];
  }

  /** @throws {@link JiraFailure} */
  async get<S extends z.ZodType>(call: JiraCall, schema: S): Promise<z.infer<S>> {
    const answer = await this.send(call);
    const parsed = schema.safeParse(tryJson(answer));
    if (parsed.success) return parsed.data;
    // A write that was taken and answered by something else counts as a lost answer: it may be there.
    const kind = asksOnly(call) ? 'invalidAnswer' : 'retryable';
    throw new JiraFailure(kind, `Jira did not ${call.action}: its answer is not what its contract promises`, { status: answer.status });
  }

  /** Like {@link get}, with null for what does not exist or is hidden from the app. */
  async find<S extends z.ZodType>(call: JiraCall, schema: S): Promise<z.infer<S> | null> {
    try {
      return await this.get(call, schema);
    } catch (error) {
      if (error instanceof JiraFailure && error.kind === 'notFound') return null;
      throw error;
    }
  }

  /** Every item of every page, also behind pages that are empty. `startAs` is the query parameter's name. */
  async *items<T>(call: JiraCall, schema: z.ZodType<Page<T>>, startAs: 'startAt' | 'start'): AsyncGenerator<T> {
    let start: number | null = 0;
    for (let pages = 0; start !== null; pages += 1) {
      if (pages >= mostPages) throw new JiraFailure('invalidAnswer', `Jira did not ${call.action}: its pages have no end`);
      const page: Page<T> = await this.get({ ...call, query: { ...call.query, [startAs]: String(start) } }, schema);
      yield* page.items;
      start = page.next;
    }
  }

  /** @throws {@link JiraFailure} for every answer outside 2xx. */
  async send(call: JiraCall): Promise<HttpAnswer> {
    const end = call.writesTo === undefined ? null : await this.awaitBudget(call, call.writesTo);
    const answer = await this.exchange(call).finally(() => end?.(this.options.now()));
    if (answer.status >= 200 && answer.status < 300 && !loginFailed(answer)) return answer;
    throw this.failureOf(call, answer);
  }

  private async awaitBudget(call: JiraCall, issue: string): Promise<(nowMs: number) => void> {
    for (;;) {
      const { waitMs, end } = this.budget.take(issue, this.options.now());
      if (end !== null) return end;
      if (waitMs > longestPauseMs) {
        throw new JiraFailure('retryable', `Jira did not ${call.action}: the issue was written to too often`, { retryAfterMs: waitMs, rateLimitReason: 'jira-per-issue-on-write' });
      }
      await wait(waitMs, undefined, call.signal === undefined ? {} : { signal: call.signal }).catch(() => {
        throw new JiraFailure('retryable', `Jira did not ${call.action}: the call was cancelled before it was sent`);
      });
    }
  }

  private async exchange(call: JiraCall): Promise<HttpAnswer> {
    const query = new URLSearchParams(call.query).toString();
    try {
      return await sendHttp({
        method: call.method ?? 'GET',
        url: `${this.options.baseUrl}/${call.path.map((segment) => segmentOf(call, segment)).join('/')}${query === '' ? '' : `?${query}`}`,
        headers: {
          accept: 'application/json',
          authorization: this.authorization,
          'user-agent': 'aiclearance',
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        timeoutMs: this.options.timeoutMs,
        signal: call.signal,
      });
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      const kind = error.kind === 'redirected' || (error.kind === 'tooLarge' && asksOnly(call)) ? 'invalidAnswer' : 'retryable';
      throw new JiraFailure(kind, `Jira did not ${call.action}: ${error.sentence}`);
    }
  }

  private failureOf(call: JiraCall, answer: HttpAnswer): JiraFailure {
    const parsed = jiraError.safeParse(tryJson(answer));
    const error = parsed.success ? parsed.data : null;
    const words = error === null ? [] : [...(error.errorMessages ?? []), ...Object.values(error.errors ?? {}), error.errorMessage ?? '', error.message ?? ''];
    const said = operatorText(words.filter((word) => word !== '').join(' '), this.secrets);
    const wait = retryAfterMs(answer.headers, this.options.now());
    const reason = operatorCode(answer.headers.get('ratelimit-reason'));
    return new JiraFailure(kindOf(answer, error !== null), `Jira did not ${call.action}: ${said === '' ? '' : `${said} `}(HTTP ${answer.status})`, {
      status: answer.status,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      ...(reason === undefined ? {} : { rateLimitReason: reason }),
    });
  }
}

/** Jira may treat a refused credential as nobody's and answer 404, or even 200 with less in it; this header tells. */
function loginFailed(answer: HttpAnswer): boolean {
  return /AUTHENTICATED_FAILED|AUTHENTICATION_DENIED/.test(answer.headers.get('x-seraph-loginreason') ?? '');
}

/** 409 is Jira's answer while another change of the same issue is under way. Only Jira's own 404 says that something is missing. */
function kindOf(answer: HttpAnswer, hasError: boolean): JiraFailure['kind'] {
  const { status } = answer;
  if (status === 401 || loginFailed(answer)) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return hasError ? 'notFound' : 'invalidAnswer';
  if ([408, 409, 425, 429].includes(status) || status >= 500) return 'retryable';
  return status >= 400 ? 'rejected' : 'invalidAnswer';
}

function segmentOf(call: JiraCall, segment: string): string {
  if (/^[A-Za-z0-9_.:@-]{1,255}$/.test(segment) && !/^\.+$/.test(segment)) return encodeURIComponent(segment);
  throw new JiraFailure('rejected', `Jira did not ${call.action}: an id or key is not in Jira's form`);
}
