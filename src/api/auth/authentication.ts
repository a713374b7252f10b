import type { Principal } from '../../application/ports/api-commands.port.js';

/** Why a token is not accepted; closed, recorded in the audit trail, and never told to the caller in more detail than `auth.invalid`. */
export type SignInReason =
  | 'token.missing' | 'token.malformed' | 'token.unknown_issuer' | 'token.bad_signature' | 'token.bad_algorithm' | 'token.expired'
  | 'token.not_yet_valid' | 'token.bad_audience' | 'token.bad_claims' | 'token.isolated_cloud' | 'site.unknown';

export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  readonly code: 'auth.missing' | 'auth.invalid';
  readonly detail: string;
  constructor(readonly reason: SignInReason, options?: ErrorOptions) {
    super(reason, options);
    this.code = reason === 'token.missing' ? 'auth.missing' : 'auth.invalid';
    this.detail = reason === 'token.missing' ? 'Send Authorization: Bearer with a token' : reason === 'token.expired' ? 'The token has expired' : 'The token is not accepted';
  }
}

/** Proves one kind of token. */
export interface Authenticator {
  /** The issuer whose tokens it verifies; tokens are handed over by their claimed issuer, and the verification then proves it. */
  readonly issuer: string;
  /** @throws SignInRefused; ApiProblem `auth.keys_unavailable` */
  verify(token: string): Promise<Principal>;
}

const MAX_TOKEN_CHARS = 16_384;

/** Finds the authenticator for a bearer token and lets it prove the token. */
export class Authentication {
  private readonly byIssuer: ReadonlyMap<string, Authenticator>;
  constructor(authenticators: readonly Authenticator[]) {
    this.byIssuer = new Map(authenticators.map((authenticator) => [authenticator.issuer, authenticator]));
  }

  /** @throws SignInRefused for everything that is not a token of a configured issuer, valid now */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    if (authorization === undefined) throw new SignInRefused('token.missing');
    const token = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > MAX_TOKEN_CHARS) throw new SignInRefused('token.malformed');
    const authenticator = this.byIssuer.get(claimedIssuer(token) ?? '');
    if (!authenticator) throw new SignInRefused('token.unknown_issuer');
    return authenticator.verify(token);
  }
}

/** The unproven `iss`: chooses who verifies, nothing else. */
function claimedIssuer(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && 'iss' in claims && typeof claims.iss === 'string' ? claims.iss : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
