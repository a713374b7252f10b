import { z } from 'zod';
import type { EventSourced } from '../state/event-store.js';
import { LaggedTable } from '../state/lagged-table.js';
import type { ReadLag } from '../state/lagged-table.js';

const userStatus = z.enum(['ACTIVE', 'DEPROVISIONED', 'LOCKED_OUT', 'PASSWORD_EXPIRED', 'PROVISIONED', 'RECOVERY', 'STAGED', 'SUSPENDED']);

const userSchema = z.object({
  id: z.string(),
  status: userStatus,
  created: z.string(),
  statusChanged: z.string(),
  lastUpdated: z.string(),
  profile: z.object({ login: z.string(), email: z.string(), firstName: z.string(), lastName: z.string(), department: z.string().optional() }),
});

const groupSchema = z.object({
  id: z.string(),
  type: z.enum(['OKTA_GROUP', 'APP_GROUP', 'BUILT_IN']),
  created: z.string(),
  lastUpdated: z.string(),
  lastMembershipUpdated: z.string(),
  profile: z.looseObject({ name: z.string(), description: z.string().optional() }),
});

const ruleSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE', 'INVALID']),
  created: z.string(),
  lastUpdated: z.string(),
  expression: z.string(),
  groupIds: z.array(z.string()),
  excludedUserIds: z.array(z.string()),
});

const appSchema = z.object({
  id: z.string(),
  name: z.string(),
  label: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  signOnMode: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  groupIds: z.array(z.string()),
});

export const oktaEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), user: userSchema }),
  z.object({ kind: z.literal('userDeleted'), userId: z.string() }),
  z.object({ kind: z.literal('group'), group: groupSchema }),
  z.object({ kind: z.literal('groupDeleted'), groupId: z.string() }),
  z.object({ kind: z.literal('rule'), rule: ruleSchema }),
  z.object({ kind: z.literal('app'), app: appSchema }),
  z.object({ kind: z.literal('member'), groupId: z.string(), userId: z.string(), at: z.string() }),
  z.object({ kind: z.literal('memberRemoved'), groupId: z.string(), userId: z.string(), at: z.string() }),
  z.object({ kind: z.literal('tokensExpired'), epoch: z.int() }),
]);

export type OktaUser = z.infer<typeof userSchema>;
export type OktaGroup = z.infer<typeof groupSchema>;
export type OktaRule = z.infer<typeof ruleSchema>;
export type OktaApp = z.infer<typeof appSchema>;
export type OktaEvent = z.infer<typeof oktaEventSchema>;

/** An Okta org: users, groups, memberships, rules, apps. */
export class OktaState implements EventSourced<OktaEvent> {
  readonly users: LaggedTable<OktaUser>;
  readonly groups: LaggedTable<OktaGroup>;
  readonly rules: LaggedTable<OktaRule>;
  readonly apps: LaggedTable<OktaApp>;
  tokenEpoch = 0;
  private readonly memberTables = new Map<string, LaggedTable<true>>();
  private readonly idByLogin = new Map<string, string>();

  constructor(private readonly lag: ReadLag) {
    this.users = new LaggedTable(lag);
    this.groups = new LaggedTable(lag);
    this.rules = new LaggedTable(lag);
    this.apps = new LaggedTable(lag);
  }

  members(groupId: string): LaggedTable<true> {
    let table = this.memberTables.get(groupId);
    if (table === undefined) {
      table = new LaggedTable(this.lag);
      this.memberTables.set(groupId, table);
    }
    return table;
  }

  userIdOf(login: string): string | undefined {
    return this.idByLogin.get(login.toLowerCase());
  }

  apply(event: OktaEvent): void {
    switch (event.kind) {
      case 'user':
        this.users.set(event.user.id, event.user);
        this.idByLogin.set(event.user.profile.login.toLowerCase(), event.user.id);
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
      case 'rule':
        this.rules.set(event.rule.id, event.rule);
        return;
      case 'app':
        this.apps.set(event.app.id, event.app);
        return;
      case 'member':
        this.members(event.groupId).set(event.userId, true);
        this.touch(event.groupId, event.at);
        return;
      case 'memberRemoved':
        this.members(event.groupId).delete(event.userId);
        this.touch(event.groupId, event.at);
        return;
      case 'tokensExpired':
        this.tokenEpoch = event.epoch;
    }
  }

  *dump(): Iterable<OktaEvent> {
    for (const [, user] of this.users.currentEntries()) yield { kind: 'user', user };
    for (const [, group] of this.groups.currentEntries()) yield { kind: 'group', group };
    for (const [, rule] of this.rules.currentEntries()) yield { kind: 'rule', rule };
    for (const [, app] of this.apps.currentEntries()) yield { kind: 'app', app };
    for (const [groupId, group] of this.groups.currentEntries()) {
      for (const [userId] of this.members(groupId).currentEntries()) yield { kind: 'member', groupId, userId, at: group.lastMembershipUpdated };
    }
    yield { kind: 'tokensExpired', epoch: this.tokenEpoch };
  }

  private touch(groupId: string, at: string): void {
    const group = this.groups.current(groupId);
    if (group !== undefined) this.groups.set(groupId, { ...group, lastMembershipUpdated: at });
  }

  private forgetUser(userId: string): void {
    const user = this.users.current(userId);
    if (user !== undefined) this.idByLogin.delete(user.profile.login.toLowerCase());
    this.users.delete(userId);
    for (const table of this.memberTables.values()) table.delete(userId);
  }
}
