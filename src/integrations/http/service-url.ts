import { isIP } from 'node:net';

export interface ServiceUrlRules {
  /** Sandbox mode only: plain http, and addresses instead of names, on this machine's loopback. */
  readonly allowLoopback?: boolean;
  /** When given, the host must be one of these (lower case), loopback excepted where allowed. */
  readonly hosts?: readonly string[];
  /** What the URL is called in the refusal, such as `orgUrl`. */
  readonly name: string;
}

/** A base URL that must not be called; the message names the setting and never its value, which may hold a password. */
export class ServiceUrlRefused extends Error {
  override readonly name = 'ServiceUrlRefused';
}

/** True for `localhost`, 127.0.0.0/8 and ::1, as `URL.hostname` spells them. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

/**
 * Checks a base URL that an administrator typed, before any credential is sent there: https with a host name (so that no
 * address of the inner network can be named), no user, query or fragment. Answers it without its trailing slash.
 * @throws {@link ServiceUrlRefused}
 */
export function parseServiceUrl(raw: string, rules: ServiceUrlRules): string {
  const refuse = (why: string): never => {
    throw new ServiceUrlRefused(`${rules.name} ${why}`);
  };
  if (!URL.canParse(raw)) return refuse('is not a URL');
  const url = new URL(raw);
  if (url.username !== '' || url.password !== '') return refuse('must not carry a user or a password');
  if (url.search !== '' || url.hash !== '' || raw.includes('?') || raw.includes('#')) return refuse('must not carry a query or a fragment');
  const why = isLoopbackHost(url.hostname) ? whyNotLoopback(url, rules.allowLoopback === true) : whyNotPublic(url) ?? whyNotListed(url, rules.hosts);
  if (why !== null) return refuse(why);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function whyNotLoopback(url: URL, allowed: boolean): string | null {
  if (!allowed) return 'must not name this machine';
  return url.protocol === 'http:' || url.protocol === 'https:' ? null : 'must be an http or https URL';
}

function whyNotPublic(url: URL): string | null {
  if (url.protocol !== 'https:') return 'must be an https URL';
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) return 'must name a host, not an address';
  return url.hostname.includes('.') ? null : 'must name a host with its full domain';
}

function whyNotListed(url: URL, hosts: readonly string[] | undefined): string | null {
  return hosts === undefined || hosts.includes(url.hostname) ? null : `must name one of ${hosts.join(', ')}`;
}

/**
 * True when a `next` link stays below the base URL that the credential belongs to. A page link to another host would
 * carry the token there: the Okta SDK follows it (measured), so every client checks before it pages.
 */
export function staysBelow(baseUrl: string, link: string): boolean {
  if (!URL.canParse(link)) return false;
  const base = new URL(baseUrl);
  const url = new URL(link);
  if (url.username !== '' || url.password !== '' || url.origin !== base.origin) return false;
  return base.pathname === '/' || url.pathname === base.pathname || url.pathname.startsWith(`${base.pathname}/`);
}
