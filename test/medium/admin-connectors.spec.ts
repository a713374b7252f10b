import { randomUUID } from 'node:crypto';
import { ProviderFailure } from '../../src/application/ports/identity-provider.port.js';
import { connectorConformance, connectorTest, connectorView, type CreateConnectorBody } from '../../src/contracts/connector.contract.js';
import { identityMappingView } from '../../src/contracts/identity-mapping.contract.js';
import { mappedIdentity, sharesIdentity } from '../../src/persistence/stores/premise.store.js';
import { context } from './admin-fixture.js';
import type { CreateToolBody } from '../../src/contracts/tool.contract.js';
import { bodyOf, codeOf, World } from './admin-world.js';

const okta = (over: Partial<CreateConnectorBody & { readonly provider: 'okta' }> = {}): CreateConnectorBody =>
  ({ provider: 'okta', name: `Okta ${randomUUID()}`, orgUrl: 'http://127.0.0.1:9', auth: { kind: 'apiToken', token: 'canary-okta-token' }, ...over });
const entra: CreateConnectorBody = { provider: 'entra', tenantId: '3f0a3f2e-0b1c-4d5e-8f60-718293a4b5c6', clientId: 'client-1', auth: { kind: 'clientSecret', clientSecret: 'canary-entra-secret' }, authorityHost: 'https://127.0.0.1:9', graphBaseUrl: 'https://127.0.0.1:9/v1.0' };

const containing = (text: string): unknown => expect.stringContaining(text);

/** Everything that is stored, as text: what is nowhere in it is nowhere in the record. */
async function everything(world: World): Promise<string> {
  const tables = await world.fixture.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
  const texts: string[] = [];
  for (const { tablename } of tables) texts.push(JSON.stringify(await world.fixture.rows(`SELECT * FROM ${String(tablename)}`)));
  return texts.join('\n');
}

