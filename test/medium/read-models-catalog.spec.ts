import { createQueries, type Queries } from '../../src/persistence/read-models/queries.js';
import type { Keyset, Rows } from '../../src/application/ports/api-queries.port.js';
import { connectorView } from '../../src/contracts/connector.contract.js';
import { identityMappingView } from '../../src/contracts/identity-mapping.contract.js';
import { approvalPolicyView, guardrailsView, policyDefaultsView } from '../../src/contracts/policy.contract.js';
import { projectView, SETTINGS, SETTINGS_NAMES } from '../../src/contracts/project.contract.js';
import { toolView } from '../../src/contracts/tool.contract.js';
import { DEFAULT_GUARDRAILS } from '../../src/domain/policy/policy.js';
import { admin, context, OTHER_SITE, person } from './admin-fixture.js';
import { bodyOf, World } from './admin-world.js';

async function everyPage<T>(read: (after: Keyset | null) => Promise<Rows<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let after: Keyset | null = null; ;) {
    const page: Rows<T> = await read(after);
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
}

describe('read models of catalog and governance', () => {
  let world: World;
  let queries: Queries;
  beforeAll(async () => {
    world = await World.start();
    queries = createQueries(world.fixture.uow);
  });
  afterAll(() => world.fixture.stop());
  const elsewhere = person('admin-1', ['admin'], OTHER_SITE);

  it('pages through tools by key, filtered, and reads one', async () => {
    const { added } = bodyOf(await world.commands.catalog.seedStarterCatalog(context()));
    const tools = await everyPage((after) => queries.catalog.listTools(admin(), { limit: 5, after }));
    expect(tools.map((tool) => toolView.parse(tool).key)).toEqual([...added].sort());
    const approved = (await queries.catalog.listTools(admin(), { limit: 50, after: null, status: 'approved' })).items;
    expect(new Set(approved.map(({ status }) => status))).toEqual(new Set(['approved']));
    expect((await queries.catalog.findTool(admin(), 'midjourney'))?.requestable).toBe(false);
    expect(await queries.catalog.findTool(elsewhere, 'midjourney')).toBeNull();
    expect((await queries.catalog.listTools(elsewhere, { limit: 5, after: null })).items).toEqual([]);
  });

  it('pages through connectors and mappings, newest first, without a secret', async () => {
    const made: string[] = [];
    for (let index = 0; index < 3; index += 1) made.push((await world.readyConnector()).id);
    const connectors = await everyPage((after) => queries.catalog.listConnectors(admin(), { limit: 2, after }));
    expect(connectors.map((view) => connectorView.parse(view).id)).toEqual(made.reverse());
    expect((await queries.catalog.listConnectors(admin(), { limit: 2, after: null, provider: 'entra' })).items).toEqual([]);
    for (const name of ['ada', 'bob', 'cy']) {
      world.okta.addUser(`${name}@acme.example`, `00u${name}`);
      bodyOf(await world.commands.mappings.create(context(), { accountId: `p-${name}`, provider: 'okta', externalLogin: `${name}@acme.example` }));
    }
    const mappings = await everyPage((after) => queries.catalog.listMappings(admin(), { limit: 2, after }));
    expect(mappings.map((view) => identityMappingView.parse(view).accountId)).toEqual(['p-cy', 'p-bob', 'p-ada']);
    expect((await queries.catalog.listMappings(admin(), { limit: 9, after: null, accountId: 'p-bob' })).items).toHaveLength(1);
    const [first] = mappings;
    expect(first === undefined ? null : await queries.catalog.findMapping(admin(), first.id)).toEqual(first);
  });

  it('reads policies by tool and project', async () => {
    const base = { autoApprove: true, jiraGroups: ['eng'], enabled: true };
    for (const policy of [{ name: 'all', toolKeys: 'all' as const }, { name: 'one', toolKeys: ['cursor-business'] }, { name: 'role', toolKeys: ['y', 'cursor-business/admin'] }, { name: 'project', toolKeys: ['x'], projectKey: 'AI' }]) bodyOf(await world.commands.governance.createApprovalPolicy(context(), { ...base, ...policy }));
    const names = async (query: { readonly toolKey?: string; readonly projectKey?: string }): Promise<string[]> => (await queries.governance.listApprovalPolicies(admin(), { limit: 9, after: null, ...query })).items.map((view) => approvalPolicyView.parse(view).name);
    expect(await names({})).toEqual(['project', 'role', 'one', 'all']);
    expect(await names({ toolKey: 'cursor-business' })).toEqual(['role', 'one', 'all']);
    expect(await names({ toolKey: 'cursor' })).toEqual(['all']);
    expect(await names({ projectKey: 'AI' })).toEqual(['project']);
    expect((await everyPage((after) => queries.governance.listApprovalPolicies(admin(), { limit: 1, after }))).length).toBe(4);
  });

  it('shows the product\'s defaults at version 0 until something is saved', async () => {
    expect(guardrailsView.parse(await queries.governance.guardrails(admin()))).toEqual({ ...DEFAULT_GUARDRAILS, version: 0, updatedAt: null });
    expect(policyDefaultsView.parse(await queries.governance.defaults(admin()))).toMatchObject({ version: 0 });
    for (const name of SETTINGS_NAMES) {
      const { version, updatedAt, ...value } = await queries.governance.settings(admin(), name);
      expect([version, updatedAt]).toEqual([0, null]);
      expect(SETTINGS[name].safeParse(value).success).toBe(true);
    }
    bodyOf(await world.commands.governance.putSettings(context(), { name: 'self-service', value: { extendEnabled: true, expiringSoonDays: 3 }, expectedVersion: 0 }));
    expect(await queries.governance.settings(admin(), 'self-service')).toMatchObject({ extendEnabled: true, expiringSoonDays: 3, version: 1 });
    expect((await queries.me.me(person('p-ada'))).abilities.extendOwnAccess).toEqual({ allowed: true });
  });

  it('keeps records for as long as the deployment says until the site says otherwise', async () => {
    const deployed = createQueries(world.fixture.uow, { retention: { auditDays: 730, externalIdentityDays: 30, jobDays: 7 } });
    expect(await deployed.governance.settings(admin(), 'retention')).toEqual({ auditDays: 730, externalIdentityDays: 30, jobDays: 7, version: 0, updatedAt: null });
    bodyOf(await world.commands.governance.putSettings(context(), { name: 'retention', value: { auditDays: 400, externalIdentityDays: null, jobDays: 60 }, expectedVersion: 0 }));
    expect(await deployed.governance.settings(admin(), 'retention')).toMatchObject({ auditDays: 400, externalIdentityDays: null, jobDays: 60, version: 1 });
    expect(SETTINGS.retention.safeParse({ auditDays: 0, externalIdentityDays: null, jobDays: 60 }).success).toBe(false);
    expect(SETTINGS.retention.safeParse({ auditDays: 365, jobDays: 60 }).success).toBe(false);
  });

  it('reads projects by key', async () => {
    for (const key of ['ZED', 'AI', 'HR']) bodyOf(await world.commands.governance.createProject(context(), { key, approvers: [] }));
    expect((await everyPage((after) => queries.governance.listProjects(admin(), { limit: 1, after }))).map((view) => projectView.parse(view).key)).toEqual(['AI', 'HR', 'ZED']);
    expect(await queries.governance.findProject(elsewhere, 'AI')).toBeNull();
  });
});
