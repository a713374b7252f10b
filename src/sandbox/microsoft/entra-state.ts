import { z } from 'zod';
import type { EventSourced } from '../state/event-store.js';
import { LaggedTable } from '../state/lagged-table.js';
import type { ReadLag } from '../state/lagged-table.js';

const userSchema = z.object({
  id: z.string(),
  userPrincipalName: z.string(),
  displayName: z.string(),
  givenName: z.string(),
  surname: z.string(),
  mail: z.string().nullable(),
  accountEnabled: z.boolean(),
  userType: z.enum(['Member', 'Guest']),
  createdDateTime: z.string(),
});

const groupSchema = z.object({
  id: z.string(),
  displayName: z.string(),
  description: z.string().nullable(),
  groupTypes: z.array(z.string()),
  mailEnabled: z.boolean(),
  mailNickname: z.string(),
  mail: z.string().nullable(),
  securityEnabled: z.boolean(),
  isAssignableToRole: z.boolean().nullable(),
  onPremisesSyncEnabled: z.boolean().nullable(),
  membershipRule: z.string().nullable(),
  visibility: z.string().nullable(),
  createdDateTime: z.string(),
});

/** An enterprise application that a group is assigned to. */
const assignmentSchema = z.object({ id: z.string(), groupId: z.string(), resourceId: z.string(), resourceDisplayName: z.string(), createdDateTime: z.string() });

export const entraEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), user: userSchema }),
  z.object({ kind: z.literal('userDeleted'), userId: z.string() }),
  z.object({ kind: z.literal('group'), group: groupSchema }),
  z.object({ kind: z.literal('groupDeleted'), groupId: z.string() }),
  z.object({ kind: z.literal('assignment'), assignment: assignmentSchema }),
  z.object({ kind: z.literal('member'), groupId: z.string(), userId: z.string() }),
  z.object({ kind: z.literal('memberRemoved'), groupId: z.string(), userId: z.string() }),
  z.object({ kind: z.literal('appRoles'), roles: z.array(z.string()) }),
  z.object({ kind: z.literal('tokensExpired'), epoch: z.int() }),
]);

export type EntraUser = z.infer<typeof userSchema>;
export type EntraGroup = z.infer<typeof groupSchema>;
export type EntraAssignment = z.infer<typeof assignmentSchema>;
export type EntraEvent = z.infer<typeof entraEventSchema>;

/** An Entra tenant: users, groups, memberships, application assignments, what the registered app may do. */
export class EntraState implements EventSourced<EntraEvent> {
  readonly users: LaggedTable<EntraUser>;
  readonly groups: LaggedTable<EntraGroup>;
  readonly assignments: LaggedTable<EntraAssignment>;
  appRoles: readonly string[] = [];
  tokenEpoch = 0;
  private readonly memberTables = new Map<string, LaggedTable<true>>();
  private readonly idByName = new Map<string, string>();

  constructor(private readonly lag: ReadLag) {
    this.users = new LaggedTable(lag);
    this.groups = new LaggedTable(lag);
    this.assignments = new LaggedTable(lag);
  }

  members(groupId: string): LaggedTable<true> {
    let table = this.memberTables.get(groupId);
    if (table === undefined) {
      table = new LaggedTable(this.lag);
      this.memberTables.set(groupId, table);
    }
    return table;
  }

  /** Object id of a user named by id or user principal name. */
  userId(idOrName: string): string {
    return this.idByName.get(idOrName.toLowerCase()) ?? idOrName;
  }

  apply(event: EntraEvent): void {
    switch (event.kind) {
      case 'user':
        this.users.set(event.user.id, event.user);
        this.idByName.set(event.user.userPrincipalName.toLowerCase(), event.user.id);
        return;
      case 'userDeleted':
        this.forgetUser(event.userId);
        return;
      case 'group':
        this.groups.set(event.group.id, event.group);
        return;
      case 'groupDeleted':
        this.groups.delete(event.groupId);
        for (const [userId] of [...this.members(event.groupId).currentEntries()]) this.members(event.groupId).delete(userId);
        return;
      case 'assignment':
        this.assignments.set(event.assignment.id, event.assignment);
        return;
      case 'member':
        this.members(event.groupId).set(event.userId, true);
        return;
      case 'memberRemoved':
        this.members(event.groupId).delete(event.userId);
        return;
      case 'appRoles':
        this.appRoles = event.roles;
        return;
      case 'tokensExpired':
        this.tokenEpoch = event.epoch;
    }
  }

  *dump(): Iterable<EntraEvent> {
    for (const [, user] of this.users.currentEntries()) yield { kind: 'user', user };
    for (const [, group] of this.groups.currentEntries()) yield { kind: 'group', group };
    for (const [, assignment] of this.assignments.currentEntries()) yield { kind: 'assignment', assignment };
    for (const [groupId] of this.groups.currentEntries()) {
      for (const [userId] of this.members(groupId).currentEntries()) yield { kind: 'member', groupId, userId };
    }
    yield { kind: 'appRoles', roles: [...this.appRoles] };
    yield { kind: 'tokensExpired', epoch: this.tokenEpoch };
  }

  private forgetUser(userId: string): void {
    const user = this.users.current(userId);
    if (user !== undefined) this.idByName.delete(user.userPrincipalName.toLowerCase());
    this.users.delete(userId);
    for (const table of this.memberTables.values()) table.delete(userId);
  }
}
