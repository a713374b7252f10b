import type { KeyObject } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import { problemOf } from '../common/problem.js';
import { SignInRefused, type SignInReason } from './authentication.js';

/** Clock skew that is forgiven, in seconds. Token times are real time, never domain time (DESIGN, time). */
export const CLOCK_TOLERANCE_SECONDS = 5;

/** Keys of one issuer, fetched when needed, kept ten minutes, fetched again for an unknown key id at most every `cooldownMs`. */
export const remoteKeys = (url: string, cooldownMs = 30_000): JWTVerifyGetKey => createRemoteJWKSet(new URL(url), { timeoutDuration: 3_000, cooldownDuration: cooldownMs, cacheMaxAge: 600_000 });

/**
 * Verifies a token and tells its refusal from the key server being away: a good token must not be called bad because somebody else is down.
 * @throws SignInRefused; ApiProblem `auth.keys_unavailable`
 */
export async function verifyJwt(token: string, key: JWTVerifyGetKey | KeyObject, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    const { payload } = await (typeof key === 'function' ? jwtVerify(token, key, options) : jwtVerify(token, key, options));
    return payload;
  } catch (error) {
    const reason = reasonOf(error);
    if (reason !== null) throw new SignInRefused(reason, { cause: error });
    if (keysAreAway(error)) throw problemOf('auth.keys_unavailable', 'The issuer\'s keys can\'t be read now; repeat later', { retryAfterSeconds: 5 });
    throw error;
  }
}

function reasonOf(error: unknown): SignInReason | null {
  if (error instanceof errors.JWTExpired) return 'token.expired';
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed) return 'token.bad_algorithm';
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return 'token.bad_signature';
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid || error instanceof errors.JOSENotSupported) return 'token.malformed';
  return null;
}
function reasonOfClaim(claim: string): SignInReason {
  switch (claim) {
    case 'nbf': return 'token.not_yet_valid';
    case 'aud': return 'token.bad_audience';
    default: return 'token.bad_claims';
  }
}
/** No connection, a time-out, another status than 200, or no key set in the answer. */
const keysAreAway = (error: unknown): boolean => error instanceof errors.JOSEError || (typeof error === 'object' && error !== null && 'message' in error && error.message === 'fetch failed');
