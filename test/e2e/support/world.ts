import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startStackProcess } from '../../support/stack-process.js';
import { until } from '../../support/until.js';
import { vendorControl, type VendorControl } from '../../support/vendor.js';
import { actorAt, type Actor, type Answer, type Options } from './http-actor.js';
import { info as infoShape, pageOf, requestShape, type GrantShape, type RequestShape, type SandboxInfo } from './shapes.js';
import { vendorsAt, type Vendors } from './vendors.js';

export const PEOPLE = {
  ada: '712020:ada-requester', ben: '712020:ben-requester', gil: '712020:gil-requester', carla: '712020:carla-approver', dmitri: '712020:dmitri-approver',
  erin: '712020:erin-admin', farah: '712020:farah-auditor', gina: '712020:gina-globex-requester', hugo: '712020:hugo-globex-approver', ida: '712020:ida-globex-admin',
} as const;
export type Person = keyof typeof PEOPLE;

/** A whole running product, seen from outside: its HTTP API and its vendors. */
export interface World {
  readonly apiUrl: string;
  /** Where the product keeps what it knows, for tests that look for what must not be there. */
  readonly inside: { readonly dataDir: string; /** `host:port/database` */ readonly databaseAddress: string };
  readonly info: SandboxInfo;
  readonly okta: VendorControl;
  readonly entra: VendorControl;
  readonly jira: VendorControl;
  readonly vendors: Vendors;
  readonly nobody: Actor;
  as(person: Person): Actor;
  /** What the portal does: an issue with its snapshot, whatever that is. */
  portal(person: Person, snapshot: unknown): Promise<string>;
  /** The request that the issue became, seen by the admin. */
  requestOf(issueKey: string): Promise<RequestShape>;
  /** By the portal, and waits for the request. */
  ask(person: Person, toolKey: string, more?: { readonly durationDays?: number; readonly dataClasses?: readonly string[] }): Promise<RequestShape>;
  look(requestId: string): Promise<RequestShape>;
  decide(person: Person, requestId: string, decision: 'approve' | 'deny', options?: Options): Promise<Answer>;
  /** Waits until the request's grant has this status. */
  grantIs(requestId: string, status: string): Promise<RequestShape>;
  /** A new tool in the catalog; with a provider it gets a group of its own there, created by the product and confirmed. */
  tool(provider?: 'okta' | 'entra', fields?: Readonly<Record<string, unknown>>): Promise<{ readonly key: string; readonly groupId: string }>;
  advanceHours(hours: number): Promise<void>;
  stop(): Promise<void>;
}

/** Refuses to go on with an answer of another status, and shows it. */
export function bodyOf<T>(answer: Answer, status: number, schema: z.ZodType<T>): T {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  return schema.parse(answer.body);
}

