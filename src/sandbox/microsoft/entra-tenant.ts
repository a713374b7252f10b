import type { VendorAnswer } from '../http/messages.js';
import type { EventStore } from '../state/event-store.js';
import type { EntraEvent, EntraState } from './entra-state.js';
import { graphError } from './graph-answers.js';

/** The parts of a tenant that route groups share. */
export interface EntraTenant {
  readonly state: EntraState;
  readonly store: EventStore<EntraEvent>;
  readonly now: () => number;
}

/** Application permissions of which one is enough (Graph docs: permissions table of each operation). */
export const permissions = {
  readUsers: ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  writeUsers: ['User.ReadWrite.All'],
  readGroups: ['GroupMember.Read.All', 'GroupMember.ReadWrite.All', 'Group.Read.All', 'Group.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  createGroups: ['Group.Create', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  writeGroups: ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  writeMembers: ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  writeRoleGroups: ['RoleManagement.ReadWrite.Directory'],
  readAssignments: ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
} as const;

export type Permission = keyof typeof permissions;

/** The 403 to send when the app lacks the permission. */
export function lacking(tenant: EntraTenant, permission: Permission): VendorAnswer | undefined {
  return permissions[permission].some((role) => tenant.state.appRoles.includes(role)) ? undefined : graphError(403);
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The 400 to send when an object id is none. */
export function badId(id: string): VendorAnswer | undefined {
  return guid.test(id) ? undefined : graphError(400, `Invalid object identifier '${id}'.`);
}
