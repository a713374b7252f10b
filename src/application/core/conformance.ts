import { ProviderFailure, type IdentityProviderPort, type Provider } from '../ports/identity-provider.port.js';

/** What the product relies on, step by step; docs/vendor-behaviour.md has the row behind each. */
export const CONFORMANCE_STEPS = ['findPerson', 'unknownPerson', 'scratchGroup', 'onlyTestPerson', 'add', 'addAgain', 'list', 'remove', 'removeAgain', 'addUnknownPerson', 'unknownGroup', 'personStates', 'cleanUp'] as const;
export interface ConformanceStep {
  readonly step: (typeof CONFORMANCE_STEPS)[number];
  /** `notSeenInTime`: the write was taken and its effect was not to be read within a few seconds; the product waits longer. */
  readonly outcome: 'asExpected' | 'differs' | 'notSeenInTime';
  /** What was expected, in one sentence. */
  readonly expected: string;
  /** What was seen instead, or how it was seen; free of logins, ids of people and secrets. */
  readonly saw: string;
  readonly tookMs: number;
}
export interface ConformanceReport {
  readonly provider: Provider;
  readonly group: { readonly externalGroupId: string; readonly name: string; readonly created: boolean } | null;
  readonly steps: readonly ConformanceStep[];
}
export interface ConformanceDeps {
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** A read-back, and all of them together: the run has to fit into the time that an admin waits. Milliseconds. */
const READ_BACK_MS = 6_000;
const ALL_READ_BACKS_MS = 14_000;
const READ_EVERY_MS = 400;
/** Ids in the vendor's form that name nothing. */
const NOBODY: Readonly<Record<Provider, string>> = { okta: '00u00000000000000000', entra: '00000000-0000-4000-8000-000000000001' };
const NOWHERE: Readonly<Record<Provider, string>> = { okta: '00g00000000000000000', entra: '00000000-0000-4000-8000-000000000002' };

/**
 * The read-write-read cycle that every grant goes through, on a scratch group and a test person of a real tenant (docs/vendor-behaviour.md). Writes only to a group of
 * the scratch name whose one possible member is the test person, and leaves it empty. Steps that a step before it makes pointless are left out.
 * @throws ProviderFailure when the provider can't be asked at all
 */
export async function runConformance(provider: IdentityProviderPort, asked: { readonly login: string; readonly groupName: string }, deps: ConformanceDeps): Promise<ConformanceReport> {
  const run = new Run(provider, deps);
  const person = await provider.getUser(asked.login).catch(forgive('userNotFound'));
  run.note('findPerson', 'the test person is found by exact login and is active', person === null ? 'no such person' : person.state, person?.state === 'active');
  if (person?.state !== 'active') return run.report(null);
  await run.expectFailure('unknownPerson', 'userNotFound', 'an unknown person is told as such, not as an empty answer', () => provider.getUser(NOBODY[provider.provider]));
  const group = await run.scratchGroup(asked.groupName, person.externalId);
  if (group === null) return run.report(null);
  try {
    await run.cycle(group.externalGroupId, person.externalId);
  } finally {
    await run.cleanUp(group.externalGroupId, person.externalId);
  }
  return run.report(group);
}

type Group = NonNullable<ConformanceReport['group']>;
const forgive = (kind: ProviderFailure['kind']) => (error: unknown): null => {
  if (error instanceof ProviderFailure && error.kind === kind) return null;
  throw error;
};
const told = (error: unknown): string => {
  if (error instanceof ProviderFailure) return `${error.kind}: ${error.detail}`;
  throw error;
};

class Run {
  private readonly steps: ConformanceStep[] = [];
  private readonly startedAt: number;
  private lastAt: number;

  constructor(private readonly provider: IdentityProviderPort, private readonly deps: ConformanceDeps) {
    this.startedAt = deps.now();
    this.lastAt = this.startedAt;
  }

  report(group: Group | null): ConformanceReport {
    return { provider: this.provider.provider, group, steps: this.steps };
  }

  note(step: ConformanceStep['step'], expected: string, saw: string, ok: boolean | 'late'): void {
    const now = this.deps.now();
    this.steps.push({ step, outcome: ok === 'late' ? 'notSeenInTime' : ok ? 'asExpected' : 'differs', expected, saw, tookMs: now - this.lastAt });
    this.lastAt = now;
  }

  async expectFailure(step: ConformanceStep['step'], kind: ProviderFailure['kind'], expected: string, call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
      this.note(step, expected, 'no failure at all', false);
    } catch (error) {
      this.note(step, expected, told(error), error instanceof ProviderFailure && error.kind === kind);
    }
  }

