import { ExpressionError } from '../http/expression.js';
import { param } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import { groupView, linkHeaders, notFound, oktaError, pageAfter, userView } from './okta-answers.js';
import { oktaPredicate } from './okta-expression.js';
import { limitOf } from './okta-groups.js';
import type { OktaOrg } from './okta-groups.js';
import type { OktaUser } from './okta-state.js';

const searchable = [
  'id', 'status', 'created', 'activated', 'statusChanged', 'lastUpdated',
  'profile.login', 'profile.email', 'profile.firstName', 'profile.lastName', 'profile.department',
];
const filterable = ['status', 'lastUpdated', 'id', 'profile.login', 'profile.email', 'profile.firstName', 'profile.lastName'];

function fieldsOf(user: OktaUser): Record<string, string | undefined> {
  return {
    id: user.id,
    status: user.status,
    created: user.created,
    activated: user.created,
    statusChanged: user.statusChanged,
    lastUpdated: user.lastUpdated,
    'profile.login': user.profile.login,
    'profile.email': user.profile.email,
    'profile.firstName': user.profile.firstName,
    'profile.lastName': user.profile.lastName,
    'profile.department': user.profile.department,
  };
}

export class OktaUsers {
  constructor(private readonly org: OktaOrg) {}

  routes(): Route[] {
    return [
      { method: 'GET', pattern: '/api/v1/users', handle: (request) => this.list(request) },
      { method: 'GET', pattern: '/api/v1/users/{id}', handle: (request) => this.get(request) },
      { method: 'GET', pattern: '/api/v1/users/{id}/groups', handle: (request) => this.listGroups(request) },
    ];
  }

  private list(request: VendorRequest): VendorAnswer {
    const isQuery = request.query.has('q');
    const limit = limitOf(request, isQuery ? 10 : 200, 200);
    if (typeof limit !== 'number') return limit;
    const accepts = this.wanted(request.query);
    if (typeof accepts !== 'function') return accepts;
    const { state } = this.org;
    const ids = state.users.readKeys().filter((id) => {
      const user = state.users.read(id);
      return user !== undefined && accepts(user);
    });
    const page = pageAfter(ids, request.query.get('after'), limit);
    const body = page.ids.flatMap((id) => {
      const user = state.users.read(id);
      return user === undefined ? [] : [userView(user, request.origin)];
    });
    return { status: 200, headers: { Link: linkHeaders(request.origin, request.path, request.query, isQuery ? undefined : page.next) }, body };
  }

  private wanted(query: URLSearchParams): ((user: OktaUser) => boolean) | VendorAnswer {
    const search = query.get('search');
    const filter = query.get('filter');
    const q = query.get('q')?.toLowerCase();
    try {
      if (search !== null) {
        const accepts = oktaPredicate(search, searchable, false);
        return (user) => accepts(fieldsOf(user));
      }
      if (filter !== null) {
        const accepts = oktaPredicate(filter, filterable, true);
        return (user) => accepts(fieldsOf(user));
      }
    } catch (error) {
      if (error instanceof ExpressionError) return oktaError(400, 'Invalid search criteria.', 'E0000031', [error.message]);
      throw error;
    }
    // Without search or filter, deactivated users are left out (management OpenAPI, listUsers).
    const listed = (user: OktaUser): boolean => user.status !== 'DEPROVISIONED';
    if (q === undefined) return listed;
    return (user) => listed(user) && [user.profile.firstName, user.profile.lastName, user.profile.email].some((text) => text.toLowerCase().startsWith(q));
  }

  /** By id, login or login short name; a DEPROVISIONED user is still found. */
  private find(request: VendorRequest): OktaUser | undefined {
    const { state } = this.org;
    const key = param(request, 'id');
    const byId = state.users.read(key);
    if (byId !== undefined) return byId;
    const id = state.userIdOf(key);
    if (id !== undefined) return state.users.read(id);
    const short = state.users.readAll().filter((user) => user.profile.login.split('@')[0] === key.toLowerCase());
    return short.length === 1 ? short[0] : undefined;
  }

  private get(request: VendorRequest): VendorAnswer {
    const user = this.find(request);
    if (user === undefined) return notFound(param(request, 'id'), 'User');
    return { status: 200, headers: { Etag: `W/"${Date.parse(user.lastUpdated).toString(16)}"` }, body: userView(user, request.origin) };
  }

  private listGroups(request: VendorRequest): VendorAnswer {
    const user = this.find(request);
    if (user === undefined) return notFound(param(request, 'id'), 'User');
    const { state } = this.org;
    const body = state.groups.readAll().flatMap((group) => (state.members(group.id).read(user.id) === true ? [groupView(group, request.origin)] : []));
    return { status: 200, headers: { Link: linkHeaders(request.origin, request.path, request.query, undefined) }, body };
  }
}
