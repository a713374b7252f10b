import type { CreateConnectorBody } from '../../contracts/connector.contract.js';
import { refuse } from '../commands/outcome.js';
import type { ConnectorAddress } from '../ports/connector-store.port.js';
import type { ProviderConnection } from '../ports/identity-provider.port.js';

/** Hosts that a credential may be sent to: the vendors' own (Okta "org URLs", Microsoft "national clouds"). Anything else would carry it away. */
const OKTA_HOST = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(?:okta\.com|oktapreview\.com|okta-emea\.com|okta-gov\.com|okta\.mil)$/;
/** Of an org under its other host; the org would be known by two names (N7). */
const ADMIN_CONSOLE = /^[^.]+-admin\./;
const AUTHORITY_HOSTS: ReadonlySet<string> = new Set(['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn']);
const GRAPH_HOSTS: ReadonlySet<string> = new Set(['graph.microsoft.com', 'graph.microsoft.us', 'dod-graph.microsoft.us', 'microsoftgraph.chinacloudapi.cn']);
/** A tenant has one id and any number of domains; a connector that names it by another one would be taken for another tenant's, and two memberships of one person in one group be counted apart (N7). */
const TENANT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether a connector's addresses are the vendor's own, over https; in the sandbox also any http server on this machine. */
export function refuseAddress(address: ConnectorAddress, sandbox: boolean): ReturnType<typeof refuse> | null {
  const allowed = (text: string, isVendor: (host: string, url: URL) => boolean): boolean => {
    const url = new URL(text);
    if (sandbox && LOOPBACK.has(url.hostname)) return true;
    return url.protocol === 'https:' && url.port === '' && isVendor(url.hostname, url);
  };
  const refused = (path: string, accepted: string): ReturnType<typeof refuse> => refuse('connector.url_not_allowed', `Expected https and ${accepted}${sandbox ? ', or a server on this machine' : ''}`, path);
  if (address.provider === 'okta') return allowed(address.orgUrl, (host, { pathname }) => OKTA_HOST.test(host) && !ADMIN_CONSOLE.test(host) && pathname === '/') ? null : refused('orgUrl', 'an Okta org such as https://acme.okta.com, not its admin console and without a path');
  const { authorityHost, graphBaseUrl } = address;
  if (!sandbox && !TENANT_ID.test(address.tenantId)) return refuse('body.invalid', 'Expected the tenant\'s id, a GUID, rather than one of its domains', 'tenantId');
  if (authorityHost !== null && !allowed(authorityHost, (host) => AUTHORITY_HOSTS.has(host))) return refused('authorityHost', `one of ${[...AUTHORITY_HOSTS].join(', ')}`);
  if (graphBaseUrl !== null && !allowed(graphBaseUrl, (host) => GRAPH_HOSTS.has(host))) return refused('graphBaseUrl', `one of ${[...GRAPH_HOSTS].join(', ')}`);
  return null;
}

/** The part that may be shown and the whole that gets sealed. */
export function splitConnection(body: CreateConnectorBody): { readonly address: ConnectorAddress; readonly connection: ProviderConnection } {
  if (body.provider === 'okta') {
    const { provider, auth } = body;
    const orgUrl = spelledOnce(body.orgUrl);
    return { address: { provider, orgUrl, authKind: auth.kind }, connection: { provider, orgUrl, auth: oktaAuth(auth) } };
  }
  const { provider, tenantId, clientId, auth, authorityHost, graphBaseUrl } = body;
  return {
    address: { provider, tenantId, clientId, authorityHost: authorityHost ?? null, graphBaseUrl: graphBaseUrl ?? null, authKind: auth.kind },
    connection: { provider, tenantId, clientId, auth, ...(authorityHost === undefined ? {} : { authorityHost }), ...(graphBaseUrl === undefined ? {} : { graphBaseUrl }) },
  };
}

/** One org, one spelling: host in lower case, no default port, no slash at the end. */
const spelledOnce = (url: string): string => new URL(url).href.replace(/\/+$/, '');

type OktaAuth = (CreateConnectorBody & { readonly provider: 'okta' })['auth'];
function oktaAuth(auth: OktaAuth): (ProviderConnection & { readonly provider: 'okta' })['auth'] {
  if (auth.kind === 'apiToken') return auth;
  const { kind, clientId, privateKeyPem, keyId, scopes } = auth;
  return { kind, clientId, privateKeyPem, ...(keyId === undefined ? {} : { keyId }), ...(scopes === undefined ? {} : { scopes }) };
}
