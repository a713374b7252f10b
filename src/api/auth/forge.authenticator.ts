import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Principal, TokenRole } from '../../application/ports/api-commands.port.js';
import type { Administrators, SiteDirectory } from '../../application/ports/api-queries.port.js';
import { accountId } from '../../contracts/primitives.js';
import { SignInRefused, type Authenticator } from './authentication.js';
import { CLOCK_TOLERANCE_SECONDS, verifyJwt } from './jwt.js';

const FORGE_ISSUER = 'forge/invocation-token';
/** What Forge puts for a portal visitor who has not signed in. */
const ANONYMOUS = 'unidentified';

/** The claims we rely on, of a Forge Invocation Token; others pass unread. */
const claimsShape = z.object({
  principal: z.string().max(128).optional(),
  icLabel: z.unknown().optional(),
  app: z.object({
    id: z.string(),
    installationId: z.string().max(300),
    installation: z.object({ contexts: z.array(z.object({ name: z.string().optional(), cloudId: z.string().max(100).optional() })).default([]) }).optional(),
    module: z.object({ key: z.string().max(200) }).optional(),
    license: z.object({ active: z.boolean().optional() }).optional(),
  }),
  context: z.object({ cloudId: z.string().max(100).optional(), moduleKey: z.string().max(200).optional(), extension: z.object({ type: z.string().max(200).optional() }).optional() }).optional(),
});
type Claims = z.output<typeof claimsShape>;

/** Forge Invocation Tokens: who calls from Jira, on which installation, from which module. */
export class ForgeAuthenticator implements Authenticator {
  readonly issuer = FORGE_ISSUER;
  constructor(
    /** The app's ARI: audience of its tokens and, again, their `app.id`. */
    private readonly appId: string,
    private readonly keys: JWTVerifyGetKey,
    private readonly sites: SiteDirectory,
    private readonly administrators: Administrators,
  ) {}

  async verify(token: string): Promise<Principal> {
    const claims = this.readClaims(await verifyJwt(token, this.keys, {
      algorithms: ['RS256'], issuer: FORGE_ISSUER, audience: this.appId, requiredClaims: ['exp', 'iat'], clockTolerance: CLOCK_TOLERANCE_SECONDS,
    }));
    const site = await this.sites.findByInstallation(claims.app.installationId, cloudIdOf(claims));
    if (site === null) throw new SignInRefused('site.unknown');
    const licence = licenceOf(claims);
    if (licence !== 'notReported' && licence !== site.licence) await this.sites.reportLicence(site.siteId, licence);
    return this.principalOf(claims, site.siteId);
  }

  private readClaims(payload: JWTPayload): Claims {
    const parsed = claimsShape.safeParse(payload);
    if (!parsed.success || parsed.data.app.id !== this.appId) throw new SignInRefused('token.bad_claims');
    // An isolated cloud signs with keys of its own; its label would become part of a key server's address.
    if (parsed.data.icLabel !== undefined) throw new SignInRefused('token.isolated_cloud');
    return parsed.data;
  }

  private async principalOf(claims: Claims, siteId: string): Promise<Principal> {
    const shared = { siteId, licence: licenceOf(claims), portalOnly: isPortalOnly(claims) };
    if (claims.principal === undefined || claims.principal === ANONYMOUS) return { ...shared, accountId: claims.principal ?? 'app', kind: 'forge', roles: new Set() };
    const account = accountId.safeParse(claims.principal);
    if (!account.success) throw new SignInRefused('token.bad_claims');
    const roles = new Set<TokenRole>(['requester']);
    if (!shared.portalOnly && (await this.administrators.isAdministrator(siteId, account.data))) roles.add('admin');
    return { ...shared, accountId: account.data, kind: 'person', roles };
  }
}

const cloudIdOf = (claims: Claims): string | null => claims.context?.cloudId ?? claims.app.installation?.contexts.find((context) => context.name === 'jira')?.cloudId ?? null;
/** Where the token was issued: our portal modules by key, and Jira Service Management's own names for portal extension points. */
function isPortalOnly({ principal, context, app }: Claims): boolean {
  return principal === ANONYMOUS || /^ac-(?:request|portal)-/.test(context?.moduleKey ?? app.module?.key ?? '') || /^jiraServiceManagement:portal/.test(context?.extension?.type ?? '');
}
const licenceOf = (claims: Claims): 'active' | 'inactive' | 'notReported' => (claims.app.license?.active === undefined ? 'notReported' : claims.app.license.active ? 'active' : 'inactive');
