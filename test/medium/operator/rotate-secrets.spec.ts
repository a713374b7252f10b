import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { SEALED_PLACES } from '../../../src/application/ports/sealed-values.port.js';
import { connectorConfigContext, externalIdentityContext, externalLoginContext, jiraCredentialContext, loginBatchContext } from '../../../src/application/ports/sealing.port.js';
import { createSealer, createUnsealer, generateSealingKeys } from '../../../src/integrations/sealing/asymmetric-sealing.js';
import { createSymmetricSealing } from '../../../src/integrations/sealing/symmetric-sealing.js';
import { rewrapSecrets } from '../../../src/application/secrets/rewrap-secrets.js';
import { createDataSource } from '../../../src/persistence/data-source.js';
import { PgSealedValues } from '../../../src/persistence/stores/sealed-values.store.js';
import { PgUnitOfWork } from '../../../src/persistence/unit-of-work.js';
import { registerSite } from '../../../src/persistence/bootstrap.js';
import { runOperator } from '../../../src/operator/program.js';
import { createTestDatabase, queryOnce, type TestDatabase } from '../../support/postgres.js';

const jiraKey = (id: string) => ({ id, key: randomBytes(32).toString('base64url') });
const rowsOf = z.array(z.object({ id: z.string(), sealed: z.string() }));
const keySet = z.object({ keys: z.array(z.unknown()) });
const joined = (...sets: readonly string[]): string => JSON.stringify({ keys: sets.flatMap((set) => keySet.parse(JSON.parse(set)).keys) });
const kidOf = (sealed: string): unknown => z.object({ kid: z.string() }).parse(JSON.parse(Buffer.from(sealed.split('.')[0] ?? '', 'base64url').toString())).kid;
const COUNT = 7;
/** Beside the identities: a connector and a Jira credential of each of two sites, a hint, a batch of an import, and what two recorded commands carry. */
const OTHERS = 8;

