import { z } from 'zod';
import { param, parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import type { EntraGroup } from './entra-state.js';
import { badId, lacking } from './entra-tenant.js';
import type { EntraTenant } from './entra-tenant.js';
import { graphError, listAnswer, objectNotFound, userRow } from './graph-answers.js';
import type { Row } from './graph-answers.js';
import { selectRows } from './graph-query.js';

const referenceSchema = z.strictObject({ '@odata.id': z.string() });
const userFilters = ['id', 'displayName', 'userPrincipalName', 'mail', 'accountEnabled', 'userType'];

/** Why nobody may write this group's members, in Graph's words; undefined when one may. */
function groupRefusal(tenant: EntraTenant, group: EntraGroup): VendorAnswer | undefined {
  if (group.groupTypes.includes('DynamicMembership')) return graphError(400, 'Members of a dynamic membership group cannot be added or removed directly.');
  if (group.onPremisesSyncEnabled === true) {
    return graphError(400, 'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.');
  }
  if (group.mailEnabled && !group.groupTypes.includes('Unified')) return graphError(400, 'Cannot Update a mail-enabled security groups and or distribution list.');
  return group.isAssignableToRole === true ? lacking(tenant, 'writeRoleGroups') : undefined;
}

function referencedId(reference: string): string {
  return decodeURIComponent(/\/(?:directoryObjects|users)(?:\/|\(')([^/')]+)/.exec(reference)?.[1] ?? '');
}

/** Adds people by reference, all or none. */
export function addMembers(tenant: EntraTenant, group: EntraGroup, references: readonly string[]): VendorAnswer {
  const { state, store } = tenant;
  const refused = groupRefusal(tenant, group);
  if (refused !== undefined) return refused;
  const ids = references.map(referencedId);
  if (ids.includes('')) return graphError(400, `Invalid URL format specified in @odata.id or @odata.bind.`);
  const unknown = ids.find((id) => state.users.read(id) === undefined);
  if (unknown !== undefined) return objectNotFound(unknown);
  // Somebody who is a member already, or is named twice, fails the whole call (microsoft-graph-docs issue 8637).
  if (ids.some((id) => state.members(group.id).current(id) === true) || new Set(ids).size < ids.length) {
    return graphError(400, "One or more added object references already exist for the following modified properties: 'members'.");
  }
  for (const userId of ids) store.commit({ kind: 'member', groupId: group.id, userId });
  return { status: 204, changed: true };
}

export class GraphMembers {
  constructor(private readonly tenant: EntraTenant) {}

  routes(): Route[] {
    const group = '/v1.0/groups/{group}';
    return [
      { method: 'GET', pattern: `${group}/members`, handle: (request) => this.list(request) },
      { method: 'GET', pattern: `${group}/transitiveMembers`, handle: (request) => this.list(request) },
      { method: 'POST', pattern: `${group}/members/$ref`, handle: (request) => this.add(request) },
      { method: 'DELETE', pattern: `${group}/members/$ref`, handle: (request) => this.remove(request, referencedId(request.query.get('@id') ?? '')) },
      { method: 'DELETE', pattern: `${group}/members/{member}/$ref`, handle: (request) => this.remove(request, param(request, 'member')) },
      { method: 'DELETE', pattern: `${group}/members/{member}`, handle: (request) => this.deleteUser(request) },
    ];
  }

  private list(request: VendorRequest): VendorAnswer {
    const found = this.group(request, 'readGroups');
    if ('status' in found) return found;
    const { state } = this.tenant;
    const view = (id: string): Row | undefined => {
      const user = state.users.read(id);
      return user === undefined ? undefined : { '@odata.type': '#microsoft.graph.user', ...userRow(user) };
    };
    const all = state.members(found.id).readKeys();
    const narrowed = request.query.has('$filter') || request.query.has('$search');
    const rows = narrowed ? selectRows(request, all.flatMap((id) => view(id) ?? []), userFilters) : undefined;
    if (rows !== undefined && 'status' in rows) return rows;
    return listAnswer({ request, ids: rows?.map((row) => row.id) ?? all, view, context: 'directoryObjects', kind: 'user' });
  }

  private add(request: VendorRequest): VendorAnswer {
    const found = this.group(request, 'writeMembers');
    if ('status' in found) return found;
    if (request.body === '') return graphError(400, "An unexpected 'EndOfInput' node was found when reading from the JSON reader. A 'StartObject' node was expected.");
    const parsed = referenceSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return graphError(400, "The '@odata.id' property is required and must be the only one.");
    return addMembers(this.tenant, found, [parsed.data['@odata.id']]);
  }

  private remove(request: VendorRequest, userId: string): VendorAnswer {
    const found = this.group(request, 'writeMembers');
    if ('status' in found) return found;
    const refused = badId(userId) ?? groupRefusal(this.tenant, found);
    if (refused !== undefined) return refused;
    const { state, store } = this.tenant;
    if (state.members(found.id).current(userId) === undefined) return objectNotFound(userId);
    store.commit({ kind: 'memberRemoved', groupId: found.id, userId });
    return { status: 204, changed: true };
  }

  /** Without `/$ref` this deletes the person, if the app may manage people (Graph docs: remove member, caution). */
  private deleteUser(request: VendorRequest): VendorAnswer {
    const denied = lacking(this.tenant, 'writeUsers');
    if (denied !== undefined) return denied;
    const userId = param(request, 'member');
    if (this.tenant.state.users.current(userId) === undefined) return objectNotFound(userId);
    this.tenant.store.commit({ kind: 'userDeleted', userId });
    return { status: 204, changed: true };
  }

  private group(request: VendorRequest, permission: 'readGroups' | 'writeMembers'): EntraGroup | VendorAnswer {
    const id = param(request, 'group');
    return lacking(this.tenant, permission) ?? badId(id) ?? this.tenant.state.groups.read(id) ?? objectNotFound(id);
  }
}
