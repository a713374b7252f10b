import type { FieldError } from '../../contracts/problem.contract.js';
import { PROBLEM_STATUS, type ApiRefusal, type ProblemCode } from '../../contracts/refusal-status.js';

/** A refusal on its way to the client; the problem filter is the only one that turns it into an answer. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ProblemCode;
  readonly status: number;
  constructor(readonly refusal: ApiRefusal, options?: ErrorOptions) {
    super(`${refusal.code}: ${refusal.detail}`, options);
    this.code = refusal.code;
    this.status = PROBLEM_STATUS[refusal.code];
  }
}

export const problemOf = (code: ProblemCode, detail: string, more: Omit<ApiRefusal, 'code' | 'detail'> = {}): ApiProblem => new ApiProblem({ code, detail, ...more });

/** Several fields at once; the first forty are enough to mend a form. */
export const fieldProblem = (code: ProblemCode, detail: string, errors: readonly FieldError[]): ApiProblem => problemOf(code, detail, { errors: errors.slice(0, 40) });
