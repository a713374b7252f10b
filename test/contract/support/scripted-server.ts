import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

export interface SeenRequest {
  readonly method: string;
  /** Path as sent, with its query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown; readonly html?: string }
  /** Takes the request and closes the connection without a word. */
  | { readonly hangUp: true }
  /** Takes the request and says nothing until the server is closed. */
  | { readonly silent: true };

export type Script = (request: SeenRequest) => Reply;

/** A server whose every answer a test writes down: for what no well-behaved vendor, and so no sandbox, would do. */
export interface ScriptedServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  answer(script: Script): void;
  close(): Promise<void>;
}

export async function startScriptedServer(script: Script, tls?: { readonly key: string; readonly cert: string }): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const current = { script };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
      seen.push(one);
      send(current.script(one), request, response);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    seen,
    answer: (next) => {
      current.script = next;
    },
    close: () => new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function send(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  if ('silent' in reply) return;
  if ('hangUp' in reply) {
    request.socket.destroy();
    return;
  }
  const body = reply.html ?? (reply.body === undefined ? undefined : JSON.stringify(reply.body));
  const type = reply.html === undefined ? 'application/json' : 'text/html';
  response.writeHead(reply.status, { ...(body === undefined ? {} : { 'content-type': type }), ...reply.headers });
  response.end(body);
}

/** A port of this machine where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await startScriptedServer(() => ({ status: 204 }));
  await server.close();
  return Number(new URL(server.url).port);
}
