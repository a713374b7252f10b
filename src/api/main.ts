import { readFileSync } from 'node:fs';
import { readApiConfig } from '../config/env.js';
import { exitWithParent, reportReady } from '../config/parent.js';
import { apiOptionsOf, createApi } from './api.module.js';
import { composeApi } from './composition.js';

/** `node dist/api/main.js`: the HTTP process. */
async function main(): Promise<void> {
  const config = readApiConfig();
  const composition = await composeApi(config);
  const app = await createApi(composition.dependencies, apiOptionsOf(config, versionOf()));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= app.close().then(() => composition.close()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().then(() => process.exit(0), () => process.exit(1)));
  exitWithParent(stop);
  await app.listen(config.API_PORT, config.API_HOST);
  reportReady({ url: await app.getUrl() });
}

function versionOf(): string {
  const text: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof text === 'object' && text !== null && 'version' in text && typeof text.version === 'string' ? text.version : '0.0.0';
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