describe('rotating keys', () => {
  let database: TestDatabase;
  const [oldJira, newJira] = [jiraKey('jira-1'), jiraKey('jira-2')];
  let [oldCore, newCore] = [{ publicJwks: '', privateJwks: '' }, { publicJwks: '', privateJwks: '' }];

  beforeEach(async () => {
    [oldCore, newCore] = [await generateSealingKeys(), await generateSealingKeys()];
    database = await createTestDatabase();
    const sealer = await createSealer(oldCore.publicJwks);
    for (const site of ['acme', 'globex']) {
      const jiraAuthSealed = await createSymmetricSealing([oldJira]).seal(jiraCredentialContext(site), `jira of ${site}`);
      await registerSite(database.migrationUrl, { id: site, name: site, timeZone: 'UTC', jiraBaseUrl: 'https://x.example', jiraPropertyKey: 'p', jiraAuthSealed });
      await queryOnce(database.superuserUrl, "INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config) VALUES ($1, $2, 'c', 'okta', '{}', $3)", [`con-${site}`, site, await sealer.seal(connectorConfigContext(site, `con-${site}`), `config of ${site}`)]);
    }
    for (let at = 0; at < COUNT; at += 1) {
      await queryOnce(database.superuserUrl, "INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) VALUES ($1, 'acme', 'okta', 'con-acme', $1, $2, 'a•••')", [`id-${at}`, await sealer.seal(externalIdentityContext('acme', 'con-acme'), `person ${at}`)]);
    }
    await queryOnce(database.superuserUrl, "INSERT INTO leaver_hint (id, site_id, cause, connector_id, sealed_identity, event_key) VALUES ('hint', 'acme', 'oktaEvent', 'con-acme', $1, 'e1'), ('settled', 'acme', 'oktaEvent', 'con-acme', NULL, 'e2')", [await sealer.seal(externalIdentityContext('acme', 'con-acme'), 'who may have left')]);
    await queryOnce(database.superuserUrl, "INSERT INTO mapping_import (id, site_id, dry_run, aliases, asked_by, asked_by_kind, started_at) VALUES ('imp', 'acme', true, 'refuse', 'x', 'person', now())");
    await queryOnce(database.superuserUrl, "INSERT INTO mapping_import_batch (id, import_id, batch, site_id, connector_id, sealed_logins) VALUES ('imp.1', 'imp', 1, 'acme', 'con-acme', $1)", [await sealer.seal(loginBatchContext('acme', 'con-acme'), 'logins of a batch')]);
    for (const [id, context] of [['cmd-config', connectorConfigContext('acme', 'con-acme')], ['cmd-login', externalLoginContext('acme', 'con-acme')], ['cmd-plain', null]] as const) {
      await queryOnce(database.superuserUrl, "INSERT INTO command (id, site_id, actor, method_path, idempotency_key, body_hash, operation, payload, sealed, sealed_field) VALUES ($1, 'acme', 'root', 'PUT', $1, 'h', 'op', '{}', $2, $3)", [id, context === null ? null : await sealer.seal(context, `carried by ${id}`), context?.field ?? null]);
    }
  });
  afterEach(() => database.drop());

  const rotate = async (ring: { readonly core: string; readonly jira: readonly { readonly id: string; readonly key: string }[] }): Promise<{ code: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const environment = { KEEPER_DATABASE_URL: database.keeperUrl, SEALING_PRIVATE_KEYS: ring.core, JIRA_SEALING_KEYS: ring.jira.map(({ id, key }) => `${id}:${key}`).join(',') };
    const code = await runOperator(['secrets', 'rotate', '--json'], { environment, readInput: () => Promise.resolve(''), say: () => undefined }, { out: (text) => { out += text; }, err: (text) => { err += text; } });
    return { code, out, err };
  };
  const both = () => ({ core: joined(newCore.privateJwks, oldCore.privateJwks), jira: [newJira, oldJira] });
  const identities = async () => rowsOf.parse(await queryOnce(database.superuserUrl, 'SELECT id, sealed FROM external_identity ORDER BY id'));
  const events = async () => queryOnce(database.superuserUrl, "SELECT site_id, draft::json -> 'data' AS data FROM audit_outbox WHERE draft::json ->> 'action' = 'secret.rewrapped' ORDER BY id");

  it('brings every sealed value of every site under the newest key, so that the old ones can go', async () => {
    const ended = await rotate(both());
    expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(ended.out)).toMatchObject({ rewrapped: OTHERS + COUNT, current: 0, keys: { jira: 'jira-2' } });
    const [core, jira] = [await createUnsealer(newCore.privateJwks), createSymmetricSealing([newJira])];
    for (const { id, sealed } of await identities()) expect(await core.open(externalIdentityContext('acme', 'con-acme'), sealed)).toBe(`person ${id.slice(3)}`);
    for (const { id, sealed } of rowsOf.parse(await queryOnce(database.superuserUrl, 'SELECT site_id AS id, sealed_config AS sealed FROM connector'))) expect(await core.open(connectorConfigContext(id, `con-${id}`), sealed)).toBe(`config of ${id}`);
    for (const { id, sealed } of rowsOf.parse(await queryOnce(database.superuserUrl, 'SELECT id, jira_auth_sealed AS sealed FROM site'))) expect(await jira.open(jiraCredentialContext(id), sealed)).toBe(`jira of ${id}`);
    const [hint] = rowsOf.parse(await queryOnce(database.superuserUrl, "SELECT id, sealed_identity AS sealed FROM leaver_hint WHERE id = 'hint'"));
    expect(await core.open(externalIdentityContext('acme', 'con-acme'), hint?.sealed ?? '')).toBe('who may have left');
    const [batch] = rowsOf.parse(await queryOnce(database.superuserUrl, 'SELECT id, sealed_logins AS sealed FROM mapping_import_batch'));
    expect(await core.open(loginBatchContext('acme', 'con-acme'), batch?.sealed ?? '')).toBe('logins of a batch');
    const carried = rowsOf.parse(await queryOnce(database.superuserUrl, 'SELECT id, sealed FROM command WHERE sealed IS NOT NULL ORDER BY id'));
    expect(await Promise.all(carried.map(({ id, sealed }) => core.open((id === 'cmd-config' ? connectorConfigContext : externalLoginContext)('acme', 'con-acme'), sealed)))).toEqual(['carried by cmd-config', 'carried by cmd-login']);
    const written = await events();
    expect(written).toHaveLength(8);
    expect(written[1]).toMatchObject({ site_id: 'acme', data: { place: 'external_identity.sealed', values: COUNT, to: core.newestKey } });
    expect(JSON.stringify(written)).not.toMatch(/person|config of|jira of|who may|logins of|carried/);
    expect(JSON.parse((await rotate(both())).out)).toMatchObject({ rewrapped: 0, current: OTHERS + COUNT });
    expect(await events()).toHaveLength(8);
  });

  it('goes on where a run was killed, one batch and its event at a time', async () => {
    const dataSource = await createDataSource({ url: database.keeperUrl, poolSize: 1, applicationName: 'rotate-test' }).initialize();
    try {
      const [core, jira] = [await createUnsealer(both().core), createSymmetricSealing(both().jira)];
      const deps = { uow: new PgUnitOfWork(dataSource), values: new PgSealedValues(dataSource), rewrapperOf: (place: string) => (place.startsWith('site') ? jira : core), batchSize: 2 };
      let batches = 0;
      await expect(rewrapSecrets({ ...deps, onBatch: () => { if ((batches += 1) === 3) throw new Error('killed'); } })).rejects.toThrow('killed');
      const half = (await identities()).filter(({ sealed }) => kidOf(sealed) === core.newestKey);
      expect(half).toHaveLength(4);
      expect((await events()).map(({ data }) => z.object({ values: z.number() }).parse(data).values)).toEqual([1, 2, 2]);
      expect(await rewrapSecrets(deps)).toEqual({ rewrapped: COUNT - 4 + OTHERS - 1, current: 5, unreadable: [] });
      expect((await identities()).every(({ sealed }) => kidOf(sealed) === core.newestKey)).toBe(true);
    } finally {
      await dataSource.destroy();
    }
  });

  it('leaves alone what somebody replaced meanwhile', async () => {
    const dataSource = await createDataSource({ url: database.keeperUrl, poolSize: 1, applicationName: 'rotate-test' }).initialize();
    try {
      const uow = new PgUnitOfWork(dataSource);
      const values = new PgSealedValues(dataSource);
      const [value] = await uow.run('acme', (tx) => values.page(tx, 'connector.sealed_config', '', 10));
      await queryOnce(database.superuserUrl, "UPDATE connector SET sealed_config = 'entered anew' WHERE id = 'con-acme'");
      if (value === undefined) throw new Error('there is no connector');
      expect(await uow.run('acme', (tx) => values.replace(tx, 'connector.sealed_config', value, 'stale'))).toBe(false);
      expect(await queryOnce(database.superuserUrl, "SELECT sealed_config FROM connector WHERE id = 'con-acme'")).toEqual([{ sealed_config: 'entered anew' }]);
    } finally {
      await dataSource.destroy();
    }
  });

  it('names what it can\'t open, rewraps the rest, and says that no key may go', async () => {
    await queryOnce(database.superuserUrl, "UPDATE external_identity SET sealed = $1 WHERE id = 'id-3'", [await (await createSealer((await generateSealingKeys()).publicJwks)).seal(externalIdentityContext('acme', 'con-acme'), 'lost')]);
    const ended = await rotate(both());
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('1 values can\'t be opened');
    expect(ended.err).toContain('external_identity.sealed acme/id-3: sealing.unknown_key');
    expect((await identities()).filter(({ sealed }) => kidOf(sealed) === (z.object({ kid: z.string() }).parse(keySet.parse(JSON.parse(newCore.publicJwks)).keys[0])).kid)).toHaveLength(COUNT - 1);
  });

  it('needs the core worker\'s private keys: with what the API and the governance worker hold it opens nothing', async () => {
    expect(await rotate({ core: oldCore.publicJwks, jira: [oldJira] })).toMatchObject({ code: 1, out: '' });
    const wrong = await rotate({ core: newCore.privateJwks, jira: [newJira, oldJira] });
    expect(wrong.err).toContain(`${COUNT + 6} values can't be opened`);
  });

  it('knows every column that holds a seal', async () => {
    const beside = ['audit_event.sealed_at', 'command.sealed_field'];
    const columns = await queryOnce(database.superuserUrl, "SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name LIKE '%seal%'");
    expect(columns.map(({ name }) => name).sort()).toEqual([...SEALED_PLACES, ...beside].sort());
  });

  it('works as a role that sees sealed values and nothing else of the record', async () => {
    for (const table of ['request', 'access_grant', 'command', 'audit_event', 'core_fence', 'site_identity_mapping']) await expect(queryOnce(database.keeperUrl, `SELECT * FROM ${table}`)).rejects.toThrow('permission denied');
    await expect(queryOnce(database.keeperUrl, 'SELECT payload FROM command')).rejects.toThrow('permission denied');
    await expect(queryOnce(database.keeperUrl, 'SELECT account_id FROM leaver_hint')).rejects.toThrow('permission denied');
    await expect(queryOnce(database.keeperUrl, 'SELECT login_hint FROM external_identity')).rejects.toThrow('permission denied');
    await expect(queryOnce(database.keeperUrl, "UPDATE connector SET status = 'enabled'")).rejects.toThrow('permission denied');
    expect(await queryOnce(database.keeperUrl, 'SELECT id FROM connector')).toEqual([]);
    await expect(queryOnce(database.coreUrl, 'SELECT sealed_config FROM connector')).rejects.toThrow('permission denied');
  });
});

