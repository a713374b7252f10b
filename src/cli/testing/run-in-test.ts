import type { CliEnvironment } from '../../config/cli-env.js';
import type { ExitCode } from '../exit-codes.js';
import { runCli } from '../run.js';

export interface TestRun { readonly exitCode: ExitCode; readonly out: string; readonly err: string }

/** Runs the command line in this process, with a fixed idempotency key `key-1` and nothing of the real environment. */
export async function runInTest(args: readonly string[], environment: Partial<CliEnvironment> = {}): Promise<TestRun> {
  let out = '';
  let err = '';
  const exitCode = await runCli(args, {
    environment: { url: undefined, token: undefined, databaseUrl: undefined, temporalAddress: undefined, ...environment },
    version: '0.0.0-test',
    newIdempotencyKey: () => 'key-1',
    pause: () => Promise.resolve(),
    out: (text) => { out += text; },
    err: (text) => { err += text; },
  });
  return { exitCode, out, err };
}
