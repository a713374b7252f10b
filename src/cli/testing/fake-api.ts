import { createServer, type IncomingMessage } from 'node:http';
import { addressOfUrl } from '../doctor/reach.js';

/** One call as the fake received it. */
export interface ReceivedCall {
  /** `POST /api/v1/requests`, without the query. */
  readonly call: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed; of a CSV its text. */
  readonly body: unknown;
  readonly token: string | null;
  readonly idempotencyKey: string | null;
}
export interface FakeAnswer { readonly status?: number; readonly body: unknown; readonly location?: string }
export type FakeRoutes = Readonly<Record<string, FakeAnswer | ((call: ReceivedCall) => FakeAnswer)>>;

export interface FakeApi {
  readonly url: string;
  readonly calls: readonly ReceivedCall[];
  close(): Promise<void>;
}

/** An API of canned answers on a free port that remembers what it was asked; anything else is the product's own 404. */
export async function startFakeApi(routes: FakeRoutes): Promise<FakeApi> {
  const calls: ReceivedCall[] = [];
  const server = createServer((request, response) => {
    void readCall(request).then((call) => {
      calls.push(call);
      const route = routes[call.call];
      const { status = 200, body, location } = typeof route === 'function' ? route(call) : (route ?? problemAnswer(404, 'route.not_found', 'There is nothing under this path'));
      response.writeHead(status, { 'content-type': 'application/json', ...(location === undefined ? {} : { location }) }).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake API has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

export const problemAnswer = (status: number, code: string, detail: string): FakeAnswer =>
  ({ status, body: { type: `urn:aiclearance:problem:${code}`, title: 'Refused', status, code, detail, requestId: 'q1' } });

/** A port on which nobody listens: taken once and given back. */
export async function closedPort(): Promise<number> {
  const fake = await startFakeApi({});
  await fake.close();
  return addressOfUrl(fake.url, 0)?.port ?? 0;
}

async function readCall(request: IncomingMessage): Promise<ReceivedCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://fake');
  const isCsv = request.headers['content-type'] === 'text/csv';
  const body: unknown = text === '' ? undefined : isCsv ? text : JSON.parse(text);
  const key = request.headers['idempotency-key'];
  return {
    call: `${request.method ?? ''} ${url.pathname}`,
    query: Object.fromEntries(url.searchParams),
    body,
    token: request.headers.authorization?.replace('Bearer ', '') ?? null,
    idempotencyKey: typeof key === 'string' ? key : null,
  };
}
