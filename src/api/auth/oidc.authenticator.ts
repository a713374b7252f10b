import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Principal, TokenRole } from '../../application/ports/api-commands.port.js';
import type { SiteDirectory } from '../../application/ports/api-queries.port.js';
import { accountId } from '../../contracts/primitives.js';
import { SignInRefused, type Authenticator } from './authentication.js';
import { CLOCK_TOLERANCE_SECONDS, verifyJwt } from './jwt.js';

export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly siteClaim: string;
  readonly groupsClaim: string;
  readonly accountClaim: string;
  /** Empty means nobody. */
  readonly adminGroups: readonly string[];
  readonly auditorGroups: readonly string[];
}
/** Asymmetric only: with a shared secret among them, a public key could be used as one. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const siteIdShape = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
const groupsShape = z.union([z.array(z.string()).max(1_000), z.string().transform((group) => [group])]).default([]);

/** OIDC access tokens of people (RFC 9068 in spirit: issuer, audience, expiry), for the REST API, the CLI and the stand-alone UI. */
export class OidcAuthenticator implements Authenticator {
  readonly issuer: string;
  constructor(private readonly options: OidcOptions, private readonly keys: JWTVerifyGetKey, private readonly sites: SiteDirectory) {
    this.issuer = options.issuer;
  }

  async verify(token: string): Promise<Principal> {
    const { issuer, audience } = this.options;
    const claims = await verifyJwt(token, this.keys, { algorithms: ALGORITHMS, issuer, audience, requiredClaims: ['exp'], clockTolerance: CLOCK_TOLERANCE_SECONDS });
    const principal = this.principalOf(claims);
    if (!(await this.sites.exists(principal.siteId))) throw new SignInRefused('site.unknown');
    return principal;
  }

  private principalOf(claims: JWTPayload): Principal {
    const { siteClaim, groupsClaim, accountClaim, adminGroups, auditorGroups } = this.options;
    const site = siteIdShape.safeParse(claims[siteClaim]);
    const account = accountId.safeParse(claims[accountClaim]);
    const groups = groupsShape.safeParse(claims[groupsClaim]);
    if (!site.success || !account.success || !groups.success) throw new SignInRefused('token.bad_claims');
    const roles = new Set<TokenRole>(['requester']);
    if (groups.data.some((group) => adminGroups.includes(group))) roles.add('admin');
    if (groups.data.some((group) => auditorGroups.includes(group))) roles.add('auditor');
    const displayName = typeof claims['name'] === 'string' ? { displayName: claims['name'].slice(0, 200) } : {};
    return { siteId: site.data, accountId: account.data, kind: 'person', roles, licence: 'notReported', ...displayName };
  }
}
