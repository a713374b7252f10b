import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { readCoreConfig } from '../../src/config/env.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { createHeartbeat, seenWorkers } from '../../src/persistence/stores/worker-heartbeat.store.js';
import { generateSealingKeys } from '../../src/integrations/sealing/asymmetric-sealing.js';
import { startCore } from '../../src/worker/core.js';
import { closedPort } from '../../src/cli/testing/fake-api.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

const NOBODY = { alive: 0, polling: 0 };

describe('what workers say of themselves', () => {
  let database: TestDatabase;
  const sources: DataSource[] = [];
  const as = async (url: string): Promise<DataSource> => {
    const source = await createDataSource({ url, poolSize: 1, applicationName: 'heartbeat-test' }).initialize();
    sources.push(source);
    return source;
  };
  beforeEach(async () => { database = await createTestDatabase(); });
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.destroy()));
    await database.drop();
  });

  it('is seen by the API while it is fresh, and no longer once a process ended or fell silent', async () => {
    const [api, governance, core] = [await as(database.apiUrl), await as(database.governanceUrl), await as(database.coreUrl)];
    expect(await seenWorkers(api)).toEqual({ governance: NOBODY, core: NOBODY });
    const [first, second, other] = [createHeartbeat(governance, 'governance', 'g1'), createHeartbeat(governance, 'governance', 'g2'), createHeartbeat(core, 'core', 'c1')];
    await first.beat(true);
    await second.beat(false);
    await other.beat(true);
    expect(await seenWorkers(api)).toEqual({ governance: { alive: 2, polling: 1 }, core: { alive: 1, polling: 1 } });
    await second.beat(true);
    await other.end();
    expect(await seenWorkers(api)).toEqual({ governance: { alive: 2, polling: 2 }, core: NOBODY });
    await queryOnce(database.superuserUrl, "UPDATE worker_heartbeat SET seen_at = seen_at - interval '21 seconds' WHERE id = 'g1'");
    expect(await seenWorkers(api)).toMatchObject({ governance: { alive: 1, polling: 1 } });
    await queryOnce(database.superuserUrl, "UPDATE worker_heartbeat SET seen_at = seen_at - interval '2 days' WHERE id = 'g1'");
    await second.beat(true);
    expect(await queryOnce(database.superuserUrl, 'SELECT id FROM worker_heartbeat')).toEqual([{ id: 'g2' }]);
  });

  it('is said by who knows: no core worker writes for a governance worker, which speaks for a Core behind HTTP too, and the API for none', async () => {
    const [governance, core, api] = [await as(database.governanceUrl), await as(database.coreUrl), await as(database.apiUrl)];
    await createHeartbeat(governance, 'core', 'over-http').beat(true);
    expect(await seenWorkers(api)).toMatchObject({ core: { polling: 1 } });
    await createHeartbeat(governance, 'core', 'over-http').end();
    await expect(createHeartbeat(core, 'governance', 'x').beat(true)).rejects.toThrow('row-level security');
    await expect(createHeartbeat(api, 'core', 'x').beat(true)).rejects.toThrow('permission denied');
  });

  it('says that a core worker lives and does not poll while the engine is away, and that it is gone when it ends', async () => {
    const api = await as(database.apiUrl);
    const key = (): string => randomBytes(32).toString('base64url');
    const { privateJwks } = await generateSealingKeys();
    const core = await startCore(readCoreConfig({
      LOG_LEVEL: 'silent', DATABASE_URL: database.coreUrl, TEMPORAL_ADDRESS: `127.0.0.1:${await closedPort()}`, PAYLOAD_KEYS: `p:${key()}`, SEALING_PRIVATE_KEYS: privateJwks, IDENTITY_HASH_KEY: key(),
    }));
    try {
      await until('its heartbeat', async () => ((await seenWorkers(api)).core.alive === 1));
      expect((await seenWorkers(api)).core).toEqual({ alive: 1, polling: 0 });
    } finally {
      await core.stop();
    }
    expect((await seenWorkers(api)).core).toEqual(NOBODY);
  });
});
