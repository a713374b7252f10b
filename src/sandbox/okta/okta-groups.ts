import { z } from 'zod';
import { ExpressionError } from '../http/expression.js';
import { param, parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import type { EventStore } from '../state/event-store.js';
import { newOktaId } from '../state/identifiers.js';
import { appView, groupView, linkHeaders, notFound, oktaError, pageAfter, ruleView, userView } from './okta-answers.js';
import { oktaPredicate } from './okta-expression.js';
import type { OktaEvent, OktaGroup, OktaState } from './okta-state.js';

/** The parts of an org that route groups share. */
export interface OktaOrg {
  readonly state: OktaState;
  readonly store: EventStore<OktaEvent>;
  readonly now: () => number;
}

const profileSchema = z.object({ profile: z.looseObject({ name: z.string().trim().min(1).max(255), description: z.string().max(1024).optional() }) });
const searchable = ['id', 'type', 'created', 'lastUpdated', 'lastMembershipUpdated', 'profile.name', 'profile.description'];
const filterable = ['id', 'type', 'lastUpdated', 'lastMembershipUpdated'];

function fieldsOf(group: OktaGroup): Record<string, string | undefined> {
  return {
    id: group.id,
    type: group.type,
    created: group.created,
    lastUpdated: group.lastUpdated,
    lastMembershipUpdated: group.lastMembershipUpdated,
    'profile.name': group.profile.name,
    'profile.description': group.profile.description,
  };
}

/** The page size asked for, or the reason why it is none. */
export function limitOf(request: VendorRequest, standard: number, maximum: number): number | VendorAnswer {
  const text = request.query.get('limit');
  if (text === null) return standard;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) return oktaError(400, `Invalid limit '${text}'`, 'E0000001', ['limit: must be a positive integer']);
  return Math.min(limit, maximum);
}

export class OktaGroups {
  constructor(private readonly org: OktaOrg) {}

  routes(): Route[] {
    const group = '/api/v1/groups/{groupId}';
    return [
      { method: 'GET', pattern: '/api/v1/groups/rules', handle: (request) => this.listRules(request) },
      { method: 'GET', pattern: '/api/v1/groups', handle: (request) => this.list(request) },
      { method: 'POST', pattern: '/api/v1/groups', handle: (request) => this.create(request) },
      { method: 'GET', pattern: group, handle: (request) => this.get(request) },
      { method: 'PUT', pattern: group, handle: (request) => this.replace(request) },
      { method: 'DELETE', pattern: group, handle: (request) => this.remove(request) },
      { method: 'GET', pattern: `${group}/users`, handle: (request) => this.listMembers(request) },
      { method: 'PUT', pattern: `${group}/users/{userId}`, handle: (request) => this.addMember(request) },
      { method: 'DELETE', pattern: `${group}/users/{userId}`, handle: (request) => this.removeMember(request) },
      { method: 'GET', pattern: `${group}/apps`, handle: (request) => this.listApps(request) },
    ];
  }

  private list(request: VendorRequest): VendorAnswer {
    const limit = limitOf(request, 10_000, 10_000);
    if (typeof limit !== 'number') return limit;
    const { state } = this.org;
    const wanted = this.wanted(request);
    if ('status' in wanted) return wanted;
    const ids = state.groups.readKeys().filter((id) => {
      const group = state.groups.read(id);
      return group !== undefined && wanted.accepts(group);
    });
    const isQuery = request.query.has('q');
    const page = pageAfter(ids, request.query.get('after'), isQuery ? Math.min(limit, 300) : limit);
    const withStats = (request.query.get('expand') ?? '').split(',').includes('stats');
    const body = page.ids.flatMap((id) => {
      const group = state.groups.read(id);
      return group === undefined ? [] : [groupView(group, request.origin, withStats ? state.members(id).readKeys().length : undefined)];
    });
    // A query by `q` cannot be paged (management OpenAPI, listGroups).
    return { status: 200, headers: { Link: linkHeaders(request.origin, request.path, request.query, isQuery ? undefined : page.next) }, body };
  }

