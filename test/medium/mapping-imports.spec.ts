import { createHash, randomUUID } from 'node:crypto';
import { ProviderFailure } from '../../src/application/ports/identity-provider.port.js';
import type { ImportFile } from '../../src/application/ports/mapping-import.port.js';
import { mappingImportView, type ImportEntry, type MappingImportView } from '../../src/contracts/identity-mapping.contract.js';
import { PgMappingImportQueries } from '../../src/persistence/read-models/mapping-import-read-model.js';
import { PgMappingImportStore } from '../../src/persistence/stores/mapping-import.store.js';
import { context } from './admin-fixture.js';
import { bodyOf, codeOf, World } from './admin-world.js';

type Row = readonly [accountId: string, login: string];
const file = (rows: readonly (Row | string)[], query: Partial<ImportFile['query']> = {}): ImportFile => ({
  entries: (async function* entries(): AsyncGenerator<ImportEntry> {
    await Promise.resolve();
    for (const [at, row] of rows.entries()) yield typeof row === 'string' ? { line: at + 2, fault: row } : { line: at + 2, row: { accountId: row[0], provider: 'okta', externalLogin: `${row[1]}@acme.example` } };
  })(),
  query: { dryRun: false, aliases: 'refuse', ...query },
  hash: () => createHash('sha256').update(JSON.stringify([rows, query])).digest('hex'),
});
const fatesOf = ({ results }: MappingImportView): readonly unknown[] => results.map(({ fate }) => fate);

