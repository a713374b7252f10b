import { isWhole } from '../support/bounds.js';
import { inParallel } from '../support/in-parallel.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { insist } from './support/insist.js';

/**
 * A run that another worker takes over is rebuilt by replaying its history. Messages that arrive together start steps together; were two of them under way
 * at once, they could end in one order live and in another on replay, and the run would never move again.
 */
describe('a run that is replayed', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct(); });
  afterAll(() => product.stop());

  const revoke = { operation: 'revoke', caller: { accountId: 'acc-approver', isAdmin: false }, comment: null } as const;
  const approve = { operation: 'decide', caller: { accountId: 'acc-approver', isAdmin: false }, decision: 'approve', comment: null, durationDays: null } as const;
  const labels = { toolKey: 't', roleKey: null, provider: 'okta', risk: 'medium', policyVersion: '1', issueKey: null, phase: 'pending', pendingStage: null, approvalDueAt: null };
  const wake = (requestId: string): Promise<void> => product.deps.engine.wake(SITE, requestId, 'due', labels);
  const ended = (requestId: string) => until(`${requestId} ended`, async () => (await product.sql(`SELECT 1 FROM access_grant WHERE request_id = $1 AND status = 'revoked'`, [requestId])).length > 0, { timeoutMs: 30_000, everyMs: 100 });

  /** Everything that is said to a run at once: started, decided, woken and revoked, with a ticket to write. */
  const crowded = async (at: number): Promise<void> => {
    const { accountId } = await product.person();
    const issueKey = await product.issue(accountId);
    const requestId = await product.ask(accountId, at % 2 === 0 ? 'claude-team' : 'chatgpt-enterprise', { issueKey });
    await Promise.all([insist(product, requestId, approve), wake(requestId), wake(requestId)]);
    await Promise.all([wake(requestId), insist(product, requestId, revoke), wake(requestId)]);
    await ended(requestId);
  };
  // A revocation that meets the addition waits until a lost write could no longer land, so all wait at the same time.
  const lives = isWhole() ? 24 : 12;
  it('takes the same steps, however many messages came at once', async () => {
    await inParallel(12, Array.from({ length: lives }, (_, at) => at), crowded);
    const { replayed, stuck } = await product.replayAll();
    expect(replayed).toBeGreaterThanOrEqual(lives);
    expect(stuck).toEqual([]);
  }, 90_000);

  it('takes the same steps when its first message came with its start', async () => {
    await inParallel(12, Array.from({ length: lives / 2 }, (_, at) => at), async (at) => {
      const { accountId } = await product.person();
      const issueKey = await product.issue(accountId);
      // Recorded while the engine did not hear of it: the decision itself starts the run.
      const requestId = await product.record(accountId, at % 2 === 0 ? 'claude-team' : 'chatgpt-enterprise', { issueKey });
      await insist(product, requestId, approve);
      await insist(product, requestId, revoke);
      await ended(requestId);
    });
    expect((await product.replayAll()).stuck).toEqual([]);
  }, 90_000);
});
