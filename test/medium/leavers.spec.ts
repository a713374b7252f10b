import { randomUUID } from 'node:crypto';
import { startSoon } from '../../src/application/access/api/request-commands.js';
import { createRequest } from '../../src/application/access/submit/create-request.js';
import type { CoreCallResult } from '../../src/application/core/core-call.js';
import { finishLeaverCheck } from '../../src/application/leavers/check-leaver.js';
import { createOktaHooks } from '../../src/application/leavers/okta-hooks.js';
import type { OktaHooks } from '../../src/application/ports/okta-hooks.port.js';
import { connectorConfigContext } from '../../src/application/ports/sealing.port.js';
import { startRun } from '../../src/application/reconciliation/start-run.js';
import { createMassActionEngine } from '../../src/engine/mass-action-engine.js';
import { createReconciliationEngine } from '../../src/engine/reconciliation-engine.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { PgConnectorStore } from '../../src/persistence/stores/connector.store.js';
import { createEventHookStore, PgLeaverStore } from '../../src/persistence/stores/leaver.store.js';
import { PgMassActionStore } from '../../src/persistence/stores/mass-action.store.js';
import { PgSettingStore } from '../../src/persistence/stores/setting.store.js';
import { startOktaSandbox } from '../../src/sandbox/okta/okta-sandbox.js';
import { PgReconciliationStore } from '../../src/persistence/stores/reconciliation.store.js';
import { bodyOf, killSwitchesOf, type KillSwitches } from '../support/kill-switches.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { failed, paced } from '../support/reconciliation-steps.js';
import { until } from '../support/until.js';

const SECRET = 'a secret that only the Okta org knows';

