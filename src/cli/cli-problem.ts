import { z } from 'zod';
import { plain } from './print/plain.js';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.js';

/** A problem as the API sends it, read loosely: a newer server may say more (RFC 9457 §3.2). */
export const apiProblem = z.looseObject({
  type: z.string().optional(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.looseObject({ path: z.string(), message: z.string(), accepted: z.string().optional() })).optional(),
});
export type ApiProblemBody = z.infer<typeof apiProblem>;

const TITLES: Readonly<Record<ExitCode, string>> = {
  [EXIT.ok]: 'Done', [EXIT.refused]: 'Refused', [EXIT.usage]: 'Not understood', [EXIT.unavailable]: 'Not available', [EXIT.notSignedIn]: 'Not signed in',
};
/** Codes of problems that arise on this side, before or without an answer of the API. */
export type CliCode = 'cli.usage' | 'cli.not_confirmed' | 'cli.unreachable' | 'cli.unexpected_answer' | 'cli.not_signed_in' | 'cli.not_found' | 'cli.ambiguous';

/** Why a command ends with anything but its outcome; `main` prints it once, on stderr. */
export class CliProblem extends Error {
  override readonly name = 'CliProblem';

  private constructor(readonly exitCode: ExitCode, readonly body: Readonly<Record<string, unknown>>, private readonly sentences: readonly string[], options?: ErrorOptions) {
    super(sentences[0] ?? '', options);
  }

  /** @param toDo one sentence: what the caller can do about it */
  static of(exitCode: ExitCode, code: CliCode, detail: string, toDo?: string, options?: ErrorOptions): CliProblem {
    const body = { type: `urn:aiclearance:problem:${code}`, title: TITLES[exitCode], code, detail, ...(toDo === undefined ? {} : { toDo }), exitCode };
    return new CliProblem(exitCode, body, [detail, ...(toDo === undefined ? [] : [toDo])], options);
  }

  /** Passes the API's own words on. */
  static ofAnswer(body: ApiProblemBody): CliProblem {
    const fields = (body.errors ?? []).map(({ path, message, accepted }) => `  ${path === '' ? '(whole)' : path}: ${message}${accepted === undefined ? '' : ` (accepted: ${accepted})`}`);
    return new CliProblem(exitCodeOf(body.status, body.code), body, [`${body.detail ?? body.title} (${body.code})`, ...fields]);
  }

  /** The same problem of a command that may be repeated without being done twice (SPEC §13: 503). */
  repeatableWith(idempotencyKey: string): CliProblem {
    if (this.exitCode !== EXIT.unavailable) return this;
    const toDo = `Whether it was done is not known. Repeated with --idempotency-key ${idempotencyKey} it is done once.`;
    return new CliProblem(this.exitCode, { ...this.body, idempotencyKey }, [...this.sentences, toDo], { cause: this.cause });
  }

  /** The same problem, with what else the caller should know. */
  adding(toDo: string): CliProblem {
    return new CliProblem(this.exitCode, { ...this.body, toDo }, [...this.sentences, toDo], { cause: this.cause });
  }

  /** For people: first what is wrong, then what to do. */
  lines(): readonly string[] {
    return this.sentences.map(plain);
  }
}
