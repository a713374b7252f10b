// Starts one Postgres (without fsync) and one Temporal dev server for a whole Jest run; test files get a database and a
// namespace of their own from postgres.ts and temporal.ts. Runs outside Jest's transform, hence from dist (npm run build).
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dist = (file) => {
  const url = new URL(`../../dist/${file}`, import.meta.url);
  if (!existsSync(url)) throw new Error('These tests start servers from dist: run npm run build first (npm test does).');
  return import(url.href);
};

export default async function startServers() {
  const [{ startEmbeddedPostgres }, { startTemporalServer }, { findTemporalBinary }, { readStackEnvironment }] = await Promise.all([
    dist('stack/embedded-postgres.js'), dist('stack/temporal-server.js'), dist('stack/temporal-binary.js'), dist('config/stack-env.js'),
  ]);
  const environment = readStackEnvironment();
  const search = { path: environment.path, cacheDir: environment.cacheDir, onProgress: (sentence) => process.stderr.write(`${sentence}\n`) };
  const folder = await mkdtemp(join(tmpdir(), 'aiclearance-test-'));
  const settings = { max_connections: '300', max_wal_size: '4GB', autovacuum_naptime: '10min' };
  const started = await Promise.allSettled([
    startEmbeddedPostgres({ dataDir: folder, durable: false, settings }),
    findTemporalBinary('cli', search).then((binary) => startTemporalServer({ binary, uiPort: null })),
    findTemporalBinary('test-server', search),
  ]);
  const [postgres, temporal, testServer] = started;
  globalThis.aiclearanceTestServers = { folder, running: [postgres, temporal].flatMap((s) => (s.status === 'fulfilled' ? [s.value] : [])) };
  const failed = [postgres, temporal].find((s) => s.status === 'rejected');
  if (failed) {
    await (await import('./global-teardown.mjs')).default();
    throw failed.reason;
  }
  process.env.TEST_POSTGRES_URL = postgres.value.superuserUrl;
  process.env.TEST_TEMPORAL_ADDRESS = temporal.value.address;
  // Only some tests skip time; those fail by themselves, with this sentence.
  if (testServer.status === 'fulfilled') process.env.TEST_TIME_SKIPPING_SERVER = testServer.value;
  else process.env.TEST_TIME_SKIPPING_MISSING = `${testServer.reason.message} ${testServer.reason.whatToDo ?? ''}`;
}
