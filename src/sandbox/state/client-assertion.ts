import { constants, createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { parseJson } from '../http/messages.js';

const headerSchema = z.object({ alg: z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'ES256']) });
const claimsSchema = z.object({ iss: z.string(), sub: z.string(), aud: z.string(), exp: z.number(), jti: z.string().optional() });

export type AssertionClaims = z.infer<typeof claimsSchema>;

/** The form of assertions that RFC 7523 names for client authentication. */
export const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const decode = (part: string): unknown => parseJson(Buffer.from(part, 'base64url').toString('utf8'));

/** Claims of an assertion before anything of it is believed; undefined when it is not a JWT of this kind. */
export function readAssertion(assertion: string): AssertionClaims | undefined {
  const claims = claimsSchema.safeParse(decode(assertion.split('.')[1] ?? ''));
  return claims.success ? claims.data : undefined;
}

/** Whether the key (public key or certificate, PEM) signed this assertion. */
export function isSignedBy(assertion: string, keyPem: string): boolean {
  const [head = '', payload = '', signature = ''] = assertion.split('.');
  const header = headerSchema.safeParse(decode(head));
  if (!header.success) return false;
  const { alg } = header.data;
  const key = createPublicKey(keyPem);
  const how = alg.startsWith('ES')
    ? ({ key, dsaEncoding: 'ieee-p1363' } as const)
    : alg.startsWith('PS') ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : key;
  return verify(`sha${alg.slice(2)}`, Buffer.from(`${head}.${payload}`), how, Buffer.from(signature, 'base64url'));
}
