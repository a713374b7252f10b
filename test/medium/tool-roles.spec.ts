import { randomUUID } from 'node:crypto';
import { MAX_ROLES, type CreateToolRoleBody } from '../../src/contracts/tool-role.contract.js';
import type { CreateToolBody } from '../../src/contracts/tool.contract.js';
import { PgCatalogQueries } from '../../src/persistence/read-models/catalog-read-model.js';
import { PgPortalQueries } from '../../src/persistence/read-models/portal-read-model.js';
import { startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';
import { admin, context, OTHER_SITE } from './admin-fixture.js';
import { bodyOf, codeOf, World } from './admin-world.js';

const aRole = (over: Partial<CreateToolRoleBody> = {}): CreateToolRoleBody => ({ key: 'admin', name: 'Administrator', risk: 'high', maxDurationDays: 30, ...over });

describe('the roles of a tool', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    await world.readyConnector();
  });
  afterAll(() => world.fixture.stop());
  const newTool = async (over: Partial<CreateToolBody> = {}): Promise<string> =>
    bodyOf(await world.commands.catalog.createTool(context(), { key: `t-${randomUUID()}`, name: 'Claude', vendor: 'v', status: 'approved', risk: 'low', maxDurationDays: 60, provider: 'okta', summary: 's', ...over })).key;
  const addRole = (toolKey: string, over: Partial<CreateToolRoleBody> = {}) => world.commands.catalog.createToolRole(context(), { toolKey, role: aRole(over) });
  const bind = (toolKey: string, roleKey: string | null, externalGroupId: string) => world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey, roleKey }, group: { mode: 'bind', externalGroupId } });
  const groupsOf = async (toolKey: string): Promise<readonly unknown[]> =>
    (await world.fixture.rows('SELECT g.external_group_id AS group, o.key AS role FROM entitlement_group g JOIN tool t ON t.id = g.tool_id LEFT JOIN tool_role o ON o.id = g.role_id WHERE t.key = $1 ORDER BY 1, 2', [toolKey]));
  const recordRequest = (toolKey: string, roleKey: string | null): Promise<unknown> => world.fixture.rows(
    `INSERT INTO request (id, site_id, project_key, tool_key, role_key, requester, submitted_by, business_use, data_classes, duration_days, content_hash, decision, policy, created_at)
     VALUES ($3, 'acme', 'AI', $1, $2, 'p-1', 'p-1', 'work', '{}', 1, 'h', 'pending', '{}', now())`, [toolKey, roleKey, randomUUID()]);

  it('are added, listed, changed and removed, each with its audit event and a new policy version', async () => {
    const [toolKey, before] = [await newTool(), await world.policyVersion()];
    expect(bodyOf(await addRole(toolKey))).toMatchObject({ key: 'admin', requestable: true, summary: null, entitlementGroup: null, version: 1 });
    bodyOf(await addRole(toolKey, { key: 'user', name: 'User', risk: 'low', summary: 'Reads and writes' }));
    const of = { toolKey, roleKey: 'admin' };
    expect(bodyOf(await world.commands.catalog.updateToolRole(context(), { of, patch: { maxDurationDays: 7 }, expectedVersion: 1 }))).toMatchObject({ maxDurationDays: 7, version: 2 });
    expect(await world.policyVersion()).toBe(before + 3);
    bodyOf(await world.commands.catalog.updateToolRole(context(), { of, patch: { name: 'Owner' }, expectedVersion: 2 }));
    expect(await world.policyVersion()).toBe(before + 3);
    expect(codeOf(await world.commands.catalog.updateToolRole(context(), { of, patch: { risk: 'low' }, expectedVersion: 2 }))).toBe('if_match.stale');

    const queries = new PgCatalogQueries(world.fixture.uow);
    expect((await queries.listToolRoles(admin(), toolKey, { limit: 1, after: null })).items.map(({ key, name }) => [key, name])).toEqual([['admin', 'Owner']]);
    expect(await queries.findTool(admin(), toolKey)).toMatchObject({ roles: [{ key: 'admin', risk: 'high' }, { key: 'user', summary: 'Reads and writes' }] });
    expect(await queries.findToolRole(admin(OTHER_SITE), of)).toBeNull();

    expect(codeOf(await world.commands.catalog.deleteToolRole(context(), { of, expectedVersion: 1 }))).toBe('if_match.stale');
    expect(await world.commands.catalog.deleteToolRole(context(), { of, expectedVersion: 3 })).toEqual({ ok: true, status: 204 });
    expect(await queries.findToolRole(admin(), of)).toBeNull();
    expect(await world.fixture.auditActions()).toEqual(expect.arrayContaining(['tool_role.created', 'tool_role.updated', 'tool_role.deleted']));
  });

  it('are refused with the reason', async () => {
    const toolKey = await newTool();
    bodyOf(await addRole(toolKey));
    expect(codeOf(await addRole(toolKey))).toBe('tool_role.key_taken');
    expect(codeOf(await addRole('nowhere'))).toBe('tool.not_found');
    expect(codeOf(await addRole(await newTool({ provider: 'none' })))).toBe('tool_role.not_connected');
    expect(codeOf(await world.commands.catalog.updateToolRole(context(), { of: { toolKey, roleKey: 'owner' }, patch: {}, expectedVersion: null }))).toBe('tool_role.not_found');
    expect(codeOf(await world.commands.catalog.createToolRole(context({ principal: admin(OTHER_SITE) }), { toolKey, role: aRole({ key: 'else' }) }))).toBe('tool.not_found');
    expect(codeOf(await world.commands.catalog.updateTool(context(), { key: toolKey, patch: { provider: 'none' }, expectedVersion: null }))).toBe('tool.has_roles');
    for (let n = 1; n < MAX_ROLES; n += 1) bodyOf(await addRole(toolKey, { key: `r-${n}` }));
    expect(codeOf(await addRole(toolKey, { key: 'one-more' }))).toBe('tool_role.too_many');
  });

  it('stay while somebody waits for them, the others go', async () => {
    const toolKey = await newTool();
    for (const key of ['free', 'used']) bodyOf(await addRole(toolKey, { key }));
    await recordRequest(toolKey, 'used');
    const remove = (roleKey: string) => world.commands.catalog.deleteToolRole(context(), { of: { toolKey, roleKey }, expectedVersion: null });
    expect(codeOf(await remove('used'))).toBe('tool_role.in_use');
    const named = bodyOf(await world.commands.governance.createApprovalPolicy(context(), { name: randomUUID(), toolKeys: [`${toolKey}/free`], autoApprove: true, jiraGroups: ['staff'], enabled: true }));
    expect(codeOf(await remove('free'))).toBe('tool_role.in_use');
    expect(await world.commands.governance.deleteApprovalPolicy(context(), { policyId: named.id, expectedVersion: null })).toMatchObject({ ok: true });
    expect(await remove('free')).toEqual({ ok: true, status: 204 });
    expect(codeOf(await world.commands.catalog.deleteTool(context(), { key: toolKey, expectedVersion: null }))).toBe('tool.in_use');
  });

  it('have a group each, beside the tool\'s own', async () => {
    const toolKey = await newTool();
    for (const key of ['admin', 'user']) bodyOf(await addRole(toolKey, { key, name: key === 'admin' ? 'Administrator' : 'User' }));
    for (const id of ['grp-own', 'grp-user']) world.okta.addGroup(id, id);
    const group = bodyOf(await world.commands.catalog.setEntitlementGroup(context(), { of: { toolKey, roleKey: 'admin' }, group: { mode: 'create' } }));
    expect(group).toMatchObject({ name: 'AI Clearance - Claude (Administrator) - Users', assignmentConfirmedAt: null });
    bodyOf(await bind(toolKey, null, 'grp-own'));
    bodyOf(await bind(toolKey, 'user', 'grp-user'));
    bodyOf(await world.commands.catalog.confirmAssignment(context(), { of: { toolKey, roleKey: 'user' } }));
    const shown = await new PgCatalogQueries(world.fixture.uow).findTool(admin(), toolKey);
    expect([shown?.entitlementGroup, ...(shown?.roles ?? []).map(({ entitlementGroup }) => entitlementGroup)].map((each) => [each?.externalGroupId, each?.assignmentConfirmedAt !== null]))
      .toEqual([['grp-own', false], [group.externalGroupId, false], ['grp-user', true]]);
    expect(bodyOf(await world.commands.catalog.readGroupApps(context(), { of: { toolKey, roleKey: 'user' } }))).toMatchObject({ apps: [] });

    // The users' group of the time before the roles becomes the users' role's; two roles never share one.
    bodyOf(await bind(toolKey, 'user', 'grp-own'));
    expect(codeOf(await bind(toolKey, 'admin', 'grp-own'))).toBe('entitlement_group.of_other_role');
    expect(codeOf(await bind(toolKey, 'owner', 'grp-own'))).toBe('tool_role.not_found');
    expect(await groupsOf(toolKey)).toEqual([{ group: 'grp-own', role: 'user' }, { group: 'grp-own', role: null }, { group: group.externalGroupId, role: 'admin' }]);
  });

  it('lose their groups with the tool\'s connector, and go with the tool', async () => {
    const toolKey = await newTool();
    bodyOf(await addRole(toolKey));
    for (const id of ['grp-1', 'grp-2']) world.okta.addGroup(id, id);
    bodyOf(await bind(toolKey, null, 'grp-1'));
    bodyOf(await bind(toolKey, 'admin', 'grp-2'));
    bodyOf(await world.commands.catalog.updateTool(context(), { key: toolKey, patch: { connectorId: null }, expectedVersion: null }));
    expect(await groupsOf(toolKey)).toEqual([]);
    expect(await world.commands.catalog.deleteTool(context(), { key: toolKey, expectedVersion: null })).toEqual({ ok: true, status: 204 });
  });

  it('are what the portal offers: those that are open, with the shorter limit, and no tool of which none is', async () => {
    const toolKey = await newTool({ name: 'Shown', maxDurationDays: 14 });
    const tools = async () => (await new PgPortalQueries(world.fixture.uow).context(admin(), {})).tools.filter(({ key }) => key === toolKey);
    const isRequestable = async () => (await new PgCatalogQueries(world.fixture.uow).findTool(admin(), toolKey))?.requestable;
    expect([await tools(), await isRequestable()]).toMatchObject([[{ roles: [] }], true]);
    bodyOf(await addRole(toolKey, { key: 'closed', requestable: false }));
    expect([await tools(), await isRequestable()]).toEqual([[], false]);
    bodyOf(await addRole(toolKey, { key: 'user', name: 'User', risk: 'low', maxDurationDays: 90 }));
    expect(await tools()).toMatchObject([{ roles: [{ key: 'user', name: 'User', summary: null, risk: 'low', maxDurationDays: 14 }] }]);
    expect(await isRequestable()).toBe(true);
  });
});

