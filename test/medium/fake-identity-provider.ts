import { ProviderFailure, type IdentityProviderPort, type MemberPage, type MembershipRead, type Provider, type ProviderConnection, type ProviderGroup, type ProviderUser, type ProviderUserState } from '../../src/application/ports/identity-provider.port.js';

/** A directory in memory that keeps its state, as the port promises it. */
export class FakeDirectory implements IdentityProviderPort {
  readonly users = new Map<string, ProviderUser>();
  readonly groups = new Map<string, ProviderGroup>();
  /** Configurations that were opened and connected with. */
  readonly connections: ProviderConnection[] = [];
  abilities: { readonly ability: 'readUsers' | 'readGroups' | 'manageMembers'; readonly ok: boolean; readonly detail?: string }[] = [{ ability: 'readUsers', ok: true }, { ability: 'readGroups', ok: true }, { ability: 'manageMembers', ok: true }];
  failure: ProviderFailure | null = null;
  /** Logins that the provider chokes on. */
  readonly failingLogins = new Map<string, ProviderFailure>();
  onCall: (calls: number) => void = () => undefined;
  calls = 0;

  constructor(readonly provider: Provider) {}

  private call<T>(answer: () => T): Promise<T> {
    this.calls += 1;
    this.onCall(this.calls);
    return new Promise((resolve, reject) => {
      if (this.failure !== null) reject(this.failure);
      else resolve(answer());
    });
  }
  addUser(login: string, externalId: string, state: ProviderUser['state'] = 'active'): void {
    this.users.set(externalId, { externalId, login, state });
  }
  addGroup(externalId: string, name: string, unmanageable: ProviderGroup['unmanageable'] = null): void {
    this.groups.set(externalId, { externalId, name, unmanageable });
  }

  getUser(loginOrId: string): Promise<ProviderUser> {
    return this.call(() => {
      const failing = this.failingLogins.get(loginOrId);
      if (failing !== undefined) throw failing;
      const user = [...this.users.values()].find(({ login, externalId }) => login === loginOrId || externalId === loginOrId);
      if (user === undefined) throw new ProviderFailure('userNotFound', 'nobody has this login');
      return user;
    });
  }
  getGroup(groupId: string): Promise<ProviderGroup> {
    return this.call(() => {
      const group = this.groups.get(groupId);
      if (group === undefined) throw new ProviderFailure('groupNotFound', 'there is no such group');
      return group;
    });
  }
  findGroupsByName(name: string): Promise<readonly ProviderGroup[]> {
    return this.call(() => [...this.groups.values()].filter((group) => group.name === name));
  }
  createGroup(name: string): Promise<ProviderGroup> {
    return this.call(() => {
      const group = { externalId: `grp${this.groups.size + 1}`, name, unmanageable: null };
      this.groups.set(group.externalId, group);
      return group;
    });
  }
  readonly apps = new Map<string, { readonly externalId: string; readonly label: string }[]>();
  /** Whether the credential may see them. */
  tellsApps = true;
  listGroupApps(groupId: string): ReturnType<IdentityProviderPort['listGroupApps']> {
    return this.call(() => {
      if (!this.tellsApps) throw new ProviderFailure('forbidden', 'grant okta.apps.read');
      return this.apps.get(groupId) ?? [];
    });
  }
  test(): ReturnType<IdentityProviderPort['test']> {
    return this.call(() => this.abilities);
  }
  readMembership(): Promise<MembershipRead> {
    return Promise.reject(new Error('not asked for here'));
  }
  addMember(): ReturnType<IdentityProviderPort['addMember']> {
    return Promise.reject(new Error('not asked for here'));
  }
  removeMember(): ReturnType<IdentityProviderPort['removeMember']> {
    return Promise.reject(new Error('not asked for here'));
  }
  async *listMembers(): AsyncGenerator<MemberPage> {
    yield await Promise.resolve({ members: [], next: null });
  }
  async *readUserStates(userIds: readonly string[]): AsyncGenerator<readonly ProviderUserState[]> {
    yield await this.call(() => userIds.map((externalId) => ({ externalId, state: this.users.get(externalId)?.state ?? 'deleted' })));
  }
}
