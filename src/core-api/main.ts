import { readCoreApiConfig } from '../config/env.js';
import { exitWithParent, reportReady } from '../config/parent.js';
import { createLog } from '../worker/log.js';
import { openCore } from '../worker/open-core.js';
import { serveCore } from './serve.js';

/** `node dist/core-api/main.js`: Core over signed HTTP alone, without the workflow engine (SPEC F9). The core worker serves the same beside its queue. */
async function main(): Promise<void> {
  const config = readCoreApiConfig();
  const opened = await openCore(config);
  const served = await serveCore(opened, { host: config.CORE_HTTP_HOST, port: config.CORE_HTTP_PORT, publicUrl: config.CORE_PUBLIC_URL ?? null, clients: config.CORE_CLIENTS, log: createLog('core-api', config.LOG_LEVEL) });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= served.close().then(() => opened.close()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().then(() => process.exit(0), () => process.exit(1)));
  exitWithParent(stop);
  reportReady({ url: served.url });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