describe('a request for a role', () => {
  let product: TestProduct;
  beforeAll(async () => { product = await startTestProduct(); });
  afterAll(() => product.stop());
  const grantIs = (requestId: string, wanted: string): Promise<Record<string, unknown>> => until(`grant ${wanted}`, async () => {
    const [grant] = await product.sql('SELECT * FROM access_grant WHERE request_id = $1', [requestId]);
    return grant?.['status'] === wanted ? grant : undefined;
  });
  const decided = async (requestId: string): Promise<unknown> => (await product.sql("SELECT decision, decision_source, policy -> 'rules' -> 0 ->> 'rule' AS rule FROM request WHERE id = $1", [requestId]))[0];

  it('puts the person into that role\'s group and into no other, takes them out of it, and says so in the audit trail', async () => {
    const [person, { toolKey, groupId }] = [await product.person(), await product.tool()];
    const [user, adminRole] = [await product.role(toolKey, 'user'), await product.role(toolKey, 'admin', 'high')];
    const requestId = await product.ask(person.accountId, toolKey, { roleKey: 'admin' });
    await product.decide(requestId, 'approve');
    expect(await grantIs(requestId, 'active')).toMatchObject({ role_key: 'admin', external_group_id: adminRole.groupId });
    const where = (): Promise<readonly boolean[]> => Promise.all([groupId, user.groupId, adminRole.groupId].map((group) => product.inGroup(person.oktaId, group)));
    expect(await where()).toEqual([false, false, true]);

    // A person has a tool once, in one role (SPEC A4).
    const second = await product.ask(person.accountId, toolKey, { roleKey: 'user' });
    expect(await product.decide(second, 'approve')).toMatchObject({ stored: { ok: false, refusal: { code: 'grant.duplicate_open' } } });

    await product.command(requestId, { operation: 'revoke', caller: { accountId: product.approver, isAdmin: false }, comment: null });
    await grantIs(requestId, 'revoked');
    expect(await where()).toEqual([false, false, false]);
    expect(await product.decide(second, 'approve')).toMatchObject({ stored: { ok: true } });
    await grantIs(second, 'active');
    expect(await where()).toEqual([false, true, false]);
    await until('the sealed event', async () => (await product.sql("SELECT 1 FROM audit_event WHERE body::jsonb -> 'subject' @> jsonb_build_object('requestId', $1::text, 'roleKey', 'admin') AND body::jsonb ->> 'action' = 'grant.activated'", [requestId]))[0]);
  });

  it('is denied without one, for one that the tool does not have, and for one that was closed before the person was added', async () => {
    const [person, { toolKey }] = [await product.person(), await product.tool()];
    const { groupId } = await product.role(toolKey, 'user');
    const denied = { decision: 'denied', decision_source: 'policyDeny' };
    expect(await decided(await product.ask(person.accountId, toolKey))).toEqual({ ...denied, rule: 'role.required' });
    expect(await decided(await product.ask(person.accountId, toolKey, { roleKey: 'owner' }))).toEqual({ ...denied, rule: 'role.unknown' });

    const requestId = await product.ask(person.accountId, toolKey, { roleKey: 'user' });
    await product.sql('UPDATE tool_role SET requestable = false WHERE tool_id = $1', [toolKey]);
    await product.decide(requestId, 'approve');
    expect(await decided(requestId)).toMatchObject(denied);
    expect(await product.inGroup(person.oktaId, groupId)).toBe(false);
  });

  it('waits for the confirmation of the role\'s own group, whatever the tool\'s group says', async () => {
    const [person, { toolKey }] = [await product.person(), await product.tool()];
    await product.role(toolKey, 'user');
    await product.sql('UPDATE entitlement_group SET assignment_confirmed_at = NULL WHERE tool_id = $1 AND role_id IS NOT NULL', [toolKey]);
    const requestId = await product.ask(person.accountId, toolKey, { roleKey: 'user' });
    expect(await product.decide(requestId, 'approve')).toMatchObject({ stored: { ok: false, refusal: { code: 'tool.assignment_unconfirmed' } } });
  });
});