describe('connectors', () => {
  let world: World;
  beforeAll(async () => { world = await World.start(); });
  afterAll(() => world.fixture.stop());

  it('go in with a credential that never comes out', async () => {
    const created = bodyOf(await world.commands.connectors.create(context(), okta()));
    expect(connectorView.parse(created)).toMatchObject({ provider: 'okta', status: 'disabled', lastTest: null, auth: { kind: 'apiToken' } });
    expect(connectorView.parse(bodyOf(await world.commands.connectors.create(context(), entra)))).toMatchObject({ provider: 'entra', name: 'Entra 3f0a3f2e-0b1c-4d5e-8f60-718293a4b5c6', auth: { kind: 'clientSecret' } });
    const stored = await everything(world);
    expect(stored).toContain('127.0.0.1:9');
    expect(stored).not.toContain('canary-');
  });

  it('keep the result of a test and can be enabled only after it passed', async () => {
    const { id } = bodyOf(await world.commands.connectors.create(context(), okta()));
    expect(codeOf(await world.commands.connectors.enable(context(), { connectorId: id }))).toBe('connector.not_ready');
    world.okta.abilities = [{ ability: 'readUsers', ok: true }, { ability: 'manageMembers', ok: false, detail: 'grant okta.groups.manage' }];
    const failed = bodyOf(await world.commands.connectors.test(context(), { connectorId: id }));
    expect(connectorTest.parse(failed)).toMatchObject({ ok: false, failure: null, abilities: [{ ok: true }, { ok: false, detail: 'grant okta.groups.manage' }] });
    expect(codeOf(await world.commands.connectors.enable(context(), { connectorId: id }))).toBe('connector.not_ready');
    world.okta.abilities = [{ ability: 'readUsers', ok: true }];
    expect(bodyOf(await world.commands.connectors.test(context(), { connectorId: id })).ok).toBe(true);
    world.coreIsThere = false;
    expect(JSON.stringify(await world.commands.connectors.enable(context(), { connectorId: id }))).toContain('"code":"connector.not_ready","detail":"Core is not reachable');
    world.coreIsThere = true;
    expect(bodyOf(await world.commands.connectors.enable(context(), { connectorId: id }))).toMatchObject({ status: 'enabled', lastTest: { ok: true } });
    expect(world.okta.connections.at(-1)).toEqual({ provider: 'okta', orgUrl: 'http://127.0.0.1:9', auth: { kind: 'apiToken', token: 'canary-okta-token' } });
  });

  it('answer a test that could not ask at all, and repeat the answer under the same key without asking again', async () => {
    const { id } = bodyOf(await world.commands.connectors.create(context(), okta()));
    const at = context();
    world.okta.failure = new ProviderFailure('unauthorized', 'the token is not valid');
    const first = bodyOf(await world.commands.connectors.test(at, { connectorId: id }));
    expect(first).toMatchObject({ ok: false, failure: { code: 'unauthorized', detail: 'the token is not valid' } });
    world.okta.failure = null;
    const calls = world.okta.calls;
    expect(bodyOf(await world.commands.connectors.test(at, { connectorId: id }))).toEqual(first);
    expect(world.okta.calls).toBe(calls);
  });

  it('are tried out on a scratch group by the core worker alone, and the report keeps no login', async () => {
    const { id } = bodyOf(await world.commands.connectors.create(context(), okta()));
    const run = (login: string) => world.commands.connectors.conformance(context(), { connectorId: id, run: { login } });
    const report = bodyOf(await run('canary-tester@acme.example'));
    expect(connectorConformance.parse(report)).toMatchObject({ connectorId: id, provider: 'okta', conforms: false, group: null, steps: [{ step: 'findPerson', outcome: 'differs' }] });
    expect(await everything(world)).not.toContain('canary-');
    expect(await world.fixture.auditActions()).toContain('connector.conformance_run');
    world.okta.failure = new ProviderFailure('unauthorized', 'the token is not valid');
    expect(await run('x@acme.example')).toMatchObject({ ok: false, refusal: { code: 'connector.unreachable', detail: 'the token is not valid' } });
    world.okta.failure = null;
    expect(codeOf(await world.commands.connectors.conformance(context(), { connectorId: 'nowhere', run: { login: 'x' } }))).toBe('connector.not_found');
  });

  it('need their credential again with a new address, and a new test after it', async () => {
    const { id, version } = await world.readyConnector();
    const patch = { orgUrl: 'http://127.0.0.1:10' };
    expect(await world.commands.connectors.update(context(), { connectorId: id, patch, expectedVersion: version })).toMatchObject({ ok: false, refusal: { code: 'body.invalid', path: 'auth' } });
    const changed = bodyOf(await world.commands.connectors.update(context(), { connectorId: id, patch: { ...patch, auth: { kind: 'apiToken', token: 'canary-second' } }, expectedVersion: version }));
    expect(changed).toMatchObject({ status: 'disabled', lastTest: null, orgUrl: 'http://127.0.0.1:10' });
    expect(codeOf(await world.commands.connectors.enable(context(), { connectorId: id }))).toBe('connector.not_ready');
    expect(bodyOf(await world.commands.connectors.update(context(), { connectorId: id, patch: { name: `renamed ${id}` }, expectedVersion: changed.version }))).toMatchObject({ name: `renamed ${id}` });
  });

  it.each([
    ['a field of the other provider', { tenantId: 't' }, 'connector.wrong_provider'],
    ['a credential of the other provider', { auth: { kind: 'clientSecret' as const, clientSecret: 's' } }, 'connector.wrong_provider'],
    ['an address that is not the vendor\'s', { orgUrl: 'https://evil.example', auth: { kind: 'apiToken' as const, token: 't' } }, 'connector.url_not_allowed'],
  ])('refuse a change with %s', async (_what, patch, code) => {
    const { id } = bodyOf(await world.commands.connectors.create(context(), okta()));
    expect(codeOf(await world.commands.connectors.update(context(), { connectorId: id, patch, expectedVersion: null }))).toBe(code);
  });

  it('have names of their own and can be removed until something needs them', async () => {
    const first = bodyOf(await world.commands.connectors.create(context(), okta({ name: 'the same' })));
    expect(codeOf(await world.commands.connectors.create(context(), okta({ name: 'the same' })))).toBe('connector.name_taken');
    expect(await world.commands.connectors.delete(context(), { connectorId: first.id, expectedVersion: 1 })).toEqual({ ok: true, status: 204 });
    const used = await world.readyConnector();
    bodyOf(await world.commands.catalog.createTool(context(), { key: 'uses-it', name: 'n', vendor: 'v', status: 'approved', risk: 'low', maxDurationDays: 1, provider: 'okta', connectorId: used.id, summary: 's' }));
    expect(codeOf(await world.commands.connectors.delete(context(), { connectorId: used.id, expectedVersion: null }))).toBe('connector.in_use');
  });

  it('are not enabled without a licence, unless the operator accepts one that is not reported', async () => {
    const strict = await World.start(undefined, { acceptUnreportedLicence: false });
    try {
      const { id } = bodyOf(await strict.commands.connectors.create(context(), okta()));
      bodyOf(await strict.commands.connectors.test(context(), { connectorId: id }));
      expect(codeOf(await strict.commands.connectors.enable(context(), { connectorId: id }))).toBe('connector.not_ready');
      await strict.fixture.rows("UPDATE site SET licence = 'active'");
      expect(codeOf(await strict.commands.connectors.enable(context(), { connectorId: id }))).toBe('not refused');
      await strict.fixture.rows("UPDATE site SET licence = 'inactive'");
      bodyOf(await strict.commands.connectors.disable(context(), { connectorId: id }));
      expect(codeOf(await strict.commands.connectors.enable(context(), { connectorId: id }))).toBe('connector.not_ready');
    } finally {
      await strict.fixture.stop();
    }
  });

  it('outside the sandbox go to the vendors only', async () => {
    const strict = await World.start(undefined, { sandbox: false });
    try {
      expect(codeOf(await strict.commands.connectors.create(context(), okta()))).toBe('connector.url_not_allowed');
      expect(codeOf(await strict.commands.connectors.create(context(), okta({ orgUrl: 'http://acme.okta.com' })))).toBe('connector.url_not_allowed');
      expect(codeOf(await strict.commands.connectors.create(context(), okta({ orgUrl: 'https://acme.okta.com.evil.example' })))).toBe('connector.url_not_allowed');
      expect(codeOf(await strict.commands.connectors.create(context(), okta({ orgUrl: 'https://acme.okta.com' })))).toBe('not refused');
      expect(codeOf(await strict.commands.connectors.create(context(), entra))).toBe('connector.url_not_allowed');
    } finally {
      await strict.fixture.stop();
    }
  });
});

