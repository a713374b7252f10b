import { z } from 'zod';
import { control, controlOk } from '../http/control-surface.js';
import type { Route, VendorAnswer } from '../http/messages.js';
import type { RateLimiter } from '../http/rate-limiter.js';
import { newOktaId, oktaIdOf } from '../state/identifiers.js';
import type { OktaOrg } from './okta-groups.js';
import type { OktaGroup, OktaUser } from './okta-state.js';

/** A group by id or name, a user by id or login: what a person at the admin console would point at. */
const memberSchema = z.strictObject({ group: z.string(), user: z.string() });
const userSchema = z.strictObject({
  login: z.string(), firstName: z.string().default('Test'), lastName: z.string().default('Person'), department: z.string().optional(),
});
const statusSchema = z.strictObject({ user: z.string(), status: z.enum(['ACTIVE', 'SUSPENDED', 'DEPROVISIONED', 'STAGED', 'LOCKED_OUT']) });
const groupSchema = z.strictObject({ name: z.string(), type: z.enum(['OKTA_GROUP', 'APP_GROUP', 'BUILT_IN']).default('OKTA_GROUP') });
const ruleSchema = z.strictObject({ name: z.string(), group: z.string(), expression: z.string(), status: z.enum(['ACTIVE', 'INACTIVE']).default('ACTIVE') });
const appSchema = z.strictObject({ label: z.string(), groups: z.array(z.string()) });
const rateSchema = z.strictObject({ limit: z.int().min(0), windowMs: z.int().min(1) });

/** What people do at Okta's own admin console, behind the product's back. None of it appears in the call log. */
export function oktaControl(org: OktaOrg, limiter: RateLimiter): Route[] {
  return [...userControls(org), ...groupControls(org), ...orgControls(org, limiter)];
}

function route<T>(method: string, path: string, schema: z.ZodType<T>, act: (input: T) => VendorAnswer): Route {
  return { method, pattern: `/_control/${path}`, handle: control(schema, act) };
}

const missing = (what: string): VendorAnswer => ({ status: 404, body: { error: `${what} not found` } });

function findGroup({ state }: OktaOrg, key: string): OktaGroup | undefined {
  return state.groups.current(key) ?? [...state.groups.currentEntries()].find(([, group]) => group.profile.name === key)?.[1];
}

function findUser({ state }: OktaOrg, key: string): OktaUser | undefined {
  return state.users.current(key) ?? state.users.current(state.userIdOf(key) ?? '');
}

function at(org: OktaOrg): string {
  return new Date(org.now()).toISOString();
}

function userControls(org: OktaOrg): Route[] {
  const { store } = org;
  return [
    route('POST', 'users', userSchema, (input) => {
      const department = input.department === undefined ? {} : { department: input.department };
      const user: OktaUser = {
        id: oktaIdOf('00u', input.login), status: 'ACTIVE', created: at(org), statusChanged: at(org), lastUpdated: at(org),
        profile: { login: input.login, email: input.login, firstName: input.firstName, lastName: input.lastName, ...department },
      };
      store.commit({ kind: 'user', user });
      return controlOk({ id: user.id });
    }),
    route('PUT', 'user-status', statusSchema, (input) => {
      const user = findUser(org, input.user);
      if (user === undefined) return missing('user');
      store.commit({ kind: 'user', user: { ...user, status: input.status, statusChanged: at(org), lastUpdated: at(org) } });
      return controlOk({ id: user.id, status: input.status });
    }),
    route('DELETE', 'users', z.strictObject({ user: z.string() }), (input) => {
      const user = findUser(org, input.user);
      if (user === undefined) return missing('user');
      store.commit({ kind: 'userDeleted', userId: user.id });
      return controlOk();
    }),
  ];
}

