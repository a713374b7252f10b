import { createHash } from 'node:crypto';
import { ProviderFailure } from '../../application/ports/identity-provider.port.js';
import type { EntraConnection, IdentityProviderPort, ListOptions, MemberPage, MembershipRead, ProviderGroup, ProviderUser, ProviderUserState } from '../../application/ports/identity-provider.port.js';
import type { CallPriority } from '../../domain/budget/rate-budget.js';
import { stateOf } from '../user-state.js';
import { checkedTarget } from './entra-connection.js';
import type { EntraProviderOptions } from './entra-connection.js';
import { probeEntra } from './entra-probe.js';
import { EntraTokens } from './entra-tokens.js';
import type { GroupApp } from '../../domain/reconciliation/group-apps.js';
import { graphAssignment, graphGroup, graphId, graphMember, graphUser, groupFields, isMissing, memberFields, saysAlreadyMember, toMember, toProviderGroup, toProviderUser, userFields } from './graph-answers.js';
import type { GraphCall } from './graph-answers.js';
import { GraphHttp } from './graph-http.js';
import { checkedGuid, MemberReference, odataString, userPath } from './graph-paths.js';

/** Graph's largest page for directory objects. */
const largestPage = 999;

type Written = { readonly changed: boolean; readonly providerRequestId?: string };

const purpose = (action: string, more: { writes?: boolean; missing?: 'userNotFound' | 'groupNotFound' } = {}): GraphCall => ({ vendor: 'Microsoft Graph', action, writes: false, ...more });

/**
 * A client for calls of each priority; all share the credential and so its tokens.
 * @throws {@link ProviderFailure} `rejected` for a connection that must not be called, `unauthorized` for a credential that can't be one.
 */
export function openEntra(connection: EntraConnection, options: EntraProviderOptions): (priority: CallPriority) => IdentityProviderPort {
  const target = checkedTarget(connection, options);
  const timeoutMs = options.timeoutMs ?? 10_000;
  const now = options.now ?? Date.now;
  const tokens = new EntraTokens(target, { timeoutMs, now, extraCaPem: options.extraCaPem });
  const pace = options.pace?.('entra', target.tenantId);
  return (priority) => new EntraProvider(new GraphHttp({ baseUrl: target.graphBaseUrl, tokens, timeoutMs, pacing: { pace, priority }, now }), target.graphBaseUrl, now);
}

class EntraProvider implements IdentityProviderPort {
  readonly provider = 'entra';

  constructor(private readonly graph: GraphHttp, private readonly baseUrl: string, private readonly now: () => number) {}

  async getUser(loginOrId: string, signal?: AbortSignal): Promise<ProviderUser> {
    const call = purpose('read a user', { missing: 'userNotFound' });
    const user = toProviderUser(call, await this.graph.get(call, userPath(loginOrId), { $select: userFields }, graphUser, signal));
    const wanted = loginOrId.toLowerCase();
    if (user.externalId === wanted || user.login.toLowerCase() === wanted) return user;
    throw new ProviderFailure('userNotFound', 'Microsoft Graph has no user with exactly this user principal name or id');
  }

  async getGroup(groupId: string, signal?: AbortSignal): Promise<ProviderGroup> {
    const call = purpose('read a group', { missing: 'groupNotFound' });
    return toProviderGroup(await this.graph.get(call, `/groups/${checkedGuid(groupId, 'groupNotFound')}`, { $select: groupFields }, graphGroup, signal));
  }

  async findGroupsByName(name: string, signal?: AbortSignal): Promise<readonly ProviderGroup[]> {
    if (name === '') return [];
    const found: ProviderGroup[] = [];
    const query = { $filter: `displayName eq ${odataString(name)}`, $select: groupFields };
    for await (const { items } of this.graph.pages(purpose('find groups by name'), '/groups', query, graphGroup, signal)) {
      // Graph compares without regard to case.
      found.push(...items.filter((group) => group.displayName === name).map(toProviderGroup));
    }
    return found;
  }

  /** Names are not unique in Entra, so after a lost answer the caller looks the group up by name before it creates again. */
  async createGroup(name: string, description: string, signal?: AbortSignal): Promise<ProviderGroup> {
    const body = { displayName: name, description, mailEnabled: false, mailNickname: mailNicknameOf(name), securityEnabled: true, groupTypes: [] };
    return toProviderGroup(await this.graph.post(purpose('create a group', { writes: true }), '/groups', body, graphGroup, signal));
  }

  /**
   * Reads the user's direct memberships, all pages. Not checkMemberGroups, which is transitive: a member of a nested group
   * would read as present and could never be removed. Not `$filter` or `$count` on memberOf, which are served from an index
   * that lags behind writes (Graph reference, "List a user's direct memberships"). Absence is believed only while the group exists.
   */
  async readMembership(groupId: string, userId: string, signal?: AbortSignal): Promise<MembershipRead> {
    const group = checkedGuid(groupId, 'groupNotFound');
    const path = `/users/${checkedGuid(userId, 'userNotFound')}/memberOf`;
    const call = purpose('read the groups of a user', { missing: 'userNotFound' });
    let requestId: string | undefined;
    for await (const page of this.graph.pages(call, path, { $select: 'id', $top: String(largestPage) }, graphId, signal)) {
      requestId = page.requestId;
      if (page.items.some((item) => item.id.toLowerCase() === group)) return this.observed('present', requestId);
    }
    await this.getGroup(group, signal);
    return this.observed('absent', requestId);
  }

