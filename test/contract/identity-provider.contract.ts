import { randomUUID } from 'node:crypto';
import { ProviderFailure } from '../../src/application/ports/identity-provider.port.js';
import type { FailureKind, IdentityProviderPort, ListOptions, MemberPage } from '../../src/application/ports/identity-provider.port.js';
import type { FaultOrder, VendorControl } from '../support/vendor.js';
import type { ProviderBench } from './support/provider-bench.js';
import { startScriptedServer } from './support/scripted-server.js';

/** What ended a call: `fine`, or the kind of its failure. Anything but a ProviderFailure fails the test. */
async function outcomeOf(run: Promise<unknown>): Promise<FailureKind | 'fine'> {
  return (await failureOf(run))?.kind ?? 'fine';
}

async function failureOf(run: Promise<unknown>): Promise<ProviderFailure | null> {
  try {
    await run;
    return null;
  } catch (error) {
    if (error instanceof ProviderFailure) return error;
    throw error;
  }
}

async function pagesOf(provider: IdentityProviderPort, groupId: string, options: ListOptions): Promise<MemberPage[]> {
  const pages: MemberPage[] = [];
  for await (const page of provider.listMembers(groupId, options)) pages.push(page);
  return pages;
}

const byId = (one: { readonly externalId: string }, other: { readonly externalId: string }): number => (one.externalId < other.externalId ? -1 : 1);

async function idsOf(provider: IdentityProviderPort, groupId: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of provider.listMembers(groupId)) ids.push(...page.members.map((member) => member.externalId));
  return ids;
}

/**
 * What every identity provider adapter promises the core, whatever its vendor (identity-provider.port.ts).
 * `has` says what the server under test can be steered to do; what it can't is skipped, and shown as skipped.
 */