function groupControls(org: OktaOrg): Route[] {
  const { store } = org;
  const membership = (method: string, kind: 'member' | 'memberRemoved'): Route =>
    route(method, 'members', memberSchema, (input) => {
      const group = findGroup(org, input.group);
      const user = findUser(org, input.user);
      if (group === undefined || user === undefined) return missing(group === undefined ? 'group' : 'user');
      store.commit({ kind, groupId: group.id, userId: user.id, at: at(org) });
      return controlOk({ groupId: group.id, userId: user.id });
    });
  return [
    membership('POST', 'member'),
    membership('DELETE', 'memberRemoved'),
    route('POST', 'groups', groupSchema, (input) => {
      const group: OktaGroup = {
        id: newOktaId('00g'), type: input.type, created: at(org), lastUpdated: at(org), lastMembershipUpdated: at(org),
        profile: { name: input.name },
      };
      store.commit({ kind: 'group', group });
      return controlOk({ id: group.id });
    }),
    route('DELETE', 'groups', z.strictObject({ group: z.string() }), (input) => {
      const group = findGroup(org, input.group);
      if (group === undefined) return missing('group');
      store.commit({ kind: 'groupDeleted', groupId: group.id });
      return controlOk();
    }),
  ];
}

function orgControls(org: OktaOrg, limiter: RateLimiter): Route[] {
  const { state, store } = org;
  return [
    route('POST', 'rules', ruleSchema, (input) => {
      const group = findGroup(org, input.group);
      if (group === undefined) return missing('group');
      const rule = {
        id: newOktaId('0pr'), name: input.name, status: input.status, created: at(org), lastUpdated: at(org),
        expression: input.expression, groupIds: [group.id], excludedUserIds: [],
      };
      store.commit({ kind: 'rule', rule });
      const taken = input.status === 'ACTIVE' ? matching(org, input.expression) : [];
      for (const userId of taken) store.commit({ kind: 'member', groupId: group.id, userId, at: at(org) });
      return controlOk({ id: rule.id });
    }),
    route('POST', 'apps', appSchema, (input) => {
      const app = {
        id: newOktaId('0oa'), name: input.label.toLowerCase().replaceAll(' ', '_'), label: input.label, status: 'ACTIVE' as const,
        signOnMode: 'SAML_2_0', created: at(org), lastUpdated: at(org), groupIds: input.groups.flatMap((key) => findGroup(org, key)?.id ?? []),
      };
      store.commit({ kind: 'app', app });
      return controlOk({ id: app.id });
    }),
    { method: 'GET', pattern: '/_control/state', handle: () => controlOk(snapshot(org)) },
    route('POST', 'expire-tokens', z.strictObject({}), () => {
      store.commit({ kind: 'tokensExpired', epoch: state.tokenEpoch + 1 });
      return controlOk();
    }),
    route('PUT', 'rate-limit', rateSchema, (input) => {
      limiter.rate = input;
      limiter.reset();
      return controlOk(input);
    }),
  ];
}

/** Users a rule takes in; only the form `user.attribute=="value"` is understood. */
function matching(org: OktaOrg, expression: string): string[] {
  const [, attribute, value] = /^user\.(\w+)\s*==\s*"([^"]*)"$/.exec(expression.trim()) ?? [];
  if (attribute === undefined) return [];
  return [...org.state.users.currentEntries()].flatMap(([id, user]) => (Object.entries(user.profile).some(([key, have]) => key === attribute && have === value) ? [id] : []));
}

/** The truth at this moment, without read lag: what a test compares the product's belief with. */
function snapshot(org: OktaOrg): unknown {
  const { state } = org;
  return {
    groups: [...state.groups.currentEntries()].map(([id, group]) => ({
      id,
      name: group.profile.name,
      type: group.type,
      members: [...state.members(id).currentEntries()].flatMap(([userId]) => state.users.current(userId)?.profile.login ?? []),
    })),
    users: [...state.users.currentEntries()].map(([id, user]) => ({ id, login: user.profile.login, status: user.status })),
  };
}
