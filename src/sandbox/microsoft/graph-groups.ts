import { z } from 'zod';
import { param, parseJson } from '../http/messages.js';
import type { Route, VendorAnswer, VendorRequest } from '../http/messages.js';
import { newGuid } from '../state/identifiers.js';
import type { EntraGroup } from './entra-state.js';
import { badId, lacking } from './entra-tenant.js';
import type { EntraTenant } from './entra-tenant.js';
import { assignmentRow, cutRow, graphError, groupRow, listAnswer, objectNotFound } from './graph-answers.js';
import { newGroup } from './entra-seed.js';
import { addMembers } from './graph-members.js';
import { selectRows } from './graph-query.js';

export const groupProperties = [
  'id', 'displayName', 'description', 'mail', 'mailNickname', 'mailEnabled', 'securityEnabled', 'groupTypes', 'isAssignableToRole', 'onPremisesSyncEnabled', 'createdDateTime',
];

const createSchema = z.strictObject({
  displayName: z.string().min(1).max(256),
  mailEnabled: z.boolean(),
  mailNickname: z.string().min(1).max(64).regex(/^[!#$%&'*+\-./0-9=?A-Z^_`a-z{|}~]+$/),
  securityEnabled: z.boolean(),
  description: z.string().min(1).max(1024).nullish(),
  groupTypes: z.array(z.string()).default([]),
  visibility: z.string().nullish(),
  isAssignableToRole: z.boolean().nullish(),
  uniqueName: z.string().nullish(),
  'owners@odata.bind': z.array(z.string()).max(20).optional(),
  'members@odata.bind': z.array(z.string()).max(20).default([]),
});
const updateSchema = z.looseObject({
  displayName: z.string().min(1).max(256).optional(),
  description: z.string().max(1024).nullish(),
  'members@odata.bind': z.array(z.string()).optional(),
});

/** Graph names the offending property; the sentence for a missing one is documented, others are plain. */
function shapeRefusal(error: z.ZodError): VendorAnswer {
  const [issue] = error.issues;
  const property = String(issue?.path[0] ?? 'body');
  if (issue?.code === 'invalid_type' && issue.message.includes('undefined')) return graphError(400, `A value is required for property '${property}' of resource 'Group'.`);
  return graphError(400, `Invalid value specified for property '${property}' of resource 'Group'.`);
}

export class GraphGroups {
  constructor(private readonly tenant: EntraTenant) {}

  routes(): Route[] {
    const group = '/v1.0/groups/{group}';
    return [
      { method: 'GET', pattern: '/v1.0/groups', handle: (request) => this.list(request) },
      { method: 'POST', pattern: '/v1.0/groups', handle: (request) => this.create(request) },
      { method: 'GET', pattern: group, handle: (request) => this.get(request) },
      { method: 'PATCH', pattern: group, handle: (request) => this.update(request) },
      { method: 'DELETE', pattern: group, handle: (request) => this.remove(request) },
      { method: 'GET', pattern: `${group}/appRoleAssignments`, handle: (request) => this.assignments(request) },
    ];
  }

  private list(request: VendorRequest): VendorAnswer {
    const denied = lacking(this.tenant, 'readGroups');
    if (denied !== undefined) return denied;
    const { groups } = this.tenant.state;
    const found = selectRows(request, groups.readAll().map(groupRow), groupProperties);
    if ('status' in found) return found;
    const byId = new Map(found.map((row) => [row.id, row]));
    return listAnswer({ request, ids: [...byId.keys()], view: (id) => byId.get(id), context: 'groups', kind: 'other' });
  }

  private create(request: VendorRequest): VendorAnswer {
    const denied = lacking(this.tenant, 'createGroups');
    if (denied !== undefined) return denied;
    const json = parseJson(request.body);
    if (json === undefined) return graphError(400, 'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.', 'BadRequest');
    const parsed = createSchema.safeParse(json);
    if (!parsed.success) return shapeRefusal(parsed.error);
    const input = parsed.data;
    if (input.mailEnabled !== input.groupTypes.includes('Unified')) {
      return graphError(400, 'The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.');
    }
    if (input.isAssignableToRole === true && lacking(this.tenant, 'writeRoleGroups') !== undefined) return graphError(403);
    return this.store(request, this.groupOf(input), input['members@odata.bind']);
  }

  private groupOf(input: z.infer<typeof createSchema>): EntraGroup {
    const { displayName, mailEnabled, mailNickname, securityEnabled, groupTypes, description, visibility, isAssignableToRole } = input;
    return newGroup(displayName, {
      id: newGuid(), mailEnabled, mailNickname, securityEnabled, groupTypes, description: description ?? null, visibility: visibility ?? null,
      isAssignableToRole: isAssignableToRole ?? null, createdDateTime: `${new Date(this.tenant.now()).toISOString().slice(0, 19)}Z`,
    });
  }

  private store(request: VendorRequest, group: EntraGroup, members: readonly string[]): VendorAnswer {
    this.tenant.store.commit({ kind: 'group', group });
    const added = members.length > 0 ? addMembers(this.tenant, group, members) : undefined;
    if (added !== undefined && added.status >= 300) {
      this.tenant.store.commit({ kind: 'groupDeleted', groupId: group.id });
      return added;
    }
    return { status: 201, body: { '@odata.context': `${request.origin}/v1.0/$metadata#groups/$entity`, ...groupRow(group) }, changed: members.length > 0 };
  }

  private get(request: VendorRequest): VendorAnswer {
    const found = this.readable(request);
    if ('status' in found) return found;
    const row = cutRow(groupRow(found), request.query.get('$select'), 'other');
    return { status: 200, body: { '@odata.context': `${request.origin}/v1.0/$metadata#groups/$entity`, ...row } };
  }

  private update(request: VendorRequest): VendorAnswer {
    const found = this.readable(request);
    if ('status' in found) return found;
    const parsed = updateSchema.safeParse(parseJson(request.body));
    if (!parsed.success) return shapeRefusal(parsed.error);
    const { displayName, description, 'members@odata.bind': members } = parsed.data;
    if (members !== undefined) {
      if (members.length > 20) return graphError(400, 'Number of added references cannot exceed 20.');
      return lacking(this.tenant, 'writeMembers') ?? addMembers(this.tenant, found, members);
    }
    const denied = lacking(this.tenant, 'writeGroups');
    if (denied !== undefined) return denied;
    const next = { ...found, ...(displayName === undefined ? {} : { displayName }), ...(description === undefined ? {} : { description }) };
    this.tenant.store.commit({ kind: 'group', group: next });
    return { status: 204 };
  }

  private remove(request: VendorRequest): VendorAnswer {
    const denied = lacking(this.tenant, 'writeGroups');
    if (denied !== undefined) return denied;
    const found = this.readable(request);
    if ('status' in found) return found;
    this.tenant.store.commit({ kind: 'groupDeleted', groupId: found.id });
    return { status: 204, changed: true };
  }

  private assignments(request: VendorRequest): VendorAnswer {
    const denied = lacking(this.tenant, 'readAssignments');
    if (denied !== undefined) return denied;
    const found = this.readable(request);
    if ('status' in found) return found;
    const rows = new Map(this.tenant.state.assignments.readAll().flatMap((one) => (one.groupId === found.id ? [[one.id, assignmentRow(one, found)] as const] : [])));
    return listAnswer({ request, ids: [...rows.keys()], view: (id) => rows.get(id), context: 'appRoleAssignments', kind: 'other' });
  }

  /** A group that was just created may be 404 for a while, for writes to it as well (terraform-provider-azuread issue 578). */
  private readable(request: VendorRequest): EntraGroup | VendorAnswer {
    const denied = lacking(this.tenant, 'readGroups');
    if (denied !== undefined) return denied;
    const id = param(request, 'group');
    const bad = badId(id);
    if (bad !== undefined) return bad;
    return this.tenant.state.groups.read(id) ?? objectNotFound(id);
  }
}