export function describeIdentityProvider(name: string, has: { readonly control: boolean; readonly admin: boolean }, start: () => Promise<ProviderBench>): void {
  const steered = has.control ? it : it.skip;
  const administered = has.admin ? it : it.skip;

  describe(`identity provider contract: ${name}`, () => {
    let bench: ProviderBench;
    let provider: IdentityProviderPort;
    let userId: string;
    let groupId: string;

    beforeAll(async () => {
      bench = await start();
      provider = bench.connect();
      userId = (await provider.getUser(bench.login)).externalId;
    });
    beforeEach(async () => {
      groupId = (await provider.createGroup(`Contract ${randomUUID()}`, 'Made by the contract suite')).externalId;
    });
    afterEach(async () => {
      await bench.control?.clearFaults();
      await bench.control?.readLag(0);
    });
    afterAll(() => bench.stop());

    const control = (): VendorControl => {
      if (bench.control === undefined) throw new Error('this server has no control surface');
      return bench.control;
    };
    const admin = (): NonNullable<ProviderBench['admin']> => {
      if (bench.admin === undefined) throw new Error('this server can\'t be administered');
      return bench.admin;
    };
    const onWrite = (method: string | undefined, effect: FaultOrder['effect']) => control().fault({ ...(method === undefined ? {} : { method }), path: bench.paths.member, effect });
    const onRead = (effect: FaultOrder['effect']) => control().fault({ method: 'GET', path: bench.paths.groupsOfUser, effect });
    const observed = async () => (await provider.readMembership(groupId, userId)).observed;

    describe('people', () => {
      it('are found by login and by id, with the vendor\'s spelling of both', async () => {
        const byLogin = await provider.getUser(bench.login.toUpperCase());
        expect(byLogin).toEqual({ externalId: userId, login: bench.login, state: 'active' });
        expect(await provider.getUser(userId)).toEqual(byLogin);
      });

      it('are not found by anything else', async () => {
        for (const other of [bench.login.split('@')[0] ?? '', `no.${bench.login}`, bench.nobody, '', '.', 'me', '../groups']) {
          expect([other, await outcomeOf(provider.getUser(other))]).toEqual([other, 'userNotFound']);
        }
      });

      administered('are told as deactivated, and are gone once deleted', async () => {
        const leaver = await admin().addUser(`leaver.${randomUUID()}@${bench.login.split('@')[1] ?? ''}`);
        await provider.addMember(groupId, leaver);
        await admin().deactivateUser(leaver);
        expect((await provider.getUser(leaver)).state).toBe('deactivated');
        await provider.removeMember(groupId, leaver);
        expect((await provider.readMembership(groupId, leaver)).observed).toBe('absent');
        // Vendors differ in whether they take it; none may be asked for ever.
        expect(['fine', 'rejected']).toContain(await outcomeOf(provider.addMember(groupId, leaver)));
        await admin().deleteUser(leaver);
        expect(await outcomeOf(provider.getUser(leaver))).toBe('userNotFound');
        expect(await outcomeOf(provider.readMembership(groupId, leaver))).toBe('userNotFound');
        expect(await outcomeOf(provider.addMember(groupId, leaver))).toBe('userNotFound');
        expect(await outcomeOf(provider.removeMember(groupId, leaver))).toBe('userNotFound');
      });
    });

    describe('groups', () => {
      it('are created manageable and empty, and found by their exact name', async () => {
        const name = `Contract "quoted" O'Neil \\ ${randomUUID()}`;
        const group = await provider.createGroup(name, 'x');
        expect(group).toEqual({ externalId: group.externalId, name, unmanageable: null });
        expect(await provider.getGroup(group.externalId)).toEqual(group);
        expect(await provider.findGroupsByName(name)).toEqual([group]);
        expect(await provider.findGroupsByName(name.slice(0, 12))).toEqual([]);
        expect(await idsOf(provider, group.externalId)).toEqual([]);
      });

      administered('say which applications they open, whatever their number', async () => {
        expect(await provider.listGroupApps(groupId)).toEqual([]);
        const names = Array.from({ length: 23 }, (_none, n) => `App ${String(n).padStart(2, '0')}`);
        for (const app of names) await admin().openApp(groupId, app);
        expect((await provider.listGroupApps(groupId)).map(({ label }) => label).sort()).toEqual(names);
        expect(await outcomeOf(provider.listGroupApps(bench.noGroup))).toBe('groupNotFound');
      });

      it('that do not exist are told as such by every call', async () => {
        for (const missing of [bench.noGroup, '', '..']) {
          const calls = [provider.getGroup(missing), provider.readMembership(missing, userId), provider.addMember(missing, userId), provider.removeMember(missing, userId), idsOf(provider, missing)];
          expect([missing, ...(await Promise.all(calls.map(outcomeOf)))]).toEqual([missing, ...calls.map(() => 'groupNotFound')]);
        }
      });

      administered('that were deleted never read as "absent"', async () => {
        await provider.addMember(groupId, userId);
        await admin().deleteGroup(groupId);
        expect(await outcomeOf(provider.readMembership(groupId, userId))).toBe('groupNotFound');
        expect(await outcomeOf(provider.removeMember(groupId, userId))).toBe('groupNotFound');
      });

      it('that others decide about are told with a reason, and refuse our writes as such', async () => {
        for (const { name: groupName, code, refusesWrites } of bench.unmanageable) {
          const found = (await provider.findGroupsByName(groupName))[0];
          expect([groupName, found?.unmanageable?.code]).toEqual([groupName, code]);
          expect((await provider.getGroup(found?.externalId ?? '')).unmanageable?.reason).toMatch(/\w/);
          if (refusesWrites) expect([groupName, await outcomeOf(provider.addMember(found?.externalId ?? '', userId))]).toEqual([groupName, 'groupNotManageable']);
        }
      });
    });

    describe('a list of members', () => {
      administered('comes page by page, goes on behind any page, and tells who is deactivated', async () => {
        const ids: string[] = [];
        for (let index = 0; index < 5; index += 1) {
          const id = await admin().addUser(`member${index}.${randomUUID()}@${bench.login.split('@')[1] ?? ''}`);
          ids.push(id);
          await provider.addMember(groupId, id);
        }
        await admin().deactivateUser(ids[2] ?? '');
        const pages = await pagesOf(provider, groupId, { pageSize: 2 });
        expect(pages.map((page) => page.members.length)).toEqual([2, 2, 1]);
        expect(pages.flatMap((page) => page.members.map(({ externalId, state, kind }) => ({ externalId, state, kind }))).sort(byId))
          .toEqual(ids.map((externalId, index) => ({ externalId, state: index === 2 ? 'deactivated' : 'active', kind: 'user' })).sort(byId));
        const behind = await pagesOf(provider, groupId, { pageSize: 2, cursor: pages[0]?.next ?? '' });
        expect(behind).toEqual(pages.slice(1));
        expect(pages.at(-1)?.next).toBeNull();
      });

      it('takes no place of another list', async () => {
        for (const cursor of ['', '\n', 'https://elsewhere.example/v1.0', '/groups/../users?$skiptoken=1'].filter((text) => bench.name === 'entra' || text.length < 2)) {
          expect([cursor, await outcomeOf(pagesOf(provider, groupId, { cursor }))]).toEqual([cursor, 'rejected']);
        }
      });

      steered('that breaks in the middle ends with the failure, never as if it were whole', async () => {
        for (const [effect, kind] of [[{ status: 503 }, 'retryable'], [{ hangUp: 'before' }, 'retryable'], [{ status: 200, body: '{"value":' }, 'invalidAnswer']] as const) {
          await control().fault({ method: 'GET', path: bench.paths.members, effect });
          expect([effect, await outcomeOf(pagesOf(provider, groupId, {}))]).toEqual([effect, kind]);
        }
      });
    });

    administered('tells of many people whether they are active, deactivated or gone', async () => {
      const [active, leaver, gone] = await Promise.all(['a', 'l', 'g'].map((letter) => admin().addUser(`${letter}.${randomUUID()}@${bench.login.split('@')[1] ?? ''}`)));
      if (active === undefined || leaver === undefined || gone === undefined) throw new Error('three people were asked for');
      await admin().deactivateUser(leaver);
      await admin().deleteUser(gone);
      const states = [];
      for await (const batch of provider.readUserStates([leaver, userId, bench.nobody, active, gone])) states.push(...batch);
      expect(states).toEqual([
        { externalId: leaver, state: 'deactivated' }, { externalId: userId, state: 'active' }, { externalId: bench.nobody, state: 'deleted' },
        { externalId: active, state: 'active' }, { externalId: gone, state: 'deleted' },
      ]);
      const stranger = bench.connectUnauthorized().readUserStates([userId])[Symbol.asyncIterator]();
      expect(await outcomeOf(stranger.next())).toBe('unauthorized');
    });

    describe('membership', () => {
      it('is added, added again, removed and removed again, and read back each time', async () => {
        expect(await observed()).toBe('absent');
        expect((await provider.addMember(groupId, userId)).changed).toBe(true);
        expect(await observed()).toBe('present');
        expect(await outcomeOf(provider.addMember(groupId, userId))).toBe('fine');
        expect(await idsOf(provider, groupId)).toEqual([userId]);
        expect((await provider.removeMember(groupId, userId)).changed).toBe(true);
        expect(await observed()).toBe('absent');
        expect(await outcomeOf(provider.removeMember(groupId, userId))).toBe('fine');
        expect(await observed()).toBe('absent');
      });

      it('of somebody who does not exist is told as such', async () => {
        const calls = [provider.readMembership(groupId, bench.nobody), provider.addMember(groupId, bench.nobody), provider.removeMember(groupId, bench.nobody)];
        expect(await Promise.all(calls.map(outcomeOf))).toEqual(calls.map(() => 'userNotFound'));
      });

      it('is read with the time of this machine and the vendor\'s request id', async () => {
        const before = Date.now();
        const read = await provider.readMembership(groupId, userId);
        expect(Date.parse(read.readAt)).toBeGreaterThanOrEqual(before);
        expect(Date.parse(read.readAt)).toBeLessThanOrEqual(Date.now());
        expect(read.providerRequestId).toMatch(/^[\w.:-]{8,64}$/);
      });

      steered('is told as the vendor tells it while its reads lag', async () => {
        await control().readLag(3_600_000);
        await provider.addMember(groupId, userId).catch((error: unknown) => {
          // The fresh group may not be readable either: the vendor is behind with everything.
          if (!(error instanceof ProviderFailure) || error.kind !== 'retryable') throw error;
        });
        expect(await outcomeOf(provider.readMembership(groupId, userId))).not.toBe('userNotFound');
        await control().readLag(0);
        expect(await observed()).toBe('present');
      });

      steered('is found behind an empty page', async () => {
        await onRead(bench.page({ ids: [], next: bench.nextPageUrl(userId, 'c1') }));
        await onRead(bench.page({ ids: [], next: bench.nextPageUrl(userId, 'c2') }));
        await onRead(bench.page({ ids: [groupId] }));
        expect(await observed()).toBe('present');
      });
    });

    describe('trouble', () => {
      it('with the credential is told as such by every call', async () => {
        const stranger = bench.connectUnauthorized();
        const calls = [stranger.getUser(userId), stranger.readMembership(groupId, userId), stranger.addMember(groupId, userId), stranger.removeMember(groupId, userId), stranger.test()];
        expect(await Promise.all(calls.map(outcomeOf))).toEqual(calls.map(() => 'unauthorized'));
      });

      const statuses: readonly (readonly [number, FailureKind, FailureKind])[] = [
        [400, 'rejected', 'rejected'], [403, 'forbidden', 'forbidden'], [429, 'retryable', 'retryable'],
        [500, 'unknownOutcome', 'retryable'], [502, 'unknownOutcome', 'retryable'], [503, 'unknownOutcome', 'retryable'], [504, 'unknownOutcome', 'retryable'],
      ];
      for (const [status, written, read] of statuses) {
        steered(`of status ${status} is ${written} for a write and ${read} for a read`, async () => {
          await onWrite(undefined, { status });
          expect(await outcomeOf(provider.addMember(groupId, userId))).toBe(written);
          await onWrite('DELETE', { status });
          expect(await outcomeOf(provider.removeMember(groupId, userId))).toBe(written);
          await onRead({ status });
          expect(await outcomeOf(provider.readMembership(groupId, userId))).toBe(read);
        });
      }

      steered('is never answered by sending again', async () => {
        const before = (await control().calls()).length;
        await onWrite('DELETE', { status: 503 });
        await outcomeOf(provider.removeMember(groupId, userId));
        expect((await control().calls()).slice(before).map((call) => [call.method, call.status])).toEqual([['DELETE', 503]]);
      });

      steered('of too many calls says how long to wait, in each form the vendor uses', async () => {
        for (const { form, headers, atLeastMs, atMostMs } of bench.throttling) {
          await onRead({ status: 429, headers: headers() });
          const waitMs = (await failureOf(provider.readMembership(groupId, userId)))?.more.retryAfterMs ?? -1;
          expect([form, waitMs >= atLeastMs && waitMs <= atMostMs ? 'in range' : waitMs]).toEqual([form, 'in range']);
        }
      });

      steered('of a lost answer leaves the outcome of a write open, and a read back settles it', async () => {
        await onWrite(undefined, { hangUp: 'after' });
        expect(await outcomeOf(provider.addMember(groupId, userId))).toBe('unknownOutcome');
        expect(await observed()).toBe('present');
        await onWrite('DELETE', { hangUp: 'before' });
        expect(await outcomeOf(provider.removeMember(groupId, userId))).toBe('unknownOutcome');
        expect(await observed()).toBe('present');
        await onRead({ hangUp: 'before' });
        expect(await outcomeOf(provider.readMembership(groupId, userId))).toBe('retryable');
      });

      steered('of an answer that does not come in time', async () => {
        const hasty = bench.connect({ timeoutMs: 400 });
        await hasty.getUser(userId);
        await onWrite(undefined, { delayMs: 60_000 });
        expect(await outcomeOf(hasty.addMember(groupId, userId))).toBe('unknownOutcome');
        await onRead({ delayMs: 60_000 });
        expect(await outcomeOf(hasty.readMembership(groupId, userId))).toBe('retryable');
      });

      steered('of a caller who gives up', async () => {
        const gone = new AbortController();
        gone.abort();
        const before = (await control().calls()).length;
        expect(await outcomeOf(provider.addMember(groupId, userId, gone.signal))).toBe('retryable');
        expect((await control().calls()).length).toBe(before);
      });

      for (const [what, body] of [['an HTML page', '<html>please log in</html>'], ['a JSON text', '"fine"'], ['an object of nothing', '{}'], ['half a JSON', '[{"id":']] as const) {
        steered(`of ${what} in place of an answer never reads as "absent"`, async () => {
          await onRead({ status: 200, headers: { 'Content-Type': body.startsWith('<') ? 'text/html' : 'application/json' }, body });
          expect(await outcomeOf(provider.readMembership(groupId, userId))).toBe('invalidAnswer');
        });
      }

      steered('of a 404 that is not the vendor\'s own never reads as "not found"', async () => {
        const page = { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<h1>404</h1>' };
        await onRead(page);
        expect(await outcomeOf(provider.readMembership(groupId, userId))).toBe('invalidAnswer');
      });

      steered('of a page link to another host: the credential does not go there', async () => {
        const elsewhere = await startScriptedServer(() => ({ status: 200, body: [] }));
        await onRead(bench.page({ ids: [], next: bench.nextPageUrl(userId, 'c1').replace(new URL(bench.baseUrl).origin, elsewhere.url) }));
        expect(await outcomeOf(provider.readMembership(groupId, userId))).toBe('invalidAnswer');
        await onRead({ status: 302, headers: { Location: `${elsewhere.url}/` } });
        expect(await outcomeOf(provider.readMembership(groupId, userId))).toBe('invalidAnswer');
        expect(elsewhere.seen).toHaveLength(0);
        await elsewhere.close();
      });
    });

    it('tests its own abilities without changing anything', async () => {
      const before = (await bench.control?.calls())?.length ?? 0;
      expect(await provider.test()).toEqual([{ ability: 'readUsers', ok: true }, { ability: 'readGroups', ok: true }, { ability: 'manageMembers', ok: true }]);
      expect((await bench.control?.calls())?.slice(before).filter((call) => call.changed) ?? []).toEqual([]);
    });
  });
}
