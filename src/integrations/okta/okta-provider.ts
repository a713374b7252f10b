import okta from '@okta/okta-sdk-nodejs';
import type { CreateGroupRequest } from '@okta/okta-sdk-nodejs';
import type { z } from 'zod';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type {
  IdentityProviderPort, ListOptions, MemberPage, MembershipRead, OktaConnection, ProviderGroup, ProviderUser, ProviderUserState,
} from '../../application/ports/identity-provider.port.js';
import { parseServiceUrl, ServiceUrlRefused } from '../http/service-url.js';
import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import { isMissing, oktaApp, oktaGroup, oktaRule, oktaUser, toProviderUser } from './okta-answers.js';
import type { OktaCall } from './okta-answers.js';
import { OktaClient } from './okta-client.js';
import { apiTokenCredential, PrivateKeyCredential } from './okta-credential.js';
import type { CallPriority } from '../../domain/budget/rate-budget.js';
import type { PaceFor } from '../pacing/paces.js';
import { stateOf } from '../user-state.js';
import { checkedCursor, checkedId, checkedLogin, cursorOf, quoted } from './okta-identifiers.js';
import { probeOkta } from './okta-probe.js';

type Group = z.infer<typeof oktaGroup>;
type Rule = z.infer<typeof oktaRule>;

export interface OktaProviderOptions {
  /** For each request; default 10 s. */
  readonly timeoutMs?: number;
  /** Sandbox mode: the org may be an http server on this machine. */
  readonly allowLoopbackHttp?: boolean;
  /** The budget of the org; without one calls go at once. */
  readonly pace?: PaceFor;
  readonly now?: () => number;
}

/** Largest pages that stay well below the answer limit; Okta recommends at most 200. */
const largestPage = 200;

const purpose = (action: string, more: { writes?: boolean; missing?: 'userNotFound' | 'groupNotFound' } = {}): OktaCall => ({ vendor: 'Okta', action, writes: false, ...more });

/**
 * A client for calls of each priority; all share the credential and so its tokens.
 * @throws {@link ProviderFailure} `rejected` for an org URL that must not be called, `unauthorized` for a credential that can't be one.
 */
export function openOkta(connection: OktaConnection, options: OktaProviderOptions): (priority: CallPriority) => IdentityProviderPort {
  const orgUrl = checkedOrgUrl(connection.orgUrl, options.allowLoopbackHttp === true);
  const timeoutMs = options.timeoutMs ?? 10_000;
  const now = options.now ?? Date.now;
  const { auth } = connection;
  const credential = auth.kind === 'apiToken' ? apiTokenCredential(auth.token) : new PrivateKeyCredential(orgUrl, auth, timeoutMs, now);
  const pace = options.pace?.('okta', new URL(orgUrl).host);
  return (priority) => new OktaProvider(new OktaClient({ orgUrl, credential, timeoutMs, pacing: { pace, priority }, now }), now);
}

function checkedOrgUrl(raw: string, allowLoopback: boolean): string {
  try {
    const orgUrl = parseServiceUrl(raw, { name: 'orgUrl', allowLoopback });
    const { hostname, pathname } = new URL(orgUrl);
    if (pathname !== '/') throw new ServiceUrlRefused('orgUrl must not carry a path');
    if (/-admin\.(okta|oktapreview|okta-emea)\.com$/.test(hostname)) throw new ServiceUrlRefused('orgUrl must be the org itself, not its admin console');
    return orgUrl;
  } catch (error) {
    throw error instanceof ServiceUrlRefused ? new ProviderFailure('rejected', error.message) : error;
  }
}

class OktaProvider implements IdentityProviderPort {
  readonly provider = 'okta';

  constructor(private readonly client: OktaClient, private readonly now: () => number) {}

  async getUser(loginOrId: string, signal?: AbortSignal): Promise<ProviderUser> {
    const wanted = checkedLogin(loginOrId);
    const call = purpose('read a user', { missing: 'userNotFound' });
    // A login with a slash can't be a path segment at Okta, encoded or not: it is looked up by filter.
    const user = wanted.includes('/') ? await this.findUserByLogin(wanted, signal) : await this.client.one(call, oktaUser, signal, (sdk) => sdk.userApi.getUser({ userId: wanted }));
    // Okta also takes an unambiguous short name: "ann" would find ann@example.com today and somebody else tomorrow.
    if (user !== null && (user.id === wanted || user.profile.login.toLowerCase() === wanted.toLowerCase())) return toProviderUser(user);
    throw new ProviderFailure('userNotFound', 'Okta has no user with exactly this login or id');
  }

  async getGroup(groupId: string, signal?: AbortSignal): Promise<ProviderGroup> {
    const group = await this.readGroup(groupId, signal);
    return (await this.judged([group], signal))[0] ?? toGroup(group, []);
  }

