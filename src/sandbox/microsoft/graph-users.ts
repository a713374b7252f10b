import { z } from 'zod';
import { param, parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import type { EntraUser } from './entra-state.js';
import { lacking } from './entra-tenant.js';
import type { EntraTenant } from './entra-tenant.js';
import { cutRow, graphError, groupRow, listAnswer, objectNotFound, userRow } from './graph-answers.js';
import { selectRows } from './graph-query.js';

const userProperties = ['id', 'displayName', 'givenName', 'surname', 'userPrincipalName', 'mail', 'accountEnabled', 'userType', 'createdDateTime'];
const checkSchema = z.strictObject({ groupIds: z.array(z.string()).min(1) });
const memberGroupsSchema = z.strictObject({ securityEnabledOnly: z.boolean() });
const mostGroupsToCheck = 20;

export class GraphUsers {
  constructor(private readonly tenant: EntraTenant) {}

  routes(): Route[] {
    const user = '/v1.0/users/{user}';
    const object = '/v1.0/directoryObjects/{user}';
    return [
      { method: 'GET', pattern: '/v1.0/users', handle: (request) => this.list(request) },
      { method: 'GET', pattern: user, handle: (request) => this.get(request) },
      { method: 'GET', pattern: `${user}/memberOf`, handle: (request) => this.memberOf(request) },
      { method: 'POST', pattern: `${user}/checkMemberGroups`, handle: (request) => this.checkMemberGroups(request) },
      { method: 'POST', pattern: `${object}/checkMemberGroups`, handle: (request) => this.checkMemberGroups(request) },
      { method: 'POST', pattern: `${user}/getMemberGroups`, handle: (request) => this.getMemberGroups(request) },
    ];
  }

  private list(request: VendorRequest): VendorAnswer {
    const denied = lacking(this.tenant, 'readUsers');
    if (denied !== undefined) return denied;
    const found = selectRows(request, this.tenant.state.users.readAll().map(userRow), userProperties);
    if ('status' in found) return found;
    const byId = new Map(found.map((row) => [row.id, row]));
    return listAnswer({ request, ids: [...byId.keys()], view: (id) => byId.get(id), context: 'users', kind: 'user' });
  }

  private get(request: VendorRequest): VendorAnswer {
    const user = this.user(request);
    if ('status' in user) return user;
    return { status: 200, body: { '@odata.context': `${request.origin}/v1.0/$metadata#users/$entity`, ...cutRow(userRow(user), request.query.get('$select'), 'user') } };
  }

  private memberOf(request: VendorRequest): VendorAnswer {
    const user = this.user(request);
    if ('status' in user) return user;
    const { state } = this.tenant;
    const view = (id: string): ReturnType<typeof groupRow> | undefined => {
      const group = state.groups.read(id);
      return group === undefined ? undefined : { '@odata.type': '#microsoft.graph.group', ...groupRow(group) };
    };
    return listAnswer({ request, ids: this.groupIds(user.id), view, context: 'directoryObjects', kind: 'other' });
  }

  private checkMemberGroups(request: VendorRequest): VendorAnswer {
    const user = this.user(request);
    if ('status' in user) return user;
    const parsed = checkSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return graphError(400, "The 'groupIds' property is required.");
    if (parsed.data.groupIds.length > mostGroupsToCheck) return graphError(400, `The maximum number of groups to check is ${mostGroupsToCheck}.`);
    const held = new Set(this.groupIds(user.id));
    return this.ids(request, parsed.data.groupIds.filter((id) => held.has(id)));
  }

  private getMemberGroups(request: VendorRequest): VendorAnswer {
    const user = this.user(request);
    if ('status' in user) return user;
    const parsed = memberGroupsSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return graphError(400, "The 'securityEnabledOnly' property is required.");
    const { securityEnabledOnly } = parsed.data;
    return this.ids(request, this.groupIds(user.id).filter((id) => !securityEnabledOnly || this.tenant.state.groups.read(id)?.securityEnabled === true));
  }

  private ids(request: VendorRequest, value: readonly string[]): VendorAnswer {
    return { status: 200, body: { '@odata.context': `${request.origin}/v1.0/$metadata#Collection(Edm.String)`, value } };
  }

  private groupIds(userId: string): string[] {
    const { state } = this.tenant;
    return state.groups.readKeys().filter((id) => state.members(id).read(userId) === true);
  }

  private user(request: VendorRequest): EntraUser | VendorAnswer {
    const { state } = this.tenant;
    const wanted = param(request, 'user');
    return lacking(this.tenant, 'readUsers') ?? state.users.read(state.userId(wanted)) ?? objectNotFound(wanted);
  }
}