  private wanted(request: VendorRequest): { accepts: (group: OktaGroup) => boolean } | VendorAnswer {
    const { query } = request;
    try {
      const tests: ((group: OktaGroup) => boolean)[] = [];
      const search = query.get('search');
      const filter = query.get('filter');
      const q = query.get('q')?.toLowerCase();
      if (search !== null) {
        const accepts = oktaPredicate(search, searchable, false);
        tests.push((group) => accepts(fieldsOf(group)));
      }
      if (filter !== null) {
        const accepts = oktaPredicate(filter, filterable, true);
        tests.push((group) => accepts(fieldsOf(group)));
      }
      if (q !== undefined) tests.push((group) => group.profile.name.toLowerCase().startsWith(q));
      return { accepts: (group) => tests.every((test) => test(group)) };
    } catch (error) {
      if (error instanceof ExpressionError) return oktaError(400, 'Invalid search criteria.', 'E0000031', [error.message]);
      throw error;
    }
  }

  private create(request: VendorRequest): VendorAnswer {
    const parsed = this.profileOf(request);
    if ('status' in parsed) return parsed;
    const at = this.at();
    const group: OktaGroup = {
      id: newOktaId('00g'), type: 'OKTA_GROUP', created: at, lastUpdated: at, lastMembershipUpdated: at,
      profile: parsed.profile,
    };
    this.org.store.commit({ kind: 'group', group });
    return { status: 200, body: groupView(group, request.origin) };
  }

  private replace(request: VendorRequest): VendorAnswer {
    const group = this.org.state.groups.current(param(request, 'groupId'));
    if (group === undefined) return notFound(param(request, 'groupId'), 'UserGroup');
    if (group.type !== 'OKTA_GROUP') return oktaError(403);
    const parsed = this.profileOf(request, group.id);
    if ('status' in parsed) return parsed;
    const next = { ...group, lastUpdated: this.at(), profile: parsed.profile };
    this.org.store.commit({ kind: 'group', group: next });
    return { status: 200, body: groupView(next, request.origin) };
  }

  private profileOf(request: VendorRequest, ownId?: string): z.infer<typeof profileSchema> | VendorAnswer {
    const json = parseJson(request.body);
    if (json === undefined) return oktaError(400, 'The request body was not well-formed.', 'E0000003');
    const parsed = profileSchema.safeParse(json);
    if (!parsed.success) return oktaError(400, 'Api validation failed: name', 'E0000001', ['name: The field cannot be left blank']);
    for (const [id, group] of this.org.state.groups.currentEntries()) {
      if (id !== ownId && group.profile.name === parsed.data.profile.name) {
        return oktaError(400, 'Api validation failed: name', 'E0000001', ['name: An object with this field already exists in the current organization']);
      }
    }
    return parsed.data;
  }

  private get(request: VendorRequest): VendorAnswer {
    const group = this.org.state.groups.read(param(request, 'groupId'));
    return group === undefined ? notFound(param(request, 'groupId'), 'UserGroup') : { status: 200, body: groupView(group, request.origin) };
  }

  private remove(request: VendorRequest): VendorAnswer {
    const group = this.org.state.groups.current(param(request, 'groupId'));
    if (group === undefined) return notFound(param(request, 'groupId'), 'UserGroup');
    if (group.type !== 'OKTA_GROUP') return oktaError(403);
    this.org.store.commit({ kind: 'groupDeleted', groupId: group.id });
    return { status: 204, changed: true };
  }