  async findGroupsByName(name: string, signal?: AbortSignal): Promise<readonly ProviderGroup[]> {
    if (name === '') return [];
    const call = purpose('find groups by name');
    const found: Group[] = [];
    // `q` reads the live directory; `search` lags and would miss the group just created. `q` matches by prefix.
    for await (const { items } of this.client.pages(call, oktaGroup, signal, (sdk) => sdk.groupApi.listGroups({ q: name }))) {
      found.push(...items.filter((group) => group.profile.name === name));
    }
    return this.judged(found, signal);
  }

  async createGroup(name: string, description: string, signal?: AbortSignal): Promise<ProviderGroup> {
    const call = purpose('create a group', { writes: true });
    const group = await this.client.one(call, oktaGroup, signal, (sdk) => sdk.groupApi.createGroup({ group: newGroup(name, description) }));
    return toGroup(group, []);
  }

  /**
   * Reads the groups of the user (`GET /users/{id}/groups`, all pages): a person is in few groups while a group may hold the
   * whole company, and Okta has no call for one pair. Absence is believed only when the group still exists.
   */
  async readMembership(groupId: string, userId: string, signal?: AbortSignal): Promise<MembershipRead> {
    const group = checkedId(groupId, 'groupNotFound');
    const user = checkedId(userId, 'userNotFound');
    const call = purpose('read the groups of a user', { missing: 'userNotFound' });
    let requestId: string | undefined;
    for await (const page of this.client.pages(call, oktaGroup, signal, (sdk) => sdk.userApi.listUserGroups({ userId: user }))) {
      requestId = page.requestId;
      if (page.items.some((item) => item.id === group)) return this.observed('present', requestId);
    }
    await this.readGroup(group, signal);
    return this.observed('absent', requestId);
  }

  async addMember(groupId: string, userId: string, signal?: AbortSignal): Promise<{ readonly changed: boolean; readonly providerRequestId?: string }> {
    const ids = { groupId: checkedId(groupId, 'groupNotFound'), userId: checkedId(userId, 'userNotFound') };
    const call = purpose('add a member', { writes: true });
    try {
      return written(await this.client.write(call, signal, (sdk) => sdk.groupApi.assignUserToGroup(ids)));
    } catch (error) {
      const user = await this.explainRefusal(ids, error, signal);
      // Okta may answer 404 to a deactivated user too (okta-sdk-java#721): that is not going to pass.
      if (user?.state === 'deactivated') throw new ProviderFailure('rejected', 'Okta did not add a member: the user is deactivated', { status: 404, providerCode: 'E0000007' });
      // Both exist by now: one of them was so fresh that the write did not see it.
      if (isMissing(error)) throw new ProviderFailure('retryable', 'Okta did not add a member: it does not know the user or the group everywhere yet', { status: 404, providerCode: 'E0000007' });
      throw error;
    }
  }

  async removeMember(groupId: string, userId: string, signal?: AbortSignal): Promise<{ readonly changed: boolean; readonly providerRequestId?: string }> {
    const ids = { groupId: checkedId(groupId, 'groupNotFound'), userId: checkedId(userId, 'userNotFound') };
    const call = purpose('remove a member', { writes: true });
    try {
      return written(await this.client.write(call, signal, (sdk) => sdk.groupApi.unassignUserFromGroup(ids)));
    } catch (error) {
      await this.explainRefusal(ids, error, signal);
      if (isMissing(error)) return { changed: false };
      throw error;
    }
  }

  async *listMembers(groupId: string, { signal, cursor, pageSize = largestPage }: ListOptions = {}): AsyncGenerator<MemberPage> {
    const id = checkedId(groupId, 'groupNotFound');
    const call = purpose('list the members of a group', { missing: 'groupNotFound' });
    const after = cursor === undefined ? {} : { after: checkedCursor(cursor) };
    for await (const { items, next } of this.client.pages(call, oktaUser, signal, (sdk) => sdk.groupApi.listGroupUsers({ groupId: id, limit: pageSize, ...after }))) {
      yield { members: items.map((user) => ({ ...toProviderUser(user), kind: 'user' })), next: next === undefined ? null : cursorOf(call, next) };
    }
  }

  async listGroupApps(groupId: string, signal?: AbortSignal): Promise<readonly GroupApp[]> {
    const id = checkedId(groupId, 'groupNotFound');
    const call = purpose('list the applications of a group', { missing: 'groupNotFound' });
    const apps: GroupApp[] = [];
    for await (const { items } of this.client.pages(call, oktaApp, signal, (sdk) => sdk.groupApi.listAssignedApplicationsForGroup({ groupId: id, limit: largestPage }))) {
      apps.push(...items.filter(({ status }) => status === 'ACTIVE').map((app) => ({ externalId: app.id, label: app.label })));
    }
    return apps;
  }

