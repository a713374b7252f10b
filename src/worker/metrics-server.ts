import { createServer } from 'node:http';
import { once } from 'node:events';
import type { Registry } from 'prom-client';

/** Serves `GET /metrics` of a worker, for the operator's own network: it tells tenants' names, so it listens where it is told and nowhere by default. */
export async function serveMetrics(registry: Registry, address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
