import { isOutside, missesOf, type PolicyMiss } from './policy-misses.js';
import type { AutoApprovalPolicy } from './policy.js';

const policy: AutoApprovalPolicy = { id: 'pol', name: 'Staff', projectKey: 'AI', toolKeys: ['chatgpt'], autoApprove: true, jiraGroups: ['staff', 'interns'], maxDurationDays: 30, enabled: true };
const asked = { toolKey: 'chatgpt', projectKey: 'AI', durationDays: 30, requesterGroups: ['interns'] };

describe('what keeps an approval policy from a request', () => {
  it.each<[Partial<AutoApprovalPolicy>, Partial<typeof asked>, readonly PolicyMiss[]]>([
    [{}, {}, []],
    [{ projectKey: null, toolKeys: 'all', maxDurationDays: null }, { projectKey: 'HR', toolKey: 'claude', durationDays: 180 }, []],
    [{ enabled: false }, {}, ['switchedOff']],
    [{ autoApprove: false }, {}, ['notAutomatic']],
    [{}, { projectKey: 'HR' }, ['otherProject']],
    [{}, { toolKey: 'claude' }, ['otherTool']],
    [{ toolKeys: [] }, {}, ['otherTool']],
    [{ jiraGroups: [] }, {}, ['namesNobody']],
    [{}, { requesterGroups: ['guests'] }, ['groupNotMatched']],
    [{}, { durationDays: 31 }, ['durationExceeded']],
    [{ enabled: false, autoApprove: false }, { projectKey: 'HR', toolKey: 'claude', durationDays: 31, requesterGroups: [] }, ['switchedOff', 'notAutomatic', 'otherProject', 'otherTool', 'groupNotMatched', 'durationExceeded']],
  ])('is, of %j asked %j: %j', (over, ask, misses) => {
    expect(missesOf({ ...policy, ...over }, { ...asked, ...ask })).toEqual(misses);
  });

  it('tells a policy that is about something else from one that was missed', () => {
    expect([isOutside([]), isOutside(['namesNobody', 'durationExceeded']), isOutside(['groupNotMatched', 'switchedOff']), isOutside(['otherTool'])]).toEqual([false, false, true, true]);
  });
});
