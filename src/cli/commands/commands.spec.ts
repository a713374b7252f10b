import type { z } from 'zod';
import { aFinding, aGrant, aJob, aKillSwitch, aKillSwitchItem, aManualAction, aReconciliation, aRequest, aVerification, NOW } from '../../api/testing/builders.js';
import { extendBody, revokeBody } from '../../contracts/grant.contract.js';
import { completeManualActionBody, jobListQuery, manualActionListQuery } from '../../contracts/job.contract.js';
import { createKillSwitchBody, killSwitchListQuery } from '../../contracts/kill-switch.contract.js';
import { findingListQuery, reconciliationListQuery, resolveFindingBody, startReconciliationBody } from '../../contracts/reconciliation.contract.js';
import { emptyBody } from '../../contracts/page.contract.js';
import { bulkDecisionBody, decisionBody, requestListQuery, submitRequestBody, withdrawBody } from '../../contracts/request.contract.js';
import { toolListQuery } from '../../contracts/tool.contract.js';
import { startFakeApi, type FakeApi, type FakeRoutes } from '../testing/fake-api.js';
import { runInTest } from '../testing/run-in-test.js';

const one = (item: unknown) => ({ body: { items: [item], nextCursor: null } });
const bulk = (status: number) => ({ body: { results: [{ issueKey: 'AI-1', requestId: 'r1', status, ...(status < 400 ? {} : { code: 'review.self_approval', detail: 'Nobody decides on their own request' }) }] } });
const tool = { key: 'claude-team', name: 'Claude', vendor: 'Anthropic', status: 'approved', risk: 'low', maxDurationDays: 180, provider: 'none', connectorId: null, requestable: true, fulfilment: 'automatic', entitlementGroup: null, roles: [], driftResponse: 'report' };
const completion = { action: aManualAction({ status: 'done' }), readBack: { observed: 'present', readAt: NOW }, grantStatus: 'active' };
const me = { siteId: 'acme', accountId: 'ada', displayName: 'Ada', roles: ['requester'], approverOf: [], licence: 'active', abilities: { decide: { allowed: false, reason: 'auth.forbidden' } } };

