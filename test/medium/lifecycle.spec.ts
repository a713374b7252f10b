import { startTestProduct, SITE, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

/** One request from intake to the end of access on a real Postgres, a real engine and the Okta sandbox. */
describe('the life of a request', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct(); });
  afterAll(() => product.stop());

  const grantOf = async (requestId: string): Promise<Record<string, unknown>> => (await product.sql('SELECT g.*, m.observed FROM access_grant g LEFT JOIN membership m ON m.id = g.membership_id WHERE request_id = $1', [requestId]))[0] ?? {};
  const status = (requestId: string, wanted: string): Promise<Record<string, unknown>> => until(`grant ${wanted}`, async () => {
    const grant = await grantOf(requestId);
    return grant['status'] === wanted ? grant : undefined;
  });

  it('adds the person after approval, reads it back, and removes the person at expiry', async () => {
    const person = await product.person();
    const requestId = await product.ask(person.accountId);
    const outcome = await product.decide(requestId, 'approve');
    expect(outcome).toMatchObject({ stored: { ok: true } });
    const active = await status(requestId, 'active');
    expect(active).toMatchObject({ start_evidence: 'readBack', observed: 'present' });
    expect(await product.inGroup(person.oktaId)).toBe(true);

    await product.advanceHours(31 * 24);
    const expired = await status(requestId, 'expired');
    expect(expired).toMatchObject({ end_evidence: 'readBack', observed: 'absent' });
    expect(await product.inGroup(person.oktaId)).toBe(false);
    const handle = product.client.workflow.getHandle(`access/${SITE}/${requestId}`);
    await handle.result();
    const { events } = await handle.fetchHistory();
    expect(events?.length ?? 999).toBeLessThanOrEqual(56);
  });
});
