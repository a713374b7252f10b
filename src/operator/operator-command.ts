/** What a command of the operator ends with; `--json` prints `answer`, people read `lines`. */
export interface Outcome { readonly answer: Readonly<Record<string, unknown>>; readonly lines: readonly string[] }

/** What an operator's command works with; tests pass their own. */
export interface OperatorContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** All of standard input; read only by a command that was told to. */
  readonly readInput: () => Promise<string>;
  /** Progress, for people. */
  readonly say: (line: string) => void;
}

/** Why a command did nothing, in one sentence, and what to do about it. Never quotes a secret. */
export class OperatorProblem extends Error {
  override readonly name = 'OperatorProblem';
  constructor(message: string, readonly toDo?: string, options?: ErrorOptions) {
    super(message, options);
  }
}
