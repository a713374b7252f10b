import { startSoon } from '../../src/application/access/api/request-commands.js';
import { createRequest } from '../../src/application/access/submit/create-request.js';
import { startTestProduct, SITE, type TestProduct } from '../support/product.js';
import { inParallel } from '../support/in-parallel.js';
import { bodyOf, killSwitchesOf, type KillSwitches } from '../support/kill-switches.js';
import { until } from '../support/until.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

interface Holder { readonly accountId: string; readonly oktaId: string; readonly requestId: string }

/** SPEC G8: every grant of a tool ends, verified, however often its worker dies; a restore gives back what was left. */
describe('a kill switch', () => {
  let product: TestProduct;
  let switches: KillSwitches;
  let worker: WorkerProcess;
  const startGovernance = (): void => { worker = startWorkerProcess('governance', product.workerEnvironment.governance); };
  beforeAll(async () => {
    product = await startTestProduct({ workers: 'none' });
    switches = killSwitchesOf(product);
    await product.sql(`INSERT INTO site_setting (site_id, name, value) VALUES ($1, 'defaults', '{"outcomeByRisk":{"low":"autoApprove","medium":"autoApprove","high":"review","critical":"review"}}')`, [SITE]);
    startGovernance();
    await product.startCore();
  });
  afterAll(async () => {
    await worker.kill();
    await product.stopCore();
    await product.stop();
  });

  const holder = async (toolKey: string): Promise<Holder> => {
    const { accountId, oktaId } = await product.person();
    const { id } = await product.uow.run(SITE, (tx) => createRequest(product.deps.store, tx, { issueId: null, issueKey: null, projectKey: 'AIACC', toolKey, roleKey: null, requester: accountId, submittedBy: accountId, businessUse: 'test', dataClasses: ['internal'], durationDays: 30, jiraGroups: [] }));
    await startSoon(product.deps, SITE, id);
    return { accountId, oktaId, requestId: id };
  };
  const holders = async (toolKey: string, count: number): Promise<readonly Holder[]> => {
    const made = await inParallel(8, Array.from({ length: count }), () => holder(toolKey));
    await until('all are active', async () => (await product.sql("SELECT 1 FROM access_grant WHERE tool_key = $1 AND status = 'active'", [toolKey])).length === count, { timeoutMs: 60_000 });
    return made;
  };
  /** One that people decide on. */
  const waitingRequest = async (accountId: string, toolKey: string): Promise<string> => {
    await product.sql("UPDATE tool SET risk = 'high' WHERE key = $1", [toolKey]);
    const requestId = await product.ask(accountId, toolKey);
    await product.sql("UPDATE tool SET risk = 'medium' WHERE key = $1", [toolKey]);
    return requestId;
  };
  const auditOf = (requestId: string, action: string) => product.sql("SELECT 1 FROM audit_event WHERE site_id = $1 AND request_id = $2 AND action = $3 UNION ALL SELECT 1 FROM audit_outbox WHERE site_id = $1 AND draft::jsonb -> 'subject' ->> 'requestId' = $2 AND draft::jsonb ->> 'action' = $3", [SITE, requestId, action]);
  const grantOf = async (requestId: string) => (await product.sql('SELECT id, status, end_reason, end_evidence, expires_at FROM access_grant WHERE request_id = $1', [requestId]))[0];

  it('lists in a dry run what it would end, and ends nothing', async () => {
    const tool = await product.tool();
    const [held] = await holders(tool.toolKey, 1);
    const { accountId } = await product.person();
    const pending = await waitingRequest(accountId, tool.toolKey);
    const planned = bodyOf(await switches.commands.create(switches.context(), { scope: 'tool', key: tool.toolKey, reason: 'what if', mode: 'dryRun' }));
    expect(planned).toMatchObject({ status: 'planned', counts: { total: 1, verifiedAbsent: 0, pending: 1, requests: 1, requestsClosed: 0 }, workflowId: null });
    const first = await switches.queries.items(switches.context().principal, planned.id, { limit: 1, after: null });
    const second = await switches.queries.items(switches.context().principal, planned.id, { limit: 1, after: first.next });
    expect([...first.items, ...second.items].map(({ requestId, kind }) => `${requestId} ${kind}`).sort()).toEqual([`${held?.requestId} grant`, `${pending} request`].sort());
    expect(second.next).toBeNull();
    expect(await grantOf(held?.requestId ?? '')).toMatchObject({ status: 'active' });
    expect(await product.sql("SELECT decision FROM request WHERE id = $1", [pending])).toEqual([{ decision: 'pending' }]);
    expect(await product.sql('SELECT 1 FROM access_block WHERE key = $1', [tool.toolKey])).toEqual([]);
  });

  it('ends thirty grants although its worker is killed half-way, loses none, doubles none, and gives back what was left', async () => {
    const tool = await product.tool();
    const held = await holders(tool.toolKey, 30);
    const [dropout] = held;
    const stranger = await product.person();
    const pending = await waitingRequest(stranger.accountId, tool.toolKey);
    const outside = (await holders((await product.tool()).toolKey, 1))[0];
    const before = new Map(await Promise.all(held.map(async ({ requestId }) => [requestId, (await grantOf(requestId))?.['expires_at']] as const)));

    const begun = await switches.execute('tool', tool.toolKey);
    expect(begun).toMatchObject({ status: 'running', counts: { total: 30, requests: 1 } });
    await until('some are stopped and some are not', async () => {
      const [row] = await product.sql('SELECT count(*) FILTER (WHERE outcome IS NOT NULL) AS stopped FROM mass_action_item WHERE mass_action_id = $1', [begun.id]);
      return Number(row?.['stopped']) >= 3;
    }, { everyMs: 5 });
    await worker.kill();
    expect((await switches.find(begun.id)).status).toBe('running');
    startGovernance();
    const done = await switches.done(begun.id);
    expect(done.counts).toEqual({ total: 30, verifiedAbsent: 30, pending: 0, held: 0, requests: 1, requestsClosed: 1, restored: 0, restoreRefused: 0, restoreWaiting: 0 });

    for (const { requestId, oktaId } of held) {
      expect(await grantOf(requestId)).toMatchObject({ status: 'revoked', end_reason: 'killSwitch', end_evidence: 'readBack' });
      expect(await auditOf(requestId, 'grant.revoked')).toHaveLength(1);
      expect(await auditOf(requestId, 'grant.ended')).toHaveLength(1);
      expect(await product.inGroup(oktaId, tool.groupId)).toBe(false);
    }
    expect(await product.sql('SELECT decision, decision_source FROM request WHERE id = $1', [pending])).toEqual([{ decision: 'denied', decision_source: 'killSwitch' }]);
    expect(await grantOf(outside?.requestId ?? '')).toMatchObject({ status: 'active' });
    expect((await product.sql('SELECT 1 FROM command WHERE operation = $1 AND idempotency_key = $2', ['stop', begun.id]))).toHaveLength(31);

    // In force: whoever asks now is denied with the reason.
    const late = await product.ask(stranger.accountId, tool.toolKey);
    expect(await product.sql("SELECT decision, policy -> 'rules' -> 0 ->> 'rule' AS rule FROM request WHERE id = $1", [late])).toEqual([{ decision: 'denied', rule: 'access.kill_switch' }]);
    expect(await switches.commands.create(switches.context(), { scope: 'tool', key: tool.toolKey, reason: 'again', mode: 'execute' })).toMatchObject({ ok: false, refusal: { code: 'kill_switch.in_force' } });

    // A year of the clock would be over, the time that was left is not; who lost the premise stays out.
    await product.sql('UPDATE clock_offset SET offset_ms = offset_ms + $1', [24 * 3_600_000]);
    await product.sql('INSERT INTO mass_action (id, site_id, source, scope, key, reason, mode, status, requested_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())', ['lvr-x', SITE, 'leaver', 'person', dropout?.accountId, 'left', 'execute', 'done', 'test']);
    await product.sql('INSERT INTO access_block (id, site_id, mass_action_id, scope, key, reason, source, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, now())', ['blk-x', SITE, 'lvr-x', 'person', dropout?.accountId, 'left', 'leaver']);
    bodyOf(await switches.commands.restore({ ...switches.context(), methodAndPath: 'POST restore' }, { id: begun.id }));
    const restored = await switches.restored(begun.id);
    expect(restored.counts).toMatchObject({ restored: 29, restoreRefused: 0, restoreWaiting: 1, verifiedAbsent: 30 });
    await until('survivors are active again', async () => (await product.sql("SELECT 1 FROM access_grant WHERE tool_key = $1 AND status = 'active'", [tool.toolKey])).length === 29, { timeoutMs: 60_000 });
    for (const { requestId, oktaId } of held) {
      const grant = await grantOf(requestId);
      const back = requestId !== dropout?.requestId;
      expect(grant).toMatchObject(back ? { status: 'active', end_reason: null } : { status: 'revoked', end_reason: 'killSwitch' });
      expect(await product.inGroup(oktaId, tool.groupId)).toBe(back);
      if (!back) continue;
      const shifted = Number(grant?.['expires_at']) - Number(before.get(requestId));
      expect(shifted).toBeGreaterThanOrEqual(24 * 3_600_000);
      expect(shifted).toBeLessThan(25 * 3_600_000);
      expect(await auditOf(requestId, 'grant.restored')).toHaveLength(1);
    }
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
  }, 180_000);

  it('goes on after its run was lost with the namespace', async () => {
    const tool = await product.tool();
    const [held] = await holders(tool.toolKey, 1);
    await product.stopCore();
    const begun = await switches.execute('tool', tool.toolKey);
    await until('it is stopped, and waits for the provider', async () => (await grantOf(held?.requestId ?? ''))?.['status'] === 'removing');
    await product.client.workflow.getHandle(begun.workflowId ?? '').terminate('as a wiped namespace would');
    await product.startCore();
    expect((await switches.done(begun.id)).counts).toMatchObject({ total: 1, verifiedAbsent: 1, pending: 0 });
  });

  it.each(['the one that ended the grant', 'the other one'] as const)('gives a grant that two switches reach its time once both are restored, %s first', async (first) => {
    const tool = await product.tool();
    const [held] = await holders(tool.toolKey, 1);
    const { requestId, accountId, oktaId } = held ?? { requestId: '', accountId: '', oktaId: '' };
    const before = Number((await grantOf(requestId))?.['expires_at']);
    const [onTool, onPerson] = await Promise.all([switches.execute('tool', tool.toolKey), switches.execute('person', accountId)]);
    await Promise.all([switches.done(onTool.id), switches.done(onPerson.id)]);
    const [ender] = await product.sql("SELECT mass_action_id AS id FROM mass_action_item WHERE request_id = $1 AND outcome = 'stopped'", [requestId]);
    const endedIt = String(ender?.['id']);
    const other = endedIt === onTool.id ? onPerson.id : onTool.id;
    const restore = async (id: string): Promise<void> => { bodyOf(await switches.commands.restore({ ...switches.context(), methodAndPath: 'POST restore' }, { id })); };
    const away = { status: 'revoked', end_reason: 'killSwitch' };

    if (first === 'the other one') {
      await restore(other);
      expect((await switches.restored(other)).counts).toMatchObject({ restored: 0, restoreRefused: 0, restoreWaiting: 0 });
      expect(await grantOf(requestId)).toMatchObject(away);
      await restore(endedIt);
    } else {
      await restore(endedIt);
      expect((await switches.restored(endedIt)).counts).toMatchObject({ restored: 0, restoreRefused: 0, restoreWaiting: 1 });
      expect(await grantOf(requestId)).toMatchObject(away);
      await restore(other);
    }
    await until('it is active again', async () => (await grantOf(requestId))?.['status'] === 'active');
    expect((await switches.restored(endedIt)).counts).toMatchObject({ restored: 1, restoreRefused: 0, restoreWaiting: 0 });
    expect((await switches.find(other)).counts).toMatchObject({ pending: 0, restored: 0 });
    const shifted = Number((await grantOf(requestId))?.['expires_at']) - before;
    expect(shifted).toBeGreaterThanOrEqual(0);
    expect(shifted).toBeLessThan(3_600_000);
    expect(await product.inGroup(oktaId, tool.groupId)).toBe(true);
    expect(await auditOf(requestId, 'grant.restored')).toHaveLength(1);
  });

  it('stops a person under each account of one identity, though only one was named, and gives both back', async () => {
    const tool = await product.tool();
    const person = await product.person();
    const second = await product.person();
    await product.alias(second.accountId, person.accountId);
    const asks = (accountId: string): Promise<string> => product.ask(accountId, tool.toolKey);
    const [first, alias] = [await asks(person.accountId), await asks(second.accountId)];
    const areActive = (): Promise<unknown> => until('both are active', async () => (await product.sql("SELECT 1 FROM access_grant WHERE tool_key = $1 AND status = 'active'", [tool.toolKey])).length === 2, { timeoutMs: 60_000 });
    await areActive();
    const planned = bodyOf(await switches.commands.create(switches.context(), { scope: 'person', key: person.accountId, reason: 'what if', mode: 'dryRun' }));
    const { items } = await switches.queries.items(switches.context().principal, planned.id, { limit: 10, after: null });
    expect(items.map(({ accountId }) => accountId).sort()).toEqual([person.accountId, second.accountId].sort());

    const begun = await switches.execute('person', person.accountId);
    expect((await switches.done(begun.id)).counts).toMatchObject({ total: 2, verifiedAbsent: 2, held: 0, pending: 0 });
    for (const requestId of [first, alias]) expect(await grantOf(requestId)).toMatchObject({ status: 'revoked', end_reason: 'killSwitch' });
    expect(await product.inGroup(person.oktaId, tool.groupId)).toBe(false);
    const refused = await asks(second.accountId);
    expect(await product.sql("SELECT decision, policy -> 'rules' -> 0 ->> 'rule' AS rule FROM request WHERE id = $1", [refused])).toEqual([{ decision: 'denied', rule: 'access.kill_switch' }]);

    // Both wait for a switch on the other account that stands beside it.
    const beside = await switches.execute('person', second.accountId);
    await switches.done(beside.id);
    bodyOf(await switches.commands.restore({ ...switches.context(), methodAndPath: 'POST restore' }, { id: begun.id }));
    expect((await switches.restored(begun.id)).counts).toMatchObject({ restored: 0, restoreRefused: 0, restoreWaiting: 2 });
    bodyOf(await switches.commands.restore({ ...switches.context(), methodAndPath: 'POST restore' }, { id: beside.id }));
    await areActive();
    expect((await switches.restored(begun.id)).counts).toMatchObject({ restored: 2, restoreRefused: 0, restoreWaiting: 0 });
    expect(await product.inGroup(person.oktaId, tool.groupId)).toBe(true);
  });

  it('counts people who stay in the group as accepted baseline access among those held, not among those seen absent', async () => {
    const tool = await product.tool();
    const [first, second] = await holders(tool.toolKey, 2);
    await product.sql(
      `INSERT INTO baseline_access (id, site_id, entitlement_group_id, kind, reference_hash, label, accepted_by, accepted_at)
       SELECT 'bas-' || g.id, $1, e.id, 'member', i.identity_hash, 'a•••', 'acc-admin', now() FROM access_grant g JOIN membership m ON m.id = g.membership_id JOIN external_identity i ON i.id = m.external_identity_id
         JOIN entitlement_group e ON e.external_group_id = m.external_group_id WHERE g.request_id = $2`, [SITE, first?.requestId]);
    const begun = await switches.execute('tool', tool.toolKey);
    expect((await switches.done(begun.id)).counts).toMatchObject({ total: 2, verifiedAbsent: 1, held: 1, pending: 0 });
    expect(await grantOf(first?.requestId ?? '')).toMatchObject({ status: 'revoked', end_evidence: 'heldByBaseline' });
    expect([await product.inGroup(first?.oktaId ?? '', tool.groupId), await product.inGroup(second?.oktaId ?? '', tool.groupId)]).toEqual([true, false]);
  });

  it('spares what it had not stopped yet when it is restored', async () => {
    const tool = await product.tool();
    const [held] = await holders(tool.toolKey, 1);
    await worker.kill();
    const begun = await switches.execute('tool', tool.toolKey);
    bodyOf(await switches.commands.restore({ ...switches.context(), methodAndPath: 'POST restore' }, { id: begun.id }));
    startGovernance();
    expect(await switches.restored(begun.id)).toMatchObject({ status: 'stopped', counts: { total: 0, restored: 0 } });
    expect(await grantOf(held?.requestId ?? '')).toMatchObject({ status: 'active' });
    expect(await product.inGroup(held?.oktaId ?? '', tool.groupId)).toBe(true);
  });

  it('reaches a person over all tools, and a connector with whatever hangs on it', async () => {
    const one = await product.tool();
    const held = (await holders(one.toolKey, 1))[0];
    const other = await product.ask(held?.accountId ?? '', 'claude-team');
    const begun = await switches.execute('person', held?.accountId ?? '');
    expect((await switches.done(begun.id)).counts).toMatchObject({ total: 2, verifiedAbsent: 2 });
    expect(await grantOf(other)).toMatchObject({ status: 'revoked', end_reason: 'killSwitch', end_evidence: 'noConnector' });
    const planned = bodyOf(await switches.commands.create(switches.context(), { scope: 'connector', key: 'con', reason: 'what if', mode: 'dryRun' }));
    const [open] = await product.sql("SELECT count(*) AS count FROM access_grant WHERE connector_id = 'con' AND status IN ('pendingProvision', 'active', 'removing')");
    expect(planned.counts.total).toBe(Number(open?.['count']));
    expect(planned.counts.total).toBeGreaterThan(0);
    expect(await switches.commands.create(switches.context(), { scope: 'tool', key: 'nobody-knows-it', reason: 'typo', mode: 'execute' })).toMatchObject({ ok: false, refusal: { code: 'kill_switch.unknown_target' } });
  });
});
