import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStackEnvironment } from '../../dist/config/stack-env.js';
import { startEmbeddedPostgres } from '../../dist/stack/embedded-postgres.js';
import { findTemporalBinary } from '../../dist/stack/temporal-binary.js';
import { startTemporalServer } from '../../dist/stack/temporal-server.js';
import { say } from './measure.mjs';

/** Postgres and the Temporal dev server as `npm start` runs them: durable, the engine with its database file. */
export async function startServers() {
  const folder = await mkdtemp(join(tmpdir(), 'aiclearance-bench-'));
  const { path, cacheDir } = readStackEnvironment();
  const stops = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of stops.reverse()) await end();
  };
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: folder });
    stops.push(() => postgres.stop());
    const binary = await findTemporalBinary('cli', { path, cacheDir, onProgress: say });
    const temporal = await startTemporalServer({ binary, uiPort: null, dbFilename: join(folder, 'temporal.db') });
    stops.push(() => temporal.stop());
    return { postgres, temporal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
