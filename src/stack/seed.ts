import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { worldDataClasses, worldPeople, worldSites, worldTools } from '../sandbox/world.js';
import type { WorldPerson, WorldSite, WorldTool } from '../sandbox/world.js';
import type { ProductClient} from './product-client.js';
import { ProductRefusal } from './product-client.js';
import { StackError } from './stack-error.js';

/** Addresses and credentials of the sandbox vendors, which an admin would type into the connectors page. */
export interface VendorAccess {
  readonly okta: { readonly baseUrl: string; readonly apiToken: string };
  readonly entra: { readonly authorityHost: string; readonly graphBaseUrl: string; readonly tenantId: string; readonly clientId: string; readonly clientSecret: string };
  /** Id of each tool's group at its provider, by tool key. */
  readonly entitlementGroupIds: Readonly<Record<string, string>>;
}

const anything = z.unknown();
const signedIn = z.looseObject({ token: z.string() });
const connector = z.looseObject({ id: z.string(), provider: z.enum(['okta', 'entra']), status: z.string(), lastTest: z.unknown(), orgUrl: z.string().optional(), graphBaseUrl: z.string().nullable().optional(), authorityHost: z.string().nullable().optional() });
type Connector = z.infer<typeof connector>;
const connectors = z.looseObject({ items: z.array(connector) });
const connectorTest = z.looseObject({ ok: z.boolean(), failure: z.looseObject({ detail: z.string() }).nullable() });
const tool = z.looseObject({ key: z.string(), entitlementGroup: z.looseObject({ externalGroupId: z.string(), assignmentConfirmedAt: z.string().nullable() }).nullable() });
const mappingsAnswer = z.looseObject({ refused: z.number(), results: z.array(z.looseObject({ accountId: z.string(), detail: z.string().optional() })) });
const requests = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });

/** A site's admin at work: everything below goes through the HTTP API, with its checks, as an admin would do it. */
interface Desk {
  readonly client: ProductClient;
  readonly site: WorldSite;
  readonly token: string;
}

/**
 * Sets up the made-up sites: intake, routing, catalog, connectors, groups and identity mappings. Safe to repeat: what is
 * there stays as it is, also edited; only the vendors' addresses follow the ports of this run.
 * @throws StackError when the product refuses what the sandbox needs
 */
export async function seedSandbox(client: ProductClient, vendors: VendorAccess): Promise<void> {
  await Promise.all(worldSites.map(async (site) => {
    const admin = peopleOf(site).find(({ roles }) => roles.includes('admin'));
    if (admin === undefined) throw new Error(`site ${site.id} has no admin`);
    const desk = { client, site, token: await signIn(client, admin) };
    await Promise.all([openIntake(desk), seedCatalog(desk, vendors)]);
    await seedSampleOfOtherSite(desk);
  }));
}

const peopleOf = (site: WorldSite): readonly WorldPerson[] => worldPeople.filter(({ siteId }) => siteId === site.id);

async function signIn(client: ProductClient, { accountId }: WorldPerson): Promise<string> {
  return (await client.post('/api/v1/sandbox/sign-in', signedIn, { body: { accountId }, idempotencyKey: `seed-${accountId}-${Date.now()}` })).token;
}

/** The key names the thing that is made, so that a start that was killed half-way goes on without making it twice. */
const make = <T>({ client, site, token }: Desk, path: string, schema: z.ZodType<T>, body: unknown, what: string): Promise<T> =>
  client.post(path, schema, { token, body, idempotencyKey: `seed-${site.id}-${what}` });

async function isThere({ client, token }: Desk, path: string): Promise<boolean> {
  try {
    await client.get(path, anything, token);
    return true;
  } catch (error) {
    if (error instanceof ProductRefusal && error.status === 404) return false;
    throw error;
  }
}

/** The registered project marks a site as set up: it is made last, so that a killed start does all of it again. */
async function openIntake(desk: Desk): Promise<void> {
  const { client, site, token } = desk;
  const { project } = site;
  if (await isThere(desk, `/api/v1/projects/${project.key}`)) return;
  const approvers = peopleOf(site).filter(({ roles }) => roles.includes('approver')).map(({ accountId }) => accountId);
  const put = (name: string, body: unknown): Promise<unknown> => client.send('PUT', `/api/v1/settings/${name}`, anything, { token, body, idempotencyKey: `seed-${site.id}-${name}` });
  await put('data-classes', { dataClasses: worldDataClasses });
  await put('routing', { approvers, securityReviewers: [], adminFallback: 'whenNoApprover' });
  await put('intake', { enabled: true, projectKey: project.key, portalId: project.serviceDeskId, requestTypeIds: project.requestTypes.filter(({ intake }) => intake).map(({ id }) => id) });
  await put('recertification', { projectKey: project.key, issueTypeId: project.recertificationIssueTypeId, windowDays: 14 });
  await make(desk, '/api/v1/projects', anything, { key: project.key, enabled: true, approvers, securityReviewers: [], adminFallback: 'whenNoApprover' }, 'project');
}

async function seedCatalog(desk: Desk, vendors: VendorAccess): Promise<void> {
  const tools = worldTools.filter(({ siteId }) => siteId === desk.site.id);
  const providers = (['okta', 'entra'] as const).filter((provider) => tools.some((one) => one.provider === provider));
  const known = (await desk.client.get('/api/v1/connectors?limit=200', connectors, desk.token)).items;
  const ready = new Map<string, string>();
  await Promise.all(providers.map(async (provider) => ready.set(provider, await readyConnector(desk, provider, vendors, known.find((one) => one.provider === provider)))));
  await Promise.all([...tools.map((one) => ensureTool(desk, one, ready.get(one.provider), vendors)), mapIdentities(desk, providers)]);
}

