import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { startRun } from '../../src/application/reconciliation/start-run.js';
import { createReconciliationEngine } from '../../src/engine/reconciliation-engine.js';
import { signRequest } from '../../src/http-signature/sign-request.js';
import { PgReconciliationStore } from '../../src/persistence/stores/reconciliation.store.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

/** A governance worker that reaches Core over signed HTTP through whatever the line does to it (SPEC F9), on a real Postgres and a real engine. */
describe('Core over HTTP', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct({ core: 'http' }); });
  afterAll(() => product.stop());

  const grantOf = async (requestId: string): Promise<Record<string, unknown>> => (await product.sql('SELECT g.status, j.attempts FROM access_grant g LEFT JOIN provisioning_job j ON j.grant_id = g.id WHERE g.request_id = $1', [requestId]))[0] ?? {};
  const status = (requestId: string, wanted: string): Promise<Record<string, unknown>> => until(`grant ${wanted}`, async () => {
    const grant = await grantOf(requestId);
    return grant['status'] === wanted ? grant : undefined;
  }, { timeoutMs: 45_000 });
  const addsOf = async (oktaId: string): Promise<number> => (await product.oktaCalls()).filter((call) => call.method === 'PUT' && call.changed && call.path.includes(oktaId)).length;
  const polling = async (): Promise<boolean> => (await product.sql("SELECT 1 FROM worker_heartbeat WHERE kind = 'core' AND polls")).length > 0;

  it('adds once although the answer is lost on the way, and has the result of that one execution', async () => {
    const person = await product.person();
    const requestId = await product.ask(person.accountId);
    product.coreHttp.proxy.setFault({ kind: 'dropResponse', whenRequestIncludes: '/membership/provision' });
    await product.decide(requestId, 'approve');
    expect(await status(requestId, 'active')).toMatchObject({ attempts: 1 });
    expect([product.coreHttp.proxy.droppedResponses(), await addsOf(person.oktaId)]).toEqual([1, 1]);
    product.coreHttp.proxy.setFault({ kind: 'none' });
    expect(await product.sql("SELECT 1 FROM membership_intent WHERE outcome = 'changed'")).toHaveLength(1);
  });

  it('lets work wait while it is away, says so, and goes on without a lost attempt', async () => {
    await until('Core is polled for', async () => (await polling()) || undefined);
    await product.stopCore();
    await until('nobody polls for Core', async () => !(await polling()) || undefined, { timeoutMs: 30_000 });
    const person = await product.person();
    const requestId = await product.ask(person.accountId);
    await product.decide(requestId, 'approve');
    expect(await grantOf(requestId)).toMatchObject({ status: 'pendingProvision', attempts: 0 });
    await product.startCore();
    expect(await status(requestId, 'active')).toMatchObject({ attempts: 1 });
    expect(await addsOf(person.oktaId)).toBe(1);
  });

  it('compares a group with its grants, reads whom it doubts, and has them removed, although an answer is lost on the way', async () => {
    const { toolKey, groupId } = await product.tool();
    await product.sql("UPDATE tool SET drift_response = 'revert' WHERE key = $1", [toolKey]);
    await product.sql('UPDATE entitlement_group SET baseline_recorded_at = now() WHERE external_group_id = $1', [groupId]);
    const [quiet, left, mapped] = [await product.person(), await product.person(), await product.person()];
    const requests = await Promise.all([quiet, left].map(async ({ accountId }) => {
      const requestId = await product.ask(accountId, toolKey);
      await product.decide(requestId, 'approve');
      await status(requestId, 'active');
      return requestId;
    }));
    const { id: stranger } = z.looseObject({ id: z.string() }).parse(await product.oktaControl.send('POST', 'users', { login: `${randomUUID()}@acme.example`, firstName: 'No', lastName: 'Body' }));
    await product.oktaControl.send('DELETE', 'members', { group: groupId, user: left.oktaId });
    for (const user of [mapped.oktaId, stranger]) await product.oktaControl.send('POST', 'members', { group: groupId, user });
    // As if what was written lay an hour back.
    await product.sql("UPDATE membership SET touched_at = touched_at - interval '1 h'; UPDATE membership_intent SET deadline_at = deadline_at - interval '1 h'");

    product.coreHttp.proxy.setFault({ kind: 'dropResponse', times: 1, whenRequestIncludes: '/calls' });
    const { id } = await product.uow.run(SITE, (tx) => startRun({ runs: new PgReconciliationStore(), newId: randomUUID }, tx, { connectorId: 'con', toolKey, trigger: 'admin', actor: { kind: 'person', accountId: 'acc-admin' } }));
    await createReconciliationEngine(product.client, 'governance').wake(SITE, 'con');
    const run = await until('the run is through', async () => (await product.sql("SELECT status, failure, counts FROM reconciliation_record WHERE id = $1 AND status <> 'running'", [id]))[0], { timeoutMs: 40_000 });
    expect(product.coreHttp.proxy.droppedResponses()).toBe(1);
    product.coreHttp.proxy.setFault({ kind: 'none' });
    expect(run).toMatchObject({ status: 'done', failure: null, counts: { groups: 1, members: 3, confirmed: 3, revoked: 1, removed: 2 } });
    expect(await product.sql('SELECT kind, state FROM finding WHERE external_group_id = $1 ORDER BY kind', [groupId])).toEqual([{ kind: 'outOfBandAdd', state: 'repaired' }, { kind: 'outOfBandRemoval', state: 'open' }, { kind: 'unknownMember', state: 'repaired' }]);
    expect(await Promise.all([quiet.oktaId, left.oktaId, mapped.oktaId, stranger].map((user) => product.inGroup(user, groupId)))).toEqual([true, false, false, false]);
    await status(requests[1] ?? '', 'revoked');
  });

  it('refuses a copy of a message, in whatever process it arrives', async () => {
    const { url, appId, secret } = product.coreHttp;
    const headers = signRequest({ method: 'GET', targetUri: `${url}/whoami`, body: Buffer.alloc(0) }, { keyId: appId, key: Buffer.from(secret) });
    const ask = async (): Promise<unknown> => (await fetch(`${url}/whoami`, { headers })).json();
    expect(await ask()).toEqual({ appId, siteId: null });
    await product.stopCore();
    await product.startCore();
    expect(await ask()).toMatchObject({ status: 401, code: 'signature.replayed' });
  });

  it('leaves the governance worker without any key to a credential', () => {
    expect(Object.keys(product.workerEnvironment.governance).filter((name) => name.includes('SEALING_PRIVATE'))).toEqual([]);
  });
});
