import { isOutside, missesOf, type PolicyMiss } from './policy-misses.js';
import { role, tool as policyTool } from '../../../test/decisions/facts.js';
import type { AutoApprovalPolicy, PolicyRole } from './policy.js';

const policy: AutoApprovalPolicy = { id: 'pol', name: 'Staff', projectKey: 'AI', toolKeys: ['chatgpt'], autoApprove: true, jiraGroups: ['staff', 'interns'], maxDurationDays: 30, enabled: true };
const asked = { toolKey: 'chatgpt', roleKey: null, projectKey: 'AI', durationDays: 30, requesterGroups: ['interns'] };

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
    expect(missesOf({ ...policy, ...over }, { tool: policyTool(), asked: { ...asked, ...ask } })).toEqual(misses);
  });

  it.each<[AutoApprovalPolicy['toolKeys'], PolicyRole | null, readonly PolicyMiss[]]>([
    [['chatgpt'], role({ risk: 'low' }), []],
    [['chatgpt'], role(), ['unnamedRole']],
    [['chatgpt'], role({ risk: 'high' }), ['unnamedRole']],
    ['all', role({ risk: 'high' }), ['unnamedRole']],
    ['all', role({ risk: 'low' }), []],
    [['chatgpt/admin'], role({ risk: 'critical' }), []],
    [['chatgpt/owner'], role(), ['otherTool']],
    [['claude', 'chatgpt/admin'], role({ risk: 'high' }), []],
    [['claude/admin'], role(), ['otherTool']],
  ])('is, of a policy about %j and the role %j: %j', (toolKeys, asking, misses) => {
    expect(missesOf({ ...policy, toolKeys }, { tool: policyTool({ hasRoles: true, role: asking }), asked: { ...asked, roleKey: 'admin' } })).toEqual(misses);
  });
  it('is its scope, where it names roles only and none is asked for', () => {
    expect(missesOf({ ...policy, toolKeys: ['chatgpt/admin'] }, { tool: policyTool(), asked })).toEqual(['otherTool']);
  });

  it('tells a policy that is about something else from one that was missed', () => {
    expect([isOutside([]), isOutside(['namesNobody', 'durationExceeded']), isOutside(['groupNotMatched', 'switchedOff']), isOutside(['otherTool']), isOutside(['unnamedRole']), isOutside(['otherProject', 'unnamedRole'])]).toEqual([false, false, true, true, false, true]);
  });
});