function addressOf(provider: 'okta' | 'entra', { okta, entra }: VendorAccess): Readonly<Record<string, unknown>> {
  return provider === 'okta'
    ? { orgUrl: okta.baseUrl, auth: { kind: 'apiToken', token: okta.apiToken } }
    : { tenantId: entra.tenantId, clientId: entra.clientId, authorityHost: entra.authorityHost, graphBaseUrl: entra.graphBaseUrl, auth: { kind: 'clientSecret', clientSecret: entra.clientSecret } };
}

async function readyConnector(desk: Desk, provider: 'okta' | 'entra', vendors: VendorAccess, known: Connector | undefined): Promise<string> {
  const address = addressOf(provider, vendors);
  const name = provider === 'okta' ? 'Okta (sandbox)' : 'Microsoft Entra (sandbox)';
  const one = known ?? (await make(desk, '/api/v1/connectors', connector, { provider, name, ...address }, `connector-${provider}`));
  const isMoved = ['orgUrl', 'authorityHost', 'graphBaseUrl'].some((field) => address[field] !== undefined && one[field] !== address[field]);
  // Only what this stack serves is followed; a connector that an admin pointed elsewhere would have another host.
  if (isMoved && onLoopback(one)) await move(desk, one, address);
  else if (known !== undefined && (known.status === 'enabled' || known.lastTest !== null)) return one.id;
  const step = `${one.id}-${isMoved ? createHash('sha256').update(JSON.stringify(address)).digest('hex').slice(0, 16) : 'first'}`;
  const tested = await make(desk, `/api/v1/connectors/${one.id}/test`, connectorTest, {}, `test-${step}`);
  if (!tested.ok) throw new StackError(`The sandbox's ${provider} connector fails its test: ${tested.failure?.detail ?? 'an ability is missing'}.`, 'Look into logs/core.log and logs/sandbox.log of the data folder.');
  await make(desk, `/api/v1/connectors/${one.id}/enable`, anything, {}, `enable-${step}`);
  return one.id;
}

/** The credential goes along: the product does not send a known one to a new address. */
const move = ({ client, token }: Desk, { id }: Connector, address: Readonly<Record<string, unknown>>): Promise<unknown> =>
  client.send('PATCH', `/api/v1/connectors/${id}`, anything, { token, body: address, ifMatch: '*', idempotencyKey: randomUUID() });

const onLoopback = ({ orgUrl, graphBaseUrl }: Connector): boolean => /^https?:\/\/(127\.0\.0\.1|localhost)[:/]/.test(orgUrl ?? graphBaseUrl ?? '');

async function ensureTool(desk: Desk, one: WorldTool, connectorId: string | undefined, vendors: VendorAccess): Promise<void> {
  const path = `/api/v1/tools/${one.key}`;
  const { name, vendor, status, risk, maxDurationDays, provider, summary, dataClasses, pilotGroups } = one;
  if (!(await isThere(desk, path))) {
    const body = { key: one.key, name, vendor, status, risk, maxDurationDays, provider, summary, dataClasses, pilotGroups, owner: one.ownerAccountId, ...(connectorId === undefined ? {} : { connectorId }) };
    await make(desk, '/api/v1/tools', tool, body, `tool-${one.key}`);
  }
  const externalGroupId = vendors.entitlementGroupIds[one.key];
  if (connectorId === undefined || externalGroupId === undefined) return;
  const { entitlementGroup } = await desk.client.get(path, tool, desk.token);
  if (entitlementGroup === null) await make(desk, `${path}/entitlement-group`, anything, { mode: 'bind', externalGroupId }, `group-${one.key}`);
  if (entitlementGroup?.assignmentConfirmedAt == null) await make(desk, `${path}/entitlement-group/confirm-assignment`, anything, { note: 'Sandbox' }, `assignment-${one.key}`);
}

async function mapIdentities(desk: Desk, providers: readonly string[]): Promise<void> {
  const rows = peopleOf(desk.site).flatMap(({ accountId, oktaLogin, entraUpn }) => [
    ...(oktaLogin === undefined ? [] : [`${accountId},okta,${oktaLogin}`]),
    ...(entraUpn === undefined ? [] : [`${accountId},entra,${entraUpn}`]),
  ]);
  if (rows.length === 0 || providers.length === 0) return;
  const csv = ['accountId,provider,externalLogin', ...rows].join('\n');
  const answer = await make(desk, '/api/v1/identity-mappings/import', mappingsAnswer, { csv }, 'mappings');
  if (answer.refused > 0) throw new StackError(`The sandbox's people can't be mapped: ${answer.results.find(({ detail }) => detail !== undefined)?.detail ?? ''}.`, 'Look into logs/core.log of the data folder.');
}

/** The second site has one request of its own, so that "nobody sees another site's objects" can be tried. */
async function seedSampleOfOtherSite(desk: Desk): Promise<void> {
  if (desk.site.id === worldSites[0]?.id) return;
  const requester = peopleOf(desk.site).find(({ roles }) => roles.length === 1 && roles.includes('requester'));
  const wanted = worldTools.find(({ siteId }) => siteId === desk.site.id);
  if (requester === undefined || wanted === undefined) return;
  if ((await desk.client.get('/api/v1/requests?limit=1', requests, desk.token)).items.length > 0) return;
  const token = await signIn(desk.client, requester);
  await make({ ...desk, token }, '/api/v1/requests', anything, { toolKey: wanted.key, businessUse: 'Draft letters to carriers', dataClasses: wanted.dataClasses.slice(0, 1), durationDays: 14 }, 'sample-request');
}
