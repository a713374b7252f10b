import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readCliEnvironment } from '../config/cli-env.js';
import { EXIT } from './exit-codes.js';
import { runCli } from './run.js';

/** `aiclearance`: see docs/cli.md. */
async function main(): Promise<void> {
  // A reader that has seen enough (`| head`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const { version } = z.looseObject({ version: z.string() }).parse(JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')));
  process.exitCode = await runCli(process.argv.slice(2), {
    environment: readCliEnvironment(), version, newIdempotencyKey: () => `cli-${randomUUID()}`, pause: (ms) => sleep(ms),
    out: (text) => { process.stdout.write(text); },
    err: (text) => { process.stderr.write(text); },
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`aiclearance failed in itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = EXIT.unavailable;
});
