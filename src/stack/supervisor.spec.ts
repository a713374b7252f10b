import { Supervisor } from './supervisor.js';
import type { Running } from './supervisor.js';

interface FakeProcess extends Running {
  crash(): void;
}

describe('the supervisor', () => {
  let events: string[];
  let ends: string[];
  let nextPid: number;
  let running: Map<string, FakeProcess>;
  let supervisor: Supervisor;

  beforeEach(() => {
    events = [];
    ends = [];
    nextPid = 100;
    running = new Map();
    supervisor = new Supervisor({ onEvent: (sentence) => events.push(sentence), backoffMs: 1, maxBackoffMs: 4 });
  });
  afterEach(() => supervisor.stop());

  const start = (name: string): (() => Promise<FakeProcess>) => () => {
    let settle = (): void => undefined;
    const ended = new Promise<void>((resolve) => (settle = resolve));
    const one: FakeProcess = {
      pid: (nextPid += 1),
      ended,
      crash: () => settle(),
      stop: () => {
        ends.push(name);
        settle();
        return Promise.resolve();
      },
    };
    running.set(name, one);
    return Promise.resolve(one);
  };
  const seen = async (look: () => boolean): Promise<void> => {
    while (!look()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('starts again what ends by itself, and says so', async () => {
    const first = await supervisor.run('api', 1, start('api'));
    first.crash();
    await seen(() => events.includes('api runs again.'));
    expect(running.get('api')?.pid).not.toBe(first.pid);
    expect(events).toEqual(['api has ended by itself.', 'Starting api again in 0.001 s.', 'api runs again.']);
  });

  it('goes on trying with growing waits while a start fails', async () => {
    let tries = 0;
    const flaky = async (): Promise<Running> => {
      tries += 1;
      if (tries > 1 && tries < 5) throw new Error('port taken');
      return start('api')();
    };
    await supervisor.run('api', 1, flaky);
    running.get('api')?.crash();
    await seen(() => events.includes('api runs again.'));
    expect(events.filter((line) => line.startsWith('Starting'))).toEqual([0.001, 0.002, 0.004, 0.004].map((s) => `Starting api again in ${s} s.`));
    expect(events).toContain('api does not start: port taken');
  });

  it('ends higher waves before lower ones and starts nothing any more', async () => {
    await supervisor.run('postgres', 1, start('postgres'));
    await supervisor.run('worker', 2, start('worker'));
    await supervisor.run('api', 3, start('api'));
    await supervisor.stop();
    expect(ends).toEqual(['api', 'worker', 'postgres']);
    expect(events).toEqual([]);
    await expect(supervisor.run('late', 4, start('late'))).rejects.toThrow('being stopped');
  });

  it('ends what was still starting when it was stopped', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const late = supervisor.run('late', 1, async () => {
      await gate;
      return start('late')();
    });
    const stopped = supervisor.stop();
    release();
    await Promise.all([late, stopped]);
    expect(ends).toEqual(['late']);
  });

  it('passes on why a first start failed, without repeating it', async () => {
    await expect(supervisor.run('api', 1, () => Promise.reject(new Error('no configuration')))).rejects.toThrow('no configuration');
    expect(events).toEqual([]);
  });

  it('tells which processes run', async () => {
    const told: [string, number | null][] = [];
    const one = new Supervisor({ onEvent: () => undefined, onProcess: (name, pid) => told.push([name, pid]) });
    const { pid } = await one.run('api', 1, start('api'));
    await one.stop();
    expect(told).toEqual([['api', pid], ['api', null]]);
  });
});
