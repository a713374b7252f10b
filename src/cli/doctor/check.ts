import { CliProblem } from '../cli-problem.js';

export type CheckStatus = 'ok' | 'warn' | 'fail';
export type Part = 'api' | 'database' | 'engine' | 'workers' | 'vendors' | 'configuration' | 'audit';

/** One line of the doctor. `fail`: requests can't be served as they should; `warn`: they can, but somebody ought to look. */
export interface Check {
  readonly part: Part;
  readonly status: CheckStatus;
  /** What was seen, one sentence. */
  readonly detail: string;
  /** What to do about it; null when all is well. */
  readonly toDo: string | null;
}

export const ok = (part: Part, detail: string): Check => ({ part, status: 'ok', detail, toDo: null });
export const warn = (part: Part, detail: string, toDo: string): Check => ({ part, status: 'warn', detail, toDo });
export const fail = (part: Part, detail: string, toDo: string): Check => ({ part, status: 'fail', detail, toDo });

/**
 * Runs one look. What can't be looked at is a finding of its own, so that one refusal never hides the other parts.
 * @param what completes "… can't be read"
 */
export async function look(part: Part, what: string, work: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliProblem)) throw error;
    return [fail(part, `${what} can't be read: ${error.message}`, 'See the API\'s log.')];
  }
}
