import { z } from 'zod';
import { Runtime } from '@temporalio/worker';

/**
 * Run as a program of its own: `node temporal-sdk-download.js <cli|test-server> <folder>`. Has the SDK fetch its
 * engine into the folder, which it does only by starting it, and ends that again. A separate process because the SDK
 * installs signal handlers for its whole process and can't be told to give up.
 */
const [kind, downloadDir] = z.tuple([z.enum(['cli', 'test-server']), z.string()]).parse(process.argv.slice(2));
const runtime = Runtime.instance();
const exe = { type: 'cached-download', downloadDir, version: 'default', ttl: 365 * 86_400_000, sdkName: 'sdk-typescript', sdkVersion: '1.24.0' } as const;
const server = await runtime.createEphemeralServer(
  kind === 'cli'
    ? { type: 'dev-server', exe, ip: '127.0.0.1', port: null, ui: false, uiPort: null, namespace: 'default', dbFilename: null, log: { format: 'pretty', level: 'error' }, extraArgs: [] }
    : { type: 'time-skipping', exe, port: null, extraArgs: [] },
);
await runtime.shutdownEphemeralServer(server);
await runtime.shutdown();
process.exit(0);