describe('entitlement groups', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    await world.readyConnector();
  });
  afterAll(() => world.fixture.stop());
  const newTool = async (name: string): Promise<string> => bodyOf(await world.commands.catalog.createTool(context(), { key: `t-${randomUUID()}`, name, vendor: 'v', status: 'approved', risk: 'low', maxDurationDays: 1, provider: 'okta', summary: 's' })).key;

  it('are created with the recommended name and wait for an admin to confirm the assignment', async () => {
    const key = await newTool('Claude');
    const group = bodyOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: key, roleKey: null }, group: { mode: 'create' } }));
    expect(group).toMatchObject({ name: 'AI Clearance - Claude - Users', origin: 'created', assignmentConfirmedAt: null });
    expect(bodyOf(await world.commands.catalog.confirmAssignment(context(), { of: { toolKey: key, roleKey: null } }))).toMatchObject({ assignmentConfirmedBy: 'admin-1', externalGroupId: group.externalGroupId });
    expect(await world.fixture.auditActions()).toEqual(expect.arrayContaining(['group.created', 'group.assignment_confirmed']));
  });

  it('are not made a second time under a name that the provider has', async () => {
    world.okta.addGroup('taken-1', 'AI Clearance - Taken - Users');
    const outcome = await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: await newTool('Taken'), roleKey: null }, group: { mode: 'create' } });
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'entitlement_group.name_taken', detail: containing('taken-1') } });
  });

  it.each([
    ['unmanageable', 'entitlement_group.unmanageable', 'okta app group'],
    ['unknown', 'entitlement_group.not_found', 'no group'],
  ])('are not bound when the provider says %s', async (groupId, code, detail) => {
    world.okta.addGroup('unmanageable', 'Salesforce', { code: 'okta.app_group', reason: 'okta app group' });
    const outcome = await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: await newTool('Bound'), roleKey: null }, group: { mode: 'bind', externalGroupId: groupId } });
    expect(outcome).toMatchObject({ ok: false, refusal: { code, detail: containing(detail) } });
    expect((await world.fixture.auditActions()).at(-1)).toBe('group.refused');
  });

  it('are bound by id, and rebinding asks for the confirmation again', async () => {
    world.okta.addGroup('grp-a', 'A');
    world.okta.addGroup('grp-b', 'B');
    const key = await newTool('Rebound');
    bodyOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: key, roleKey: null }, group: { mode: 'bind', externalGroupId: 'grp-a' } }));
    bodyOf(await world.commands.catalog.confirmAssignment(context(), { of: { toolKey: key, roleKey: null } }));
    expect(bodyOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: key, roleKey: null }, group: { mode: 'bind', externalGroupId: 'grp-b' } }))).toMatchObject({ externalGroupId: 'grp-b', origin: 'bound', assignmentConfirmedAt: null });
  });

  it('show the applications that they open, where the provider tells, before the assignment is confirmed', async () => {
    const key = await newTool('Shown');
    expect(codeOf(await world.commands.catalog.readGroupApps(context(), { of: { toolKey: key, roleKey: null } }))).toBe('entitlement_group.not_found');
    const { externalGroupId } = bodyOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: key, roleKey: null }, group: { mode: 'create' } }));
    world.okta.apps.set(externalGroupId, [{ externalId: '0oa1', label: 'ChatGPT' }]);
    world.okta.tellsApps = false;
    expect(bodyOf(await world.commands.catalog.readGroupApps(context(), { of: { toolKey: key, roleKey: null } }))).toMatchObject({ apps: null, reason: containing('okta.apps.read') });
    world.okta.tellsApps = true;
    expect(bodyOf(await world.commands.catalog.readGroupApps(context(), { of: { toolKey: key, roleKey: null } }))).toMatchObject({ apps: [{ label: 'ChatGPT' }], reason: null });
    expect(bodyOf(await world.commands.catalog.confirmAssignment(context(), { of: { toolKey: key, roleKey: null } }))).toMatchObject({ apps: [{ label: 'ChatGPT' }], assignmentConfirmedBy: 'admin-1' });
    expect(await world.fixture.rows('SELECT confirmed_apps FROM entitlement_group WHERE external_group_id = $1', [externalGroupId])).toEqual([{ confirmed_apps: [{ externalId: '0oa1', label: 'ChatGPT' }] }]);
    expect(await world.fixture.auditActions()).toContain('group.apps_read');
  });

  it('belong to one connector of an org: binding one through a second connector is refused, at once too', async () => {
    const readyAt = async (orgUrl: string): Promise<string> => {
      const { id } = bodyOf(await world.commands.connectors.create(context(), { provider: 'okta', name: `Okta ${randomUUID()}`, orgUrl, auth: { kind: 'apiToken', token: 't' } }));
      bodyOf(await world.commands.connectors.test(context(), { connectorId: id }));
      return bodyOf(await world.commands.connectors.enable(context(), { connectorId: id })).id;
    };
    const [one, two, elsewhere] = [await readyAt('http://127.0.0.1:10'), await readyAt('http://127.0.0.1:10'), await readyAt('http://127.0.0.1:11')];
    const bind = async (connectorId: string, externalGroupId: string): Promise<string> => {
      const { key } = bodyOf(await world.commands.catalog.createTool(context(), { key: `t-${randomUUID()}`, name: 'n', vendor: 'v', status: 'approved', risk: 'low', maxDurationDays: 1, provider: 'okta', connectorId, summary: 's' }));
      return codeOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: key, roleKey: null }, group: { mode: 'bind', externalGroupId } }));
    };
    for (const id of ['grp-shared', 'grp-raced']) world.okta.addGroup(id, id);
    expect([await bind(one, 'grp-shared'), await bind(one, 'grp-shared')]).toEqual(['not refused', 'not refused']);
    expect(await bind(two, 'grp-shared')).toBe('entitlement_group.other_connector');
    expect((await world.fixture.auditActions()).at(-1)).toBe('group.refused');
    expect(await bind(elsewhere, 'grp-shared')).toBe('not refused');
    expect((await Promise.all([bind(one, 'grp-raced'), bind(two, 'grp-raced')])).sort()).toEqual(['entitlement_group.other_connector', 'not refused']);
  });

  it('are kept by people or by the product: binding one that another tool fulfils the other way is refused, and so is changing the way', async () => {
    world.okta.addGroup('grp-mixed', 'Mixed');
    const { id: connectorId } = await world.readyConnector();
    const byHand = { fulfilment: 'manual' as const, fulfilmentOwner: 'owner', fulfilmentHours: 24 };
    const make = async (over: Partial<CreateToolBody>): Promise<string> => bodyOf(await world.commands.catalog.createTool(context(), { key: `t-${randomUUID()}`, name: 'n', vendor: 'v', status: 'approved', risk: 'low', maxDurationDays: 1, provider: 'okta', connectorId, summary: 's', ...over })).key;
    const bind = async (toolKey: string): Promise<string> => codeOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey, roleKey: null }, group: { mode: 'bind', externalGroupId: 'grp-mixed' } }));
    const [automatic, again, manual] = [await make({}), await make({}), await make(byHand)];
    expect([await bind(automatic), await bind(again), await bind(manual)]).toEqual(['not refused', 'not refused', 'entitlement_group.other_fulfilment']);
    const turn = async (key: string): Promise<string> => codeOf(await world.commands.catalog.updateTool(context(), { key, patch: byHand, expectedVersion: null }));
    expect(await turn(again)).toBe('entitlement_group.other_fulfilment');
    bodyOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: automatic, roleKey: null }, group: { mode: 'create', name: `Own ${automatic}` } }));
    expect(await turn(again)).toBe('not refused');
  });

  it('need a connector and a tool', async () => {
    const { key } = bodyOf(await world.commands.catalog.createTool(context(), { key: `t-${randomUUID()}`, name: 'n', vendor: 'v', status: 'approved', risk: 'low', maxDurationDays: 1, provider: 'none', summary: 's' }));
    expect(codeOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: key, roleKey: null }, group: { mode: 'create' } }))).toBe('connector.not_ready');
    expect(codeOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey: 'nowhere', roleKey: null }, group: { mode: 'create' } }))).toBe('tool.not_found');
    expect(codeOf(await world.commands.catalog.confirmAssignment(context(), { of: { toolKey: key, roleKey: null } }))).toBe('entitlement_group.not_found');
  });
});

