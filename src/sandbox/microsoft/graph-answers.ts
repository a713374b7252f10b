import type { VendorAnswer, VendorRequest } from '../http/messages.js';
import { newGuid } from '../state/identifiers.js';
import type { EntraAssignment, EntraGroup, EntraUser } from './entra-state.js';

const usual: Readonly<Record<number, { code: string; message: string }>> = {
  400: { code: 'Request_BadRequest', message: 'One or more property values specified are invalid.' },
  401: { code: 'InvalidAuthenticationToken', message: 'Access token is empty.' },
  403: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges to complete the operation.' },
  404: { code: 'Request_ResourceNotFound', message: 'Resource not found.' },
  405: { code: 'Request_BadRequest', message: 'Specified HTTP method is not allowed for the request target.' },
  429: { code: 'TooManyRequests', message: 'Too Many Requests' },
  500: { code: 'InternalServerError', message: 'An internal server error occurred.' },
  503: { code: 'serviceNotAvailable', message: 'The service is not available.' },
  504: { code: 'UnknownError', message: '' },
};

/** An error in Graph's form (Graph docs: error responses); the date has no zone, as there. */
export function graphError(status: number, message?: string, code?: string): VendorAnswer {
  const standard = usual[status] ?? { code: 'UnknownError', message: '' };
  const requestId = newGuid();
  const innerError = { date: new Date().toISOString().slice(0, 19), 'request-id': requestId, 'client-request-id': requestId };
  return {
    status,
    headers: { 'request-id': requestId, 'client-request-id': requestId, ...(status === 429 || status === 503 ? { 'Retry-After': '1' } : {}) },
    body: { error: { code: code ?? standard.code, message: message ?? standard.message, innerError } },
  };
}

/** Graph's 404 for a missing object; the sentence is the documented one (microsoft-graph-docs issue 8637). */
export function objectNotFound(id: string): VendorAnswer {
  return graphError(404, `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`);
}

export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** Properties a user has without `$select`; `accountEnabled` is not among them (Graph docs: user resource). */
const usualUserProperties = ['businessPhones', 'displayName', 'givenName', 'jobTitle', 'mail', 'mobilePhone', 'officeLocation', 'preferredLanguage', 'surname', 'userPrincipalName'];

export function userRow(user: EntraUser): Row {
  return {
    id: user.id, businessPhones: [], displayName: user.displayName, givenName: user.givenName, jobTitle: null, mail: user.mail, mobilePhone: null,
    officeLocation: null, preferredLanguage: null, surname: user.surname, userPrincipalName: user.userPrincipalName,
    accountEnabled: user.accountEnabled, userType: user.userType, createdDateTime: user.createdDateTime,
  };
}

export function groupRow(group: EntraGroup): Row {
  return { deletedDateTime: null, ...group, renewedDateTime: group.createdDateTime, proxyAddresses: [], resourceProvisioningOptions: [] };
}

export function assignmentRow(assignment: EntraAssignment, group: EntraGroup | undefined): Row {
  return {
    id: assignment.id, deletedDateTime: null, appRoleId: '00000000-0000-0000-0000-000000000000', createdDateTime: assignment.createdDateTime,
    principalDisplayName: group?.displayName ?? '', principalId: assignment.groupId, principalType: 'Group',
    resourceDisplayName: assignment.resourceDisplayName, resourceId: assignment.resourceId,
  };
}

/** Cuts a row to `$select`, or to what Graph sends unasked; `id` and `@odata.*` always stay. */
export function cutRow(row: Row, select: string | null, kind: 'user' | 'other'): Row {
  const asked = select === null || select === '' ? (kind === 'user' ? usualUserProperties : undefined) : select.split(',').map((name) => name.trim());
  if (asked === undefined) return row;
  const kept = Object.fromEntries(Object.entries(row).filter(([name]) => asked.includes(name) || name.startsWith('@odata.')));
  return { ...kept, id: row.id };
}

export interface ListAsk {
  readonly request: VendorRequest;
  /** Ids of everything that matches, sorted. */
  readonly ids: readonly string[];
  readonly view: (id: string) => Row | undefined;
  /** Entity set named in `@odata.context`. */
  readonly context: string;
  readonly kind: 'user' | 'other';
}

/** One page of a collection: `$top` (100, at most 999), an opaque `$skiptoken` in `@odata.nextLink`, `$count`. */
export function listAnswer({ request, ids, view, context, kind }: ListAsk): VendorAnswer {
  const { query, origin, path } = request;
  const top = Number(query.get('$top') ?? 100);
  if (!Number.isInteger(top) || top < 1 || top > 999) return graphError(400, 'Invalid page size specified. Must be between 1 and 999 inclusive.', 'Request_UnsupportedQuery');
  const start = startOf(ids, query.get('$skiptoken'));
  const page = ids.slice(start, start + top);
  const last = page.at(-1);
  const next = new URLSearchParams(query);
  const more = last !== undefined && start + top < ids.length;
  if (more) next.set('$skiptoken', Buffer.from(last).toString('base64url'));
  const value = page.flatMap((id) => {
    const row = view(id);
    return row === undefined ? [] : [cutRow(row, query.get('$select'), kind)];
  });
  return {
    status: 200,
    body: {
      '@odata.context': `${origin}/v1.0/$metadata#${context}`,
      ...(query.get('$count') === 'true' ? { '@odata.count': ids.length } : {}),
      ...(more ? { '@odata.nextLink': `${origin}${path}?${next.toString()}` } : {}),
      value,
    },
  };
}

function startOf(ids: readonly string[], token: string | null): number {
  if (token === null) return 0;
  const after = Buffer.from(token, 'base64url').toString('utf8');
  const found = ids.findIndex((id) => id > after);
  return found === -1 ? ids.length : found;
}
