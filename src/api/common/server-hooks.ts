import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Histogram } from 'prom-client';
import type { EdgeLogger } from './log.js';
import { HTTP_METHODS } from './route.js';

/** The API serves data, not pages: nothing may run, frame or cache it. The documentation page loosens this for itself. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
};
const HSTS = 'max-age=31536000';

export interface HookOptions {
  readonly log: EdgeLogger;
  readonly durations: Histogram<'method' | 'route' | 'status'>;
  /** Reached over https by its users: they are told never to try http. */
  readonly https: boolean;
  /** Exact origin of the engine's Web UI, the only one that may call the codec from a browser; null: none. */
  readonly codecOrigin: string | null;
}

/** What happens around every request: headers before, one log line and one measurement after. */
export function addServerHooks(server: FastifyInstance, options: HookOptions): void {
  // Callbacks, not promises: a reply is thenable, and awaiting it by accident would wait for the answer.
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    if (options.https) void reply.header('strict-transport-security', HSTS);
    if (options.codecOrigin !== null && request.routeOptions.url?.startsWith('/codec/') === true) allowOrigin(reply, request, options.codecOrigin);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const method = knownMethod(request.method);
    const labels = { method, route, status: String(reply.statusCode) };
    options.durations.observe(labels, reply.elapsedTime / 1000);
    options.log.info({ requestId: request.id, method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'request');
    done();
  });
}

/** A method is the client's text too; unknown ones share a label. */
const knownMethod = (method: string): string => [...HTTP_METHODS, 'HEAD'].find((known) => known === method) ?? 'other';

function allowOrigin(reply: { headers(values: Record<string, string>): unknown }, request: FastifyRequest, origin: string): void {
  const allowed = request.headers.origin === origin ? { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', 'cross-origin-resource-policy': 'cross-origin' } : {};
  reply.headers({ vary: 'Origin', ...allowed });
}