/** SPEC G6: who is gone at the provider or in Jira loses everything, in one case, and never on an event's word alone. */
describe('leavers', () => {
  let product: TestProduct;
  let switches: KillSwitches;
  let hooks: OktaHooks;
  let api: Awaited<ReturnType<ReturnType<typeof createDataSource>['initialize']>>;
  beforeAll(async () => {
    product = await startTestProduct();
    switches = killSwitchesOf(product);
    api = await createDataSource({ url: product.database.apiUrl, poolSize: 2, applicationName: 'test-hooks' }).initialize();
    hooks = createOktaHooks({
      uow: product.uow, commands: product.deps.commands, connectors: new PgConnectorStore(), hooks: createEventHookStore(api), leavers: new PgLeaverStore(), sealer: product.sealer,
      engine: createMassActionEngine(product.client, 'governance'),
    });
    bodyOf(await hooks.setSecret({ ...switches.context(), methodAndPath: 'PUT event-hook' }, { connectorId: 'con', secret: SECRET }));
    await product.sql(`INSERT INTO site_setting (site_id, name, value) VALUES ($1, 'defaults', '{"outcomeByRisk":{"low":"autoApprove","medium":"autoApprove","high":"review","critical":"review"}}'), ($1, 'leaver', '{"enabled":true,"maxPersons":100,"windowHours":24}')`, [SITE]);
  });
  afterAll(async () => {
    await api.destroy();
    await product.stop();
  });

  const ask = async (accountId: string, toolKey: string): Promise<string> => {
    const { id } = await product.uow.run(SITE, (tx) => createRequest(product.deps.store, tx, { issueId: null, issueKey: null, projectKey: 'AIACC', toolKey, roleKey: null, requester: accountId, submittedBy: accountId, businessUse: 'test', dataClasses: ['internal'], durationDays: 30, jiraGroups: [] }));
    await startSoon(product.deps, SITE, id);
    return id;
  };
  const grantOf = async (requestId: string) => (await product.sql('SELECT status, end_reason, end_evidence FROM access_grant WHERE request_id = $1', [requestId]))[0];
  const active = (requestId: string) => until(`the grant of ${requestId} is active`, async () => (await grantOf(requestId))?.['status'] === 'active', { timeoutMs: 30_000 });
  const holder = async (toolKey = 'chatgpt-enterprise') => {
    const person = await product.person();
    const requestId = await ask(person.accountId, toolKey);
    await active(requestId);
    return { ...person, requestId };
  };
  const caseOf = async (accountId: string) => (await product.sql("SELECT id, status, requested_by FROM mass_action WHERE source = 'leaver' AND key = $1", [accountId]));
  const setStatus = (user: string, status: string) => product.oktaControl.send('PUT', 'user-status', { user, status });
  const event = (id: string, eventType = 'user.lifecycle.deactivate', uuid: string = randomUUID()) => ({ data: { events: [{ uuid, eventType, target: [{ id, type: 'User' }, { id: '0oa1', type: 'AppInstance' }] }] } });
  const hintOf = (uuid: string) => until('the hint is settled', async () => (await product.sql('SELECT state, sealed_identity FROM leaver_hint WHERE event_key LIKE $1 AND state <> $2', [`okta/con/${uuid}/%`, 'pending']))[0], { timeoutMs: 30_000 });

  it('lose everything over all tools when Okta says so in an event and in a read', async () => {
    const person = await holder();
    const second = await ask(person.accountId, 'claude-team');
    await product.sql("UPDATE tool SET risk = 'high' WHERE key = 'codex'");
    const pending = await ask(person.accountId, 'codex');
    await product.sql("UPDATE tool SET risk = 'medium' WHERE key = 'codex'");
    await setStatus(person.oktaId, 'DEPROVISIONED');
    const said = event(person.oktaId, 'user.lifecycle.deactivate');
    expect(await hooks.receive('con', 'a guess', said)).toBe(false);
    expect(await product.sql('SELECT 1 FROM leaver_hint')).toEqual([]);
    expect(await Promise.all([hooks.receive('con', SECRET, said), hooks.receive('con', SECRET, said)])).toEqual([true, true]);

    expect(await hintOf(said.data.events[0]?.uuid ?? '')).toEqual({ state: 'confirmed', sealed_identity: null });
    const [opened] = await caseOf(person.accountId);
    expect((await switches.done(String(opened?.['id']))).counts).toMatchObject({ total: 2, verifiedAbsent: 2, pending: 0, requests: 1, requestsClosed: 1 });
    expect(await grantOf(person.requestId)).toMatchObject({ status: 'revoked', end_reason: 'leaver', end_evidence: 'readBack' });
    expect(await grantOf(second)).toMatchObject({ status: 'revoked', end_reason: 'leaver' });
    expect(await product.sql('SELECT decision, decision_source FROM request WHERE id = $1', [pending])).toEqual([{ decision: 'denied', decision_source: 'leaver' }]);
    expect(await product.inGroup(person.oktaId)).toBe(false);
    expect(await caseOf(person.accountId)).toHaveLength(1);
    const late = await ask(person.accountId, 'claude-team');
    expect(await product.sql("SELECT decision, policy -> 'rules' -> 0 ->> 'rule' AS rule FROM request WHERE id = $1", [late])).toEqual([{ decision: 'denied', rule: 'access.leaver' }]);
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
  }, 60_000);

  it('are found by the identity that access was given to when an admin has deleted their mapping; whoever was mapped to another one stays', async () => {
    const [gone, moved, other] = [await holder(), await holder(), await product.person()];
    await product.sql('DELETE FROM site_identity_mapping WHERE account_id = $1', [gone.accountId]);
    await product.alias(moved.accountId, other.accountId);
    const told = await Promise.all([gone, moved].map(async ({ oktaId }) => {
      await setStatus(oktaId, 'DEPROVISIONED');
      const said = event(oktaId);
      await hooks.receive('con', SECRET, said);
      return (await hintOf(said.data.events[0]?.uuid ?? ''))['state'];
    }));
    expect(told).toEqual(['confirmed', 'unmapped']);
    await until('the access of who has left is over', async () => (await grantOf(gone.requestId))?.['end_evidence'] === 'readBack', { timeoutMs: 30_000 });
    expect(await grantOf(gone.requestId)).toMatchObject({ status: 'revoked', end_reason: 'leaver' });
    expect(await grantOf(moved.requestId)).toMatchObject({ status: 'active' });
  }, 60_000);

  it('are not believed on an event\'s word: who is active keeps the access, who is unknown is nobody\'s', async () => {
    const person = await holder();
    const about = event(person.oktaId, 'user.lifecycle.suspend');
    await hooks.receive('con', SECRET, about);
    expect(await hintOf(about.data.events[0]?.uuid ?? '')).toMatchObject({ state: 'refuted' });
    const stranger = event('00u-of-nobody');
    await hooks.receive('con', SECRET, stranger);
    expect(await hintOf(stranger.data.events[0]?.uuid ?? '')).toMatchObject({ state: 'unmapped' });
    await hooks.receive('con', SECRET, event(person.oktaId, 'user.session.start'));
    expect(await product.sql("SELECT 1 FROM leaver_hint WHERE state = 'pending'")).toEqual([]);
    expect(await caseOf(person.accountId)).toEqual([]);
    expect(await grantOf(person.requestId)).toMatchObject({ status: 'active' });
  });

  it('are asked about again, however long the tenant\'s budget of calls has no room for it: only a read that was made counts as a try', async () => {
    const leavers = new PgLeaverStore();
    const unasked = (): Promise<never> => Promise.reject(new Error('not asked for here'));
    const deps = { uow: product.uow, leavers, massActions: new PgMassActionStore(), settings: new PgSettingStore(), jiraSites: { find: unasked }, massActionEngine: createMassActionEngine(product.client, 'governance') };
    const id = `lh_${randomUUID()}`;
    await product.uow.run(SITE, async (tx) => {
      await leavers.hint(tx, { id, cause: 'oktaEvent', connectorId: 'con', sealedIdentity: 'sealed', externalIdentityId: null, accountId: null, eventKey: id });
      // Not due: the product's own poller leaves it to this test.
      await leavers.delayHint(tx, id, { retryInMs: 3_600_000, tries: 0 });
    });
    const told = (result: CoreCallResult): Promise<string> => finishLeaverCheck(deps, SITE, id, 'con', result);
    const hint = async () => (await product.sql("SELECT state, attempts, next_attempt_at - clock_timestamp() BETWEEN interval '50 s' AND interval '60 s' AS soon FROM leaver_hint WHERE id = $1", [id]))[0];
    for (let times = 0; times < 25; times += 1) expect(await told(paced(60_000))).toBe('pending');
    expect(await hint()).toEqual({ state: 'pending', attempts: 0, soon: true });
    await product.sql('UPDATE leaver_hint SET attempts = 18 WHERE id = $1', [id]);
    expect(await told(failed('retryable', 'Okta is away'))).toBe('pending');
    expect(await told(paced(60_000))).toBe('pending');
    expect(await told(failed('retryable', 'Okta is away'))).toBe('unreadable');
  });

  it('are all found when one event names several of them', async () => {
    const people = [await product.person(), await product.person()];
    const said = { data: { events: [{ uuid: randomUUID(), eventType: 'user.lifecycle.suspend', target: people.map(({ oktaId }) => ({ id: oktaId, type: 'User' })) }] } };
    expect(await Promise.all([hooks.receive('con', SECRET, said), hooks.receive('con', SECRET, said)])).toEqual([true, true]);
    const keys = (await product.sql('SELECT event_key FROM leaver_hint WHERE event_key LIKE $1', [`okta/con/${said.data.events[0]?.uuid}/%`])).map((row) => String(row['event_key']));
    expect(keys).toHaveLength(2);
    for (const { oktaId } of people) expect(keys.join()).not.toContain(oktaId);
  });

  it('are never told of by another org, which does not know the people of this one', async () => {
    const person = await holder();
    const other = await startOktaSandbox();
    try {
      const config = await product.sealer.seal(connectorConfigContext(SITE, 'con-other'), JSON.stringify({ provider: 'okta', orgUrl: other.baseUrl, auth: { kind: 'apiToken', token: other.apiToken } }));
      await product.sql("INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config, status) VALUES ('con-other', $1, 'Other org', 'okta', $2, $3, 'enabled')", [SITE, JSON.stringify({ provider: 'okta', orgUrl: other.baseUrl, authKind: 'apiToken' }), config]);
      const theirs = 'a secret that only the other org knows';
      bodyOf(await hooks.setSecret({ ...switches.context(), methodAndPath: 'PUT event-hook' }, { connectorId: 'con-other', secret: theirs }));
      expect(await hooks.receive('con-other', theirs, event(person.oktaId))).toBe(true);
      expect(await until('the hint is settled', async () => (await product.sql("SELECT state FROM leaver_hint WHERE connector_id = 'con-other' AND state <> 'pending'"))[0], { timeoutMs: 30_000 })).toEqual({ state: 'unmapped' });
    } finally {
      await other.stop();
    }
    expect(await caseOf(person.accountId)).toEqual([]);
    expect(await grantOf(person.requestId)).toMatchObject({ status: 'active' });
  });

  it('are found by a provisioning that meets a deactivated identity', async () => {
    const person = await product.person();
    await setStatus(person.oktaId, 'DEPROVISIONED');
    const requestId = await ask(person.accountId, 'chatgpt-enterprise');
    await until('the case is there', async () => (await caseOf(person.accountId)).length === 1, { timeoutMs: 30_000 });
    const [opened] = await caseOf(person.accountId);
    expect(opened).toMatchObject({ requested_by: 'converge' });
    expect((await switches.done(String(opened?.['id']))).counts).toMatchObject({ total: 1, verifiedAbsent: 1 });
    expect(await grantOf(requestId)).toMatchObject({ status: 'revoked', end_reason: 'leaver' });
  }, 60_000);

  it('are found by their closed Jira account, and an account that Jira does not show is none of them', async () => {
    const person = await holder();
    const hidden = await holder();
    await product.jiraControl.send('PUT', 'users', { accountId: person.accountId, active: false });
    await product.client.workflow.execute('leaverSweep', { taskQueue: 'governance', workflowId: `sweep-${randomUUID()}`, args: [] });
    const [opened] = await caseOf(person.accountId);
    expect((await switches.done(String(opened?.['id']))).counts).toMatchObject({ total: 1, verifiedAbsent: 1 });
    expect(await grantOf(person.requestId)).toMatchObject({ status: 'revoked', end_reason: 'leaver', end_evidence: 'readBack' });
    expect(await grantOf(hidden.requestId)).toMatchObject({ status: 'active' });
    bodyOf(await switches.commands.restore({ ...switches.context(), methodAndPath: 'POST restore' }, { id: String(opened?.['id']) }));
    await switches.restored(String(opened?.['id']));
    await active(person.requestId);
  }, 60_000);

  const reconcile = async (): Promise<void> => {
    const { id } = await product.uow.run(SITE, (tx) => startRun({ runs: new PgReconciliationStore(), newId: randomUUID }, tx, { connectorId: 'con', toolKey: null, trigger: 'admin', actor: { kind: 'person', accountId: 'acc-admin' }, waived: [] }));
    await createReconciliationEngine(product.client, 'governance').wake(SITE, 'con');
    await until('the reconciliation is done', async () => (await product.sql("SELECT 1 FROM reconciliation_record WHERE id = $1 AND status = 'done'", [id])).length === 1, { timeoutMs: 40_000 });
  };
  const findingsOf = (accountId: string) => product.sql('SELECT kind, state FROM finding WHERE account_id = $1', [accountId]);

  it('are found by a reconciliation that meets a deactivated identity, as one case and no finding beside it', async () => {
    const person = await holder();
    await setStatus(person.oktaId, 'DEPROVISIONED');
    await product.oktaControl.send('POST', 'members', { group: product.groupId, user: person.oktaId });
    await reconcile();
    await until('the case is there', async () => (await caseOf(person.accountId)).length === 1, { timeoutMs: 30_000 });
    const [opened] = await caseOf(person.accountId);
    expect(opened).toMatchObject({ requested_by: 'reconciliation' });
    expect((await switches.done(String(opened?.['id']))).counts).toMatchObject({ total: 1, verifiedAbsent: 1 });
    expect(await grantOf(person.requestId)).toMatchObject({ status: 'revoked', end_reason: 'leaver' });
    expect(await findingsOf(person.accountId)).toEqual([]);
  }, 60_000);

  it('are a finding for an admin where the site switched leavers off, and keep their access', async () => {
    const person = await holder();
    await product.sql(`UPDATE site_setting SET value = value || '{"enabled":false}' WHERE name = 'leaver'`);
    await setStatus(person.oktaId, 'DEPROVISIONED');
    await reconcile();
    await product.sql(`UPDATE site_setting SET value = value || '{"enabled":true}' WHERE name = 'leaver'`);
    expect(await findingsOf(person.accountId)).toEqual([{ kind: 'identityDeactivated', state: 'open' }]);
    expect(await product.sql("SELECT 1 FROM leaver_hint h JOIN site_identity_mapping m ON m.external_identity_id = h.external_identity_id WHERE m.account_id = $1", [person.accountId])).toEqual([]);
    expect(await grantOf(person.requestId)).toMatchObject({ status: 'active' });
  }, 60_000);

  it('are held when more go than the site expects, until an admin says so', async () => {
    const [row] = await product.sql("SELECT count(*) AS count FROM mass_action WHERE source = 'leaver'");
    const people = [await holder(), await holder(), await holder()];
    await product.sql(`UPDATE site_setting SET value = jsonb_build_object('enabled', true, 'maxPersons', $1::int, 'windowHours', 24) WHERE name = 'leaver'`, [Number(row?.['count']) + 1]);
    for (const { oktaId } of people) await setStatus(oktaId, 'DEPROVISIONED');
    for (const { oktaId } of people) {
      const said = event(oktaId);
      await hooks.receive('con', SECRET, said);
      expect(await hintOf(said.data.events[0]?.uuid ?? '')).toMatchObject({ state: 'confirmed' });
    }
    const cases = await Promise.all(people.map(async ({ accountId }) => (await caseOf(accountId))[0]));
    expect(cases.slice(1).map((held) => held?.['status'])).toEqual(['stopped', 'stopped']);
    await switches.done(String(cases[0]?.['id']));
    expect(await Promise.all(people.map(async ({ requestId }) => (await grantOf(requestId))?.['status']))).toEqual(['revoked', 'active', 'active']);
    expect(await product.sql("SELECT draft::jsonb ->> 'action' AS action FROM audit_outbox WHERE draft::jsonb ->> 'action' LIKE 'leaver.b%' UNION ALL SELECT action FROM audit_event WHERE action LIKE 'leaver.b%'")).toEqual([{ action: 'leaver.breaker_tripped' }]);

    const id = String(cases[1]?.['id']);
    expect(bodyOf(await switches.commands.confirm({ ...switches.context(), methodAndPath: 'POST confirm' }, { id }))).toMatchObject({ status: 'running', confirmedBy: 'acc-admin', counts: { total: 1 } });
    expect((await switches.done(id)).counts).toMatchObject({ total: 1, verifiedAbsent: 1 });
    expect(await grantOf(people[2]?.requestId ?? '')).toMatchObject({ status: 'active' });

    // What was heard of them is forgotten a week after it was settled, but not while a case is open: the third one is held.
    const hints = async () => (await product.sql('SELECT case_ids FROM leaver_hint ORDER BY created_at')).flatMap((hint) => hint['case_ids']);
    await product.sql("UPDATE leaver_hint SET finished_at = finished_at - interval '6 days'");
    await product.client.workflow.execute('leaverSweep', { taskQueue: 'governance', workflowId: `sweep-${randomUUID()}`, args: [] });
    expect(await hints()).toEqual(expect.arrayContaining(cases.map((one) => one?.['id'])));
    await product.sql("UPDATE leaver_hint SET finished_at = finished_at - interval '2 days'");
    await product.client.workflow.execute('leaverSweep', { taskQueue: 'governance', workflowId: `sweep-${randomUUID()}`, args: [] });
    expect(await hints()).toEqual([cases[2]?.['id']]);
  }, 90_000);
});