const ROUTES: FakeRoutes = {
  'POST /api/v1/requests': { status: 201, body: aRequest() },
  'GET /api/v1/requests': one(aRequest({ id: 'r7' })),
  'GET /api/v1/me/requests': one(aRequest()),
  'GET /api/v1/me/approvals': one(aRequest()),
  'GET /api/v1/requests/r1': { body: aRequest() },
  'GET /api/v1/requests/r7': { body: aRequest({ id: 'r7' }) },
  'GET /api/v1/requests/r1/timeline': one({ at: NOW, kind: 'audit', action: 'request.created', actor: { kind: 'person', accountId: 'ada' }, seq: 4, summary: 'Request created', details: {} }),
  'POST /api/v1/requests/r1/decisions': { body: aRequest({ decision: 'approved', decisionSource: 'human' }) },
  'POST /api/v1/requests/r7/decisions': { body: aRequest({ decision: 'denied', decisionSource: 'human' }) },
  'POST /api/v1/requests/r1/withdraw': { body: aRequest({ decision: 'withdrawn', decisionSource: 'requester' }) },
  'POST /api/v1/requests/bulk-decisions': bulk(200),
  'GET /api/v1/me/access': one(aGrant()),
  'GET /api/v1/grants': ({ query }) => (query['requestId'] === 'g1' ? { body: { items: [], nextCursor: null } } : one(aGrant({ id: 'g7' }))),
  'POST /api/v1/grants/g1/revoke': { body: aGrant({ status: 'removing' }) },
  'POST /api/v1/grants/g7/return': { body: aGrant({ status: 'removing' }) },
  'POST /api/v1/grants/g7/extend': { body: aGrant() },
  'GET /api/v1/manual-actions': one(aManualAction()),
  'GET /api/v1/me/manual-actions': one(aManualAction()),
  'POST /api/v1/manual-actions/m1/complete': { body: completion },
  'GET /api/v1/jobs': one(aJob()),
  'POST /api/v1/jobs/j1/retry': { body: aJob({ status: 'queued' }) },
  'GET /api/v1/me': { body: me },
  'GET /api/v1/tools': one(tool),
  'POST /api/v1/audit/verifications': { body: aVerification() },
  'POST /api/v1/kill-switches': ({ body }) => ({ status: 201, body: aKillSwitch(JSON.stringify(body).includes('dryRun') ? { mode: 'dryRun', status: 'planned', workflowId: null } : {}) }),
  'GET /api/v1/kill-switches': one(aKillSwitch()),
  'GET /api/v1/kill-switches/ks1': { body: aKillSwitch({ status: 'done' }) },
  'GET /api/v1/kill-switches/ks1/items': one(aKillSwitchItem()),
  'POST /api/v1/kill-switches/ks1/restore': { body: aKillSwitch({ restoreStatus: 'running' }) },
  'POST /api/v1/kill-switches/ks1/confirm': { body: aKillSwitch({ source: 'leaver', scope: 'person' }) },
  'POST /api/v1/reconciliations': { status: 202, body: aReconciliation() },
  'GET /api/v1/reconciliations': one(aReconciliation()),
  'GET /api/v1/reconciliations/rec1': { body: aReconciliation({ status: 'done' }) },
  'GET /api/v1/findings': one(aFinding()),
  'POST /api/v1/findings/f1/resolve': { body: aFinding({ state: 'accepted' }) },
  'GET /api/v1/diagnoses/AI-7': { body: { issueKey: 'AI-7', at: NOW, requestId: null, symptoms: [{ symptom: 'portalNotEnabled', title: 'Portal panel says not enabled', verdict: 'ok', looks: [{ ok: true, saw: 'Intake is open', toDo: null }] }] } },
  'GET /api/v1/diagnoses/AI-8': { body: { issueKey: 'AI-8', at: NOW, requestId: null, symptoms: [{ symptom: 'notInApprovals', title: 'Requests never appear', verdict: 'problem', looks: [{ ok: false, saw: 'Jira never told of it', toDo: 'Deliver it' }, { ok: null, saw: 'Jira is away', toDo: null }] }] } },
  'POST /api/v1/connectors/c1/test': { body: { ok: true, testedAt: NOW, abilities: [{ ability: 'readUsers', ok: true }], failure: null } },
  'POST /api/v1/connectors/c1/conformance': { body: { connectorId: 'c1', provider: 'okta', conforms: true, ranAt: NOW, group: { externalGroupId: '00g1', name: 'AI Clearance - Conformance', created: true }, steps: [{ step: 'addAgain', outcome: 'asExpected', expected: 'adding again is success', saw: 'taken', tookMs: 12 }] } },
};

