import { X509Certificate, createPrivateKey } from 'node:crypto';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { EntraConnection } from '../../application/ports/identity-provider.port.js';
import type { PaceFor } from '../pacing/paces.js';
import { isLoopbackHost, parseServiceUrl, ServiceUrlRefused } from '../http/service-url.js';

export interface EntraProviderOptions {
  /** For each request; default 10 s. */
  readonly timeoutMs?: number;
  /** Sandbox mode: Graph may be an http server, and the authority an https one, on this machine. */
  readonly allowLoopbackHttp?: boolean;
  /** A certificate authority to trust for the authority, for this client alone (no NODE_EXTRA_CA_CERTS); Microsoft's stay trusted for Microsoft's. */
  readonly extraCaPem?: string;
  /** The budget of the tenant; without one calls go at once. */
  readonly pace?: PaceFor;
  readonly now?: () => number;
}

/** A connection that has been checked: nothing is sent before. */
export interface EntraTarget {
  readonly tenantId: string;
  readonly clientId: string;
  readonly auth: EntraConnection['auth'];
  readonly authorityHost: string;
  /** With its version, such as `https://graph.microsoft.com/v1.0`. */
  readonly graphBaseUrl: string;
  readonly scope: string;
  /** Microsoft's own authorities are looked up at Microsoft; any other must not be. */
  readonly isMicrosoft: boolean;
}

/** Microsoft's national clouds: an authority and the Graph that takes its tokens (learn.microsoft.com/graph/deployments). */
const clouds: readonly { readonly authorities: readonly string[]; readonly graphs: readonly string[] }[] = [
  { authorities: ['login.microsoftonline.com'], graphs: ['graph.microsoft.com'] },
  { authorities: ['login.microsoftonline.us'], graphs: ['graph.microsoft.us', 'dod-graph.microsoft.us'] },
  { authorities: ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'], graphs: ['microsoftgraph.chinacloudapi.cn'] },
];
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const domain = /^(?=.{4,253}$)([a-z0-9-]{1,63}\.)+[a-z]{2,63}$/i;

/** @throws {@link ProviderFailure} `rejected` for what must not be called, `unauthorized` for a credential that can't be one. */
export function checkedTarget(connection: EntraConnection, options: EntraProviderOptions): EntraTarget {
  // `common` and its like name no tenant: a token for them could be another organisation's.
  if (!guid.test(connection.tenantId) && !domain.test(connection.tenantId)) throw refusal('tenantId must be the tenant\'s GUID or one of its domains');
  if (!guid.test(connection.clientId)) throw refusal('clientId must be the application\'s GUID');
  checkCredential(connection.auth);
  const allowLoopback = options.allowLoopbackHttp === true;
  const authorityHost = checkedUrl('authorityHost', connection.authorityHost ?? 'https://login.microsoftonline.com', clouds.flatMap((cloud) => cloud.authorities), allowLoopback);
  if (!authorityHost.startsWith('https:')) throw refusal('authorityHost must be an https URL');
  const graph = checkedUrl('graphBaseUrl', connection.graphBaseUrl ?? 'https://graph.microsoft.com', clouds.flatMap((cloud) => cloud.graphs), allowLoopback);
  const loopback = [authorityHost, graph].map((url) => isLoopbackHost(new URL(url).hostname));
  if (!loopback.includes(true) && !clouds.some((cloud) => cloud.authorities.includes(new URL(authorityHost).hostname) && cloud.graphs.includes(new URL(graph).hostname))) {
    throw refusal('authorityHost and graphBaseUrl belong to different clouds');
  }
  return {
    tenantId: connection.tenantId,
    clientId: connection.clientId,
    auth: connection.auth,
    authorityHost,
    graphBaseUrl: /\/v1\.0$/.test(graph) ? graph : `${graph}/v1.0`,
    scope: `${loopback[1] === true ? 'https://graph.microsoft.com' : new URL(graph).origin}/.default`,
    isMicrosoft: loopback[0] !== true,
  };
}

function checkedUrl(name: string, raw: string, hosts: readonly string[], allowLoopback: boolean): string {
  try {
    const url = parseServiceUrl(raw, { name, hosts, allowLoopback });
    if (!['/', '/v1.0'].includes(new URL(url).pathname)) throw new ServiceUrlRefused(`${name} must not carry a path`);
    return url;
  } catch (error) {
    throw error instanceof ServiceUrlRefused ? refusal(error.message) : error;
  }
}

function checkCredential(auth: EntraConnection['auth']): void {
  if (auth.kind === 'clientSecret') {
    if (!/^[\x21-\x7e]{1,512}$/.test(auth.clientSecret)) throw new ProviderFailure('unauthorized', 'the Entra client secret is empty or not a secret');
    return;
  }
  if (!isKeyPair(auth.certificatePem)) throw new ProviderFailure('unauthorized', 'the Entra certificate must be one PEM text with a certificate and its unencrypted private key');
}

function isKeyPair(pem: string): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(createPrivateKey({ key: pem, format: 'pem' }));
  } catch {
    // OpenSSL's message may quote the PEM: it is not passed on.
    return false;
  }
}

function refusal(detail: string): ProviderFailure {
  return new ProviderFailure('rejected', detail);
}
