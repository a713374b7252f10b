import { CommanderError } from 'commander';
import { z } from 'zod';
import type { CliEnvironment } from '../config/cli-env.js';
import { CliProblem } from './cli-problem.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { plain } from './print/plain.js';
import { createProgram, type Streams } from './program.js';
import { Session, type Outcome } from './session.js';

export interface Cli extends Streams {
  readonly environment: CliEnvironment;
  readonly version: string;
  /** A fresh key for each invocation. */
  readonly newIdempotencyKey: () => string;
  readonly pause: (ms: number) => Promise<void>;
}

const globals = z.object({ url: z.string().optional(), as: z.string().optional(), idempotencyKey: z.string().regex(/^[\x21-\x7e]{1,200}$/).optional() });

/**
 * Runs one command: its outcome goes to `out`, a problem to `err`.
 * @param args without the program's own name
 * @returns the exit code (exit-codes.ts)
 */
export async function runCli(args: readonly string[], cli: Cli): Promise<ExitCode> {
  const isJson = args.includes('--json');
  let usageText = '';
  let outcome: Outcome | undefined;
  // With --json stderr holds a problem and nothing else.
  const say = (line: string): void => { if (!isJson) cli.err(`${plain(line)}\n`); };
  const perform = async (work: (session: Session) => Promise<Outcome>): Promise<void> => {
    const options = globals.safeParse(program.opts());
    if (!options.success) throw CliProblem.of(EXIT.usage, 'cli.usage', 'An idempotency key is 1 to 200 visible ASCII characters.');
    outcome = await work(new Session(options.data, cli.environment, options.data.idempotencyKey ?? cli.newIdempotencyKey(), { pause: cli.pause, say }));
  };
  const program = createProgram(perform, { out: cli.out, err: (text) => { usageText += text; } }, cli.version);
  try {
    await program.parseAsync([...args], { from: 'user' });
    if (outcome === undefined) return EXIT.ok;
    cli.out(isJson ? jsonText(outcome.answer) : outcome.lines.map((line) => `${line}\n`).join(''));
    return outcome.exitCode ?? EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const problem = error instanceof CommanderError ? usageProblem(error) : error;
    if (!(problem instanceof CliProblem)) throw problem;
    if (isJson) cli.err(jsonText(problem.body));
    else cli.err(usageText === '' ? problem.lines().map((line) => `${line}\n`).join('') : usageText);
    return problem.exitCode;
  }
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Commander's `error: …`, or its help where a command is missing. */
function usageProblem(error: CommanderError): CliProblem {
  const detail = error.code === 'commander.help' ? 'A command is missing.' : error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  return CliProblem.of(EXIT.usage, 'cli.usage', detail, 'aiclearance --help lists the commands.', { cause: error });
}
