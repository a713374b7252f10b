import 'reflect-metadata';
import type { DataSource } from 'typeorm';
import type { MembershipFence } from '../../src/application/ports/membership-fence.port.js';
import { registerSite } from '../../src/persistence/bootstrap.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { createMembershipFence } from '../../src/persistence/stores/membership-fence.store.js';
import { PgUnitOfWork } from '../../src/persistence/unit-of-work.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

/** What keeps two core workers from each other's memberships, as the core's own role sees it (DESIGN, membership; N6). */
describe('the membership fence', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let fence: MembershipFence;
  let membership = 0;
  const key = (generation: number, leaseId: string, membershipId = `mem-${membership}`) => ({ siteId: 'acme', membershipId, generation, leaseId });
  const enter = (generation: number, leaseId: string, leaseMs = 60_000): ReturnType<MembershipFence['enter']> => fence.enter({ ...key(generation, leaseId), leaseMs });

  const busyMs = (answer: Awaited<ReturnType<MembershipFence['enter']>>): number | null => (typeof answer === 'object' ? answer.busyMs : null);

  beforeAll(async () => {
    database = await createTestDatabase();
    for (const id of ['acme', 'umbrella']) await registerSite(database.migrationUrl, { id, name: id, timeZone: 'UTC', jiraBaseUrl: 'http://127.0.0.1:1', jiraPropertyKey: 'p', jiraAuthSealed: 'sealed' });
    dataSource = await createDataSource({ url: database.coreUrl, poolSize: 12, applicationName: 'fence-test' }).initialize();
    fence = createMembershipFence(new PgUnitOfWork(dataSource));
  });
  beforeEach(() => { membership += 1; });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('lets the first one in, holds for it, and nothing after it leaves', async () => {
    expect(await enter(1, 'a')).toBe('entered');
    expect(await fence.holds(key(1, 'a'))).toBe(true);
    await fence.leave(key(1, 'a'));
    expect(await fence.holds(key(1, 'a'))).toBe(false);
    expect(await enter(1, 'b')).toBe('entered');
  });

  it('refuses a lower generation for ever, also when nobody is inside', async () => {
    await enter(5, 'a');
    await fence.leave(key(5, 'a'));
    expect(await enter(4, 'b')).toBe('stale');
    expect(await enter(5, 'c')).toBe('entered');
    expect(await enter(4, 'b')).toBe('stale');
  });

  it('gives the lease to one at a time and tells the others how long it lasts', async () => {
    await enter(1, 'a', 30_000);
    const second = await enter(1, 'b');
    expect(busyMs(second)).toBeGreaterThan(25_000);
    expect(busyMs(second)).toBeLessThanOrEqual(30_000);
    expect([await fence.holds(key(1, 'a')), await fence.holds(key(1, 'b'))]).toEqual([true, false]);
  });

  it('lets the same attempt in again: it asks twice when an answer was lost', async () => {
    await enter(1, 'a');
    expect(await enter(1, 'a')).toBe('entered');
  });

  it('raises the generation while another attempt is inside, which from then on holds nothing', async () => {
    await enter(1, 'a');
    expect(busyMs(await enter(2, 'b'))).toBeGreaterThan(0);
    expect(await fence.holds(key(1, 'a'))).toBe(false);
    expect(await enter(1, 'c')).toBe('stale');
    await fence.leave(key(1, 'a'));
    expect(await enter(2, 'b')).toBe('entered');
  });

  it('lets the next one in when a lease has run out, and not the one that let it run out', async () => {
    await enter(1, 'a', 30);
    expect(await until('the lease to run out', async () => (await enter(1, 'b')) === 'entered')).toBe(true);
    expect([await fence.holds(key(1, 'a')), await fence.holds(key(1, 'b'))]).toEqual([false, true]);
    await fence.leave(key(1, 'a'));
    expect(await fence.holds(key(1, 'b'))).toBe(true);
  });

  it('lets exactly one of many in at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => enter(1, `attempt-${n}`)));
    expect(answers.filter((answer) => answer === 'entered')).toHaveLength(1);
    expect(answers.filter((answer) => typeof answer === 'object')).toHaveLength(11);
  });

  it('ends with the highest generation however many come at once', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, n) => enter(n + 1, `attempt-${n + 1}`)));
    const [row] = await queryOnce(database.superuserUrl, 'SELECT generation::int FROM core_fence WHERE membership_id = $1', [`mem-${membership}`]);
    expect(row).toEqual({ generation: 12 });
  });

  it('knows nothing of another site\'s membership', async () => {
    await enter(1, 'a');
    expect(await fence.holds({ ...key(1, 'a'), siteId: 'umbrella' })).toBe(false);
    await fence.leave({ ...key(1, 'a'), siteId: 'umbrella' });
    expect(await fence.holds(key(1, 'a'))).toBe(true);
  });
});