  /** One by one: `listUsers` answers from an index that lags, and leaves deactivated users out unless it is searched (management OpenAPI, listUsers). */
  async *readUserStates(userIds: readonly string[], { signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<readonly ProviderUserState[]> {
    for (const externalId of userIds) yield [{ externalId, state: await stateOf(() => this.getUser(externalId, signal)) }];
  }

  test(signal?: AbortSignal): ReturnType<IdentityProviderPort['test']> {
    return probeOkta(this.client, signal);
  }

  private async findUserByLogin(login: string, signal: AbortSignal | undefined): Promise<z.infer<typeof oktaUser> | null> {
    const call = purpose('find a user by login');
    for await (const { items } of this.client.pages(call, oktaUser, signal, (sdk) => sdk.userApi.listUsers({ filter: `profile.login eq ${quoted(login)}`, limit: 2 }))) {
      const user = items[0];
      if (user !== undefined) return user;
    }
    return null;
  }

  private readGroup(groupId: string, signal: AbortSignal | undefined): Promise<Group> {
    const id = checkedId(groupId, 'groupNotFound');
    const call = purpose('read a group', { missing: 'groupNotFound' });
    return this.client.one(call, oktaGroup, signal, (sdk) => sdk.groupApi.getGroup({ groupId: id }));
  }

  /** Group rules have no lookup by target group, so all are read, once for however many groups. */
  private async judged(groups: readonly Group[], signal: AbortSignal | undefined): Promise<ProviderGroup[]> {
    const rules: Rule[] = [];
    if (groups.some((group) => group.type === 'OKTA_GROUP')) {
      const call = purpose('list the group rules');
      for await (const { items } of this.client.pages(call, oktaRule, signal, (sdk) => sdk.groupApi.listGroupRules({ limit: largestPage }))) rules.push(...items);
    }
    return groups.map((group) => toGroup(group, rules));
  }

  /**
   * A refused membership write, told apart by reading rather than by Okta's prose: which of the two is gone (404), or that
   * the group is none that we may write to (400 and 403). Returns when the reads explain nothing, with the user after a 404.
   */
  private async explainRefusal(ids: { groupId: string; userId: string }, error: unknown, signal: AbortSignal | undefined): Promise<ProviderUser | null> {
    if (!(error instanceof ProviderFailure)) return null;
    if (isMissing(error)) {
      const user = await this.getUser(ids.userId, signal);
      await this.readGroup(ids.groupId, signal);
      return user;
    }
    if (error.kind === 'forbidden' || error.kind === 'rejected') {
      const { unmanageable } = toGroup(await this.readGroup(ids.groupId, signal), []);
      if (unmanageable !== null) throw new ProviderFailure('groupNotManageable', `${unmanageable.code}: ${unmanageable.reason}`, error.more);
    }
    return null;
  }

  private observed(observed: 'present' | 'absent', requestId: string | undefined): MembershipRead {
    return { observed, readAt: new Date(this.now()).toISOString(), ...(requestId === undefined ? {} : { providerRequestId: requestId }) };
  }
}

/** Node sees the SDK's model classes only on its default export. */
function newGroup(name: string, description: string): CreateGroupRequest {
  return Object.assign(new okta.CreateGroupRequest(), { profile: Object.assign(new okta.OktaUserGroupProfile(), { name, description }) });
}

/** Okta answers 204 whether or not anything changed, so a write that it took counts as a change until read back. */
function written(requestId: string | undefined): { changed: boolean; providerRequestId?: string } {
  return { changed: true, ...(requestId === undefined ? {} : { providerRequestId: requestId }) };
}

function toGroup(group: Group, rules: readonly Rule[]): ProviderGroup {
  return { externalId: group.id, name: group.profile.name, unmanageable: whyUnmanageable(group, rules) };
}

/** Only OKTA_GROUP takes members by API, and a rule that fills the group would fight with us over them (SPEC F4). */
function whyUnmanageable(group: Group, rules: readonly Rule[]): ProviderGroup['unmanageable'] {
  if (group.type === 'APP_GROUP') return { code: 'okta.app_group', reason: 'The group is imported from an application, which alone decides its members.' };
  if (group.type !== 'OKTA_GROUP') return { code: 'okta.built_in', reason: 'The group is one of Okta\'s built-in groups, whose members Okta decides.' };
  const rule = rules.find((candidate) => candidate.status === 'ACTIVE' && candidate.actions?.assignUserToGroups?.groupIds?.includes(group.id) === true);
  return rule === undefined ? null : { code: 'okta.active_rule', reason: `The active group rule "${rule.name}" decides its members.` };
}