describe('identity mappings', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    await world.readyConnector();
    world.okta.addUser('ada.canary@acme.example', '00uCANARYada');
    world.okta.addUser('bob@acme.example', '00uBob');
    world.okta.addUser('gone@acme.example', '00uGone', 'deactivated');
  });
  afterAll(() => world.fixture.stop());
  const create = (accountId: string, externalLogin: string, at = context()): ReturnType<typeof world.commands.mappings.create> => world.commands.mappings.create(at, { accountId, provider: 'okta', externalLogin });

  it('answer the resolved id to the admin and keep neither login nor id in clear', async () => {
    const at = context();
    const view = bodyOf(await create('p-ada', 'ada.canary@acme.example', at));
    expect(identityMappingView.parse(view)).toMatchObject({ accountId: 'p-ada', externalId: '00uCANARYada', externalLogin: 'ada.canary@acme.example', loginHint: 'a•••@acme.example', version: 1 });
    expect(bodyOf(await create('p-ada', 'ada.canary@acme.example', at))).toEqual({ ...view, externalId: null, externalLogin: null });
    const stored = await everything(world);
    expect(stored).not.toContain('CANARY');
    expect(stored).not.toContain('ada.canary');
    expect(codeOf(await create('p-ada', 'bob@acme.example'))).toBe('mapping.duplicate');
  });

  it.each([['nobody@acme.example', 'nobody'], ['gone@acme.example', 'deactivated']])('are refused for %s with the reason', async (login, reason) => {
    expect(await create(`p-${randomUUID()}`, login)).toMatchObject({ ok: false, refusal: { code: 'mapping.unresolved', detail: containing(reason) } });
  });

  it('say when the provider can\'t be asked', async () => {
    world.okta.failure = new ProviderFailure('retryable', 'Okta is busy', { status: 429 });
    expect(await create(`p-${randomUUID()}`, 'bob@acme.example')).toMatchObject({ ok: false, refusal: { code: 'connector.unreachable', detail: 'Okta is busy' } });
    world.okta.failure = null;
    expect(codeOf(await world.commands.mappings.create(context(), { accountId: 'p-x', provider: 'entra', externalLogin: 'x' }))).toBe('connector.not_ready');
  });

  it('of two accounts on one identity are seen as one person', async () => {
    bodyOf(await create('p-bob', 'bob@acme.example'));
    bodyOf(await create('p-bob-alias', 'bob@acme.example'));
    const rows = await world.fixture.rows("SELECT count(DISTINCT external_identity_id) AS identities FROM site_identity_mapping WHERE account_id IN ('p-bob', 'p-bob-alias')");
    expect(Number(rows[0]?.['identities'])).toBe(1);
    expect(await world.commands.mappings.create(context(), { accountId: 'p-bob-third', provider: 'okta', externalLogin: 'bob@acme.example', aliases: 'refuse' })).toMatchObject({ ok: false, refusal: { code: 'mapping.alias' } });
    expect(bodyOf(await create('p-bob-third', 'bob@acme.example'))).toMatchObject({ otherAccounts: 2 });
  });

  it('hold where their connector leads, and one person stays one through all of them', async () => {
    world.okta.addUser('eli@acme.example', '00uEli');
    const [first, sameOrg, otherOrg] = [(await world.fixture.rows("SELECT id FROM connector WHERE provider = 'okta' ORDER BY created_at, id"))[0]?.['id'], 'con-same', 'con-other'];
    for (const [id, org] of [[sameOrg, null], [otherOrg, 'https://other.okta.com']]) {
      await world.fixture.rows(`INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config, status)
        SELECT $1, site_id, $1, provider, CASE WHEN $2::text IS NULL THEN public_config ELSE public_config || jsonb_build_object('orgUrl', $2::text) END, sealed_config, 'enabled' FROM connector WHERE id = $3`, [id, org, first]);
    }
    bodyOf(await create('p-eli', 'eli@acme.example'));
    const mapped = (accountId: string, connectorId: unknown): Promise<unknown> => world.fixture.uow.run('acme', (tx) => mappedIdentity(tx, accountId, String(connectorId)));
    expect(await mapped('p-eli', first)).not.toBeNull();
    expect(await mapped('p-eli', sameOrg)).toEqual(await mapped('p-eli', first));
    expect(await mapped('p-eli', otherOrg)).toBeNull();

    // The same identity, resolved through another connector for another account, is the same person.
    await world.fixture.rows(`INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint)
      SELECT 'ext-alias', i.site_id, i.provider, $1, i.identity_hash, 'sealed', 'e' FROM external_identity i JOIN site_identity_mapping m ON m.external_identity_id = i.id WHERE m.account_id = 'p-eli'`, [otherOrg]);
    await world.fixture.rows("INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) VALUES ('map-alias', 'acme', 'p-eli-alias', 'okta', $1, 'ext-alias', 'test')", [otherOrg]);
    expect(await world.fixture.uow.run('acme', (tx) => sharesIdentity(tx, 'p-eli', 'p-eli-alias'))).toBe(true);
    expect(await world.fixture.uow.run('acme', (tx) => sharesIdentity(tx, 'p-eli', 'p-bob'))).toBe(false);
    expect(codeOf(await world.commands.mappings.create(context(), { accountId: 'p-new', provider: 'okta', externalLogin: 'eli@acme.example', connectorId: 'con-none' }))).toBe('connector.not_ready');
    expect(codeOf(await world.commands.mappings.create(context(), { accountId: 'p-eli-alias', provider: 'okta', externalLogin: 'eli@acme.example', connectorId: otherOrg }))).toBe('mapping.duplicate');
  });

  it('move to another login and go away with their identity, unless a membership needs it', async () => {
    world.okta.addUser('carl@acme.example', '00uCarl');
    world.okta.addUser('carl.new@acme.example', '00uCarlNew');
    const { id } = bodyOf(await create('p-carl', 'carl@acme.example'));
    const moved = bodyOf(await world.commands.mappings.update(context(), { mappingId: id, patch: { externalLogin: 'carl.new@acme.example' }, expectedVersion: 1 }));
    expect(moved).toMatchObject({ version: 2, externalId: '00uCarlNew' });
    expect(codeOf(await world.commands.mappings.update(context(), { mappingId: id, patch: { externalLogin: 'carl@acme.example' }, expectedVersion: 1 }))).toBe('if_match.stale');
    const hintsOf = async (): Promise<unknown> => (await world.fixture.rows("SELECT count(*) AS n FROM external_identity WHERE login_hint = 'c•••@acme.example'"))[0]?.['n'];
    expect(await hintsOf()).toBe(1);
    await world.fixture.rows(`INSERT INTO membership (id, site_id, connector_id, external_group_id, external_identity_id, identity_hash, desired)
      SELECT 'mem-1', 'acme', i.connector_id, 'grp', i.id, i.identity_hash, 'present' FROM site_identity_mapping m JOIN external_identity i ON i.id = m.external_identity_id WHERE m.id = $1`, [id]);
    expect(await world.commands.mappings.delete(context(), { mappingId: id, expectedVersion: 2 })).toEqual({ ok: true, status: 204 });
    expect(await hintsOf()).toBe(1);
  });
});