  /** Null when there is none that may be written to. */
  async scratchGroup(name: string, userId: string): Promise<Group | null> {
    const { provider } = this;
    const expected = 'one group of the scratch name is there or can be created, and we may manage its members';
    const [found, second] = await provider.findGroupsByName(name);
    const made = found ?? await provider.createGroup(name, 'Scratch group of the conformance run of AI Clearance. Holds nobody between runs; give it access to nothing.');
    if (second !== undefined || made.unmanageable !== null) {
      this.note('scratchGroup', expected, second === undefined ? `not manageable: ${made.unmanageable?.reason ?? ''}` : 'several groups have this name', false);
      return null;
    }
    this.note('scratchGroup', expected, found === undefined ? 'created' : 'found', true);
    const others = await this.countOthers(made.externalId, userId);
    this.note('onlyTestPerson', 'the scratch group holds nobody but the test person', others === 0 ? 'nobody else' : 'other members: it is no scratch group and was left alone', others === 0);
    return others === 0 ? { externalGroupId: made.externalId, name: made.name, created: found === undefined } : null;
  }

  /** A group made a moment ago may not be everywhere yet: it holds nobody else. */
  private async countOthers(groupId: string, userId: string): Promise<number> {
    try {
      for await (const { members } of this.provider.listMembers(groupId)) {
        const others = members.filter(({ externalId }) => externalId !== userId).length;
        if (others > 0) return others;
      }
    } catch (error) {
      forgive('groupNotFound')(error);
    }
    return 0;
  }

  async cycle(groupId: string, userId: string): Promise<void> {
    const { provider } = this;
    if ((await this.observe(groupId, userId)) === 'present') await provider.removeMember(groupId, userId);
    await this.write('add', groupId, userId, 'an add is taken and read back as present');
    await this.write('addAgain', groupId, userId, 'adding a member again is success, and the member stays');
    await this.listed(groupId, userId);
    await this.write('remove', groupId, userId, 'a removal is taken and read back as absent');
    await this.write('removeAgain', groupId, userId, 'removing somebody who is no member is success, and absence stays');
    const nobody = NOBODY[provider.provider];
    await this.expectFailure('addUnknownPerson', 'userNotFound', 'adding an unknown person is told as such', () => provider.addMember(groupId, nobody));
    await this.expectFailure('unknownGroup', 'groupNotFound', 'a membership of an unknown group never reads as absent', () => provider.readMembership(NOWHERE[provider.provider], userId));
    const states = [];
    for await (const batch of provider.readUserStates([userId, nobody])) states.push(...batch.map(({ state }) => state));
    this.note('personStates', 'the test person reads as active and an unknown one as deleted', states.join(', '), states.join() === 'active,deleted');
  }

  private async write(step: 'add' | 'addAgain' | 'remove' | 'removeAgain', groupId: string, userId: string, expected: string): Promise<void> {
    const adds = step === 'add' || step === 'addAgain';
    try {
      const { changed } = adds ? await this.provider.addMember(groupId, userId) : await this.provider.removeMember(groupId, userId);
      const wanted = adds ? 'present' : 'absent';
      const lagMs = await this.readBack(groupId, userId, wanted);
      this.note(step, expected, `${changed ? 'taken' : 'told as nothing to do'}; ${lagMs === null ? `not ${wanted} within ${this.deps.now() - this.lastAt} ms` : `read back as ${wanted} after ${lagMs} ms`}`, lagMs === null ? 'late' : true);
    } catch (error) {
      this.note(step, expected, told(error), false);
    }
  }

  private async listed(groupId: string, userId: string): Promise<void> {
    const expected = 'the list of members names the test person, once, as an active person';
    try {
      const members = [];
      for await (const page of this.provider.listMembers(groupId)) members.push(...page.members);
      const own = members.filter((member) => member.externalId === userId);
      const isRight = own.length === 1 && own.every(({ kind, state }) => kind === 'user' && state === 'active');
      this.note('list', expected, `${own.length} of ${members.length} members`, isRight || (members.length === 0 ? 'late' : false));
    } catch (error) {
      this.note('list', expected, told(error), false);
    }
  }

  /** Milliseconds until the wanted state was read, or null when it was not in time. */
  private async readBack(groupId: string, userId: string, wanted: 'present' | 'absent'): Promise<number | null> {
    const startedAt = this.deps.now();
    const until = Math.min(startedAt + READ_BACK_MS, this.startedAt + ALL_READ_BACKS_MS);
    for (let looks = 0; looks === 0 || this.deps.now() <= until; looks += 1) {
      if ((await this.observe(groupId, userId)) === wanted) return this.deps.now() - startedAt;
      await this.deps.pause(READ_EVERY_MS);
    }
    return null;
  }

  /** A group made a moment ago may be unknown for a while (docs/vendor-behaviour.md): nobody is seen in it. */
  private async observe(groupId: string, userId: string): Promise<'present' | 'absent'> {
    return (await this.provider.readMembership(groupId, userId).catch(forgive('groupNotFound')))?.observed ?? 'absent';
  }

  async cleanUp(groupId: string, userId: string): Promise<void> {
    const expected = 'the scratch group is empty again';
    try {
      // Sent whatever the reads say: an add that lags would otherwise outlive the run.
      await this.provider.removeMember(groupId, userId);
      const lagMs = await this.readBack(groupId, userId, 'absent');
      this.note('cleanUp', expected, lagMs === null ? 'the test person is still to be seen in it; remove them by hand' : 'empty', lagMs === null ? 'late' : true);
    } catch (error) {
      this.note('cleanUp', expected, `${told(error)}; remove the test person by hand`, false);
    }
  }
}
