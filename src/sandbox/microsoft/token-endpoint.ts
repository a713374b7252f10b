import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import { param } from '../http/messages.js';
import { isSignedBy, jwtBearer, readAssertion } from '../state/client-assertion.js';
import { newGuid } from '../state/identifiers.js';
import { readToken, sameSecret, signToken } from '../state/signed-token.js';
import type { EntraState } from './entra-state.js';
import { graphError } from './graph-answers.js';

export interface EntraRegistration {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Certificate or public key (PEM) for apps that sign in with a certificate. */
  readonly certificatePem?: string;
  readonly signingSecret: string;
}

/** Graph tokens live between 60 and 90 minutes; an hour less a second is what the token endpoint usually says. */
const lifetimeSeconds = 3599;

/** A tenant goes by its id or by any of its domains (Microsoft identity platform, client credentials flow: `tenant`). */
const verifiedDomain = /^([a-z0-9-]+\.)*acme\.(onmicrosoft\.)?example$/i;

/** A refusal in the form of the Microsoft identity platform (docs: AADSTS error codes). */
function refuse(status: number, error: string, code: number, sentence: string): VendorAnswer {
  const timestamp = new Date().toISOString().slice(0, 19).replace('T', ' ') + 'Z';
  const [traceId, correlationId] = [newGuid(), newGuid()];
  return {
    status,
    headers: { 'Cache-Control': 'no-store, no-cache' },
    body: {
      error,
      error_description: `AADSTS${code}: ${sentence} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.example/error?code=${code}`,
    },
  };
}

/** The token endpoint (client credentials by secret or certificate) and the documents a client library asks for first. */
export class TokenEndpoint {
  constructor(private readonly app: EntraRegistration, private readonly state: EntraState, private readonly now: () => number) {}

  routes(): Route[] {
    return [
      { method: 'POST', pattern: '/{tenant}/oauth2/v2.0/token', handle: (request) => this.issue(request) },
      { method: 'GET', pattern: '/{tenant}/v2.0/.well-known/openid-configuration', handle: (request) => this.configuration(request) },
      { method: 'GET', pattern: '/{tenant}/discovery/v2.0/keys', handle: () => ({ status: 200, body: { keys: [] } }) },
    ];
  }

  /** Checks a Graph call's Bearer token; the refusal to send, or undefined when it is good. */
  refusal(request: VendorRequest): VendorAnswer | undefined {
    const unauthorized = (message: string): VendorAnswer => {
      const answer = graphError(401, message);
      return { ...answer, headers: { ...answer.headers, 'WWW-Authenticate': `Bearer realm="", authorization_uri="${request.origin}/common/oauth2/authorize"` } };
    };
    const header = request.headers.authorization ?? '';
    if (!header.startsWith('Bearer ') || header.length === 7) return unauthorized('Access token is empty.');
    const claims = readToken(this.app.signingSecret, header.slice(7));
    if (claims === undefined || claims.sub !== this.app.clientId) return unauthorized('Access token validation failure. Invalid signature.');
    if (claims.exp * 1000 <= this.now() || claims.epoch !== this.state.tokenEpoch) return unauthorized('Lifetime validation failed, the token is expired.');
    return undefined;
  }

  private isTenant(name: string): boolean {
    return name === this.app.tenantId || verifiedDomain.test(name);
  }

  private issue(request: VendorRequest): VendorAnswer {
    const tenant = param(request, 'tenant');
    if (!this.isTenant(tenant)) return refuse(400, 'invalid_request', 90002, `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`);
    const form = new URLSearchParams(request.body);
    const basic = basicCredentials(request);
    const clientId = form.get('client_id') ?? basic?.id ?? '';
    const grant = form.get('grant_type') ?? '';
    if (grant !== 'client_credentials') return refuse(400, 'unsupported_grant_type', 70003, `The app requested an unsupported grant type '${grant}'.`);
    if (clientId !== this.app.clientId) return refuse(400, 'unauthorized_client', 700016, `Application with identifier '${clientId}' was not found in the directory.`);
    const denied = this.checkClient(form, basic?.secret, request);
    if (denied !== undefined) return denied;
    const scope = form.get('scope') ?? '';
    if (!scope.endsWith('/.default')) return refuse(400, 'invalid_scope', 1002012, `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`);
    const exp = Math.floor(this.now() / 1000) + lifetimeSeconds;
    const token = signToken(this.app.signingSecret, { sub: clientId, scopes: [], exp, epoch: this.state.tokenEpoch });
    return {
      status: 200,
      headers: { 'Cache-Control': 'no-store, no-cache' },
      body: { token_type: 'Bearer', expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds, access_token: token },
    };
  }

  private checkClient(form: URLSearchParams, basicSecret: string | undefined, request: VendorRequest): VendorAnswer | undefined {
    const secret = form.get('client_secret') ?? basicSecret;
    if (secret !== undefined) {
      const right = sameSecret(secret, this.app.clientSecret);
      return right ? undefined : refuse(401, 'invalid_client', 7000215, `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${this.app.clientId}'.`);
    }
    if (form.get('client_assertion_type') !== jwtBearer) return refuse(401, 'invalid_client', 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
    return this.checkAssertion(form.get('client_assertion') ?? '', request);
  }

  private checkAssertion(assertion: string, request: VendorRequest): VendorAnswer | undefined {
    const claims = readAssertion(assertion);
    const key = this.app.certificatePem;
    if (claims === undefined || key === undefined || !isSignedBy(assertion, key)) {
      return refuse(401, 'invalid_client', 700027, 'The certificate with identifier used to sign the client assertion is not registered on application.');
    }
    const now = this.now() / 1000;
    if (claims.exp <= now) return refuse(401, 'invalid_client', 700024, 'Client assertion is not within its valid time range.');
    if (claims.iss !== this.app.clientId || claims.sub !== this.app.clientId) return refuse(401, 'invalid_client', 700021, "Client assertion application identifier doesn't match 'client_id' parameter.");
    const path = `/${param(request, 'tenant')}/oauth2/v2.0/token`;
    return claims.aud.endsWith(path) ? undefined : refuse(401, 'invalid_client', 700023, `Client assertion audience claim does not match Realm issuer ${request.origin}${path}.`);
  }

  private configuration(request: VendorRequest): VendorAnswer {
    const tenant = param(request, 'tenant');
    if (!this.isTenant(tenant)) return refuse(400, 'invalid_tenant', 90002, `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`);
    const authority = `${request.origin}/${tenant}`;
    return {
      status: 200,
      body: {
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
        jwks_uri: `${authority}/discovery/v2.0/keys`,
        response_modes_supported: ['query', 'fragment', 'form_post'],
        subject_types_supported: ['pairwise'],
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['code', 'id_token'],
        scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
        issuer: `${authority}/v2.0`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
        tenant_region_scope: 'EU',
      },
    };
  }
}

function basicCredentials(request: VendorRequest): { id: string; secret: string } | undefined {
  const header = request.headers.authorization ?? '';
  if (!header.startsWith('Basic ')) return undefined;
  const [id = '', ...secret] = Buffer.from(header.slice(6), 'base64').toString('utf8').split(':');
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret.join(':')) };
}
