import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { IdentityProviderPort } from '../ports/identity-provider.port.js';
import type { MembershipFence } from '../ports/membership-fence.port.js';
import { DatabaseUnavailable } from '../ports/unit-of-work.port.js';
import { convergeMembership, type ConvergeDeps } from './converge.js';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const order: ConvergeOrder = {
  siteId: 'acme', membershipId: 'mem-1', requestId: 'req-1', jobId: 'job-1', intentId: 'int-1', mode: 'converge', desired: 'present', generation: 1, mayAdd: true,
  deadlineAt: '2026-03-10T12:00:30.000Z', provider: 'okta', connectorId: 'con-1', sealedConfig: 'sealed', externalGroupId: 'group-1', sealedIdentity: 'sealed',
};
type Asked = 'enter' | 'holds' | 'leave';

/** A fence whose database is away for one of its questions, and a provider that keeps its one member and counts calls. */
function world(away: Asked): { readonly deps: ConvergeDeps; readonly calls: string[] } {
  const calls: string[] = [];
  let present = false;
  const unused = (): never => { throw new Error('not part of converge'); };
  const provider: IdentityProviderPort = {
    provider: 'okta', getGroup: unused, findGroupsByName: unused, createGroup: unused, listMembers: unused, listGroupApps: unused, readUserStates: unused, test: unused,
    getUser: (id) => { calls.push('getUser'); return Promise.resolve({ externalId: id, login: 'ann@acme.example', state: 'active' }); },
    readMembership: () => { calls.push('readMembership'); return Promise.resolve({ observed: present ? 'present' : 'absent', readAt: NOW.toISOString() }); },
    addMember: () => { calls.push('addMember'); present = true; return Promise.resolve({ changed: true }); },
    removeMember: unused,
  };
  const answer = <T>(asked: Asked, value: T): Promise<T> => (asked === away ? Promise.reject(new DatabaseUnavailable('away')) : Promise.resolve(value));
  const fence: MembershipFence = { enter: () => answer('enter', 'entered' as const), holds: () => answer('holds', true), leave: () => answer('leave', undefined) };
  return { calls, deps: { fence, now: () => NOW, connect: () => Promise.resolve({ provider, userId: 'user-1' }), pause: () => Promise.resolve() } };
}
const converge = (deps: ConvergeDeps) => convergeMembership(deps, order, new AbortController().signal);

describe('converging while Postgres is away', () => {
  it('asks the provider nothing when the fence can not be entered, and is tried again soon', async () => {
    const { deps, calls } = world('enter');
    expect(await converge(deps)).toMatchObject({ status: 'notAttempted', write: 'none', code: 'database.unavailable', retryAfterMs: 1_000 });
    expect(calls).toEqual([]);
  });

  it('writes nothing when the fence can not be asked before the write', async () => {
    const { deps, calls } = world('holds');
    expect(await converge(deps)).toMatchObject({ status: 'notAttempted', write: 'none', code: 'database.unavailable' });
    expect(calls).not.toContain('addMember');
  });

  it('tells what the provider said although the lease can not be given back', async () => {
    const { deps } = world('leave');
    expect(await converge(deps)).toMatchObject({ status: 'observed', observed: 'present', write: 'changed', code: 'readBack' });
  });

  it('hides no other failure of the fence', async () => {
    const { deps } = world('leave');
    const broken: ConvergeDeps = { ...deps, fence: { ...deps.fence, enter: () => Promise.reject(new Error('a bug')) } };
    await expect(converge(broken)).rejects.toThrow('a bug');
  });
});