describe('an import of identity mappings', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
    await world.readyConnector();
    for (const name of ['ada', 'bob', 'carl', 'dora', 'emil', 'canary-fay']) world.okta.addUser(`${name}@acme.example`, `00u${name}`);
    world.okta.addUser('gone@acme.example', '00uGone', 'deactivated');
  });
  afterEach(() => world.fixture.stop());

  const run = async (rows: readonly (Row | string)[], query: Partial<ImportFile['query']> = {}, at = context()): Promise<MappingImportView> => mappingImportView.parse(bodyOf(await world.imports.import(at, file(rows, query))));
  const map = async (accountId: string, name: string): Promise<unknown> => bodyOf(await world.commands.mappings.create(context(), { accountId, provider: 'okta', externalLogin: `${name}@acme.example` }));
  /** Who is whom now: account → hint of the identity. */
  const mapped = async (): Promise<Readonly<Record<string, unknown>>> =>
    Object.fromEntries((await world.fixture.rows('SELECT m.account_id AS account, i.login_hint AS hint FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id ORDER BY 1')).map(({ account, hint }) => [String(account), hint]));

  /** Every fate there is, with what moves inside the file: p-bob leaves an identity that p-new takes, and p-late wants one that p-first has just got. */
  const EVERY_FATE: readonly (Row | string)[] = [
    ['p-first', 'ada'], ['p-bob', 'carl'], ['p-emil', 'emil'], ['p-first', 'dora'], ['p-new', 'bob'], ['p-late', 'ada'], ['p-thief', 'emil'], ['p-x', 'nobody'], ['p-y', 'gone'], 'provider: This value is not one of those allowed',
  ];
  const FATES = ['add', 'change', 'unchanged', 'duplicate', 'add', 'alias', 'alias', 'unresolved', 'unresolved', 'bad'];

  it('says in a dry run what becomes of each row, changes nothing, and then does just that', async () => {
    await map('p-bob', 'bob');
    await map('p-emil', 'emil');
    const before = await mapped();
    const dry = await run(EVERY_FATE, { dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, status: 'done', rows: 10, checked: 10, created: 2, updated: 1, refused: 6, counts: { add: 2, change: 1, unchanged: 1, duplicate: 1, alias: 2, unresolved: 2, bad: 1 } });
    expect(fatesOf(dry)).toEqual(FATES);
    expect(await mapped()).toEqual(before);
    expect((await world.fixture.auditActions()).slice(-2)).toEqual(['mapping.import_started', 'mapping.import_ended']);

    const real = await run(EVERY_FATE);
    expect(fatesOf(real)).toEqual(FATES);
    expect(real.results.map(({ code, detail }) => [code, detail])).toEqual(dry.results.map(({ code, detail }) => [code, detail]));
    expect(await mapped()).toEqual({ 'p-bob': 'c•••@acme.example', 'p-emil': 'e•••@acme.example', 'p-first': 'a•••@acme.example', 'p-new': 'b•••@acme.example' });
    const actions = (await world.fixture.auditActions()).slice((await world.fixture.auditActions()).lastIndexOf('mapping.import_started'));
    expect(actions.filter((action) => action === 'mapping.created')).toHaveLength(2);
    expect(actions.filter((action) => action === 'mapping.updated')).toHaveLength(1);
    expect(actions.filter((action) => action === 'mapping.refused')).toHaveLength(4);
    expect(fatesOf(await run(EVERY_FATE))).toEqual(['unchanged', 'unchanged', 'unchanged', 'duplicate', 'unchanged', 'alias', 'alias', 'unresolved', 'unresolved', 'bad']);
  });

  it('maps two accounts to one identity only where that was said', async () => {
    expect(fatesOf(await run([['p-1', 'ada'], ['p-2', 'ada']]))).toEqual(['add', 'alias']);
    expect(fatesOf(await run([['p-2', 'ada']], { aliases: 'accept' }))).toEqual(['add']);
  });

  it('is one import under one key, and another file under that key is refused without a trace', async () => {
    const at = context();
    const first = await run([['p-1', 'ada']], {}, at);
    const calls = world.okta.calls;
    expect(await run([['p-1', 'ada']], {}, at)).toEqual(first);
    expect(world.okta.calls).toBe(calls);
    expect(codeOf(await world.imports.import(at, file([['p-1', 'bob']])))).toBe('idempotency.key_reused');
    expect(await world.fixture.rows('SELECT count(*)::int AS n FROM mapping_import')).toEqual([{ n: 1 }]);
  });

  it('keeps nothing of a file that ends in a fault', async () => {
    const broken = file([]);
    const entries = (async function* entries(): AsyncGenerator<ImportEntry> {
      for (let line = 2; line < 2_200; line += 1) yield { line, row: { accountId: `p-${line}`, provider: 'okta', externalLogin: 'ada@acme.example' } };
      await Promise.reject(new Error('line 2200'));
    })();
    await expect(world.imports.import(context(), { ...broken, entries })).rejects.toThrow('line 2200');
    expect(await world.fixture.rows('SELECT (SELECT count(*) FROM mapping_import)::int + (SELECT count(*) FROM mapping_import_row)::int + (SELECT count(*) FROM mapping_import_batch)::int AS n')).toEqual([{ n: 0 }]);
  });

  it('says which provider has no connector, row by row', async () => {
    const entries = (async function* entries(): AsyncGenerator<ImportEntry> { await Promise.resolve(); yield { line: 2, row: { accountId: 'p-1', provider: 'entra', externalLogin: 'x' } }; })();
    expect(bodyOf(await world.imports.import(context(), { ...file([]), entries }))).toMatchObject({ results: [{ fate: 'unresolved', code: 'connector.not_ready' }] });
  });

  it('goes on where it was when its run was lost, and an answer that comes twice changes nothing', async () => {
    const rows = Array.from({ length: 120 }, (_none, n): Row => [`p-${n}`, `user-${n}`]);
    for (const [, login] of rows) world.okta.addUser(`${login}@acme.example`, `00u-${login}`);
    world.importsRun = false;
    const at = context();
    const started = bodyOf(await world.imports.import(at, file(rows)));
    expect(started).toMatchObject({ status: 'running', rows: 120, checked: 0 });
    world.importsRun = true;
    world.okta.failure = new ProviderFailure('retryable', 'Okta is busy', { retryAfterMs: 1_234 });
    const steps = world.importSteps;
    const seen = steps.length;
    world.okta.onCall = (calls) => { if (calls > 12) world.okta.failure = null; };
    expect(await run(rows, {}, at)).toMatchObject({ id: started.id, status: 'done', counts: { add: 120 } });
    expect(steps.slice(seen).map((step) => (step.kind === 'wait' ? step.waitMs : step.kind))).toEqual(expect.arrayContaining(['ask', 1_234]));
    expect(await world.fixture.rows('SELECT count(*)::int AS n FROM site_identity_mapping')).toEqual([{ n: 120 }]);
  });

  const waits = (): readonly number[] => world.importSteps.flatMap((step) => (step.kind === 'wait' ? [step.waitMs] : []));

  it('gives a provider that is busy, and asks for no time at all, more time with each try', async () => {
    world.okta.failure = new ProviderFailure('retryable', 'Okta is busy', { retryAfterMs: 0 });
    expect(await run([['p-1', 'ada']])).toMatchObject({ status: 'failed', failure: 'Okta is busy' });
    expect(waits()).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, ...Array.from({ length: 20 }, () => 300_000)]);
  });

  it('gives it as much after a round that brought some rows', async () => {
    world.okta.failingLogins.set('bob@acme.example', new ProviderFailure('retryable', 'Okta is busy', { retryAfterMs: 0 }));
    world.okta.onCall = () => { if (waits().length > 0) world.okta.failingLogins.clear(); };
    expect(await run([['p-1', 'ada'], ['p-2', 'bob']])).toMatchObject({ status: 'done', counts: { add: 2 } });
    expect(waits()).toEqual([1_000]);
  });

  it('spends no try on a call that was never made, however often its turn did not come', async () => {
    world.okta.failure = new ProviderFailure('retryable', 'nothing was sent', { retryAfterMs: 0, paced: true });
    world.okta.onCall = () => { if (waits().length === 40) world.okta.failure = null; };
    expect(await run([['p-1', 'ada']])).toMatchObject({ status: 'done', counts: { add: 1 } });
    expect(waits()).toEqual(Array.from({ length: 40 }, () => 250));
  });

  it('ends, and keeps what is in, when the provider refuses the connector', async () => {
    world.okta.failure = new ProviderFailure('unauthorized', 'the token is not valid');
    expect(await run([['p-1', 'ada'], 'bad row'])).toMatchObject({ status: 'failed', failure: 'the token is not valid', checked: 1, results: [{ fate: null, outcome: null }, { fate: 'bad' }] });
    world.okta.failure = null;
    expect(await run([['p-1', 'ada']])).toMatchObject({ status: 'done', created: 1 });
  });

  it('does not end over one login that the provider can\'t make sense of', async () => {
    world.okta.failingLogins.set('odd@acme.example', new ProviderFailure('rejected', 'the login is malformed'));
    expect((await run([['p-1', 'odd'], ['p-2', 'ada']])).results).toEqual([expect.objectContaining({ fate: 'unresolved', detail: 'the login is malformed' }), expect.objectContaining({ fate: 'add' })]);
  });

  it('stores no login in clear, and no sealed one after its end', async () => {
    await run([['p-fay', 'canary-fay'], ['p-no', 'canary-nobody']], { dryRun: true });
    await run([['p-fay', 'canary-fay'], ['p-no', 'canary-nobody']]);
    const tables = await world.fixture.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    for (const { tablename } of tables) expect(JSON.stringify(await world.fixture.rows(`SELECT * FROM ${String(tablename)}`))).not.toContain('canary-');
    expect(await world.fixture.rows('SELECT count(*)::int AS n FROM mapping_import_batch')).toEqual([{ n: 0 }]);
  });

  it('is read by the page and exported as CSV without formulas', async () => {
    const { id } = await run([['p-1', 'ada'], 'one, "two"', ['@p-2', 'bob'], ['p-3', 'nobody']]);
    const queries = new PgMappingImportQueries(world.fixture.uow);
    const { principal } = context();
    const first = await queries.rows(principal, id, { limit: 2, after: null });
    expect(first.items.map(({ line }) => line)).toEqual([2, 3]);
    expect((await queries.rows(principal, id, { limit: 2, after: first.next })).items.map(({ line }) => line)).toEqual([4, 5]);
    expect((await queries.rows(principal, id, { limit: 50, after: null, fate: 'unresolved' })).items.map(({ line }) => line)).toEqual([5]);
    expect((await queries.export(principal, id))?.split('\r\n')).toEqual([
      'line,accountId,provider,fate,code,detail', '2,p-1,okta,add,,', '3,,,bad,body.invalid,"one, ""two"""', `4,'@p-2,okta,add,,`, '5,p-3,okta,unresolved,mapping.unresolved,The provider has nobody with this login', '',
    ]);
    const elsewhere = { ...principal, siteId: 'globex' };
    expect([await queries.find(elsewhere, id), await queries.export(elsewhere, id), (await queries.rows(elsewhere, id, { limit: 5, after: null })).items]).toEqual([null, null, []]);
  });

  it('of a large file answers at once, in bounded steps', async () => {
    world.importsRun = false;
    const rows = Array.from({ length: 2_500 }, (_none, n): Row => [`p-${n % 2_400}`, `user-${n}`]);
    const started = bodyOf(await world.imports.import(context(), file(rows, { dryRun: true })));
    expect(started).toMatchObject({ status: 'running', rows: 2_500, checked: 100, counts: { duplicate: 100 }, results: [] });
    expect(world.importSteps).toEqual([expect.objectContaining({ kind: 'ask', summary: 'Look up 50 logins' })]);
  });

  it('is forgotten when it has ended long ago, or its file never arrived whole', async () => {
    const imports = new PgMappingImportStore();
    const old = await run([['p-1', 'ada']]);
    const kept = await run([['p-2', 'bob']]);
    await world.fixture.rows("INSERT INTO mapping_import (id, site_id, dry_run, aliases, asked_by, asked_by_kind, started_at, stepped_at) VALUES ($1, 'acme', true, 'refuse', 'x', 'person', now(), now() - interval '2 days')", [`imp_${randomUUID()}`]);
    await world.fixture.rows("UPDATE mapping_import SET stepped_at = stepped_at - interval '91 days' WHERE id = $1", [old.id]);
    expect(await world.fixture.uow.run('acme', (tx) => imports.prune(tx, 90))).toBe(2);
    expect(await world.fixture.rows('SELECT id FROM mapping_import')).toEqual([{ id: kept.id }]);
  });
});
