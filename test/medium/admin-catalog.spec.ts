import { randomUUID } from 'node:crypto';
import type { CreateToolBody } from '../../src/contracts/tool.contract.js';
import { STARTER_CATALOG } from '../../src/application/admin/starter-catalog.js';
import { createToolBody, toolView, type PatchToolBody } from '../../src/contracts/tool.contract.js';
import { admin, context, OTHER_SITE } from './admin-fixture.js';
import { bodyOf, codeOf, World } from './admin-world.js';

const tool = (over: Partial<CreateToolBody> = {}): CreateToolBody => ({
  key: `tool-${randomUUID()}`, name: 'A tool', vendor: 'A vendor', status: 'approved', risk: 'low', maxDurationDays: 90, provider: 'none', summary: 'Does things', ...over,
});

describe('tools', () => {
  let world: World;
  beforeAll(async () => { world = await World.start(); });
  afterAll(() => world.fixture.stop());

  it('is created once, with its audit event and a new policy version', async () => {
    const [input, at, before] = [tool(), context(), await world.policyVersion()];
    const view = bodyOf(await world.commands.catalog.createTool(at, input));
    expect(toolView.parse(view)).toMatchObject({ key: input.key, version: 1, requestable: true, entitlementGroup: null, fulfilment: 'automatic', dataClasses: null });
    expect(bodyOf(await world.commands.catalog.createTool(at, input))).toEqual(view);
    expect(codeOf(await world.commands.catalog.createTool(context(), input))).toBe('tool.key_taken');
    expect(await world.policyVersion()).toBe(before + 1);
    expect((await world.fixture.auditActions()).filter((action) => action === 'tool.created')).toHaveLength(1);
  });

  it('gives one of two admins who change the same version a 412', async () => {
    const { key } = bodyOf(await world.commands.catalog.createTool(context(), tool()));
    const change = (risk: 'high' | 'medium'): ReturnType<typeof world.commands.catalog.updateTool> => world.commands.catalog.updateTool(context(), { key, patch: { risk }, expectedVersion: 1 });
    const outcomes = await Promise.all([change('high'), change('medium')]);
    expect(outcomes.map(codeOf).sort()).toEqual(['if_match.stale', 'not refused']);
  });

  it.each([
    ['risk', { risk: 'critical' as const }, 1],
    ['status', { status: 'blocked' as const }, 1],
    ['limit', { maxDurationDays: 1 }, 1],
    ['data classes', { dataClasses: ['public'] }, 1],
    ['summary', { summary: 'Says something else' }, 0],
    ['nothing', {}, 0],
  ])('counts a change of its %s as one of policy or not', async (_what, patch, raised) => {
    const { key } = bodyOf(await world.commands.catalog.createTool(context(), tool()));
    const before = await world.policyVersion();
    bodyOf(await world.commands.catalog.updateTool(context(), { key, patch, expectedVersion: 1 }));
    expect(await world.policyVersion()).toBe(before + raised);
  });

  it.each([
    ['a data class that the site does not have', { dataClasses: ['secret-sauce'] }, 'data_class.unknown'],
    ['people who fulfil it without naming one', { fulfilment: 'manual' as const }, 'body.invalid'],
    ['a connector without a provider', { connectorId: 'con-1' }, 'connector.wrong_provider'],
    ['a connector that does not exist', { provider: 'okta' as const, connectorId: 'con-1' }, 'connector.not_found'],
  ])('is refused with %s', async (_what, over, code) => {
    expect(codeOf(await world.commands.catalog.createTool(context(), tool(over)))).toBe(code);
  });

  it('takes the only enabled connector of its provider and refuses an untested one', async () => {
    const untested = bodyOf(await world.commands.connectors.create(context(), { provider: 'okta', name: 'untested', orgUrl: 'http://127.0.0.1:9', auth: { kind: 'apiToken', token: 'x' } }));
    expect(codeOf(await world.commands.catalog.createTool(context(), tool({ provider: 'okta', connectorId: untested.id })))).toBe('connector.not_ready');
    const ready = await world.readyConnector();
    expect(bodyOf(await world.commands.catalog.createTool(context(), tool({ provider: 'okta' }))).connectorId).toBe(ready.id);
    expect(codeOf(await world.commands.catalog.createTool(context(), tool({ provider: 'entra', connectorId: ready.id })))).toBe('connector.wrong_provider');
  });

  it('is invisible to the admins of another site', async () => {
    const { key } = bodyOf(await world.commands.catalog.createTool(context(), tool()));
    const elsewhere = context({ principal: admin(OTHER_SITE) });
    expect(codeOf(await world.commands.catalog.updateTool(elsewhere, { key, patch: { risk: 'high' }, expectedVersion: null }))).toBe('tool.not_found');
    expect(codeOf(await world.commands.catalog.deleteTool(context({ principal: admin(OTHER_SITE) }), { key, expectedVersion: null }))).toBe('tool.not_found');
  });

  it('goes away when nobody waits for it or has it, and stays otherwise', async () => {
    const [free, used] = [bodyOf(await world.commands.catalog.createTool(context(), tool())), bodyOf(await world.commands.catalog.createTool(context(), tool()))];
    await world.fixture.rows(
      `INSERT INTO request (id, site_id, project_key, tool_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, policy, created_at)
       VALUES ('r-1', 'acme', 'AI', $1, 'p-1', 'p-1', 'work', '{}', 1, 'h', 'pending', '{}', now())`, [used.key]);
    expect(await world.commands.catalog.deleteTool(context(), { key: free.key, expectedVersion: 1 })).toEqual({ ok: true, status: 204 });
    expect(codeOf(await world.commands.catalog.deleteTool(context(), { key: free.key, expectedVersion: null }))).toBe('tool.not_found');
    expect(codeOf(await world.commands.catalog.deleteTool(context(), { key: used.key, expectedVersion: 1 }))).toBe('tool.in_use');
  });
});

