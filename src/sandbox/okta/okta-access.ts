import type { VendorAnswer, VendorRequest } from '../http/messages.js';
import { isSignedBy, jwtBearer, readAssertion } from '../state/client-assertion.js';
import type { AssertionClaims } from '../state/client-assertion.js';
import { readToken, sameSecret, signToken } from '../state/signed-token.js';
import type { OktaState } from './okta-state.js';

/** A service app that signs in with its own key (private_key_jwt), as an admin would register it. */
export interface OktaServiceApp {
  readonly clientId: string;
  readonly publicKeyPem: string;
  readonly scopes: readonly string[];
}

export interface OktaSecrets {
  readonly apiToken: string;
  readonly signingSecret: string;
}

const tokenLifetimeSeconds = 3600;

function oauthError(status: number, error: string, description: string): VendorAnswer {
  return { status, headers: { 'Cache-Control': 'no-store' }, body: { error, error_description: description } };
}

/** Who calls: an API token may do all that its admin may, a Bearer token what its scopes name. */
export class OktaAccess {
  private readonly usedAssertions = new Map<string, number>();

  constructor(
    private readonly secrets: OktaSecrets,
    private readonly apps: readonly OktaServiceApp[],
    private readonly state: OktaState,
    private readonly now: () => number,
  ) {}

  /** Scopes of the caller, `all` for an API token, undefined when it is not known. */
  scopesOf(request: VendorRequest): readonly string[] | 'all' | undefined {
    const header = request.headers.authorization ?? '';
    if (header.startsWith('SSWS ')) return sameSecret(header.slice(5), this.secrets.apiToken) ? 'all' : undefined;
    if (!header.startsWith('Bearer ')) return undefined;
    const claims = readToken(this.secrets.signingSecret, header.slice(7));
    if (claims === undefined || claims.exp * 1000 <= this.now() || claims.epoch !== this.state.tokenEpoch) return undefined;
    return claims.scopes;
  }

  /** `POST /oauth2/v1/token` for client_credentials with private_key_jwt (oauth OpenAPI, TokenRequestClientCredentials). */
  issue(request: VendorRequest): VendorAnswer {
    const form = new URLSearchParams(request.body);
    if (form.get('grant_type') !== 'client_credentials') return oauthError(400, 'unsupported_grant_type', 'The authorization grant type is not supported by the authorization server.');
    if (form.get('client_assertion_type') !== jwtBearer) return oauthError(401, 'invalid_client', 'No client credentials found.');
    const checked = this.checkAssertion(form.get('client_assertion') ?? '', `${request.origin}/oauth2/v1/token`);
    if (typeof checked === 'string') return oauthError(401, 'invalid_client', checked);
    const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    if (scopes.length === 0) return oauthError(400, 'invalid_scope', 'The authorization server resource does not have any configured default scopes, "scope" must be provided.');
    if (scopes.some((scope) => !checked.scopes.includes(scope))) return oauthError(400, 'invalid_scope', 'One or more scopes are not configured for the authorization server resource.');
    const exp = Math.floor(this.now() / 1000) + tokenLifetimeSeconds;
    const accessToken = signToken(this.secrets.signingSecret, { sub: checked.clientId, scopes, exp, epoch: this.state.tokenEpoch });
    return {
      status: 200,
      headers: { 'Cache-Control': 'no-store' },
      body: { token_type: 'Bearer', expires_in: tokenLifetimeSeconds, access_token: accessToken, scope: scopes.join(' ') },
    };
  }

  private checkAssertion(assertion: string, audience: string): OktaServiceApp | string {
    const claims = readAssertion(assertion);
    if (claims === undefined) return 'The client_assertion token is malformed.';
    const app = this.apps.find((one) => one.clientId === claims.sub && one.clientId === claims.iss);
    if (app === undefined) return "A client_assertion's 'iss' and 'sub' must name a known client.";
    if (!isSignedBy(assertion, app.publicKeyPem)) return 'The client_assertion signature is invalid.';
    if (claims.aud !== audience) return 'The audience claim for client_assertion must be the endpoint invoked for the request.';
    return this.checkLife(claims) ?? app;
  }

  private checkLife(claims: AssertionClaims): string | undefined {
    const now = this.now() / 1000;
    if (claims.exp <= now) return 'The client_assertion token is expired.';
    if (claims.exp > now + 3600) return 'The client_assertion token has an expiration too far into the future.';
    if (claims.jti === undefined) return undefined;
    for (const [jti, exp] of this.usedAssertions) if (exp <= now) this.usedAssertions.delete(jti);
    if (this.usedAssertions.has(claims.jti)) return 'The client_assertion token has already been used.';
    this.usedAssertions.set(claims.jti, claims.exp);
    return undefined;
  }
}