/** Starts a sandbox on free ports with a data folder of its own. */
export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'aiclearance-e2e-'));
  const dataDir = join(folder, 'data');
  const stack = startStackProcess(['--data', dataDir, '--port', '0']);
  const stop = async (): Promise<void> => {
    stack.child.kill('SIGTERM');
    await stack.exit;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    // The walk moves the clock, so the tests start after it.
    await stack.line(/^Serving until Ctrl-C/, 240_000);
    const said = async (pattern: RegExp): Promise<string> => pattern.exec(await stack.line(pattern))?.[1] ?? '';
    return await worldAt(await said(/A=(http\S+)/), { dataDir, databaseAddress: await said(/Postgres\s+(127\.0\.0\.1:\d+\/\S+)/) }, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function worldAt(apiUrl: string, inside: World['inside'], stop: () => Promise<void>): Promise<World> {
  const nobody = actorAt(apiUrl, '', null);
  const info = bodyOf(await nobody.get('/sandbox'), 200, infoShape);
  const signedIn = new Map<Person, Actor>();
  for (const person of peopleOf()) {
    const { token } = bodyOf(await nobody.post('/sandbox/sign-in', { accountId: PEOPLE[person] }), 200, z.looseObject({ token: z.string() }));
    signedIn.set(person, actorAt(apiUrl, PEOPLE[person], token));
  }
  const as = (person: Person): Actor => signedIn.get(person) ?? nobody;
  const portal: World['portal'] = async (person, snapshot) => bodyOf(await nobody.post('/sandbox/portal-requests', { accountId: PEOPLE[person], ...(snapshot === undefined ? {} : { snapshot }) }), 201, z.looseObject({ issueKey: z.string() })).issueKey;
  const requestOf: World['requestOf'] = (issueKey) => until(`the request of ${issueKey}`, async () => {
    const found = bodyOf(await as('erin').get(`/requests?issueKey=${issueKey}`), 200, pageOf(requestShape)).items[0];
    return found?.policy == null ? undefined : found;
  }, { timeoutMs: 40_000, everyMs: 100 });
  const look: World['look'] = async (requestId) => bodyOf(await as('erin').get(`/requests/${requestId}`), 200, requestShape);
  return {
    apiUrl, inside, info, nobody, as, portal, requestOf, look, stop,
    okta: vendorControl(info.okta.baseUrl), entra: vendorControl(new URL(info.entra.graphBaseUrl).origin), jira: vendorControl(info.jira.baseUrl), vendors: vendorsAt(info),
    ask: async (person, toolKey, { durationDays = 30, dataClasses = ['internal'] } = {}) => requestOf(await portal(person, { toolKey, businessUse: 'Summaries of public filings', dataClasses, durationDays })),
    decide: (person, requestId, decision, options = {}) => as(person).post(`/requests/${requestId}/decisions`, { decision, comment: 'Seen.' }, options),
    grantIs: (requestId, status) => until(`the grant of ${requestId} to be ${status}`, async () => {
      const seen = await look(requestId);
      return seen.grant?.status === status ? seen : undefined;
    }, { timeoutMs: 60_000, everyMs: 100 }),
    tool: (provider, fields = {}) => newTool(as('erin'), provider, fields),
    advanceHours: async (hours) => void bodyOf(await as('erin').post('/sandbox/clock', { advanceHours: hours }), 200, z.looseObject({ now: z.string() })),
  };
}

const isPerson = (name: string): name is Person => Object.hasOwn(PEOPLE, name);
const peopleOf = (): readonly Person[] => Object.keys(PEOPLE).filter(isPerson);

async function newTool(admin: Actor, provider: 'okta' | 'entra' | undefined, fields: Readonly<Record<string, unknown>>): Promise<{ readonly key: string; readonly groupId: string }> {
  const key = `tool-${randomUUID().slice(0, 8)}`;
  const connectorId = provider === undefined ? undefined : bodyOf(await admin.get(`/connectors?status=enabled&provider=${provider}`), 200, pageOf(z.looseObject({ id: z.string() }))).items[0]?.id;
  const body = { key, name: key, vendor: 'Vendor', status: 'approved', risk: 'medium', maxDurationDays: 90, provider: provider ?? 'none', summary: 'A tool of a test.', ...(connectorId === undefined ? {} : { connectorId }), ...fields };
  bodyOf(await admin.post('/tools', body), 201, z.unknown());
  if (provider === undefined) return { key, groupId: '' };
  const group = bodyOf(await admin.post(`/tools/${key}/entitlement-group`, { mode: 'create' }), 200, z.looseObject({ externalGroupId: z.string() }));
  bodyOf(await admin.post(`/tools/${key}/entitlement-group/confirm-assignment`, {}), 200, z.unknown());
  return { key, groupId: group.externalGroupId };
}

/** The grant of a request that has one. */
export function grantOf(request: RequestShape): GrantShape {
  if (request.grant === null) throw new Error(`request ${request.id} has no grant: ${JSON.stringify(request)}`);
  return request.grant;
}
