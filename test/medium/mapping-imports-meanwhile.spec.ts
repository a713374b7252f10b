import { createHash } from 'node:crypto';
import { advanceImport, type ImportStep } from '../../src/application/mapping-imports/advance-import.js';
import { ProviderFailure } from '../../src/application/ports/identity-provider.port.js';
import type { ImportFile } from '../../src/application/ports/mapping-import.port.js';
import type { ImportEntry, MappingImportView } from '../../src/contracts/identity-mapping.contract.js';
import { PgMappingImportStore } from '../../src/persistence/stores/mapping-import.store.js';
import { context, SITE } from './admin-fixture.js';
import { bodyOf, codeOf, World } from './admin-world.js';

type Row = readonly [accountId: string, name: string];
const login = (name: string): string => `${name}@acme.example`;
const file = (rows: readonly Row[], dryRun = false): ImportFile => ({
  entries: (async function* entries(): AsyncGenerator<ImportEntry> {
    await Promise.resolve();
    for (const [at, [accountId, name]] of rows.entries()) yield { line: at + 2, row: { accountId, provider: 'okta', externalLogin: login(name) } };
  })(),
  query: { dryRun, aliases: 'accept' },
  hash: () => createHash('sha256').update(JSON.stringify([rows, dryRun])).digest('hex'),
});

/** What happens beside an import: its connector goes, requests wait for it, a proxy stands in its way, it is forgotten. */
describe('an import of mappings, meanwhile', () => {
  let world: World;
  let connectorId: string;
  beforeEach(async () => {
    world = await World.start();
    connectorId = (await world.readyConnector()).id;
    for (const name of ['ada', 'bob', 'carl']) world.okta.addUser(login(name), `00u${name}`);
  });
  afterEach(() => world.fixture.stop());

  const run = async (rows: readonly Row[], dryRun = false, at = context()): Promise<MappingImportView> => bodyOf(await world.imports.import(at, file(rows, dryRun)));
  const map = async (accountId: string, name: string): Promise<string> => bodyOf(await world.commands.mappings.create(context(), { accountId, provider: 'okta', externalLogin: login(name) })).id;
  const mapped = async (): Promise<readonly unknown[]> =>
    (await world.fixture.rows('SELECT m.account_id, i.login_hint FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id ORDER BY 1')).map((row) => Object.values(row).join(' '));

  describe('an import whose connector goes during the lookups', () => {
    const answered = async (): Promise<() => Promise<ImportStep>> => {
      world.importsRun = false;
      const { id } = await run([['p-1', 'ada']]);
      const identity = { identityHash: 'hash', sealed: 'sealed', loginHint: 'a', state: 'active' } as const;
      return () => advanceImport({ ...world.deps, imports: new PgMappingImportStore(), wake: world.wake }, SITE, id, { step: 1, result: { kind: 'identities', retryAfterMs: null, identities: [{ place: 0, identity, failure: null }] } });
    };
    const end = async (): Promise<readonly unknown[]> => world.fixture.rows('SELECT status, failure FROM mapping_import');
    const FAILED = [{ status: 'failed', failure: 'The connector that resolves the logins was disabled or deleted' }];

    it('ends as failed when it was deleted', async () => {
      const goOn = await answered();
      expect(await world.commands.connectors.delete(context(), { connectorId, expectedVersion: null })).toMatchObject({ ok: true });
      expect([await goOn(), await end(), await mapped()]).toEqual([{ kind: 'ended', status: 'failed' }, FAILED, []]);
    });

    it('ends as failed when it was disabled, and maps nobody by its last answers', async () => {
      const goOn = await answered();
      bodyOf(await world.commands.connectors.disable(context(), { connectorId }));
      expect([await goOn(), await end(), await mapped()]).toEqual([{ kind: 'ended', status: 'failed' }, FAILED, []]);
    });
  });

  it('lets the requests that wait to be provisioned be looked at with the same commit, whatever becomes of the worker', async () => {
    bodyOf(await world.commands.catalog.createTool(context(), { key: 'chatgpt', name: 'ChatGPT', vendor: 'v', status: 'approved', risk: 'low', maxDurationDays: 90, provider: 'okta', connectorId, summary: 's' }));
    await world.fixture.rows("INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) VALUES ('xid-old', $1, 'okta', $2, 'old', 's', 'x')", [SITE, connectorId]);
    await world.fixture.rows("INSERT INTO membership (id, site_id, connector_id, external_group_id, external_identity_id, identity_hash, desired) VALUES ('mem-old', $1, $2, 'g', 'xid-old', 'old', 'present')", [SITE, connectorId]);
    for (const [id, account, status] of [['waits', 'p-1', 'pendingProvision'], ['has-it', 'p-2', 'active'], ['moves', 'p-5', 'active'], ['other', 'p-3', 'pendingProvision'], ['single', 'p-4', 'pendingProvision']]) {
      await world.fixture.rows(`INSERT INTO request (id, site_id, project_key, tool_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, decision_source, decided_by, decided_at, policy, next_due_at, created_at)
        VALUES ($1, $3, 'AI', 'chatgpt', $2, $2, 'x', '{public}', 30, 'h', 'approved', 'human', 'bob', now(), '{}', now() + interval '9 days', now())`, [id, account, SITE]);
      await world.fixture.rows(`INSERT INTO access_grant (id, site_id, request_id, account_id, tool_key, status, fulfilment, connector_id, external_group_id, duration_days, expires_at, created_at)
        VALUES ($1, $4, $1, $2, 'chatgpt', $3, 'connector', $5, 'g', 30, now() + interval '30 days', now())`, [id, account, status, SITE, connectorId]);
    }
    await world.fixture.rows("UPDATE access_grant SET membership_id = 'mem-old' WHERE id = 'moves'");
    const due = async (): Promise<readonly unknown[]> => (await world.fixture.rows('SELECT id FROM request WHERE next_due_at <= now() ORDER BY id')).map(({ id }) => id);
    await run([['p-1', 'ada'], ['p-2', 'bob'], ['p-3', 'nobody']], true);
    expect([await due(), world.woken]).toEqual([[], []]);
    await run([['p-1', 'ada'], ['p-2', 'bob'], ['p-3', 'nobody']]);
    expect([await due(), world.woken]).toEqual([['waits'], ['waits']]);
    await map('p-4', 'carl');
    expect(await due()).toEqual(['single', 'waits']);
    await map('p-5', 'bob');
    expect(await due()).toEqual(['moves', 'single', 'waits']);
  });

  it('asks again for a login that was answered with something else than the provider\'s, and refuses no row for it', async () => {
    world.okta.failingLogins.set(login('ada'), new ProviderFailure('invalidAnswer', 'it answered with a web page'));
    const from = world.okta.calls;
    world.okta.onCall = (calls) => { if (calls > from + 5) world.okta.failingLogins.clear(); };
    expect(await run([['p-1', 'ada'], ['p-2', 'bob']])).toMatchObject({ status: 'done', counts: { add: 2, unresolved: 0 } });
    expect(world.importSteps.map(({ kind }) => kind)).toContain('wait');
  });

  it('refuses a repeat of an import that is forgotten', async () => {
    const at = context();
    await run([['p-1', 'ada']], false, at);
    await world.fixture.rows("UPDATE mapping_import SET stepped_at = stepped_at - interval '91 days'");
    await world.fixture.uow.run(SITE, (tx) => new PgMappingImportStore().prune(tx, 90));
    expect(codeOf(await world.imports.import(at, file([['p-1', 'ada']])))).toBe('mapping_import.not_found');
  });
});
