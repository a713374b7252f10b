import { changedApps } from './group-apps.js';

const app = (externalId: string, label = externalId) => ({ externalId, label });

describe('the applications of a group', () => {
  it('are compared by id: order and a new name change nothing', () => {
    expect(changedApps([app('1', 'Old'), app('2')], [app('2'), app('1', 'New')])).toBeNull();
    expect(changedApps([], [])).toBeNull();
  });
  it('are told by name when some came or went', () => {
    expect(changedApps([app('1', 'ChatGPT')], [app('2', 'Payroll')])).toEqual({ added: ['Payroll'], removed: ['ChatGPT'] });
    expect(changedApps([], [app('2', 'Payroll'), app('1', 'Board papers')])).toEqual(changedApps([], [app('1', 'Board papers'), app('2', 'Payroll')]));
    expect(changedApps([app('1')], [])).toEqual({ added: [], removed: ['1'] });
  });
});
