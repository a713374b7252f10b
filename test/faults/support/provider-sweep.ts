import { isWhole } from '../../support/bounds.js';
import { inParallel } from '../../support/in-parallel.js';
import { SITE, type TestProduct } from '../../support/product.js';
import { GrantWatch } from './grant-watch.js';
import { insist } from './insist.js';
import { arm, isAllowed, named, outcomeOf, walkIn, type ProviderPair } from './provider-pairs.js';
import { report } from './report.js';
import { intentFaults, trailOf } from './trail.js';

export interface Swept {
  readonly product: TestProduct;
  readonly pairs: readonly ProviderPair[];
  /** What must be so before anybody is removed. */
  beforeRemoval(): Promise<void>;
  stop(): Promise<void>;
}

const PATIENCE_MS = isWhole() ? 480_000 : 150_000;
const REPLAYED = isWhole() ? 30 : 12;

/** The way of a request once for each (call to the provider, fault): in and out again, all at the same time, each with a person and a group of its own. */
export function sweepProvider(section: string, start: () => Promise<Swept>): void {
  let swept: Swept;
  let product: TestProduct;
  let watch: GrantWatch;
  let pairs: readonly ProviderPair[];
  const requests = new Map<ProviderPair, string>();
  const of = (pair: ProviderPair): string => requests.get(pair) ?? '';
  const inGroup = ({ directory, person, tool }: ProviderPair): Promise<boolean> => directory.inGroup(person, tool.groupId);

  beforeAll(async () => {
    swept = await start();
    ({ product, pairs } = swept);
    const vendors = new Map(pairs.map(({ directory: { control } }) => [control.baseUrl, control]));
    watch = new GrantWatch(product, [...vendors.values()]);
  }, 60_000);
  afterAll(async () => {
    await watch.stop();
    await swept.stop();
  }, 30_000);

  it('ends active by a retry or by people who are told why, and never before the provider lists the person', async () => {
    await inParallel(24, pairs, async (pair) => {
      if (pair.call.direction === 'add') await arm(pair);
      requests.set(pair, await walkIn(product, watch, pair));
    });
    for (const pair of pairs) expect([named(pair), await inGroup(pair)]).toEqual([named(pair), true]);
    expect(await product.sql(`SELECT request_id FROM access_grant WHERE site_id = $1 AND (status <> 'active' OR start_evidence <> 'readBack')`, [SITE])).toEqual([]);
    expect(watch.violations).toEqual([]);
  }, PATIENCE_MS);

  it('removes everybody again, by revocation or at the end of the time, and says so only when the absence was read back', async () => {
    const revoked = (pair: ProviderPair): boolean => pairs.indexOf(pair) % 2 === 0;
    await swept.beforeRemoval();
    for (const pair of pairs) if (pair.call.direction === 'remove') await arm(pair);
    await inParallel(24, pairs.filter(revoked), (pair) => insist(product, of(pair), { operation: 'revoke', caller: { accountId: product.approver, isAdmin: false }, comment: null }));
    await product.advanceHours(31 * 24);
    await Promise.all(pairs.map(async (pair) => {
      const ended = await watch.until(`${named(pair)}: ended`, of(pair), ({ status }) => status === 'revoked' || status === 'expired', PATIENCE_MS - 30_000);
      expect([named(pair), ended]).toEqual([named(pair), expect.objectContaining({ status: revoked(pair) ? 'revoked' : 'expired', end_evidence: 'readBack', observed: 'absent', manual_id: null })]);
    }));
    for (const pair of pairs) expect([named(pair), await inGroup(pair)]).toEqual([named(pair), false]);
    expect(watch.violations).toEqual([]);
    expect(watch.looks).toBeGreaterThan(20);
  }, PATIENCE_MS);

  it('has met every fault', async () => {
    for (const vendor of new Map(pairs.map(({ directory: { control } }) => [control.baseUrl, control])).values()) expect(await vendor.send('GET', 'faults')).toEqual({ faults: [] });
  });

  it('changes each membership once in each direction', async () => {
    const vendors = new Map(pairs.map(({ directory: { control } }) => [control.baseUrl, control]));
    const calls = (await Promise.all([...vendors.values()].map((vendor) => vendor.calls()))).flat();
    for (const pair of pairs) {
      const { directory, tool: { groupId } } = pair;
      const changes = calls.filter((call) => call.changed && call.path.includes(groupId)).map(({ method }) => method);
      expect([named(pair), changes]).toEqual([named(pair), [directory.addsTo(groupId).method, 'DELETE']]);
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
    expect(await product.replayAll(REPLAYED)).toEqual({ replayed: REPLAYED, stuck: [] });
  });

  it('ends each fault in the way that its kind calls for', async () => {
    const rows = await inParallel(8, pairs, async (pair) => ({ pair, ...(await outcomeOf(product, of(pair), pair.call.direction)) }));
    await report(section, rows.map(({ pair, words }) => ({ call: `${pair.call.direction}: ${pair.call.name}`, fault: pair.name, outcome: words })));
    expect(rows.filter(({ pair, kind }) => !isAllowed(pair, kind)).map(({ pair, words }) => `${named(pair)}: ${words}`)).toEqual([]);
  });
}
