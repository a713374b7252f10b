import { createSecretKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { TOKEN_ROLES, type Principal } from '../../application/ports/api-commands.port.js';
import { accountId } from '../../contracts/primitives.js';
import { SignInRefused, type Authenticator } from './authentication.js';
import { CLOCK_TOLERANCE_SECONDS, verifyJwt } from './jwt.js';

export const SANDBOX_ISSUER = 'aiclearance/sandbox';
const SANDBOX_AUDIENCE = 'aiclearance/api';
const LIFETIME_SECONDS = 12 * 3_600;

const claimsShape = z.object({ sub: accountId, site: z.string(), name: z.string(), roles: z.array(z.enum(TOKEN_ROLES)) });

export interface SandboxPerson { readonly siteId: string; readonly accountId: string; readonly displayName: string; readonly roles: readonly string[] }

/** Issues and proves the sandbox's sign-in tokens. Only composed in sandbox mode: elsewhere neither the route nor the issuer exists. */
export class SandboxAuthenticator implements Authenticator {
  readonly issuer = SANDBOX_ISSUER;
  private readonly key: KeyObject;
  constructor(key: Uint8Array) {
    this.key = createSecretKey(key);
  }

  /** `approver` is left out: it follows from routing. */
  async issue(person: SandboxPerson): Promise<{ readonly token: string; readonly expiresAt: string }> {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const roles = TOKEN_ROLES.filter((role) => role === 'requester' || person.roles.includes(role));
    const token = await new SignJWT({ site: person.siteId, name: person.displayName, roles })
      .setProtectedHeader({ alg: 'HS256' }).setIssuer(SANDBOX_ISSUER).setAudience(SANDBOX_AUDIENCE).setSubject(person.accountId)
      .setIssuedAt(nowSeconds).setExpirationTime(nowSeconds + LIFETIME_SECONDS).sign(this.key);
    return { token, expiresAt: new Date((nowSeconds + LIFETIME_SECONDS) * 1000).toISOString() };
  }

  async verify(token: string): Promise<Principal> {
    const payload = await verifyJwt(token, this.key, { algorithms: ['HS256'], issuer: SANDBOX_ISSUER, audience: SANDBOX_AUDIENCE, requiredClaims: ['exp', 'sub'], clockTolerance: CLOCK_TOLERANCE_SECONDS });
    const claims = claimsShape.safeParse(payload);
    if (!claims.success) throw new SignInRefused('token.bad_claims');
    const { sub, site, name, roles } = claims.data;
    return { siteId: site, accountId: sub, kind: 'person', roles: new Set(roles), licence: 'notReported', displayName: name };
  }
}