interface Case { readonly args: string; readonly call: string; readonly query?: unknown; readonly body?: unknown; readonly schema?: z.ZodType; readonly shows: string }
const CASES: readonly Case[] = [
  { args: 'diagnose ai-7', call: 'GET /api/v1/diagnoses/AI-7', shows: 'ok    Portal panel says not enabled' },
  { args: 'request --tool claude-team --use Drafts --data-class internal public --days 14', call: 'POST /api/v1/requests', schema: submitRequestBody, body: { toolKey: 'claude-team', businessUse: 'Drafts', dataClasses: ['internal', 'public'], durationDays: 14 }, shows: 'pending (project)' },
  { args: 'request --tool x --role admin --use y --data-class z --days 1 --issue AI-3 --for bob', call: 'POST /api/v1/requests', schema: submitRequestBody, body: { toolKey: 'x', roleKey: 'admin', businessUse: 'y', dataClasses: ['z'], durationDays: 1, issueKey: 'AI-3', accountId: 'bob' }, shows: 'r1' },
  { args: 'requests --decision pending --grant none --tool x --account ada --project AI --issue AI-1 --from 2026-01-01 --to 2026-02-01 --limit 7 --cursor abc', call: 'GET /api/v1/requests', schema: requestListQuery, query: { decision: 'pending', grant: 'none', toolKey: 'x', accountId: 'ada', projectKey: 'AI', issueKey: 'AI-1', from: '2026-01-01', to: '2026-02-01', limit: '7', cursor: 'abc' }, shows: 'r7' },
  { args: 'requests --mine', call: 'GET /api/v1/me/requests', query: {}, shows: 'r1' },
  { args: 'approvals', call: 'GET /api/v1/me/approvals', query: {}, shows: 'r1' },
  { args: 'show r1', call: 'GET /api/v1/requests/r1', query: {}, shows: 'default.by_risk' },
  { args: 'timeline r1', call: 'GET /api/v1/requests/r1/timeline', query: {}, shows: 'request.created' },
  { args: 'withdraw r1 --reason Mistake', call: 'POST /api/v1/requests/r1/withdraw', schema: withdrawBody, body: { reason: 'Mistake' }, shows: 'withdrawn (requester)' },
  { args: 'approve r1 --days 7 --comment Fine', call: 'POST /api/v1/requests/r1/decisions', schema: decisionBody, body: { decision: 'approve', durationDays: 7, comment: 'Fine' }, shows: 'approved' },
  { args: 'deny ai-9', call: 'POST /api/v1/requests/r7/decisions', schema: decisionBody, body: { decision: 'deny' }, shows: 'denied' },
  { args: 'bulk-approve ai-1 AI-2 --comment Fine', call: 'POST /api/v1/requests/bulk-decisions', schema: bulkDecisionBody, body: { issueKeys: ['AI-1', 'AI-2'], decision: 'approve', comment: 'Fine' }, shows: 'done' },
  { args: 'bulk-deny r1 req_0b1c-2d', call: 'POST /api/v1/requests/bulk-decisions', schema: bulkDecisionBody, body: { requestIds: ['r1', 'req_0b1c-2d'], decision: 'deny' }, shows: 'done' },
  { args: 'connector test --connector c1', call: 'POST /api/v1/connectors/c1/test', schema: emptyBody, body: {}, shows: 'readUsers' },
  { args: 'connector conformance --connector c1 --login test@acme.example --group AI_Clearance', call: 'POST /api/v1/connectors/c1/conformance', body: { login: 'test@acme.example', groupName: 'AI_Clearance' }, shows: 'addAgain' },
  { args: 'access', call: 'GET /api/v1/me/access', query: {}, shows: 'present' },
  { args: 'grants --status active --tool x', call: 'GET /api/v1/grants', query: { status: 'active', toolKey: 'x' }, shows: 'g7' },
  { args: 'revoke g1 --reason Left', call: 'POST /api/v1/grants/g1/revoke', schema: revokeBody, body: { reason: 'Left' }, shows: 'removing' },
  { args: 'return r1', call: 'POST /api/v1/grants/g7/return', schema: revokeBody, body: {}, shows: 'present, read' },
  { args: 'extend AI-1 --days 5 --reason More', call: 'POST /api/v1/grants/g7/extend', schema: extendBody, body: { durationDays: 5, reason: 'More' }, shows: '30 days remaining' },
  { args: 'manual-actions --status open --tool x', call: 'GET /api/v1/manual-actions', schema: manualActionListQuery, query: { status: 'open', toolKey: 'x' }, shows: 'mapping.missing' },
  { args: 'manual-actions --mine', call: 'GET /api/v1/me/manual-actions', query: {}, shows: 'm1' },
  { args: 'complete m1 --outcome fulfilled --note Done', call: 'POST /api/v1/manual-actions/m1/complete', schema: completeManualActionBody, body: { outcome: 'fulfilled', note: 'Done' }, shows: `present, read ${NOW}` },
  { args: 'jobs --status deadLetter', call: 'GET /api/v1/jobs', schema: jobListQuery, query: { status: 'deadLetter' }, shows: 'Okta refused the credential' },
  { args: 'retry j1', call: 'POST /api/v1/jobs/j1/retry', schema: emptyBody, body: {}, shows: 'queued' },
  { args: 'whoami', call: 'GET /api/v1/me', query: {}, shows: 'no: auth.forbidden' },
  { args: 'tools --status approved --provider none', call: 'GET /api/v1/tools', schema: toolListQuery, query: { status: 'approved', provider: 'none' }, shows: 'Anthropic' },
  { args: 'kill-switch start --tool x --reason Leak --execute --yes', call: 'POST /api/v1/kill-switches', schema: createKillSwitchBody, body: { scope: 'tool', key: 'x', reason: 'Leak', mode: 'execute' }, shows: 'kill-switch/acme/ks1' },
  { args: 'kill-switch list --scope tool --source killSwitch --key x --status running', call: 'GET /api/v1/kill-switches', schema: killSwitchListQuery, query: { scope: 'tool', source: 'killSwitch', key: 'x', status: 'running' }, shows: 'tool chatgpt-enterprise' },
  { args: 'kill-switch show ks1', call: 'GET /api/v1/kill-switches/ks1', query: {}, shows: '2, of which 1 verified absent' },
  { args: 'kill-switch items ks1', call: 'GET /api/v1/kill-switches/ks1/items', query: {}, shows: 'readBack' },
  { args: 'kill-switch restore ks1 --yes', call: 'POST /api/v1/kill-switches/ks1/restore', schema: emptyBody, body: {}, shows: 'given back' },
  { args: 'kill-switch confirm ks1 --yes', call: 'POST /api/v1/kill-switches/ks1/confirm', schema: emptyBody, body: {}, shows: 'a person who left' },
  { args: 'reconcile start --connector c1 --yes', call: 'POST /api/v1/reconciliations', schema: startReconciliationBody, body: { connectorId: 'c1' }, shows: 'reconcile show rec1' },
  { args: 'reconcile list --connector c1 --status done', call: 'GET /api/v1/reconciliations', schema: reconciliationListQuery, query: { connectorId: 'c1', status: 'done' }, shows: 'rec1' },
  { args: 'reconcile show rec1', call: 'GET /api/v1/reconciliations/rec1', query: {}, shows: '1 confirmed of 1' },
  { args: 'findings --state open --tool x --account ada', call: 'GET /api/v1/findings', schema: findingListQuery, query: { state: 'open', toolKey: 'x', accountId: 'ada' }, shows: 'outOfBandAdd' },
  { args: 'resolve f1 --action accept --note Known', call: 'POST /api/v1/findings/f1/resolve', schema: resolveFindingBody, body: { action: 'accept', note: 'Known' }, shows: 'accepted' },
  { args: 'audit verify', call: 'POST /api/v1/audit/verifications', schema: emptyBody, body: {}, shows: '3 abc' },
];