  async addMember(groupId: string, userId: string, signal?: AbortSignal): Promise<Written> {
    const ids = { groupId: checkedGuid(groupId, 'groupNotFound'), userId: checkedGuid(userId, 'userNotFound') };
    const call = purpose('add a member', { writes: true });
    const body = { '@odata.id': `${this.baseUrl}/directoryObjects/${ids.userId}` };
    try {
      return written(await this.graph.postReference(call, `/groups/${ids.groupId}/members/$ref`, body, signal));
    } catch (error) {
      if (saysAlreadyMember(error)) return { changed: false };
      await this.explainRefusal(ids, error, signal);
      // Both exist by now: one of them was so fresh that the write did not see it.
      if (isMissing(error)) throw new ProviderFailure('retryable', 'Microsoft Graph did not add a member: it does not know the user or the group everywhere yet', { status: 404, providerCode: 'Request_ResourceNotFound' });
      // The words for "already a member" are prose and may change: a fresh read decides.
      if (isRefused(error) && (await this.readMembership(ids.groupId, ids.userId, signal)).observed === 'present') return { changed: false };
      throw error;
    }
  }

  async removeMember(groupId: string, userId: string, signal?: AbortSignal): Promise<Written> {
    const ids = { groupId: checkedGuid(groupId, 'groupNotFound'), userId: checkedGuid(userId, 'userNotFound') };
    try {
      return written(await this.graph.removeReference(purpose('remove a member', { writes: true }), MemberReference.of(ids.groupId, ids.userId), signal));
    } catch (error) {
      await this.explainRefusal(ids, error, signal);
      if (isMissing(error)) return { changed: false };
      throw error;
    }
  }

  async *listMembers(groupId: string, { signal, cursor, pageSize = largestPage }: ListOptions = {}): AsyncGenerator<MemberPage> {
    const call = purpose('list the members of a group', { missing: 'groupNotFound' });
    const path = `/groups/${checkedGuid(groupId, 'groupNotFound')}/members`;
    for await (const { items, next } of this.graph.pages(call, path, { $select: memberFields, $top: String(pageSize) }, graphMember, signal, cursor)) {
      yield { members: items.map((member) => toMember(call, member)), next };
    }
  }

  /** Application roles that the group was assigned to; one application may have several. Needs Application.Read.All, which membership does not. */
  async listGroupApps(groupId: string, signal?: AbortSignal): Promise<readonly GroupApp[]> {
    const call = purpose('list the applications of a group', { missing: 'groupNotFound' });
    const apps = new Map<string, GroupApp>();
    for await (const { items } of this.graph.pages(call, `/groups/${checkedGuid(groupId, 'groupNotFound')}/appRoleAssignments`, {}, graphAssignment, signal)) {
      for (const { resourceId, resourceDisplayName } of items) apps.set(resourceId, { externalId: resourceId, label: resourceDisplayName ?? resourceId });
    }
    return [...apps.values()];
  }

  async *readUserStates(userIds: readonly string[], { signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<readonly ProviderUserState[]> {
    for (const externalId of userIds) yield [{ externalId, state: await stateOf(() => this.getUser(externalId, signal)) }];
  }

  test(signal?: AbortSignal): ReturnType<IdentityProviderPort['test']> {
    return probeEntra(this.graph, this.baseUrl, signal);
  }

  /** A refused membership write, told apart by reading: what is gone (404), or why the group takes no members from us (400, 403). */
  private async explainRefusal(ids: { groupId: string; userId: string }, error: unknown, signal: AbortSignal | undefined): Promise<void> {
    if (isMissing(error)) {
      const call = purpose('read a user', { missing: 'userNotFound' });
      await this.graph.get(call, `/users/${ids.userId}`, { $select: userFields }, graphUser, signal);
      await this.getGroup(ids.groupId, signal);
    } else if (isRefused(error)) {
      const { unmanageable } = await this.getGroup(ids.groupId, signal);
      if (unmanageable !== null) throw new ProviderFailure('groupNotManageable', `${unmanageable.code}: ${unmanageable.reason}`, error.more);
    }
  }

  private observed(observed: 'present' | 'absent', requestId: string | undefined): MembershipRead {
    return { observed, readAt: new Date(this.now()).toISOString(), ...(requestId === undefined ? {} : { providerRequestId: requestId }) };
  }
}

function isRefused(error: unknown): error is ProviderFailure {
  return error instanceof ProviderFailure && (error.kind === 'rejected' || error.kind === 'forbidden');
}

function written(requestId: string | undefined): Written {
  return { changed: true, ...(requestId === undefined ? {} : { providerRequestId: requestId }) };
}

/** Required even without mail, at most 64 ASCII characters without `@()\[]";:<>, ` and spaces; the same name gives the same nickname. */
function mailNicknameOf(name: string): string {
  const slug = name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40);
  return `${slug === '' ? 'group' : slug}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}