  private listMembers(request: VendorRequest): VendorAnswer {
    const groupId = param(request, 'groupId');
    const { state } = this.org;
    if (state.groups.read(groupId) === undefined) return notFound(groupId, 'UserGroup');
    const limit = limitOf(request, 1000, 1000);
    if (typeof limit !== 'number') return limit;
    const page = pageAfter(state.members(groupId).readKeys(), request.query.get('after'), limit);
    const body = page.ids.flatMap((id) => {
      const user = state.users.read(id);
      return user === undefined ? [] : [userView(user, request.origin)];
    });
    return { status: 200, headers: { Link: linkHeaders(request.origin, request.path, request.query, page.next) }, body };
  }

  private addMember(request: VendorRequest): VendorAnswer {
    const found = this.writable(request);
    if ('status' in found) return found;
    const { groupId, userId } = found;
    const user = this.org.state.users.current(userId);
    // A deactivated user is refused like an unknown one (facts, okta-sdk-java issue 721).
    if (user === undefined || user.status === 'DEPROVISIONED') return notFound(userId, 'User');
    if (this.org.state.members(groupId).current(userId) === true) return { status: 204, changed: false };
    this.org.store.commit({ kind: 'member', groupId, userId, at: this.at() });
    return { status: 204, changed: true };
  }

  private removeMember(request: VendorRequest): VendorAnswer {
    const found = this.writable(request);
    if ('status' in found) return found;
    const { groupId, userId } = found;
    const { state, store } = this.org;
    if (state.users.current(userId) === undefined) return notFound(userId, 'User');
    if (state.members(groupId).current(userId) === undefined) return { status: 204, changed: false };
    store.commit({ kind: 'memberRemoved', groupId, userId, at: this.at() });
    // Taking out somebody a rule put in lands the person on the rule's exclusion list, or the rule would add them again.
    for (const [, rule] of [...state.rules.currentEntries()]) {
      if (rule.status !== 'ACTIVE' || !rule.groupIds.includes(groupId) || rule.excludedUserIds.includes(userId)) continue;
      store.commit({ kind: 'rule', rule: { ...rule, excludedUserIds: [...rule.excludedUserIds, userId], lastUpdated: this.at() } });
    }
    return { status: 204, changed: true };
  }

  private writable(request: VendorRequest): { groupId: string; userId: string } | VendorAnswer {
    const groupId = param(request, 'groupId');
    const group = this.org.state.groups.current(groupId);
    if (group === undefined) return notFound(groupId, 'UserGroup');
    if (group.type !== 'OKTA_GROUP') return oktaError(403);
    return { groupId, userId: param(request, 'userId') };
  }

  private listApps(request: VendorRequest): VendorAnswer {
    const groupId = param(request, 'groupId');
    const { state } = this.org;
    if (state.groups.read(groupId) === undefined) return notFound(groupId, 'UserGroup');
    const limit = limitOf(request, 20, 200);
    if (typeof limit !== 'number') return limit;
    const ids = state.apps.readAll().flatMap((app) => (app.groupIds.includes(groupId) ? [app.id] : []));
    const page = pageAfter(ids, request.query.get('after'), limit);
    const body = page.ids.flatMap((id) => {
      const app = state.apps.read(id);
      return app === undefined ? [] : [appView(app, request.origin)];
    });
    return { status: 200, headers: { Link: linkHeaders(request.origin, request.path, request.query, page.next) }, body };
  }

  private listRules(request: VendorRequest): VendorAnswer {
    const limit = limitOf(request, 50, 200);
    if (typeof limit !== 'number') return limit;
    const keyword = request.query.get('search')?.toLowerCase() ?? '';
    const rules = this.org.state.rules.readAll().filter((rule) => rule.name.toLowerCase().includes(keyword));
    const page = pageAfter(rules.map((rule) => rule.id), request.query.get('after'), limit);
    const body = rules.filter((rule) => page.ids.includes(rule.id)).map(ruleView);
    return { status: 200, headers: { Link: linkHeaders(request.origin, request.path, request.query, page.next) }, body };
  }

  private at(): string {
    return new Date(this.org.now()).toISOString();
  }
}
