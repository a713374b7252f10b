import { randomUUID } from 'node:crypto';
import { advanceImport, type ImportStep } from '../../src/application/mapping-imports/advance-import.js';
import type { ImportFile } from '../../src/application/ports/mapping-import.port.js';
import { mappingImportListItem, mappingImportView, type ImportEntry, type MappingImportView } from '../../src/contracts/identity-mapping.contract.js';
import { PgMappingImportQueries } from '../../src/persistence/read-models/mapping-import-read-model.js';
import { PgMappingImportStore } from '../../src/persistence/stores/mapping-import.store.js';
import { admin, context, OTHER_SITE, person, SITE } from './admin-fixture.js';
import { bodyOf, codeOf, World } from './admin-world.js';

const login = (n: number): string => `user-${n}@acme.example`;
const file = (size: number, dryRun = false): ImportFile => ({
  entries: (async function* entries(): AsyncGenerator<ImportEntry> {
    await Promise.resolve();
    for (let n = 0; n < size; n += 1) yield { line: n + 2, row: { accountId: `p-${n}`, provider: 'okta', externalLogin: login(n) } };
  })(),
  query: { dryRun, aliases: 'refuse' },
  hash: () => randomUUID(),
});

describe('an import of mappings that is cancelled', () => {
  let world: World;
  let queries: PgMappingImportQueries;
  beforeEach(async () => {
    world = await World.start();
    await world.readyConnector();
    for (let n = 0; n < 70; n += 1) world.okta.addUser(login(n), `00u${n}`);
    queries = new PgMappingImportQueries(world.fixture.uow);
  });
  afterEach(() => world.fixture.stop());

  /** An import that stands still after its first round of lookups. */
  const halfWay = async (size: number): Promise<MappingImportView> => {
    world.importsRun = true;
    const from = world.okta.calls;
    world.okta.onCall = (calls) => { if (calls > from) world.importsRun = false; };
    return bodyOf(await world.imports.import(context(), file(size)));
  };
  const late = (id: string, place = 50): Promise<ImportStep> => {
    const identity = { identityHash: `hash-${id}-${place}`, sealed: 'sealed', loginHint: 'a', state: 'active' } as const;
    const order = world.importSteps.findLast(({ kind }) => kind === 'ask');
    return advanceImport({ ...world.deps, imports: new PgMappingImportStore(), wake: world.wake }, SITE, id, { step: order?.kind === 'ask' ? order.step : 0, result: { kind: 'identities', retryAfterMs: null, identities: [{ place, identity, failure: null }] } });
  };
  const mapped = async (): Promise<unknown> => (await world.fixture.rows('SELECT count(*)::int AS n FROM site_identity_mapping'))[0]?.['n'];
  const ends = async (id: string): Promise<readonly unknown[]> =>
    (await world.fixture.rows("SELECT draft::json AS draft FROM audit_outbox WHERE draft::json ->> 'action' = 'mapping.import_ended' AND draft::json -> 'data' ->> 'importId' = $1", [id])).map(({ draft }) => draft);

  it('keeps what is in, forgets the logins, and takes no answer that comes later', async () => {
    const { id, checked } = await halfWay(70);
    expect(checked).toBe(50);
    const second = context({ principal: person('admin-2', ['requester', 'admin']) });
    expect(mappingImportView.parse(bodyOf(await world.imports.cancel(second, { id })))).toMatchObject({ status: 'cancelled', rows: 70, checked: 50, created: 50, refused: 0, counts: { add: 50 } });
    expect(world.importsStopped).toEqual([id]);
    expect(await late(id)).toEqual({ kind: 'ended', status: 'cancelled' });
    expect([await mapped(), await world.fixture.rows('SELECT count(*)::int AS n FROM mapping_import_batch')]).toEqual([50, [{ n: 0 }]]);
    expect((await queries.find(admin(), id))?.results.filter(({ fate }) => fate === null)).toHaveLength(20);
    expect(await ends(id)).toMatchObject([{ actor: { kind: 'person', accountId: 'admin-2' }, data: { status: 'cancelled', rows: 70, add: 50 } }]);

    world.okta.onCall = () => undefined;
    world.importsRun = true;
    expect(bodyOf(await world.imports.import(context(), file(70)))).toMatchObject({ status: 'done', counts: { unchanged: 50, add: 20 } });
  });

  it('is answered again as cancelled, with one entry in the trail; what ended by itself, or is none, is refused', async () => {
    const { id } = await halfWay(70);
    const at = context();
    for (const call of [at, at, context({ principal: person('admin-2', ['requester', 'admin']) })]) expect(bodyOf(await world.imports.cancel(call, { id }))).toMatchObject({ id, status: 'cancelled', checked: 50 });
    expect(await ends(id)).toHaveLength(1);

    world.okta.onCall = () => undefined;
    world.importsRun = true;
    const ended = bodyOf(await world.imports.import(context(), file(1)));
    expect(codeOf(await world.imports.cancel(context(), { id: ended.id }))).toBe('mapping_import.already_ended');
    expect((await queries.find(admin(), ended.id))?.status).toBe('done');
    await world.fixture.rows("INSERT INTO mapping_import (id, site_id, dry_run, aliases, asked_by, asked_by_kind, started_at) VALUES ('imp_arriving', 'acme', true, 'refuse', 'x', 'person', now())");
    for (const none of ['imp_none', 'imp_arriving']) expect(codeOf(await world.imports.cancel(context(), { id: none }))).toBe('mapping_import.not_found');
    expect(codeOf(await world.imports.cancel(context({ principal: admin(OTHER_SITE) }), { id }))).toBe('mapping_import.not_found');
  });

  it('has one end when two cancel it while its last answers are written', async () => {
    for (let round = 0; round < 6; round += 1) {
      const before = Number(await mapped());
      const { id } = await halfWay(51);
      const cancel = async (principal: string): Promise<string> => codeOf(await world.imports.cancel(context({ principal: person(principal, ['requester', 'admin']) }), { id }));
      const [step, ...cancelled] = await Promise.all([late(id), cancel('admin-1'), cancel('admin-2')]);
      const view = mappingImportView.parse(await queries.find(admin(), id));
      const { status, checked, results, counts } = view;
      const expected = status === 'done' ? { code: 'mapping_import.already_ended', checked: 51, waits: false } : { code: 'not refused', checked: 50, waits: true };
      expect([step, ...cancelled]).toEqual([{ kind: 'ended', status }, expected.code, expected.code]);
      expect([checked, results[50]?.fate === null]).toEqual([expected.checked, expected.waits]);
      expect(Number(await mapped()) - before).toBe(counts.add);
      expect(await ends(id)).toHaveLength(1);
    }
  });

  it('is found in the list, newest first, by the page and by its status', async () => {
    const done = bodyOf(await world.imports.import(context(), file(2, true)));
    const { id } = await halfWay(70);
    bodyOf(await world.imports.cancel(context(), { id }));
    const running = await halfWay(60);
    await world.fixture.rows("INSERT INTO mapping_import (id, site_id, dry_run, aliases, asked_by, asked_by_kind, started_at) VALUES ('imp_arriving', 'acme', true, 'refuse', 'x', 'person', now())");
    const first = await queries.list(admin(), { limit: 2, after: null });
    expect(first.items.map((item) => mappingImportListItem.parse(item))).toMatchObject([
      { id: running.id, status: 'running', rows: 60, checked: 50, askedBy: 'admin-1', endedAt: null }, { id, status: 'cancelled', rows: 70, checked: 50, created: 50 },
    ]);
    const second = await queries.list(admin(), { limit: 2, after: first.next });
    expect(second).toMatchObject({ items: [{ id: done.id, dryRun: true, status: 'done', rows: 2, created: 2 }], next: null });
    const found = async (query: { status?: 'cancelled'; dryRun?: boolean }): Promise<readonly string[]> => (await queries.list(admin(), { limit: 50, after: null, ...query })).items.map((item) => item.id);
    expect([await found({ status: 'cancelled' }), await found({ dryRun: true }), await found({ dryRun: false })]).toEqual([[id], [done.id], [running.id, id]]);
    expect((await queries.list(admin(OTHER_SITE), { limit: 50, after: null })).items).toEqual([]);
  });
});
