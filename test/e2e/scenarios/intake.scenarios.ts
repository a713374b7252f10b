import { z } from 'zod';
import { until } from '../../support/until.js';
import { bodyOf, PEOPLE, type World } from '../support/world.js';
import { auditEventShape, pageOf, requestShape } from '../support/shapes.js';

const GOOD = { toolKey: 'claude-team', businessUse: 'Summaries', dataClasses: ['internal'], durationDays: 10 };
const workflowCount = z.looseObject({ count: z.union([z.string(), z.number()]).optional() });

/** What Jira's event and the portal's snapshot may do, and what they may not (SPEC I3–I5). */
export function intakeScenarios(at: () => World): void {
  const requestsOf = async (issueKey: string) => bodyOf(await at().as('erin').get(`/requests?issueKey=${issueKey}`), 200, pageOf(requestShape)).items;
  const eventsOf = async (issueKey: string, action: string) => bodyOf(await at().as('farah').get(`/audit/events?issueKey=${issueKey}&action=${action}`), 200, pageOf(auditEventShape)).items;

  it('makes one request and one workflow of fifty deliveries at once', async () => {
    const { key } = await at().tool();
    const issueKey = await at().portal('gil', { ...GOOD, toolKey: key });
    const told = z.looseObject({ delivered: z.number() }).parse(await at().jira.send('POST', 'redeliver', { issueKey, times: 50, concurrent: true }));
    expect(told.delivered).toBe(50);
    const asked = await at().requestOf(issueKey);
    expect(await requestsOf(issueKey)).toHaveLength(1);
    const duplicates = await until('the sealed deliveries', async () => {
      const seen = await eventsOf(issueKey, 'intake.duplicate');
      return seen.length >= 50 ? seen : undefined;
    });
    expect(duplicates).toHaveLength(50);
    expect(await eventsOf(issueKey, 'intake.received')).toHaveLength(1);
    expect(await eventsOf(issueKey, 'request.created')).toHaveLength(1);
    const query = encodeURIComponent(`WorkflowId = "${asked.workflowId}"`);
    const uri = `${at().info.temporal.uiUrl}/api/v1/namespaces/${at().info.temporal.namespace}/workflow-count?query=${query}`;
    const count = await until('the workflow in the engine\'s list', async () => {
      const answer: unknown = await (await fetch(uri)).json();
      const seen = Number(workflowCount.parse(answer).count ?? 0);
      return seen > 0 ? seen : undefined;
    });
    expect(count).toBe(1);
  });

  it('takes the requester from the issue, and the request waits for a person', async () => {
    const { key } = await at().tool();
    expect(await at().ask('ada', key)).toMatchObject({ requester: { accountId: PEOPLE.ada }, decision: 'pending', toolKey: key });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['has text for a number', { ...GOOD, durationDays: '10' }, 'snapshot.malformed', /incomplete or not readable/],
    ['lacks a field', { toolKey: 'claude-team' }, 'snapshot.malformed', /incomplete or not readable/],
    ['is a list', [GOOD], 'snapshot.malformed', /incomplete or not readable/],
    ['has an unknown field', { ...GOOD, approved: true }, 'snapshot.malformed', /incomplete or not readable/],
    ['says another version', { ...GOOD, schemaVersion: 2 }, 'snapshot.other_version', /another version of the form/],
    ['names a requester', { ...GOOD, requester: PEOPLE.erin }, 'snapshot.names_requester', /name a requester/],
    ['is oversized', { ...GOOD, businessUse: 'x'.repeat(9_000) }, 'snapshot.oversized', /too long/],
  ])('makes no request of a snapshot that %s, and says why', async (_what, snapshot, reason, sentence) => {
    const issueKey = await at().portal('gil', snapshot);
    const refused = await until('the audited refusal', async () => (await eventsOf(issueKey, 'intake.refused'))[0], { timeoutMs: 30_000, everyMs: 100 });
    expect(refused.data).toMatchObject({ reason });
    await until('the comment', async () => (await at().vendors.comments(issueKey)).some((text) => sentence.test(text)), { timeoutMs: 30_000, everyMs: 100 });
    expect(await requestsOf(issueKey)).toEqual([]);
    expect(await eventsOf(issueKey, 'intake.refused')).toHaveLength(1);
  });

  it('reads a snapshot that Jira shows only later', async () => {
    const { key } = await at().tool();
    const issueKey = await at().portal('gil', undefined);
    await at().jira.send('PUT', 'issue-property', { issueKey, value: { 'aiclearance.snapshot.v1': { ...GOOD, toolKey: key } } });
    expect(await at().requestOf(issueKey)).toMatchObject({ toolKey: key, requester: { accountId: PEOPLE.gil } });
  });

  it('refuses an event without a signature', async () => {
    const issueKey = await at().portal('gil', undefined);
    expect(await at().nobody.post('/intake/jira/issue-created', { issueKey })).toMatchObject({ status: 401 });
    expect(await at().as('ada').post('/intake/jira/issue-created', { issueKey })).toMatchObject({ status: 403 });
  });
}
