import { z } from 'zod';
import { until } from '../../support/until.js';
import { bodyOf, grantOf, PEOPLE, type World } from '../support/world.js';
import { pageOf, problemShape } from '../support/shapes.js';

const DAYS = 30;
const verification = z.looseObject({ id: z.string(), status: z.string(), entriesChecked: z.number(), firstBad: z.unknown() });

/** API.md's flow for each kind of fulfilment; who is a member is asked of the vendor. */
export function lifecycleScenarios(at: () => World): void {
  const nobodyListed = (): Promise<readonly string[]> => Promise.resolve([]);
  it.each([
    { provider: 'okta', login: 'oktaLogin', members: (groupId: string) => at().vendors.oktaMembers(groupId) },
    { provider: 'entra', login: 'entraUpn', members: (groupId: string) => at().vendors.entraMembers(groupId) },
    { provider: undefined, login: undefined, members: nobodyListed },
  ] as const)('gives access after a second person approved and takes it away at its end: $provider', async ({ provider, login, members }) => {
    const { key, groupId } = await at().tool(provider);
    const gil = at().info.people.find(({ accountId }) => accountId === PEOPLE.gil);
    const name = login === undefined ? undefined : gil?.[login];
    const expectListed = async (isMember: boolean): Promise<void> => expect(await members(groupId)).toEqual(isMember && name !== undefined ? [name] : []);

    const asked = await at().ask('gil', key, { durationDays: DAYS });
    expect(asked).toMatchObject({ decision: 'pending', decisionSource: null, grant: null, requester: { accountId: PEOPLE.gil }, policy: { outcome: 'review' } });
    await expectListed(false);

    bodyOf(await at().decide('carla', asked.id, 'approve'), 200, z.looseObject({ decision: z.literal('approved') }));
    const active = await at().grantIs(asked.id, 'active');
    expect(active).toMatchObject({ decision: 'approved', decisionSource: 'human', reviews: [{ accountId: PEOPLE.carla, decision: 'approve' }] });
    if (provider !== undefined) expect(active.grant?.membership).toMatchObject({ desired: 'present', observed: 'present', evidence: 'readBack' });
    await expectListed(true);
    const { startsAt, expiresAt } = grantOf(active);
    expect(Date.parse(expiresAt ?? '') - Date.parse(startsAt ?? '')).toBe(DAYS * 86_400_000);
    await until('the activation in the ticket', async () => (await at().vendors.comments(asked.issueKey ?? '')).some((text) => /Access is active until .*Audit entry \d+\./.test(text)), { timeoutMs: 30_000 });

    await at().advanceHours(DAYS * 24 - 1);
    expect((await at().look(asked.id)).grant?.status).toBe('active');
    await expectListed(true);
    await at().advanceHours(2);
    const ended = await at().grantIs(asked.id, 'expired');
    expect(ended.decision).toBe('approved');
    if (provider !== undefined) expect(ended.grant?.membership).toMatchObject({ desired: 'absent', observed: 'absent', evidence: 'readBack' });
    await expectListed(false);
  }, 120_000);

  it('leaves an audit trail that verifies, with every step of a request in its order', async () => {
    const { key } = await at().tool();
    const asked = await at().ask('gil', key);
    bodyOf(await at().decide('carla', asked.id, 'approve'), 200, z.unknown());
    await at().grantIs(asked.id, 'active');
    const actions = await until('the sealed events', async () => {
      const { items } = bodyOf(await at().as('farah').get(`/audit/events?requestId=${asked.id}&order=oldestFirst`), 200, pageOf(z.looseObject({ action: z.string() })));
      const found = items.map(({ action }) => action);
      return found.includes('grant.activated') ? found : undefined;
    });
    const order = ['request.created', 'policy.evaluated', 'request.approved', 'grant.created', 'grant.activated'].map((action) => actions.indexOf(action));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);

    const begun = bodyOf(await at().as('farah').post('/audit/verifications'), 200, verification);
    const done = await until('the verification', async () => {
      const latest = bodyOf(await at().as('farah').get('/audit/verifications/latest'), 200, verification);
      return latest.id === begun.id && latest.status !== 'running' ? latest : undefined;
    });
    expect(done).toMatchObject({ status: 'ok', firstBad: null });
    expect(done.entriesChecked).toBeGreaterThan(actions.length);
  });

  it('writes nothing at the vendor for a denied request', async () => {
    const { key, groupId } = await at().tool('okta');
    const asked = await at().ask('gil', key);
    const denied = bodyOf(await at().decide('carla', asked.id, 'deny'), 200, z.looseObject({ decision: z.string(), grant: z.null() }));
    expect(denied.decision).toBe('denied');
    await until('the denial in the ticket', async () => (await at().vendors.comments(asked.issueKey ?? '')).some((text) => text.includes('Denied by an approver.')), { timeoutMs: 30_000 });
    const calls = await at().okta.calls(new RegExp(groupId));
    expect(calls.filter(({ changed, method, path }) => changed || (method !== 'GET' && path.includes('/users/')))).toEqual([]);
    expect(await at().vendors.oktaMembers(groupId)).toEqual([]);
    // Comment and transition are two steps: the ticket moves when Jira took the second.
    await until('the ticket that moved', async () => /denied|declined|rejected|cancel/i.test(await at().vendors.issueStatus(asked.issueKey ?? '')), { timeoutMs: 30_000 });
  });

  it('takes no transition made by hand in Jira for a decision', async () => {
    const { key } = await at().tool();
    const asked = await at().ask('ada', key);
    await at().jira.send('POST', 'transition', { issueKey: asked.issueKey, name: 'Approve' });
    await at().advanceHours(1);
    expect(await at().look(asked.id)).toMatchObject({ decision: 'pending', grant: null });
    bodyOf(await at().decide('carla', asked.id, 'deny'), 200, z.looseObject({ decision: z.literal('denied') }));
    expect(await at().look(asked.id)).toMatchObject({ decision: 'denied', grant: null });
  });

  it('lets nobody decide on their own request, and the refusal is audited', async () => {
    const { key } = await at().tool();
    const asked = await at().ask('carla', key);
    const refused = await at().decide('carla', asked.id, 'approve');
    expect(bodyOf(refused, 403, problemShape).code).toBe('review.self_approval');
    expect(await at().look(asked.id)).toMatchObject({ decision: 'pending', reviews: [] });
    await until('the audited refusal', async () => bodyOf(await at().as('farah').get(`/audit/events?requestId=${asked.id}&action=decision.refused`), 200, pageOf(z.looseObject({ data: z.looseObject({ code: z.string() }) }))).items.some(({ data }) => data.code === 'review.self_approval'));
    bodyOf(await at().decide('dmitri', asked.id, 'approve'), 200, z.looseObject({ decision: z.literal('approved') }));
  });

  it('gives one grant for two approvals at the same moment, and the other one is a conflict', async () => {
    const { key } = await at().tool('okta');
    const asked = await at().ask('gil', key);
    const answers = await Promise.all([at().decide('carla', asked.id, 'approve'), at().decide('dmitri', asked.id, 'approve')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const loser = answers.find(({ status }) => status === 409);
    expect(loser?.body).toMatchObject({ code: 'request.already_decided' });
    await at().grantIs(asked.id, 'active');
    expect(bodyOf(await at().as('erin').get(`/grants?requestId=${asked.id}`), 200, pageOf(z.unknown())).items).toHaveLength(1);
  });
}
