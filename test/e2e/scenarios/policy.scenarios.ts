import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { until } from '../../support/until.js';
import { bodyOf, PEOPLE, type World } from '../support/world.js';
import { requestShape } from '../support/shapes.js';

const asking = (toolKey: string, more: Readonly<Record<string, unknown>> = {}) => ({ toolKey, businessUse: 'Summaries', dataClasses: ['public'], durationDays: 10, ...more });
const withId = z.looseObject({ id: z.string() });

/** What policy says by itself, with its reason (SPEC I5, P2, P12, A12, K1). */
export function policyScenarios(at: () => World): void {
  it.each([
    ['midjourney', 'tool.restricted'], ['deepseek-chat', 'tool.blocked'], ['jasper', 'tool.retired'], ['never-heard-of', 'tool.unknown'], ['cursor', 'tool.pilot_group'],
  ])('answers 201 denied with the reason for %s', async (toolKey, rule) => {
    const answer = await at().as('ada').post('/requests', asking(toolKey));
    const denied = bodyOf(answer, 201, requestShape);
    expect(denied).toMatchObject({ decision: 'denied', decisionSource: 'policyDeny', grant: null, policy: { outcome: 'deny' } });
    expect(denied.policy?.rules).toContainEqual(expect.objectContaining({ rule, effect: 'deny' }));
  });

  it('lets a member of its pilot group ask for a pilot tool', async () => {
    const asked = bodyOf(await at().as('gil').post('/requests', asking('cursor')), 201, requestShape);
    expect(asked).toMatchObject({ decision: 'pending', policy: { outcome: 'review' } });
    bodyOf(await at().as('gil').post(`/requests/${asked.id}/withdraw`), 200, z.unknown());
  });

  it.each([
    ['a data class that the tool may not see', { dataClasses: ['regulated'] }, 'tool.data_class'],
    ['a data class that the site does not have', { dataClasses: ['made-up'] }, 'data_class.unknown'],
    ['more days than the tool allows', { durationDays: 181 }, 'tool.duration_limit'],
  ])('denies %s', async (_what, more, rule) => {
    const denied = bodyOf(await at().as('ada').post('/requests', asking('claude-team', more)), 201, requestShape);
    expect(denied.decision).toBe('denied');
    expect(denied.policy?.rules).toContainEqual(expect.objectContaining({ rule }));
  });

  it('approves by a policy for the members of its group, and the ticket says by which rules and limits', async () => {
    const { key } = await at().tool('okta');
    const name = `Engineering ${randomUUID().slice(0, 8)}`;
    const body = { name, toolKeys: [key], autoApprove: true, jiraGroups: ['engineering'], maxDurationDays: 20, enabled: true };
    expect((await at().as('carla').post('/approval-policies', body)).status).toBe(403);
    bodyOf(await at().as('erin').post('/approval-policies', body), 201, withId);

    const approved = await at().ask('gil', key, { durationDays: 15 });
    expect(approved).toMatchObject({ decision: 'approved', decisionSource: 'autoPolicy', policy: { outcome: 'autoApprove' }, reviews: [] });
    const comment = await until('the comment', async () => (await at().vendors.comments(approved.issueKey ?? '')).find((text) => text.includes('Approved automatically')), { timeoutMs: 30_000 });
    expect(comment).toContain(`policy version ${approved.policy?.version ?? ''} (${approved.policy?.policyHash.slice(0, 12) ?? ''})`);
    expect(comment).toContain(`policy.auto_approve: Approved by policy "${name}"`);
    expect(comment).toContain('Limit: 20 days.');
    await at().grantIs(approved.id, 'active');

    const ofNoGroup = await at().ask('ben', key, { durationDays: 15 });
    expect(ofNoGroup).toMatchObject({ decision: 'pending' });
    expect(ofNoGroup.policy?.rules).toContainEqual(expect.objectContaining({ rule: 'policy.group_not_matched' }));
    const tooLong = await at().ask('ada', key, { durationDays: 21 });
    expect(tooLong).toMatchObject({ decision: 'pending' });
    expect(tooLong.policy?.rules).toContainEqual(expect.objectContaining({ rule: 'policy.duration_exceeded' }));
  });

  it('approves nobody by a policy without a group', async () => {
    const { key } = await at().tool();
    bodyOf(await at().as('erin').post('/approval-policies', { name: `Nobody ${key}`, toolKeys: [key], autoApprove: true, jiraGroups: [], enabled: true }), 201, withId);
    expect(await at().ask('gil', key)).toMatchObject({ decision: 'pending' });
  });

  it('denies at the approval what was blocked meanwhile', async () => {
    const { key, groupId } = await at().tool('okta');
    const asked = await at().ask('gil', key);
    bodyOf(await at().as('erin').send('PATCH', `/tools/${key}`, { status: 'blocked' }, { ifMatch: '*' }), 200, z.unknown());
    expect(bodyOf(await at().decide('carla', asked.id, 'approve'), 200, requestShape)).toMatchObject({ decision: 'denied', decisionSource: 'policyDeny', grant: null });
    expect((await at().okta.calls(new RegExp(groupId))).filter(({ changed }) => changed)).toEqual([]);
  });

  it('shows a requester only their own requests', async () => {
    const { key } = await at().tool();
    const asked = await at().ask('gil', key);
    expect((await at().as('ada').get(`/requests/${asked.id}`)).status).toBe(404);
    expect(bodyOf(await at().as('gil').get(`/requests/${asked.id}`), 200, requestShape).requester.accountId).toBe(PEOPLE.gil);
  });
}
