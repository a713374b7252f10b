import { randomUUID } from 'node:crypto';

/** An answer as it came: nothing of it is interpreted, refusals are answers too. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Options {
  /** Null: no Idempotency-Key. */
  readonly key?: string | null;
  readonly ifMatch?: string;
}

/** One signed-in person at the HTTP API. */
export interface Actor {
  readonly accountId: string;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, options?: Options): Promise<Answer>;
  send(method: string, path: string, body?: unknown, options?: Options): Promise<Answer>;
}

/** Paths are below `apiUrl`, which ends in `/api/v1`. Every command has a fresh Idempotency-Key unless the test names one. */
export function actorAt(apiUrl: string, accountId: string, token: string | null): Actor {
  const send: Actor['send'] = async (method, path, body, { key = randomUUID(), ifMatch } = {}) => {
    const isCommand = method !== 'GET';
    const answer = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(isCommand && key !== null ? { 'idempotency-key': key } : {}),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: answer.status, headers: answer.headers, body: parsed };
  };
  return { accountId, send, get: (path) => send('GET', path), post: (path, body = {}, options = {}) => send('POST', path, body, options) };
}
