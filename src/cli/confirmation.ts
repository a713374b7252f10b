import { CliProblem } from './cli-problem.js';
import { EXIT } from './exit-codes.js';

/** The option of every command that takes access from many people, or gives it to them. */
export const YES = ['--yes', 'yes, do it'] as const;

/** @throws CliProblem with exit code 2, and nothing was done, unless the caller said `--yes` */
export function confirmed(yes: boolean | undefined, what: string, toDo: string): void {
  if (yes !== true) throw CliProblem.of(EXIT.usage, 'cli.not_confirmed', what, toDo);
}
