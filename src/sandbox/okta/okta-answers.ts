import { newOktaId } from '../state/identifiers.js';
import type { VendorAnswer } from '../http/messages.js';
import type { OktaApp, OktaGroup, OktaRule, OktaUser } from './okta-state.js';

/** Okta's error codes: management OpenAPI, components/examples Error*, and developer.okta.com "Error codes". */
const usual: Readonly<Record<number, { code: string; summary: string }>> = {
  400: { code: 'E0000001', summary: 'Api validation failed: {0}' },
  401: { code: 'E0000011', summary: 'Invalid token provided' },
  403: { code: 'E0000006', summary: 'You do not have permission to perform the requested action' },
  404: { code: 'E0000007', summary: 'Not found: {0}' },
  405: { code: 'E0000022', summary: 'The endpoint does not support the provided HTTP method' },
  413: { code: 'E0000003', summary: 'The request body was not well-formed.' },
  429: { code: 'E0000047', summary: 'API call exceeded rate limit due to too many requests.' },
  500: { code: 'E0000009', summary: 'Internal Server Error' },
};

/** An error in Okta's form. @param causes one sentence each. */
export function oktaError(status: number, summary?: string, code?: string, causes: readonly string[] = []): VendorAnswer {
  const standard = usual[status] ?? { code: 'E0000009', summary: 'Internal Server Error' };
  const errorCode = code ?? standard.code;
  return {
    status,
    headers: status === 401 ? { 'WWW-Authenticate': 'SSWS realm="Okta"' } : {},
    body: {
      errorCode,
      errorSummary: summary ?? standard.summary,
      errorLink: errorCode,
      errorId: newOktaId('oae'),
      errorCauses: causes.map((errorSummary) => ({ errorSummary })),
    },
  };
}

export function notFound(id: string, type: 'UserGroup' | 'User'): VendorAnswer {
  return oktaError(404, `Not found: Resource not found: ${id} (${type})`);
}

export function userView(user: OktaUser, origin: string): unknown {
  const ended = user.status === 'STAGED';
  return {
    id: user.id,
    status: user.status,
    created: user.created,
    activated: ended ? null : user.created,
    statusChanged: user.statusChanged,
    lastLogin: null,
    lastUpdated: user.lastUpdated,
    passwordChanged: null,
    type: { id: 'oty1sandboxDefault01' },
    profile: { ...user.profile, mobilePhone: null, secondEmail: null },
    credentials: { provider: { type: 'OKTA', name: 'OKTA' } },
    _links: { self: { href: `${origin}/api/v1/users/${user.id}` } },
  };
}

export function groupView(group: OktaGroup, origin: string, usersCount?: number): unknown {
  const self = `${origin}/api/v1/groups/${group.id}`;
  const stats = usersCount === undefined ? {} : { _embedded: { stats: { usersCount, appsCount: 0, groupPushMappingsCount: 0, hasAdminPrivlege: false } } };
  return {
    id: group.id,
    created: group.created,
    lastUpdated: group.lastUpdated,
    lastMembershipUpdated: group.lastMembershipUpdated,
    objectClass: [group.type === 'APP_GROUP' ? 'okta:windows_security_principal' : 'okta:user_group'],
    type: group.type,
    profile: group.profile,
    ...stats,
    _links: {
      logo: [],
      users: { href: `${self}/users` },
      apps: { href: `${self}/apps` },
    },
  };
}

export function ruleView(rule: OktaRule): unknown {
  return {
    type: 'group_rule',
    id: rule.id,
    status: rule.status,
    name: rule.name,
    created: rule.created,
    lastUpdated: rule.lastUpdated,
    conditions: {
      people: { users: { exclude: rule.excludedUserIds }, groups: { exclude: [] } },
      expression: { value: rule.expression, type: 'urn:okta:expression:1.0' },
    },
    actions: { assignUserToGroups: { groupIds: rule.groupIds } },
  };
}

export function appView(app: OktaApp, origin: string): unknown {
  const self = `${origin}/api/v1/apps/${app.id}`;
  return {
    id: app.id,
    name: app.name,
    label: app.label,
    status: app.status,
    signOnMode: app.signOnMode,
    created: app.created,
    lastUpdated: app.lastUpdated,
    features: [],
    visibility: { autoSubmitToolbar: false, hide: { iOS: false, web: false } },
    _links: { self: { href: self }, users: { href: `${self}/users` }, groups: { href: `${self}/groups` } },
  };
}

/** Cuts one page of sorted ids after the cursor; the cursor stays valid while rows come and go. */
export function pageAfter(ids: readonly string[], after: string | null, limit: number): { ids: readonly string[]; next: string | undefined } {
  const start = after === null || after === '' ? 0 : ids.findIndex((id) => id > after);
  const from = start === -1 ? ids.length : start;
  const cut = ids.slice(from, from + limit);
  const last = cut.at(-1);
  return { ids: cut, next: last !== undefined && from + limit < ids.length ? last : undefined };
}

/** Okta sends one Link header for `self` and one for `next` (docs: Pagination). */
export function linkHeaders(origin: string, path: string, query: URLSearchParams, next: string | undefined): string[] {
  const self = query.toString() === '' ? `${origin}${path}` : `${origin}${path}?${query.toString()}`;
  const links = [`<${self}>; rel="self"`];
  if (next !== undefined) {
    const following = new URLSearchParams(query);
    following.set('after', next);
    links.push(`<${origin}${path}?${following.toString()}>; rel="next"`);
  }
  return links;
}
