import { randomUUID } from 'node:crypto';
import { startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

/** SPEC F5, on a real engine and Postgres, against the stateful Okta. */
describe('a corrected mapping', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct(); });
  afterAll(() => product.stop());
  const grantOf = async (requestId: string): Promise<Readonly<Record<string, unknown>>> => (await product.sql('SELECT * FROM access_grant WHERE request_id = $1', [requestId]))[0] ?? {};

  it('takes whom a wrong mapping put there out of the group again, once an admin corrects it, and gives the access to the right person', async () => {
    const { toolKey, groupId } = await product.tool();
    const [stranger, right] = [await product.person(), await product.person()];
    const holderAccount = `acc-${randomUUID()}`;
    await product.alias(holderAccount, stranger.accountId);
    const requestId = await product.ask(holderAccount, toolKey);
    await product.decide(requestId, 'approve');
    await until('active', async () => (await grantOf(requestId))['status'] === 'active');
    expect([await product.inGroup(stranger.oktaId, groupId), await product.inGroup(right.oktaId, groupId)]).toEqual([true, false]);
    const { expires_at: expiresAt } = await grantOf(requestId);

    await product.alias(holderAccount, right.accountId);
    await product.sql('UPDATE request SET next_due_at = now() WHERE id = $1', [requestId]);
    await until('the right person is in the group', () => product.inGroup(right.oktaId, groupId));
    expect(await product.inGroup(stranger.oktaId, groupId)).toBe(false);
    expect(await grantOf(requestId)).toMatchObject({ status: 'active', expires_at: expiresAt });
    await product.command(requestId, { operation: 'revoke', caller: { accountId: product.approver, isAdmin: false }, comment: null });
    await until('revoked', async () => (await grantOf(requestId))['status'] === 'revoked');
    expect(await grantOf(requestId)).toMatchObject({ end_evidence: 'readBack' });
    expect(await product.inGroup(right.oktaId, groupId)).toBe(false);
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
  });
});
