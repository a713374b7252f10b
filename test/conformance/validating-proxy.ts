import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VendorContract, WireAnswer, WireRequest } from './vendor-contract.js';

export interface Exchange {
  /** Key of the contract's operation, or null for what is left unjudged or unknown. */
  readonly operation: string | null;
  readonly request: WireRequest;
  readonly answer: WireAnswer;
  readonly complaints: readonly string[];
}

export interface ValidatingProxy {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

/**
 * Stands between a client and a server and holds both to the vendor's contracts; the first contract that knows the
 * operation judges. It alters nothing, so what it saw is what was said. `unjudged` names paths that no contract covers.
 */
export async function startValidatingProxy(upstream: string, contracts: readonly VendorContract[], unjudged: readonly RegExp[] = []): Promise<ValidatingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    pass(upstream, incoming, outgoing)
      .then(({ request, answer }) => exchanges.push(judge(contracts, unjudged, request, answer)))
      .catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    exchanges,
    close: () => new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

export function judge(contracts: readonly VendorContract[], unjudged: readonly RegExp[], request: WireRequest, answer: WireAnswer): Exchange {
  if (unjudged.some((pattern) => pattern.test(request.url))) return { operation: null, request, answer, complaints: [] };
  const contract = contracts.find((one) => one.operationOf(request) !== null) ?? contracts[0];
  const operation = contract?.operationOf(request) ?? null;
  const asked = contract?.judgeRequest(request) ?? [];
  const said = operation === null ? [] : contract?.judgeAnswer(operation, answer) ?? [];
  const complaints = [...asked.map((one) => `request: ${one}`), ...said.map((one) => `answer ${answer.status}: ${one}`)];
  return { operation: operation?.key ?? null, request, answer, complaints };
}

async function pass(upstream: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<{ request: WireRequest; answer: WireAnswer }> {
  const request = { method: incoming.method ?? '', url: incoming.url ?? '', headers: flat(incoming), body: await textOf(incoming) };
  // The Host header goes on as it is, so that page links lead back here.
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const forwarded = httpRequest(`${upstream}${request.url}`, { method: request.method, headers: incoming.headers }, resolve);
    forwarded.on('error', reject);
    forwarded.end(request.body);
  });
  const answer = { status: reply.statusCode ?? 0, headers: flat(reply), body: await textOf(reply) };
  outgoing.writeHead(answer.status, reply.headers);
  outgoing.end(answer.body);
  return { request, answer };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  const pieces: AsyncIterable<unknown> = message;
  for await (const piece of pieces) if (Buffer.isBuffer(piece)) chunks.push(piece);
  return Buffer.concat(chunks).toString('utf8');
}

function flat(message: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']));
}
