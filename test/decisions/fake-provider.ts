import { ProviderFailure, type FailureKind, type IdentityProviderPort, type MemberPage, type MembershipRead, type ProviderGroup, type ProviderUser, type ProviderUserState } from '../../src/application/ports/identity-provider.port.js';
import type { VirtualClock } from './virtual-clock.js';

export type FaultyCall = 'getUser' | 'getGroup' | 'readMembership' | 'addMember' | 'removeMember';
interface Fault {
  readonly call: FaultyCall;
  readonly kind: FailureKind;
  /** Whether the provider did what was asked before the answer was lost: at once, never, or that much later. */
  readonly effect: 'none' | 'done' | { readonly afterMs: number };
  readonly more: ConstructorParameters<typeof ProviderFailure>[2];
}

/** One group and one person at a provider that remembers: memberships, deletions, slow reads, writes that land late. */
export class FakeProvider implements IdentityProviderPort {
  readonly provider = 'okta';
  readonly calls: FaultyCall[] = [];
  user: 'active' | 'deactivated' | 'deleted' = 'active';
  group: 'there' | 'deleted' = 'there';
  /** Reads show a write only that much later. Milliseconds. */
  readLagMs = 0;
  /** Awaited before each call takes effect: another actor's moment, or a test's scheduler. */
  before: (call: FaultyCall) => Promise<void> | void = () => undefined;
  private readonly faults: Fault[] = [];
  private readonly history: { readonly at: number; readonly present: boolean }[];

  constructor(private readonly clock: VirtualClock, present = false) {
    this.history = [{ at: Number.NEGATIVE_INFINITY, present }];
  }

  /** What the provider itself knows now, whatever its reads show. */
  get present(): boolean { return this.at(this.clock.ms); }
  get writes(): FaultyCall[] { return this.calls.filter((call) => call === 'addMember' || call === 'removeMember'); }
  failNext(call: FaultyCall, kind: FailureKind, effect: Fault['effect'] = 'none', more: Fault['more'] = {}): void { this.faults.push({ call, kind, effect, more }); }

  async getUser(): Promise<ProviderUser> {
    await this.enter('getUser');
    this.refuseMissing('user');
    return { externalId: 'user-1', login: 'ann@acme.example', state: this.user === 'deactivated' ? 'deactivated' : 'active' };
  }
  async getGroup(): Promise<ProviderGroup> {
    await this.enter('getGroup');
    this.refuseMissing('group');
    return { externalId: 'group-1', name: 'AI Clearance - Tool - Users', unmanageable: null };
  }
  async readMembership(): Promise<MembershipRead> {
    await this.enter('readMembership');
    this.refuseMissing('group', 'user');
    return { observed: this.at(this.clock.ms - this.readLagMs) ? 'present' : 'absent', readAt: this.clock.now().toISOString(), providerRequestId: `read-${this.calls.length}` };
  }
  addMember(): Promise<{ changed: boolean; providerRequestId: string }> { return this.write('addMember', true); }
  removeMember(): Promise<{ changed: boolean; providerRequestId: string }> { return this.write('removeMember', false); }
  findGroupsByName(): Promise<ProviderGroup[]> { return Promise.resolve([]); }
  createGroup(): Promise<ProviderGroup> { return Promise.reject(new Error('not part of converge')); }
  listGroupApps(): Promise<[]> { return Promise.resolve([]); }
  listMembers(): AsyncIterable<MemberPage> { throw new Error('not part of converge'); }
  readUserStates(): AsyncIterable<readonly ProviderUserState[]> { throw new Error('not part of converge'); }
  test(): Promise<[]> { return Promise.resolve([]); }

  private async write(call: 'addMember' | 'removeMember', present: boolean): Promise<{ changed: boolean; providerRequestId: string }> {
    await this.enter(call, present);
    this.refuseMissing('group', 'user');
    const changed = this.present !== present;
    this.land(present, 0);
    return { changed, providerRequestId: `write-${this.calls.length}` };
  }
  private async enter(call: FaultyCall, present?: boolean): Promise<void> {
    this.calls.push(call);
    await this.before(call);
    const at = this.faults.findIndex((fault) => fault.call === call);
    const [fault] = at === -1 ? [] : this.faults.splice(at, 1);
    if (fault === undefined) return;
    if (present !== undefined && fault.effect !== 'none') this.land(present, fault.effect === 'done' ? 0 : fault.effect.afterMs);
    throw new ProviderFailure(fault.kind, `told to fail: ${fault.kind}`, fault.more);
  }
  private refuseMissing(...what: readonly ('user' | 'group')[]): void {
    if (what.includes('group') && this.group === 'deleted') throw new ProviderFailure('groupNotFound', 'no such group', { status: 404 });
    if (what.includes('user') && this.user === 'deleted') throw new ProviderFailure('userNotFound', 'no such user', { status: 404 });
  }
  private land(present: boolean, afterMs: number): void {
    this.history.push({ at: this.clock.ms + afterMs, present });
    this.history.sort((a, b) => a.at - b.at);
  }
  private at(ms: number): boolean { return this.history.findLast((state) => state.at <= ms)?.present ?? false; }
}
