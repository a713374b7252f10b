import { createHash } from 'node:crypto';
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
/**
 * How long a proven token is believed without proving it again. Clients send one token with every request, and proving it costs more than the rest of
 * the edge; a key that its issuer withdraws is honoured this much longer at most. Together with the age of Jira's answer about ADMINISTER it stays
 * within the sixty seconds of SPEC U7.
 */
const BELIEVED_MS = 15_000;
const MAX_BELIEVED = 5_000;

/** Finds the authenticator for a bearer token and lets it prove the token. */
export class Authentication {
  private readonly byIssuer: ReadonlyMap<string, Authenticator>;
  /** By the token's hash, so that no token lies in memory longer than its request. */
  private readonly believed = new Map<string, { readonly principal: Principal; readonly untilMs: number }>();
  constructor(authenticators: readonly Authenticator[], private readonly nowMs: () => number = Date.now) {
    this.byIssuer = new Map(authenticators.map((authenticator) => [authenticator.issuer, authenticator]));
  }

  /** @throws SignInRefused for everything that is not a token of a configured issuer, valid now */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    if (authorization === undefined) throw new SignInRefused('token.missing');
    const token = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > MAX_TOKEN_CHARS) throw new SignInRefused('token.malformed');
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.believed.get(hash);
    if (known !== undefined && known.untilMs > this.nowMs()) return known.principal;
    const claims = claimsOf(token);
    const authenticator = this.byIssuer.get(claims.issuer);
    if (!authenticator) throw new SignInRefused('token.unknown_issuer');
    const principal = await authenticator.verify(token);
    this.believe(hash, principal, claims.expiresAtMs);
    return principal;
  }

  private believe(hash: string, principal: Principal, expiresAtMs: number): void {
    this.believed.delete(hash);
    const oldest = this.believed.size >= MAX_BELIEVED ? this.believed.keys().next().value : undefined;
    if (oldest !== undefined) this.believed.delete(oldest);
    this.believed.set(hash, { principal, untilMs: Math.min(expiresAtMs, this.nowMs() + BELIEVED_MS) });
  }
}

/** Unproven: the issuer chooses who verifies, and the expiry is used only after that. */
function claimsOf(token: string): { readonly issuer: string; readonly expiresAtMs: number } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const read = (name: string): unknown => (typeof claims === 'object' && claims !== null ? Reflect.get(claims, name) : undefined);
    const issuer = read('iss');
    const expiry = read('exp');
    return { issuer: typeof issuer === 'string' ? issuer : '', expiresAtMs: typeof expiry === 'number' ? expiry * 1000 : 0 };
  } catch (error) {
    if (error instanceof SyntaxError) return { issuer: '', expiresAtMs: 0 };
    throw error;
  }
}