describe('commands', () => {
  let api: FakeApi;
  afterEach(() => api.close());
  const run = async (args: string, routes: FakeRoutes = ROUTES) => {
    api = await startFakeApi(routes);
    return runInTest(args.split(' '), { url: api.url, token: 'secret-token' });
  };

  it.each(CASES)('$args → $call', async ({ args, call, query, body, schema, shows }) => {
    const { exitCode, out, err } = await run(args);
    const [last] = api.calls.slice(-1);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(last).toMatchObject({ call, token: 'secret-token', idempotencyKey: call.startsWith('POST') ? 'key-1' : null });
    if (query !== undefined) expect(last?.query).toEqual(query);
    if (body !== undefined) expect(last?.body).toEqual(body);
    const sent = call.startsWith('POST') ? last?.body : last?.query;
    if (schema !== undefined) expect(schema.safeParse(sent).error).toBeUndefined();
    expect(out).toContain(shows);
  });

  it.each(CASES)('$args --json prints the API\'s answer as it is', async ({ args, call }) => {
    const { out } = await run(`${args} --json`);
    const route = ROUTES[call];
    const [last] = api.calls.slice(-1);
    if (route === undefined || last === undefined) throw new Error(`no answer for ${call}`);
    expect(JSON.parse(out)).toEqual(typeof route === 'function' ? route(last).body : route.body);
  });

  it('lists in a dry run what a kill switch would end, and says how to do it', async () => {
    const { exitCode, out } = await run('kill-switch start --person ada --reason Left');
    expect(api.calls.map(({ call, body }) => [call, body])).toEqual([['POST /api/v1/kill-switches', { scope: 'person', key: 'ada', reason: 'Left', mode: 'dryRun' }], ['GET /api/v1/kill-switches/ks1/items', undefined]]);
    expect(exitCode).toBe(0);
    for (const said of ['dry run: nothing was ended', '2, of which 1 verified absent', 'r1', '--execute --yes']) expect(out).toContain(said);
    await api.close();
    expect(JSON.parse((await run('kill-switch start --person ada --reason Left --json')).out)).toMatchObject({ id: 'ks1', mode: 'dryRun', items: [{ requestId: 'r1' }], nextCursor: null });
  });

  it('names in a dry run the other accounts of the person, and none where the person has one', async () => {
    const planned = { ...ROUTES, 'POST /api/v1/kill-switches': { body: aKillSwitch({ scope: 'person', key: 'ada', mode: 'dryRun', status: 'planned', workflowId: null }) } };
    expect((await run('kill-switch start --person ada --reason Left', planned)).out).not.toContain('same person');
    await api.close();
    const page = { items: [aKillSwitchItem(), aKillSwitchItem({ requestId: 'r2', accountId: 'ada-2' }), aKillSwitchItem({ requestId: 'r3', accountId: 'ada-2' })], nextCursor: null };
    const { out } = await run('kill-switch start --person ada --reason Left', { ...planned, 'GET /api/v1/kill-switches/ks1/items': { body: page } });
    expect(out).toContain('Of the same person under 1 other account above: ada-2');
  });

  it.each(['kill-switch start --tool x --reason Leak --execute', 'kill-switch restore ks1', 'kill-switch confirm ks1', 'resolve f1 --action repair'])('asks nobody to do %s before it is confirmed', async (args) => {
    const { exitCode, err } = await run(`${args} --json`);
    expect(api.calls).toEqual([]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(err)).toMatchObject({ code: 'cli.not_confirmed' });
  });

  it.each(['kill-switch start --reason Leak', 'kill-switch start --tool x --person ada --reason Leak', 'reconcile start --tool x --connector c1 --yes'])('exits 2 for %s, which does not say one thing', async (args) => {
    expect((await run(args)).exitCode).toBe(2);
    expect(api.calls).toEqual([]);
  });

  it('lists what a reconciliation would compare, and starts none', async () => {
    const compared = { ...tool, key: 'chatgpt', connectorId: 'c1', driftResponse: 'revert', entitlementGroup: { name: 'AI - Users', assignmentConfirmedAt: null }, roles: [{ key: 'admin', risk: 'high', requestable: true, entitlementGroup: { name: 'AI - Admins', assignmentConfirmedAt: null } }] };
    const { exitCode, out } = await run('reconcile start --connector c1', { 'GET /api/v1/tools': { body: { items: [tool, compared], nextCursor: null } } });
    expect(exitCode).toBe(0);
    expect(api.calls.map(({ call }) => call)).toEqual(['GET /api/v1/tools']);
    expect(out).toContain('AI - Users');
    expect(out).toMatch(/chatgpt\/admin.*AI - Admins/);
    expect(out).toContain('taken out of the group');
    expect(out).not.toContain('claude-team');
  });

  it('exits 1 for a kill switch that is not through, and for a run that was stopped', async () => {
    expect((await run('kill-switch show ks1', { 'GET /api/v1/kill-switches/ks1': { body: aKillSwitch() } })).exitCode).toBe(1);
    await api.close();
    const stopped = aReconciliation({ status: 'stopped', groups: [{ externalGroupId: '00g1', state: 'listed', held: 'runThreshold', pages: 1, members: 2, error: null }] });
    const shown = await run('reconcile show rec1', { 'GET /api/v1/reconciliations/rec1': { body: stopped } });
    expect(shown.exitCode).toBe(1);
    expect(shown.out).toContain('runThreshold');
  });

  it('looks an issue key up before it decides, and asks for no more than it needs to see whether it is the only one', async () => {
    await run('deny ai-9');
    expect(api.calls[0]).toMatchObject({ call: 'GET /api/v1/requests', query: { issueKey: 'AI-9', limit: '2' } });
  });

  it('exits 1 for an issue without a request, and for one with two', async () => {
    const none = await run('approve AI-404', { 'GET /api/v1/requests': { body: { items: [], nextCursor: null } } });
    expect(none).toMatchObject({ exitCode: 1, err: 'There is no request of AI-404, or you may not see it.\n' });
    await api.close();
    const two = await run('approve AI-2 --json', { 'GET /api/v1/requests': { body: { items: [{ id: 'r1' }, { id: 'r2' }], nextCursor: null } } });
    expect(two.exitCode).toBe(1);
    expect(JSON.parse(two.err)).toMatchObject({ code: 'cli.ambiguous', toDo: 'Say which: r1, r2 or another.' });
  });

  it('encodes an id, so that it can\'t lead to another path', async () => {
    await run('show ../../health');
    expect(api.calls[0]?.call).toBe('GET /api/v1/requests/..%2F..%2Fhealth');
  });

  it('follows the pages of a list with --all, and otherwise says how to go on', async () => {
    const paged: FakeRoutes = { 'GET /api/v1/requests': ({ query }) => ({ body: query['cursor'] === undefined ? { items: [aRequest({ id: 'r1' })], nextCursor: 'c2' } : { items: [aRequest({ id: 'r2' })], nextCursor: null } }) };
    const all = await run('requests --all --tool x --json', paged);
    expect(JSON.parse(all.out)).toMatchObject({ items: [{ id: 'r1' }, { id: 'r2' }], nextCursor: null });
    expect(api.calls.map(({ query }) => query)).toEqual([{ toolKey: 'x', limit: '200' }, { toolKey: 'x', limit: '200', cursor: 'c2' }]);
    await api.close();
    expect((await run('requests', paged)).out.trimEnd().split('\n').at(-1)).toBe('More: --cursor c2');
  });

  it('signs in at the sandbox with --as, which wins over the token, and never prints what it got', async () => {
    api = await startFakeApi({ ...ROUTES, 'POST /api/v1/sandbox/sign-in': { body: { token: 'from-the-sandbox', accountId: 'ada', displayName: 'Ada', roles: [], expiresAt: NOW } } });
    const { out, exitCode } = await runInTest(['--as', 'ada', 'whoami', '--json'], { url: api.url, token: 'secret-token' });
    expect(exitCode).toBe(0);
    expect(api.calls).toMatchObject([{ call: 'POST /api/v1/sandbox/sign-in', body: { accountId: 'ada' }, token: null }, { call: 'GET /api/v1/me', token: 'from-the-sandbox' }]);
    expect(out).not.toContain('from-the-sandbox');
  });

  it('exits 1 for a bad answer: denied on asking, denied by policy on approving, one of many refused, a chain that is not proven', async () => {
    const denied = { body: aRequest({ decision: 'denied', decisionSource: 'policyDeny' }) };
    const cases: readonly (readonly [string, FakeRoutes])[] = [
      ['request --tool x --use y --data-class z --days 1', { 'POST /api/v1/requests': { ...denied, status: 201 } }],
      ['approve r1', { 'POST /api/v1/requests/r1/decisions': denied }],
      ['bulk-approve AI-1', { 'POST /api/v1/requests/bulk-decisions': bulk(403) }],
      ['audit verify', { 'POST /api/v1/audit/verifications': { body: aVerification({ status: 'broken', ok: false, firstBad: { seq: 2, reason: 'mac.mismatch' } }) } }],
      ['audit verify', { 'POST /api/v1/audit/verifications': { body: aVerification({ status: 'running', ok: null, chainHead: null }) } }],
    ];
    const outs: string[] = [];
    for (const [args, routes] of cases) {
      const { exitCode, out, err } = await run(args, routes);
      expect({ args, exitCode, err }).toEqual({ args, exitCode: 1, err: '' });
      outs.push(out);
      await api.close();
    }
    expect(outs[2]).toContain('refused  review.self_approval');
    expect(outs[3]).toContain('first bad  2 mac.mismatch');
  });

  it('marks what is wrong with an issue, says what to do, and exits 1', async () => {
    const { exitCode, out } = await run('diagnose AI-8');
    expect(exitCode).toBe(1);
    expect(out.split('\n').slice(0, 4)).toEqual(['fail  Requests never appear', '        fail  Jira never told of it', '              Deliver it', '        ?     Jira is away']);
    await api.close();
    expect(await run('diagnose r1')).toMatchObject({ exitCode: 2 });
  });

  it('shows a request that is denied without calling that a failure', async () => {
    expect(await run('show r1', { 'GET /api/v1/requests/r1': { body: aRequest({ decision: 'denied', decisionSource: 'human' }) } })).toMatchObject({ exitCode: 0 });
  });

  it('says that the membership is still there while access is being removed', async () => {
    const removing = aRequest({ decision: 'approved', grant: { ...aGrant({ status: 'removing' }) } });
    expect((await run('show r1', { 'GET /api/v1/requests/r1': { body: removing } })).out).toMatch(/grant +g1, removing\n[^]*membership +present, read/);
  });
});
