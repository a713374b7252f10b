import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../http/messages.js';

const claimsSchema = z.object({
  sub: z.string(),
  scopes: z.array(z.string()),
  /** Seconds since the epoch. */
  exp: z.number(),
  /** Tokens of an earlier epoch are no longer good: how a test expires them all. */
  epoch: z.int(),
});

export type TokenClaims = z.infer<typeof claimsSchema>;

const head = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/** An access token that needs no table, so it outlives a restart like a vendor's. */
export function signToken(secret: string, claims: TokenClaims): string {
  const signed = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${mac(secret, signed)}`;
}

/** The claims of a token this secret signed; undefined for any other text. Expiry is the caller's question. */
export function readToken(secret: string, token: string): TokenClaims | undefined {
  const cut = token.lastIndexOf('.');
  const signed = token.slice(0, Math.max(0, cut));
  const expected = Buffer.from(mac(secret, signed));
  const given = Buffer.from(token.slice(cut + 1));
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  const parsed = claimsSchema.safeParse(parseJson(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString('utf8')));
  return parsed.success ? parsed.data : undefined;
}

/** Compares a presented secret with the right one in constant time. */
export function sameSecret(given: string, right: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}

function mac(secret: string, signed: string): string {
  return createHmac('sha256', secret).update(signed).digest('base64url');
}
