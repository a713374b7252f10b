import { z } from 'zod';
import { readCoreConfig } from '../../src/config/env.js';
import { startMicrosoftSandbox, type MicrosoftSandbox } from '../../src/sandbox/microsoft/microsoft-sandbox.js';
import { startCore } from '../../src/worker/core.js';
import { entraDirectory, oktaDirectory, type ConnectedTool, type Directory, type Person } from '../support/directories.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { aroundEach } from '../support/wrap-activities.js';
import { insist } from './support/insist.js';
import { intentFaults, trailOf } from './support/trail.js';

interface Asked { readonly directory: Directory; readonly person: Person; readonly tool: ConnectedTool; readonly requestId: string }
const faultsShape = z.object({ faults: z.array(z.object({ path: z.string() })) });

/** After a revoke nobody ends up in the group, whatever an add that was under way does meanwhile (N6): refused by the fence, or found and removed. */
describe('a revoke during an add', () => {
  let microsoft: MicrosoftSandbox;
  let product: TestProduct;
  let engineLink: TcpProxy;
  let directories: readonly Directory[];
  const caller = { accountId: 'acc-approver', isAdmin: false };

  beforeAll(async () => {
    microsoft = await startMicrosoftSandbox();
    product = await startTestProduct({ extraCaPem: microsoft.caPem });
    engineLink = await startTcpProxy({ port: Number(product.engine.address.split(':').at(-1)) });
    directories = [oktaDirectory(product), await entraDirectory(product, microsoft)];
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    await engineLink.close();
    await microsoft.stop();
  }, 30_000);

  const prepare = (): Promise<readonly Asked[]> => Promise.all(directories.map(async (directory) => {
    const [person, tool] = await Promise.all([directory.person(), directory.tool()]);
    return { directory, person, tool, requestId: await product.ask(person.accountId, tool.toolKey) };
  }));
  const approve = ({ requestId }: Asked): Promise<void> => insist(product, requestId, { operation: 'decide', caller, decision: 'approve', comment: null, durationDays: null });
  const revoke = ({ requestId }: Asked): Promise<void> => insist(product, requestId, { operation: 'revoke', caller, comment: null });
  const grantOf = async ({ requestId }: Asked): Promise<Readonly<Record<string, unknown>>> =>
    (await product.sql('SELECT g.status, g.end_evidence, m.observed, m.id AS membership_id FROM access_grant g LEFT JOIN membership m ON m.id = g.membership_id WHERE g.request_id = $1', [requestId]))[0] ?? {};
  const over = (asked: Asked, timeoutMs = 90_000): Promise<unknown> => until(`${asked.directory.name}: revoked`, async () => (await grantOf(asked))['status'] === 'revoked', { timeoutMs, everyMs: 100 });
  const endedRight = async (asked: Asked, changes: readonly string[]): Promise<void> => {
    const { directory, person, tool, requestId } = asked;
    expect([directory.name, await grantOf(asked)]).toEqual([directory.name, expect.objectContaining({ status: 'revoked', end_evidence: 'readBack', observed: 'absent' })]);
    expect([directory.name, await directory.inGroup(person, tool.groupId)]).toEqual([directory.name, false]);
    expect([directory.name, await directory.changesOf(tool.groupId)]).toEqual([directory.name, changes]);
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
    expect([directory.name, intentFaults(await trailOf(product, requestId))]).toEqual([directory.name, []]);
  };

  it('refuses an add that was paused before its call and goes on after the revoke, by the fence', async () => {
    const paused = new Map<string, () => void>();
    const results: unknown[] = [];
    await product.stopCore();
    const frozen = await startCore(readCoreConfig({ ...product.workerEnvironment.core, TEMPORAL_ADDRESS: engineLink.address }), {
      // Everything was read, the write is next: the process stands still here, deaf to the engine.
      wrapFence: (fence) => ({
        enter: (key) => fence.enter(key), leave: (key) => fence.leave(key),
        holds: async (key) => {
          await new Promise<void>((resolve) => { paused.set(key.membershipId, resolve); });
          return fence.holds(key);
        },
      }),
      wrapActivities: aroundEach(async (_name, _args, run) => {
        const result = await run();
        results.push(result);
        return result;
      }),
    });
    try {
      const all = await prepare();
      await Promise.all(all.map(approve));
      await until('both adds to be paused', () => paused.size === all.length, { timeoutMs: 30_000 });
      engineLink.setFault({ kind: 'reset' });
      await product.startCore();
      await Promise.all(all.map(revoke));
      await Promise.all(all.map(async (asked) => {
        const { membership_id: id } = await grantOf(asked);
        await until(`${asked.directory.name}: the removal at the fence`, async () => (await product.sql('SELECT 1 FROM core_fence WHERE membership_id = $1 AND generation >= 2', [id])).length === 1, { timeoutMs: 60_000 });
        expect(await asked.directory.changesOf(asked.tool.groupId)).toEqual([]);
        paused.get(String(id))?.();
      }));
      await until('both adds to have ended', () => results.length === all.length);
      for (const result of results) expect(result).toMatchObject({ status: 'notAttempted', code: 'fence.stale_generation', write: 'none' });
      await Promise.all(all.map((asked) => over(asked)));
      for (const asked of all) await endedRight(asked, []);
    } finally {
      engineLink.setFault({ kind: 'none' });
      await frozen.stop();
    }
  }, 150_000);

  it('finds and removes an add that lands late, and says "removing" until then', async () => {
    const all = await prepare();
    const sawLate = new Set<string>();
    const wrong: string[] = [];
    await Promise.all(all.map(async (asked) => {
      const { directory, person, tool } = asked;
      const at = directory.addsTo(tool.groupId);
      await directory.control.fault({ ...at, effect: { delayMs: 20_000, holds: 'request' } });
      await approve(asked);
      await until(`${directory.name}: the add is held up`, async () => !faultsShape.parse(await directory.control.send('GET', 'faults')).faults.some(({ path }) => path === at.path), { timeoutMs: 30_000 });
      await revoke(asked);
      await until(`${directory.name}: revoked`, async () => {
        const before = (await grantOf(asked))['status'];
        const isIn = await directory.inGroup(person, tool.groupId);
        if (isIn && before === 'removing') sawLate.add(directory.name);
        if (isIn && before !== 'removing') wrong.push(`${directory.name}: in the group while the grant is ${String(before)}`);
        return before === 'revoked';
      }, { timeoutMs: 120_000, everyMs: 50 });
    }));
    expect(wrong).toEqual([]);
    expect([...sawLate].sort()).toEqual(['entra', 'okta']);
    for (const asked of all) await endedRight(asked, [asked.directory.addsTo('').method, 'DELETE']);
  }, 180_000);

  it('does not wait for an hour of Retry-After', async () => {
    const all = await prepare();
    await Promise.all(all.map(async (asked) => {
      const { directory, tool, requestId } = asked;
      await directory.control.fault({ ...directory.addsTo(tool.groupId), effect: { status: 429, headers: { 'Retry-After': '3600' } } });
      await approve(asked);
      await until(`${directory.name}: told to wait an hour`, async () => (await product.sql(`SELECT 1 FROM provisioning_job WHERE site_id = $1 AND request_id = $2 AND status = 'retrying' AND next_attempt_at > now() + interval '50 minutes'`, [SITE, requestId])).length === 1, { timeoutMs: 30_000 });
      const begun = performance.now();
      await revoke(asked);
      await over(asked, 15_000);
      process.stdout.write(`${directory.name}: revoked ${((performance.now() - begun) / 1_000).toFixed(1)} s after the decision, an hour of Retry-After notwithstanding\n`);
      await endedRight(asked, []);
    }));
  }, 60_000);
});
