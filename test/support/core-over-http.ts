import { randomBytes } from 'node:crypto';
import { readCoreApiConfig } from '../../src/config/env.js';
import { serveCore } from '../../src/core-api/serve.js';
import { openCore } from '../../src/worker/open-core.js';
import { freePort } from './free-port.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

/** A Core that answers signed HTTP behind a proxy that can break its connections, and the three variables that name it. */
export interface CoreOverHttp {
  readonly proxy: TcpProxy;
  readonly url: string;
  readonly appId: string;
  readonly secret: string;
  readonly variables: Readonly<Record<'ARDSAOR_CORE_URL' | 'ARDSAOR_CORE_APP_ID' | 'ARDSAOR_CORE_APP_SECRET', string>>;
  start(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Not started yet: started and stopped as often as a test wants, under one address. `environment` is that of a core worker. */
export async function coreOverHttp(environment: Readonly<Record<string, string>>): Promise<CoreOverHttp> {
  const port = await freePort();
  const proxy = await startTcpProxy({ port });
  const appId = 'ari:cloud:ecosystem::app/governance';
  const secret = randomBytes(32).toString('base64');
  const config = readCoreApiConfig({ ...environment, CORE_HTTP_PORT: String(port), CORE_CLIENTS: `${appId}:${randomBytes(32).toString('base64')},${appId}:${secret}` });
  let running: { close(): Promise<void> } | null = null;
  const url = `http://${proxy.address}`;
  return {
    proxy, url, appId, secret, variables: { ARDSAOR_CORE_URL: url, ARDSAOR_CORE_APP_ID: appId, ARDSAOR_CORE_APP_SECRET: secret },
    async start() {
      const opened = await openCore(config);
      const served = await serveCore(opened, { host: '127.0.0.1', port, publicUrl: null, clients: config.CORE_CLIENTS, log: quiet });
      running = { close: () => served.close().then(() => opened.close()) };
    },
    async stop() {
      await running?.close();
      running = null;
    },
    async close() {
      await running?.close();
      await proxy.close();
    },
  };
}
