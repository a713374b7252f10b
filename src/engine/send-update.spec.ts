import { ServiceError } from '@temporalio/client';
import type { CommandResult } from '../workflows/access-request/messages.js';
import { sendUpdate, type TakesUpdates } from './send-update.js';

const refused = (code: number): Error => new ServiceError('Workflow Update failed', { cause: Object.assign(new Error('refused'), { code, details: '', metadata: {} }) });
const DONE: CommandResult = { status: 200, stored: '{}' };

/** A run that refuses with these codes, one after the other, before it takes an update. */
function run(codes: readonly number[]) {
  const left = [...codes];
  const ids: string[] = [];
  const pauses: number[] = [];
  const executeUpdate: TakesUpdates['executeUpdate'] = (_definition, options) => {
    ids.push(options.updateId);
    const code = left.shift();
    return code === undefined ? Promise.resolve(DONE) : Promise.reject(refused(code));
  };
  return { ids, pauses, send: () => sendUpdate({ executeUpdate }, 'decide', 'c1', (ms) => { pauses.push(ms); return Promise.resolve(); }) };
}

describe('sending a command to a run', () => {
  it('sends the same update again when a task of the run failed under it', async () => {
    const { ids, send } = run([9, 9]);
    await expect(send()).resolves.toEqual(DONE);
    expect(ids).toEqual(['c1', 'c1', 'c1']);
  });
  it('gives up when it goes on, with the engine\'s own words', async () => {
    const { ids, pauses, send } = run([9, 9, 9, 9, 9]);
    await expect(send()).rejects.toThrow('Workflow Update failed');
    expect([ids.length, pauses]).toEqual([4, [25, 100, 400]]);
  });
  it('repeats nothing whose outcome is unknown', async () => {
    const { ids, send } = run([4]);
    await expect(send()).rejects.toThrow('Workflow Update failed');
    expect(ids).toHaveLength(1);
  });
});
