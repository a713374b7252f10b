import { z } from 'zod';
import { control, controlOk } from '../http/control-surface.js';
import type { Route, VendorAnswer } from '../http/messages.js';
import type { RateLimiter } from '../http/rate-limiter.js';
import { newGuid } from '../state/identifiers.js';
import { newGroup, newUser } from './entra-seed.js';
import type { EntraGroup, EntraUser } from './entra-state.js';
import type { EntraTenant } from './entra-tenant.js';

/** A group by id or display name, a user by id or user principal name. */
const memberSchema = z.strictObject({ group: z.string(), user: z.string() });
const userSchema = z.strictObject({ userPrincipalName: z.string(), givenName: z.string().default('Test'), surname: z.string().default('Person') });
const statusSchema = z.strictObject({ user: z.string(), accountEnabled: z.boolean() });
const groupSchema = z.strictObject({
  displayName: z.string(),
  groupTypes: z.array(z.string()).optional(),
  mailEnabled: z.boolean().optional(),
  securityEnabled: z.boolean().optional(),
  isAssignableToRole: z.boolean().optional(),
  onPremisesSyncEnabled: z.boolean().optional(),
});
const assignmentSchema = z.strictObject({ group: z.string(), app: z.string() });
const rateSchema = z.strictObject({ limit: z.int().min(0), windowMs: z.int().min(1) });

const missing = (what: string): VendorAnswer => ({ status: 404, body: { error: `${what} not found` } });

function route<T>(method: string, path: string, schema: z.ZodType<T>, act: (input: T) => VendorAnswer): Route {
  return { method, pattern: `/_control/${path}`, handle: control(schema, act) };
}

function findGroup({ state }: EntraTenant, key: string): EntraGroup | undefined {
  return state.groups.current(key) ?? [...state.groups.currentEntries()].find(([, group]) => group.displayName === key)?.[1];
}

function findUser({ state }: EntraTenant, key: string): EntraUser | undefined {
  return state.users.current(state.userId(key));
}

/** What people do at Entra's own admin center, behind the product's back. None of it appears in the call log. */
export function microsoftControl(tenant: EntraTenant, limiter: RateLimiter): Route[] {
  return [...userControls(tenant), ...groupControls(tenant), ...tenantControls(tenant, limiter)];
}

function userControls(tenant: EntraTenant): Route[] {
  const { store } = tenant;
  return [
    route('POST', 'users', userSchema, (input) => {
      const user = newUser(input.userPrincipalName, input.givenName, input.surname);
      store.commit({ kind: 'user', user });
      return controlOk({ id: user.id });
    }),
    route('PUT', 'user-status', statusSchema, (input) => {
      const user = findUser(tenant, input.user);
      if (user === undefined) return missing('user');
      store.commit({ kind: 'user', user: { ...user, accountEnabled: input.accountEnabled } });
      return controlOk({ id: user.id, accountEnabled: input.accountEnabled });
    }),
    route('DELETE', 'users', z.strictObject({ user: z.string() }), (input) => {
      const user = findUser(tenant, input.user);
      if (user === undefined) return missing('user');
      store.commit({ kind: 'userDeleted', userId: user.id });
      return controlOk();
    }),
  ];
}

function groupControls(tenant: EntraTenant): Route[] {
  const { store } = tenant;
  const membership = (method: string, kind: 'member' | 'memberRemoved'): Route =>
    route(method, 'members', memberSchema, (input) => {
      const group = findGroup(tenant, input.group);
      const user = findUser(tenant, input.user);
      if (group === undefined || user === undefined) return missing(group === undefined ? 'group' : 'user');
      store.commit({ kind, groupId: group.id, userId: user.id });
      return controlOk({ groupId: group.id, userId: user.id });
    });
  return [
    membership('POST', 'member'),
    membership('DELETE', 'memberRemoved'),
    route('POST', 'groups', groupSchema, (input) => {
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
      const group = { ...newGroup(input.displayName), ...given, id: newGuid() };
      store.commit({ kind: 'group', group });
      return controlOk({ id: group.id });
    }),
    route('DELETE', 'groups', z.strictObject({ group: z.string() }), (input) => {
      const group = findGroup(tenant, input.group);
      if (group === undefined) return missing('group');
      store.commit({ kind: 'groupDeleted', groupId: group.id });
      return controlOk();
    }),
  ];
}

function tenantControls(tenant: EntraTenant, limiter: RateLimiter): Route[] {
  const { state, store } = tenant;
  return [
    route('POST', 'assignments', assignmentSchema, (input) => {
      const group = findGroup(tenant, input.group);
      if (group === undefined) return missing('group');
      const assignment = { id: newGuid(), groupId: group.id, resourceId: newGuid(), resourceDisplayName: input.app, createdDateTime: new Date(tenant.now()).toISOString() };
      store.commit({ kind: 'assignment', assignment });
      return controlOk({ id: assignment.id });
    }),
    route('PUT', 'app-roles', z.strictObject({ roles: z.array(z.string()) }), (input) => {
      store.commit({ kind: 'appRoles', roles: input.roles });
      return controlOk(input);
    }),
    route('POST', 'expire-tokens', z.strictObject({}), () => {
      store.commit({ kind: 'tokensExpired', epoch: state.tokenEpoch + 1 });
      return controlOk();
    }),
    route('PUT', 'rate-limit', rateSchema, (input) => {
      limiter.rate = input;
      limiter.reset();
      return controlOk(input);
    }),
    { method: 'GET', pattern: '/_control/state', handle: () => controlOk(snapshot(tenant)) },
  ];
}

/** The truth at this moment, without read lag. */
function snapshot({ state }: EntraTenant): unknown {
  return {
    groups: [...state.groups.currentEntries()].map(([id, group]) => ({
      id,
      name: group.displayName,
      members: [...state.members(id).currentEntries()].flatMap(([userId]) => state.users.current(userId)?.userPrincipalName ?? []),
    })),
    users: [...state.users.currentEntries()].map(([id, user]) => ({ id, userPrincipalName: user.userPrincipalName, accountEnabled: user.accountEnabled })),
    appRoles: state.appRoles,
  };
}
