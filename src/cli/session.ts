import { signInAnswer } from '../contracts/sandbox.contract.js';
import type { CliEnvironment } from '../config/cli-env.js';
import { ApiClient } from './api-client.js';
import { CliProblem } from './cli-problem.js';
import { EXIT, type ExitCode } from './exit-codes.js';

export const DEFAULT_URL = 'http://127.0.0.1:8700';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly url?: string | undefined;
  /** Account id to sign in as; the sandbox only. */
  readonly as?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** What a command did. */
export interface Outcome {
  /** The API's answer, for `--json`. */
  readonly answer: unknown;
  /** The same for people. */
  readonly lines: readonly string[];
  /** 0 unless said otherwise. */
  readonly exitCode?: ExitCode;
}

/** How a command that takes long passes its time, and tells of it beside its outcome. */
export interface Waiting { readonly pause: (ms: number) => Promise<void>; readonly say: (line: string) => void }

/** One invocation: where it goes, as whom, and the key that its command is repeated with. */
export class Session {
  /** Without a token: health and the sandbox's own pages. */
  readonly anonymous: ApiClient;

  /** @throws CliProblem when the URL is none */
  constructor(private readonly options: GlobalOptions, readonly environment: CliEnvironment, readonly idempotencyKey: string, readonly waiting: Waiting) {
    this.anonymous = new ApiClient(baseUrlOf(options.url ?? environment.url ?? DEFAULT_URL));
  }

  /** Whether the caller has said who they are. */
  get namesSomebody(): boolean {
    return this.options.as !== undefined || this.environment.token !== undefined;
  }

  /** `--as` wins over the token, being said for this one command. @throws CliProblem with exit code 4 */
  async signIn(): Promise<ApiClient> {
    if (this.options.as !== undefined) return this.signInAs(this.options.as);
    const { token } = this.environment;
    if (token === undefined) throw CliProblem.of(EXIT.notSignedIn, 'cli.not_signed_in', 'Nobody is signed in.', 'Put a token into AICLEARANCE_TOKEN; against the sandbox say --as ACCOUNT (npm start lists the people).');
    if (!/^[\x21-\x7e]+$/.test(token)) throw CliProblem.of(EXIT.notSignedIn, 'cli.not_signed_in', 'AICLEARANCE_TOKEN does not hold a token: it has blanks or line breaks inside.');
    return this.anonymous.signedIn(token);
  }

  /** @throws CliProblem with exit code 4 when the server has no sandbox, or nobody of this account */
  async signInAs(accountId: string): Promise<ApiClient> {
    try {
      const { token } = await this.anonymous.ask('/sandbox/sign-in', signInAnswer.pick({ token: true }).loose(), { accountId });
      return this.anonymous.signedIn(token);
    } catch (error) {
      if (!(error instanceof CliProblem) || error.exitCode !== EXIT.refused) throw error;
      const isUnknown = error.body['code'] === 'person.not_found';
      throw CliProblem.of(EXIT.notSignedIn, 'cli.not_signed_in', isUnknown ? `Nobody in the sandbox has the account ${accountId}.` : `--as works only against a sandbox, and ${this.anonymous.baseUrl} is none.`, isUnknown ? 'npm start lists the people.' : 'Put a token into AICLEARANCE_TOKEN.', { cause: error });
    }
  }
}

/** Without a slash at the end, and without the API's own prefix, which people copy along. */
function baseUrlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw CliProblem.of(EXIT.usage, 'cli.usage', 'The URL of the API is not one.', `Say it like ${DEFAULT_URL}: http or https, a host, perhaps a port and a path; no password, no query.`);
  }
  return url.href.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}