describe('starter catalog', () => {
  let world: World;
  beforeAll(async () => { world = await World.start(); });
  afterAll(() => world.fixture.stop());

  it('holds tools that the API itself would accept, each once', () => {
    for (const { pilotGroups, dataClasses, ...fields } of STARTER_CATALOG) expect(createToolBody.safeParse({ ...fields, pilotGroups: [...pilotGroups], dataClasses }).error).toBeUndefined();
    expect(new Set(STARTER_CATALOG.map(({ key }) => key)).size).toBe(STARTER_CATALOG.length);
    expect(STARTER_CATALOG.length).toBeGreaterThanOrEqual(15);
  });

  it('adds what is new, keeps every edit, and adds nothing the second time', async () => {
    const mine = STARTER_CATALOG[0];
    if (mine === undefined) throw new Error('the starter catalog is empty');
    bodyOf(await world.commands.catalog.createTool(context(), tool({ key: mine.key, name: 'Edited here', status: 'blocked' })));
    const first = bodyOf(await world.commands.catalog.seedStarterCatalog(context()));
    expect(first.kept).toEqual([mine.key]);
    expect(first.added).toHaveLength(STARTER_CATALOG.length - 1);
    expect(await world.fixture.rows('SELECT name, status FROM tool WHERE key = $1', [mine.key])).toEqual([{ name: 'Edited here', status: 'blocked' }]);
    const version = await world.policyVersion();
    expect(bodyOf(await world.commands.catalog.seedStarterCatalog(context())).added).toEqual([]);
    expect(await world.policyVersion()).toBe(version);
  });
});

describe('platforms that sell keys', () => {
  let world: World;
  beforeAll(async () => { world = await World.start(); });
  afterAll(() => world.fixture.stop());

  it('are connected only where an admin attests that the group controls the entitlement', async () => {
    await world.readyConnector();
    const platform = tool({ name: 'Claude API', provider: 'okta' });
    expect(codeOf(await world.commands.catalog.createTool(context(), platform))).toBe('tool.api_platform');
    const unconnected = bodyOf(await world.commands.catalog.createTool(context(), { ...platform, provider: 'none' }));
    expect(unconnected).toMatchObject({ category: 'apiPlatform', entitlementAttestation: null });
    const patch = (change: PatchToolBody) => world.commands.catalog.updateTool(context(), { key: platform.key, patch: change, expectedVersion: null });
    expect(codeOf(await patch({ provider: 'okta' }))).toBe('tool.api_platform');
    const reason = 'SCIM from this group makes and deletes the workspace seats that keys belong to';
    expect(bodyOf(await patch({ provider: 'okta', entitlementAttestation: reason }))).toMatchObject({ provider: 'okta', entitlementAttestation: { reason, by: 'admin-1' } });
    expect(bodyOf(await patch({ summary: 'Still' }))).toMatchObject({ entitlementAttestation: { reason } });
    expect(codeOf(await patch({ entitlementAttestation: null }))).toBe('tool.api_platform');
    // Said of another place, it says nothing here.
    const elsewhere = await world.readyConnector();
    expect(codeOf(await patch({ connectorId: elsewhere.id }))).toBe('tool.api_platform');
    const drafts = await world.fixture.rows("SELECT draft FROM audit_outbox WHERE draft LIKE '%entitlementAttestation%' AND draft LIKE '%SCIM%'");
    expect(drafts).toHaveLength(1);
    expect(bodyOf(await world.commands.catalog.createTool(context(), tool({ name: 'Claude API', category: 'application' })))).toMatchObject({ category: 'application' });
  });
});
