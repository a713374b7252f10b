import { setImmediate } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { NOW } from '../../test/decisions/facts.js';
import type { MassActionDeps, MassActionStep } from '../application/mass-actions/advance-mass-action.js';
import { EngineUnavailable } from '../application/ports/api-commands.port.js';
import type { MassActionRow, MassActionWork } from '../application/ports/mass-action-store.port.js';
import type { SiteTx } from '../application/ports/unit-of-work.port.js';
import type { MassActionCounts } from '../domain/mass-action/mass-action.js';
import { createMassActionActivities } from './mass-action.activities.js';

const ROW: MassActionRow = {
  id: 'ks', source: 'killSwitch', scope: 'tool', key: 'chatgpt', reason: 'incident 7', mode: 'execute', status: 'running', restoreStatus: 'none', requestedBy: 'root', confirmedBy: null, restoredBy: null,
  createdAt: NOW, finishedAt: null, restoredAt: null,
};
const LABELS = { toolKey: 'chatgpt', roleKey: null, provider: 'okta', risk: 'low', policyVersion: '1', issueKey: null, phase: 'active', pendingStage: null, approvalDueAt: null };

/** A kill switch over so many grants, whose engine answers as the test says; a grant that it answered is over. */
function killSwitch(grants: number, deliver: (requestId: string) => Promise<void>, over: Partial<MassActionRow> = {}, restoresBlocked = 0): { readonly deps: MassActionDeps; readonly sent: string[]; readonly logged: string[]; readonly keys: Set<string>; readonly woken: string[]; readonly state: () => string } {
  const open = new Set(Array.from({ length: grants }, (_none, at) => `req-${String(at).padStart(2, '0')}`));
  const sent: string[] = [];
  const logged: string[] = [];
  const keys = new Set<string>();
  const woken: string[] = [];
  let row = { ...ROW, ...over };
  const tx: SiteTx = { siteId: 'acme', now: NOW, offsetMs: 0, audit: () => Promise.resolve('event'), rehearse: (work) => work() };
  const counts = (): MassActionCounts => ({ total: grants, verifiedAbsent: grants - open.size, pending: open.size, held: 0, requests: 0, requestsClosed: 0, restored: 0, restoreRefused: 0, restoreWaiting: 0 });
  const left = (after: string, limit: number): MassActionWork[] => [...open].filter((id) => id > after).slice(0, limit).map((requestId) => ({ requestId, labels: LABELS, restoresBlocked }));
  return {
    sent, logged, keys, woken, state: () => row.status,
    deps: {
      uow: { run: (_site, work) => work(tx) },
      massActions: {
        find: () => Promise.resolve(row), lock: () => Promise.resolve(row), update: (_tx, _id, patch) => { row = { ...row, ...patch }; return Promise.resolve(); }, listItems: () => Promise.resolve(0),
        counts: () => Promise.resolve(counts()), toStop: (_tx, _id, after, limit) => Promise.resolve(left(after, limit)), toEnd: (_tx, _id, after, limit) => Promise.resolve(left(after, limit)), toRestore: (_tx, _id, after, limit) => Promise.resolve(left(after, limit)), unrestored: () => Promise.resolve(open.size),
      },
      commands: { claim: (_tx, command) => {
        keys.add(command.idempotencyKey);
        return Promise.resolve({ ...command, sealed: null, status: null, result: null });
      } },
      engine: { deliver: async (_site, requestId) => {
        sent.push(requestId);
        await deliver(requestId);
        open.delete(requestId);
      }, wake: (_site, requestId) => {
        woken.push(requestId);
        return Promise.resolve();
      } },
      log: (_message, { requestId, why }) => { logged.push(`${requestId ?? ''}: ${why ?? ''}`); },
    },
  };
}
const batch = (environment: MockActivityEnvironment, deps: MassActionDeps, quietLooks = 0): Promise<MassActionStep> => environment.run(() => createMassActionActivities(deps).advanceMassAction('acme', 'ks', '', quietLooks));

describe('a batch of a mass action', () => {
  afterEach(() => { jest.useRealTimers(); });

  it('beats while an item takes longer than the heartbeat time-out', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const environment = new MockActivityEnvironment();
    let beats = 0;
    environment.on('heartbeat', () => { beats += 1; });
    let answer = (): void => undefined;
    const { deps, sent } = killSwitch(1, () => new Promise((resolve) => { answer = resolve; }));
    const running = batch(environment, deps);
    while (sent.length === 0) await setImmediate();
    jest.advanceTimersByTime(30_000);
    expect(beats).toBe(15);
    answer();
    expect(await running).toMatchObject({ done: true, counts: { verifiedAbsent: 1 } });
    jest.advanceTimersByTime(30_000);
    expect(beats).toBe(15);
  });

  it('sends nothing more once its worker is to end, and says that it was ended', async () => {
    const environment = new MockActivityEnvironment();
    const { deps, sent } = killSwitch(40, () => { environment.cancel(); return Promise.resolve(); });
    await expect(batch(environment, deps)).rejects.toThrow();
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(8);
  });

  it('answers every other item when one fails for an unknown reason, logs it and sends it again in the next pass', async () => {
    let broken = true;
    const { deps, sent, logged, state } = killSwitch(20, (requestId) => (requestId === 'req-03' && broken ? Promise.reject(new TypeError('unforeseen')) : Promise.resolve()));
    const first = await batch(new MockActivityEnvironment(), deps);
    expect(first).toMatchObject({ done: false, moved: true, counts: { verifiedAbsent: 19, pending: 1 } });
    expect(logged).toEqual(['req-03: unforeseen']);
    broken = false;
    expect(await batch(new MockActivityEnvironment(), deps)).toMatchObject({ done: true, counts: { verifiedAbsent: 20 } });
    expect(sent.filter((requestId) => requestId === 'req-03')).toHaveLength(2);
    expect(state()).toBe('done');
  });

  it('asks under a new key for a restore that another block refused', async () => {
    const first = killSwitch(2, () => Promise.resolve(), { status: 'done', restoreStatus: 'running' });
    expect(await batch(new MockActivityEnvironment(), first.deps)).toMatchObject({ done: true });
    const second = killSwitch(2, () => Promise.resolve(), { status: 'done', restoreStatus: 'running' }, 1);
    expect(await batch(new MockActivityEnvironment(), second.deps)).toMatchObject({ done: true });
    expect([...first.keys, ...second.keys]).toEqual(['ks', 'ks/1']);
  });

  it('tells the runs of what is not over to look, once, when nothing has changed for some looks', async () => {
    const { deps, woken } = killSwitch(70, () => Promise.resolve());
    const ending: MassActionDeps = { ...deps, massActions: { ...deps.massActions, toStop: () => Promise.resolve([]) } };
    for (const quietLooks of [0, 1, 2]) await batch(new MockActivityEnvironment(), ending, quietLooks);
    expect(woken).toEqual([]);
    expect(await batch(new MockActivityEnvironment(), ending, 3)).toMatchObject({ done: false, moved: false, counts: { pending: 70 } });
    expect(new Set(woken).size).toBe(70);
    await batch(new MockActivityEnvironment(), ending, 4);
    expect(woken).toHaveLength(70);
  });

  it('waits longer and longer while the engine is away, without a word about it', async () => {
    const { deps, logged } = killSwitch(3, () => Promise.reject(new EngineUnavailable('away')));
    expect(await batch(new MockActivityEnvironment(), deps)).toMatchObject({ done: false, moved: false, pauseMs: 500, counts: { pending: 3 } });
    expect(logged).toEqual([]);
  });
});
