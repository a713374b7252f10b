import { inParallel } from '../support/in-parallel.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { GrantWatch } from './support/grant-watch.js';
import { arm, isAllowed, oktaPairs, outcomeOf, walkIn, type OktaPair } from './support/okta-pairs.js';
import { insist } from './support/insist.js';
import { report } from './support/report.js';
import { intentFaults, trailOf } from './support/trail.js';

/** The way of a request once for each (call to Okta, fault): in and out again, all at the same time, each with a person and a group of its own. */
describe('a fault at any call to the identity provider', () => {
  let product: TestProduct;
  let watch: GrantWatch;
  let pairs: readonly OktaPair[];
  const requests = new Map<OktaPair, string>();
  const of = (pair: OktaPair): string => requests.get(pair) ?? '';
  const named = (pair: OktaPair): string => `${pair.direction}: ${pair.call}, ${pair.fault.name}`;

  beforeAll(async () => {
    product = await startTestProduct();
    watch = new GrantWatch(product);
    pairs = await oktaPairs(product);
  }, 60_000);
  afterAll(async () => {
    await watch.stop();
    await product.stop();
  }, 30_000);

  it('ends active by a retry or by people who are told why, and never before the provider lists the person', async () => {
    await inParallel(24, pairs, async (pair) => {
      if (pair.direction === 'add') await arm(product, pair);
      requests.set(pair, await walkIn(product, watch, pair));
    });
    for (const pair of pairs) expect([named(pair), await product.inGroup(pair.oktaId, pair.groupId)]).toEqual([named(pair), true]);
    expect(await product.sql(`SELECT request_id FROM access_grant WHERE site_id = $1 AND (status <> 'active' OR start_evidence <> 'readBack')`, [SITE])).toEqual([]);
    expect(watch.violations).toEqual([]);
  }, 150_000);

  it('removes everybody again, by revocation or at the end of the time, and says so only when the absence was read back', async () => {
    const revoked = (pair: OktaPair): boolean => pairs.indexOf(pair) % 2 === 0;
    for (const pair of pairs) if (pair.direction === 'remove') await arm(product, pair);
    await inParallel(24, pairs.filter(revoked), (pair) => insist(product, of(pair), { operation: 'revoke', caller: { accountId: product.approver, isAdmin: false }, comment: null }));
    await product.advanceHours(31 * 24);
    await Promise.all(pairs.map(async (pair) => {
      const ended = await watch.until(`${named(pair)}: ended`, of(pair), ({ status }) => status === 'revoked' || status === 'expired', 120_000);
      expect([named(pair), ended]).toEqual([named(pair), expect.objectContaining({ status: revoked(pair) ? 'revoked' : 'expired', end_evidence: 'readBack', observed: 'absent', manual_id: null })]);
    }));
    for (const pair of pairs) expect([named(pair), await product.inGroup(pair.oktaId, pair.groupId)]).toEqual([named(pair), false]);
    expect(watch.violations).toEqual([]);
    expect(watch.looks).toBeGreaterThan(20);
  }, 150_000);

  it('changes each membership once in each direction', async () => {
    const calls = await product.oktaCalls();
    for (const pair of pairs) {
      const changes = calls.filter((call) => call.changed && call.path.includes(pair.oktaId)).map(({ method }) => method);
      expect([named(pair), changes]).toEqual([named(pair), ['PUT', 'DELETE']]);
      // The trail never tells of more changes than the vendor made; a change whose answer was lost is "resolved" there.
      const told = (await trailOf(product, of(pair))).map(({ action }) => action).filter((action) => action === 'membership.added' || action === 'membership.removed');
      expect([named(pair), told]).toEqual([named(pair), [...new Set(told)]]);
    }
  });

  it('gives every intent one outcome, after it was committed, in a trail that verifies', async () => {
    expect(await product.verifyAudit()).toMatchObject({ ok: true });
    for (const pair of pairs) expect([named(pair), intentFaults(await trailOf(product, of(pair)))]).toEqual([named(pair), []]);
    expect(await product.sql('SELECT id FROM membership_intent WHERE ended_at IS NULL OR outcome IS NULL')).toEqual([]);
  });

  it('leaves no run behind that another worker could not take over', async () => {
    const { replayed, stuck } = await product.replayAll(30);
    expect(stuck).toEqual([]);
    expect(replayed).toBe(30);
  });

  it('ends each fault in the way that its kind calls for', async () => {
    const rows = await inParallel(8, pairs, async (pair) => ({ pair, ...(await outcomeOf(product, of(pair), pair.direction)) }));
    await report('identity provider', rows.map(({ pair, words }) => ({ call: `${pair.direction}: ${pair.call}`, fault: pair.fault.name, outcome: words })));
    expect(rows.filter(({ pair, kind }) => !isAllowed(pair, kind)).map(({ pair, words }) => `${named(pair)}: ${words}`)).toEqual([]);
  });
});
