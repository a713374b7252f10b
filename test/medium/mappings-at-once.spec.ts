import { PgMappingStore } from '../../src/persistence/stores/mapping.store.js';
import { until } from '../support/until.js';
import { context, SITE } from './admin-fixture.js';
import { bodyOf, World } from './admin-world.js';

const login = (name: string): string => `${name}@acme.example`;
type Work = Parameters<World['fixture']['uow']['run']>[1];

/** An identity went with its last mapping while somebody else was about to refer to it, and the delete broke the command with an error of the database. */
describe('two admins with one identity', () => {
  let world: World;
  let connectorId: string;
  beforeEach(async () => {
    world = await World.start();
    connectorId = (await world.readyConnector()).id;
    for (const name of ['ada', 'bob']) world.okta.addUser(login(name), `00u${name}`);
  });
  afterEach(() => world.fixture.stop());

  const map = async (accountId: string, name: string): Promise<string> => bodyOf(await world.commands.mappings.create(context(), { accountId, provider: 'okta', externalLogin: login(name) })).id;
  const mapped = async (): Promise<readonly unknown[]> =>
    (await world.fixture.rows('SELECT m.account_id, i.login_hint FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id ORDER BY 1')).map((row) => Object.values(row).join(' '));
  const hashOf = async (accountId: string): Promise<string> =>
    String((await world.fixture.rows('SELECT i.identity_hash FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id WHERE m.account_id = $1', [accountId]))[0]?.['identity_hash']);
  const waiting = (count: number): Promise<unknown> =>
    until(`${count} that wait for a lock`, async () => (await world.fixture.rows("SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'", [world.fixture.database.name])).length === count);
  const mappings = new PgMappingStore();
  /** What another admin's transaction holds until it is let go on. */
  const meanwhile = async (work: Work, others: () => readonly Promise<unknown>[]): Promise<readonly unknown[]> => {
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { letGo = resolve; });
    let begun: () => void = () => undefined;
    const isBegun = new Promise<void>((resolve) => { begun = resolve; });
    const first = world.fixture.uow.run(SITE, async (tx) => {
      await work(tx);
      begun();
      await gate;
    });
    await Promise.race([isBegun, first]);
    const started = others();
    const all = Promise.all(started);
    try {
      await Promise.race([waiting(started.length), all]);
    } finally {
      letGo();
      await first;
    }
    return all;
  };
  /** Gives p-2 the identity that p-1 has. */
  const share = async (): Promise<Work> => {
    const identityHash = await hashOf('p-1');
    return async (tx) => {
      const { id } = await mappings.putIdentity(tx, { id: 'another', provider: 'okta', connectorId, identityHash, sealed: 'sealed', loginHint: 'shared' });
      await mappings.insert(tx, { id: 'map-2', accountId: 'p-2', provider: 'okta', connectorId, externalIdentityId: id, createdBy: 'admin-2' });
    };
  };

  it('keep it when one moves its account away while the other maps one to it', async () => {
    const mappingId = await map('p-1', 'ada');
    const [moved] = await meanwhile(await share(), () => [world.commands.mappings.update(context(), { mappingId, patch: { externalLogin: login('bob') }, expectedVersion: null })]);
    expect(moved).toMatchObject({ ok: true });
    expect(await mapped()).toEqual(['p-1 b•••@acme.example', 'p-2 shared']);
  });

  it('keep it when one deletes a mapping while the other maps an account to it', async () => {
    const mappingId = await map('p-1', 'ada');
    const [deleted] = await meanwhile(await share(), () => [world.commands.mappings.delete(context(), { mappingId, expectedVersion: null })]);
    expect(deleted).toMatchObject({ ok: true });
    expect(await mapped()).toEqual(['p-2 shared']);
  });

  it('swap two accounts without waiting for each other for ever', async () => {
    const ids = [await map('p-1', 'ada'), await map('p-2', 'bob')];
    const hashes = [await hashOf('p-1'), await hashOf('p-2')];
    const outcomes = await meanwhile(async (tx) => { for (const hash of hashes) await mappings.holdIdentity(tx, hash); }, () => ids.map((mappingId, at) => world.commands.mappings.update(context(), { mappingId, patch: { externalLogin: login(['bob', 'ada'][at] ?? '') }, expectedVersion: null })));
    expect(outcomes).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await mapped()).toEqual(['p-1 b•••@acme.example', 'p-2 a•••@acme.example']);
  });
});
