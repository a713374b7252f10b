import type { Command } from 'commander';
import { z } from 'zod';
import { shownSandbox } from '../answers.js';
import type { ApiClient } from '../api-client.js';
import { CliProblem } from '../cli-problem.js';
import { checkCaller, checkConfiguration } from '../doctor/configuration-checks.js';
import { fail, warn, type Check } from '../doctor/check.js';
import { checkPlatform } from '../doctor/platform-checks.js';
import { checkConnectors, checkSandboxVendors } from '../doctor/vendor-checks.js';
import { EXIT } from '../exit-codes.js';
import type { Perform } from '../options.js';
import { plain } from '../print/plain.js';
import type { Outcome, Session } from '../session.js';

type Sandbox = z.infer<typeof shownSandbox>;
const SIGN_IN = 'Sign in as an admin: put a token into AICLEARANCE_TOKEN.';

export function addDoctorCommand(program: Command, perform: Perform): void {
  program
    .command('doctor')
    .description('look at API, database, engine, vendors and configuration, and say what to do')
    .option('--test', 'test each connector now instead of quoting its last test')
    .action((options: unknown) => perform(async (session) => {
      const { test } = z.object({ test: z.boolean().optional() }).parse(options);
      return outcomeOf(await examine(session, test === true));
    }));
}

async function examine(session: Session, testNow: boolean): Promise<readonly Check[]> {
  const { checks, isLive, hasDatabase } = await checkPlatform(session.anonymous, session.environment);
  if (!isLive) return checks;
  const sandbox = await findSandbox(session.anonymous);
  const vendors = sandbox === null ? [] : await checkSandboxVendors(sandbox);
  if (!hasDatabase) return [...checks, ...vendors, warn('configuration', 'not looked at while the database is away', 'Mend the database first.')];
  return [...checks, ...vendors, ...(await lookInside(session, sandbox, testNow))];
}

async function lookInside(session: Session, sandbox: Sandbox | null, testNow: boolean): Promise<readonly Check[]> {
  const admin = sandbox?.people.find(({ roles }) => roles.includes('admin'));
  if (!session.namesSomebody && admin === undefined) return [warn('configuration', 'connectors and configuration not looked at: nobody is signed in', SIGN_IN)];
  try {
    // In the sandbox anybody may be anybody: without a name the doctor takes its admin, who sees everything.
    const api = await (session.namesSomebody || admin === undefined ? session.signIn() : session.signInAs(admin.accountId));
    const { isAdmin, checks } = await checkCaller(api);
    if (!isAdmin) return checks;
    const connectors = await checkConnectors(api, testNow ? (id) => `${session.idempotencyKey}-${id}` : null);
    return [...connectors, ...checks, ...(await checkConfiguration(api))];
  } catch (error) {
    if (!(error instanceof CliProblem)) throw error;
    return [fail('configuration', error.message, error.exitCode === EXIT.notSignedIn ? SIGN_IN : 'See the API\'s log.')];
  }
}

/** Null outside sandbox mode, where the page does not exist. */
async function findSandbox(api: ApiClient): Promise<Sandbox | null> {
  try {
    return await api.get('/sandbox', shownSandbox);
  } catch (error) {
    if (error instanceof CliProblem) return null;
    throw error;
  }
}

function outcomeOf(checks: readonly Check[]): Outcome {
  const status = worstOf(checks);
  const width = Math.max(...checks.map(({ part }) => part.length));
  const lines = checks.flatMap(({ status: one, part, detail, toDo }) => [
    `${one.padEnd(4)}  ${part.padEnd(width)}  ${plain(detail)}`,
    ...(toDo === null ? [] : [`${' '.repeat(width + 8)}${plain(toDo)}`]),
  ]);
  return { answer: { status, checks }, lines, exitCode: status === 'fail' ? EXIT.refused : EXIT.ok };
}

function worstOf(checks: readonly Check[]): Check['status'] {
  if (checks.some(({ status }) => status === 'fail')) return 'fail';
  return checks.some(({ status }) => status === 'warn') ? 'warn' : 'ok';
}
