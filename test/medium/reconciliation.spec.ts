import { randomUUID } from 'node:crypto';
import { startRun } from '../../src/application/reconciliation/start-run.js';
import { createReconciliationEngine } from '../../src/engine/reconciliation-engine.js';
import { PgReconciliationStore } from '../../src/persistence/stores/reconciliation.store.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

type Row = Readonly<Record<string, unknown>>;

/** Reconciliation on a real engine and Postgres, against the stateful Okta (SPEC D1–D4). */
describe('reconciliation', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct(); });
  afterAll(() => product.stop());

  const runs = new PgReconciliationStore();
  const start = (toolKey: string | null, waived: readonly string[] = []): Promise<{ id: string; isNew: boolean }> =>
    product.uow.run(SITE, (tx) => startRun({ runs, newId: randomUUID }, tx, { connectorId: 'con', toolKey, trigger: 'admin', actor: { kind: 'person', accountId: 'acc-admin' }, waived }));
  const wake = (): Promise<void> => createReconciliationEngine(product.client, 'governance').wake(SITE, 'con');
  const ended = (id: string): Promise<Row> => until(`the end of run ${id}`, async () => {
    const [row] = await product.sql("SELECT * FROM reconciliation_record WHERE id = $1 AND status <> 'running'", [id]);
    return row;
  }, { timeoutMs: 40_000 });
  const reconcile = async (toolKey: string | null, waived: readonly string[] = []): Promise<Row> => {
    const { id } = await start(toolKey, waived);
    await wake();
    return ended(id);
  };
  const findings = (group: string): Promise<readonly Row[]> => product.sql('SELECT kind, state, account_id, response, tool_key, login_hint FROM finding WHERE external_group_id = $1 ORDER BY kind, seen_at', [group]);
  const put = (group: string, oktaId: string): Promise<unknown> => product.oktaControl.send('POST', 'members', { group, user: oktaId });
  const take = (group: string, oktaId: string): Promise<unknown> => product.oktaControl.send('DELETE', 'members', { group, user: oktaId });
  const grantOf = async (requestId: string): Promise<Row> => (await product.sql('SELECT * FROM access_grant WHERE request_id = $1', [requestId]))[0] ?? {};
  /** Somebody with active access, long enough ago that nothing about it moves any more. */
  const holder = async (toolKey: string): Promise<{ accountId: string; oktaId: string; requestId: string }> => {
    const person = await product.person();
    const requestId = await product.ask(person.accountId, toolKey);
    await product.decide(requestId, 'approve');
    await until('active', async () => (await grantOf(requestId))['status'] === 'active');
    return { ...person, requestId };
  };
  /** As if the last change lay an hour back. */
  const settleAll = (): Promise<unknown> => product.sql("UPDATE membership SET touched_at = touched_at - interval '1 h'; UPDATE membership_intent SET deadline_at = deadline_at - interval '1 h'");
  const tool = async (response = 'report'): Promise<{ toolKey: string; groupId: string }> => {
    const made = await product.tool();
    await product.sql('UPDATE entitlement_group SET baseline_recorded_at = now() WHERE external_group_id = $1', [made.groupId]);
    await product.sql('UPDATE tool SET drift_response = $2 WHERE key = $1', [made.toolKey, response]);
    return made;
  };

  it('finds each kind of drift in one run, acts as it must and says nothing of who belongs there', async () => {
    const { toolKey, groupId } = await tool();
    const [quiet, removed, late] = [await holder(toolKey), await holder(toolKey), await holder(toolKey)];
    await product.command(late.requestId, { operation: 'revoke', caller: { accountId: product.approver, isAdmin: false }, comment: null });
    await until('revoked', async () => (await grantOf(late.requestId))['status'] === 'revoked');
    const added = await product.person();
    const stranger = await product.oktaControl.send('POST', 'users', { login: `${randomUUID()}@acme.example`, firstName: 'No', lastName: 'Body' });
    await take(groupId, removed.oktaId);
    await put(groupId, late.oktaId);
    await put(groupId, added.oktaId);
    await put(groupId, idOf(stranger));
    await settleAll();

    const run = await reconcile(toolKey);
    expect(run).toMatchObject({ status: 'done', counts: { groups: 1, differences: 4, confirmed: 4, vanished: 0, revoked: 1, removed: 1 } });
    expect(await findings(groupId)).toMatchObject([
      { kind: 'expiredPresent', state: 'repaired', account_id: late.accountId, tool_key: toolKey }, { kind: 'outOfBandAdd', state: 'open', account_id: added.accountId },
      { kind: 'outOfBandRemoval', state: 'open', account_id: removed.accountId }, { kind: 'unknownMember', state: 'open', account_id: null },
    ]);
    expect(await product.inGroup(late.oktaId, groupId)).toBe(false);
    expect(await product.inGroup(added.oktaId, groupId)).toBe(true);
    await until('the removal made outside counts as a revocation', async () => (await grantOf(removed.requestId))['status'] === 'revoked');
    expect(await grantOf(removed.requestId)).toMatchObject({ end_reason: 'revoked', end_evidence: 'readBack', ended_by: 'identity-provider' });
    expect(await product.inGroup(removed.oktaId, groupId)).toBe(false);
    expect(await grantOf(quiet.requestId)).toMatchObject({ status: 'active' });
    expect(await product.inGroup(quiet.oktaId, groupId)).toBe(true);

    await settleAll();
    await reconcile(toolKey);
    expect((await findings(groupId)).map(({ kind, state }) => `${String(kind)} ${String(state)}`)).toEqual(['expiredPresent repaired', 'outOfBandAdd open', 'outOfBandRemoval open', 'unknownMember open']);
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
  });
});
const idOf = (value: unknown): string => (typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : '');
