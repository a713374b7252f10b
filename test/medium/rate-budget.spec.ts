import 'reflect-metadata';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ProviderFailure, type IdentityProviderPort } from '../../src/application/ports/identity-provider.port.js';
import type { CallPriority } from '../../src/domain/budget/rate-budget.js';
import { openOkta } from '../../src/integrations/okta/okta-provider.js';
import { createPaces } from '../../src/integrations/pacing/paces.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { createRateBudgetStore } from '../../src/persistence/stores/rate-budget.store.js';
import { startScriptedServer, type ScriptedServer } from '../contract/support/scripted-server.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

const RATE = 10;
const silent = { waited: () => undefined, refused: () => undefined, paused: () => undefined };

/** Two processes' worth of core workers on one database, calling one org that notes when each call came. */
describe('the budget of an org, shared by core workers', () => {
  let database: TestDatabase;
  let org: ScriptedServer;
  let dataSources: DataSource[];
  let unshared: unknown[];
  const calls: { readonly at: number; readonly kind: string }[] = [];

  const worker = async (): Promise<(priority: CallPriority) => IdentityProviderPort> => {
    const dataSource = await createDataSource({ url: database.coreUrl, poolSize: 4, applicationName: 'budget-test' }).initialize();
    dataSources.push(dataSource);
    const pace = createPaces({ store: createRateBudgetStore(dataSource), limits: { okta: { ratePerSecond: RATE }, entra: { ratePerSecond: RATE } }, events: { ...silent, unshared: (_, error) => unshared.push(error) } });
    return openOkta({ provider: 'okta', orgUrl: org.url, auth: { kind: 'apiToken', token: 'a-token-of-some-length' } }, { allowLoopbackHttp: true, pace });
  };

  beforeEach(async () => {
    database = await createTestDatabase();
    dataSources = [];
    unshared = [];
    calls.length = 0;
    org = await startScriptedServer(() => ({ status: 500 }));
    org.answer(({ method, url }) => {
      const path = url.split('?')[0] ?? '';
      calls.push({ at: Date.now(), kind: `${method} ${path}` });
      if (method !== 'GET') return { status: 204 };
      const group = { id: '00g1', type: 'OKTA_GROUP', profile: { name: 'G' } };
      if (path === '/api/v1/groups/00g1') return { status: 200, body: group };
      if (path === '/api/v1/users/00u1/groups') return { status: 200, body: calls.some(({ kind }) => kind.startsWith('DELETE')) ? [] : [group] };
      const page = Number(new URLSearchParams(url.split('?')[1]).get('after') ?? '0');
      return { status: 200, body: [{ id: `00u${page}`, status: 'ACTIVE', profile: { login: `p${page}@acme.example` } }], headers: { link: `<${org.url}/api/v1/groups/00gbig/users?after=${page + 1}>; rel="next"` } };
    });
  });
  afterEach(async () => {
    await Promise.all(dataSources.map((dataSource) => dataSource.destroy()));
    await org.close();
    await database.drop();
  });

  /** Lists for as long as it is let: what a reconciliation of many large groups looks like to the org. */
  const saturate = async (provider: IdentityProviderPort, stop: AbortSignal): Promise<number> => {
    let pages = 0;
    try {
      for await (const page of provider.listMembers('00gbig', { signal: stop })) pages += page.members.length;
    } catch (error) {
      if (!stop.aborted) throw error;
    }
    return pages;
  };

  it('lets a revocation through ahead of the listings of both, which take all they may, and never exceeds its rate', async () => {
    const [one, other] = [await worker(), await worker()];
    const stop = new AbortController();
    const listings = [one, one, other, other].map((open) => saturate(open('read'), stop.signal));
    await untilCalls(12);
    const asked = calls.length;
    const revoker = other('removal');
    expect((await revoker.readMembership('00g1', '00u1')).observed).toBe('present');
    await revoker.removeMember('00g1', '00u1');
    expect((await revoker.readMembership('00g1', '00u1')).observed).toBe('absent');
    const meanwhile = calls.slice(asked);
    expect(meanwhile.map(({ kind }) => kind)).toContain('DELETE /api/v1/groups/00g1/users/00u1');
    // One page of each listing may be on its way already; the next ones come after the revocation.
    expect(meanwhile.filter(({ kind }) => kind === 'GET /api/v1/groups/00gbig/users').length).toBeLessThanOrEqual(4);
    await untilCalls(30);
    stop.abort();
    expect((await Promise.all(listings)).every((pages) => pages > 0)).toBe(true);
    const [first, last] = [calls[0]?.at ?? 0, calls.at(-1)?.at ?? 0];
    expect(calls.length).toBeLessThanOrEqual(RATE + ((last - first) / 1_000) * RATE + 1);
    expect(unshared).toEqual([]);
  });

  it('stops every worker for the pause that one was told, and asks again on a revocation\'s behalf', async () => {
    const [one, other] = [await worker(), await worker()];
    org.answer(({ method, url }) => {
      calls.push({ at: Date.now(), kind: `${method} ${url.split('?')[0] ?? ''}` });
      return calls.length === 1 ? { status: 429, headers: { 'retry-after': '60' }, body: { errorCode: 'E0000047', errorSummary: 'too many' } } : { status: 200, body: [{ id: '00g1', type: 'OKTA_GROUP', profile: { name: 'G' } }] };
    });
    await expect(one('addition').readMembership('00g1', '00u1')).rejects.toMatchObject({ kind: 'retryable', more: { status: 429, retryAfterMs: 60_000 } });
    for (const refused of [other('addition').readMembership('00g1', '00u2'), other('addition').addMember('00g1', '00u2')]) {
      const waitMs = await refused.then(() => null, (error: unknown) => (error instanceof ProviderFailure && error.kind === 'retryable' && error.more.paced === true ? error.more.retryAfterMs : null));
      expect(waitMs).toBeGreaterThan(55_000);
      expect(waitMs).toBeLessThanOrEqual(60_000);
    }
    expect(calls).toHaveLength(1);
    expect((await other('removal').readMembership('00g1', '00u1')).observed).toBe('present');
    expect((await one('addition').readMembership('00g1', '00u2')).observed).toBe('present');
    expect(calls).toHaveLength(3);
  });

  it('is counted by each worker for itself while the table can\'t be locked, and nobody waits for the lock', async () => {
    const open = await worker();
    await open('read').readMembership('00g1', '00u1');
    const holder = new pg.Client({ connectionString: database.superuserUrl });
    await holder.connect();
    await holder.query('BEGIN');
    expect((await holder.query('SELECT tenant FROM provider_budget FOR UPDATE')).rows).toEqual([{ tenant: `okta/${new URL(org.url).host}` }]);
    const before = calls.length;
    for (let call = 0; call < 3; call += 1) await open('removal').readMembership('00g1', '00u1');
    expect(calls.slice(before).filter(({ kind }) => kind === 'GET /api/v1/users/00u1/groups')).toHaveLength(3); // all of them before the lock is let go
    expect(unshared).toHaveLength(1);
    await holder.query('ROLLBACK');
    await holder.end();
  });

  const untilCalls = (count: number): Promise<true> => until(`${count} calls`, () => calls.length >= count);
});