describe('what the API and the governance worker are given', () => {
  it('opens no connector credential and no identity: no configuration of theirs can carry the private half', async () => {
    const { readApiConfig, readGovernanceConfig, readCoreConfig } = await import('../../../src/config/env.js');
    const keys = await generateSealingKeys();
    const [key, ring] = [randomBytes(32).toString('base64url'), `k:${randomBytes(32).toString('base64url')}`];
    const everything = {
      DATABASE_URL: 'postgresql://r:p@h/d', SEALER_DATABASE_URL: 'postgresql://r:p@h/d', PAYLOAD_KEYS: ring, AUDIT_MAC_KEYS: ring, JIRA_SEALING_KEYS: ring,
      SEALING_PUBLIC_KEYS: keys.publicJwks, SEALING_PRIVATE_KEYS: keys.privateJwks, IDENTITY_HASH_KEY: key,
    };
    const holders = { api: readApiConfig(everything), governance: readGovernanceConfig(everything), core: readCoreConfig(everything) };
    const carries = (config: object): boolean => JSON.stringify(config).includes('\\"d\\"') || 'SEALING_PRIVATE_KEYS' in config || 'IDENTITY_HASH_KEY' in config;
    expect({ api: carries(holders.api), governance: carries(holders.governance), core: carries(holders.core) }).toEqual({ api: false, governance: false, core: true });

    const sealed = await (await createSealer(keys.publicJwks)).seal(connectorConfigContext('acme', 'con-1'), 'canary');
    await expect(createSealer(keys.privateJwks)).rejects.toThrow('must not be able to open');
    await expect(createUnsealer(holders.api.SEALING_PUBLIC_KEYS)).rejects.toThrow('lacks the private half');
    for (const { JIRA_SEALING_KEYS } of [holders.api, holders.governance]) await expect(createSymmetricSealing(JIRA_SEALING_KEYS).open(connectorConfigContext('acme', 'con-1'), sealed)).rejects.toThrow('sealing.unknown_key');
  });
});
