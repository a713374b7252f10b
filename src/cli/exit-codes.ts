/** What a script can rely on; docs/cli.md lists them. */
export const EXIT = {
  ok: 0,
  /** A rule said no, or the answer is a bad one: denied, broken chain, a failed check. */
  refused: 1,
  /** The command line, or a field in it, is not understood. */
  usage: 2,
  /** Nobody answers, or a part behind the API is away: the same command may be repeated. */
  unavailable: 3,
  /** No token, one that is not accepted, or one without the role. */
  notSignedIn: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Statuses of messages that the API could not read (SPEC §13): the caller has to write another one. */
const UNREADABLE = new Set([400, 413, 415]);

/**
 * Exit code of a refusal. A 403 of the sign-in (`auth.forbidden`) is another thing than a 403 of a rule (`review.self_approval`):
 * another token mends the first, nothing the second.
 */
export function exitCodeOf(status: number, code: string): ExitCode {
  if (status >= 500) return EXIT.unavailable;
  if (status === 401 || code.startsWith('auth.')) return EXIT.notSignedIn;
  return UNREADABLE.has(status) ? EXIT.usage : EXIT.refused;
}
