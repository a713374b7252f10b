import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';
import { insist } from './support/insist.js';
import { intentFaults, trailOf } from './support/trail.js';

interface Life { readonly what: string; readonly oktaId: string; readonly requestId: string }

/** A worker process that dies by kill -9 at each point of a provider step, on the way in and on the way out: once more started, it ends as without. */
describe('a worker that is killed', () => {
  let product: TestProduct;
  let core: WorkerProcess;
  let governance: WorkerProcess;
  const lives: Life[] = [];
  const caller = { accountId: 'acc-approver', isAdmin: false };
  const startOf = (role: 'governance' | 'core'): WorkerProcess => startWorkerProcess(role, product.workerEnvironment[role]);

  beforeAll(async () => {
    product = await startTestProduct({ workers: 'none' });
    [core, governance] = [startOf('core'), startOf('governance')];
  }, 60_000);
  afterAll(async () => {
    await Promise.all([core.stop(), governance.stop()]);
    await product.stop();
  }, 60_000);

  const newcomer = async (what: string): Promise<Life> => {
    const { accountId, oktaId } = await product.person();
    const life = { what, oktaId, requestId: await product.ask(accountId) };
    lives.push(life);
    return life;
  };
  const approve = ({ requestId }: Life): Promise<void> => insist(product, requestId, { operation: 'decide', caller, decision: 'approve', comment: null, durationDays: null });
  const revoke = ({ requestId }: Life): Promise<void> => insist(product, requestId, { operation: 'revoke', caller, comment: null });
  const grantOf = async ({ requestId }: Life): Promise<Readonly<Record<string, unknown>>> =>
    (await product.sql('SELECT g.status, g.start_evidence, g.end_evidence, m.observed FROM access_grant g LEFT JOIN membership m ON m.id = g.membership_id WHERE g.site_id = $1 AND g.request_id = $2', [SITE, requestId]))[0] ?? {};
  const becomes = (life: Life, status: string, everyMs = 50): Promise<unknown> => until(`${life.what}: ${status}`, async () => (await grantOf(life))['status'] === status, { timeoutMs: 120_000, everyMs });
  const callsOf = async ({ oktaId }: Life, method: string): Promise<number> => (await product.oktaCalls()).filter((call) => call.method === method && call.path.includes(oktaId)).length;
  const isCalled = (life: Life, method: string, times: number): Promise<boolean> => until(`${life.what}: ${method} answered`, async () => (await callsOf(life, method)) >= times, { timeoutMs: 60_000 });
  /** The provider has done it; its answer is on the way for so long that the worker dies waiting. */
  const hold = ({ oktaId }: Life, method: string): Promise<void> => product.fault({ method, path: `/users/${oktaId}${method === 'GET' ? '/groups' : ''}$`, effect: { delayMs: 9_000, holds: 'answer' } });

  it('before and after the write of the core worker, ends as without: one change each way', async () => {
    const [inBefore, inAfter, outBefore, outAfter] = await Promise.all(['in, before the write', 'in, after the write', 'out, before the write', 'out, after the write'].map(newcomer));
    if (inBefore === undefined || inAfter === undefined || outBefore === undefined || outAfter === undefined) throw new Error('four lives are expected');
    await Promise.all([outBefore, outAfter].map(approve));
    await Promise.all([outBefore, outAfter].map((life) => becomes(life, 'active')));
    const readsBefore = await callsOf(outBefore, 'GET');
    await Promise.all([hold(inBefore, 'GET'), hold(inAfter, 'PUT'), hold(outBefore, 'GET'), hold(outAfter, 'DELETE')]);
    await Promise.all([approve(inBefore), approve(inAfter), revoke(outBefore), revoke(outAfter)]);
    await Promise.all([isCalled(inBefore, 'GET', 2), isCalled(inAfter, 'PUT', 1), isCalled(outBefore, 'GET', readsBefore + 1), isCalled(outAfter, 'DELETE', 1)]);
    await core.kill();
    expect([await callsOf(inBefore, 'PUT'), await callsOf(outBefore, 'DELETE')]).toEqual([0, 0]);
    expect([await product.inGroup(inAfter.oktaId), await product.inGroup(outAfter.oktaId)]).toEqual([true, false]);
    // Nobody has read it back: the record claims nothing.
    expect([(await grantOf(inAfter))['status'], (await grantOf(outAfter))['status']]).toEqual(['pendingProvision', 'removing']);

    core = startOf('core');
    await Promise.all([...[inBefore, inAfter].map((life) => becomes(life, 'active')), ...[outBefore, outAfter].map((life) => becomes(life, 'revoked'))]);
    await Promise.all([inBefore, inAfter].map(revoke));
    await Promise.all([inBefore, inAfter].map((life) => becomes(life, 'revoked')));
  }, 240_000);

  it('right after the governance worker has committed the record, goes on from there', async () => {
    const recorded = await newcomer('in, after the record');
    await approve(recorded);
    await becomes(recorded, 'active', 2);
    await governance.kill();
    governance = startOf('governance');
    await revoke(recorded);
    await becomes(recorded, 'revoked', 2);
    await governance.kill();
    governance = startOf('governance');
    await until('its run is over', async () => (await product.client.workflow.getHandle(`access/${SITE}/${recorded.requestId}`).describe()).status.name === 'COMPLETED', { timeoutMs: 60_000 });
  }, 180_000);

  it('leaves one change each way, one entry of each kind and a trail that verifies', async () => {
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
    const changed = (await product.oktaCalls()).filter((call) => call.changed);
    for (const life of lives) {
      expect([life.what, await grantOf(life)]).toEqual([life.what, { status: 'revoked', start_evidence: 'readBack', end_evidence: 'readBack', observed: 'absent' }]);
      expect([life.what, await product.inGroup(life.oktaId), changed.filter(({ path }) => path.includes(life.oktaId)).map(({ method }) => method)]).toEqual([life.what, false, ['PUT', 'DELETE']]);
      const trail = await trailOf(product, life.requestId);
      const once = trail.map(({ action }) => action).filter((action) => /^(request\.(created|approved)|review\.recorded|grant\.(created|activated|revoked|ended)|membership\.(added|removed))$/.test(action));
      expect([life.what, once]).toEqual([life.what, [...new Set(once)]]);
      expect([life.what, intentFaults(trail)]).toEqual([life.what, []]);
    }
    expect((await product.replayAll()).stuck).toEqual([]);
  }, 60_000);
});
