import { randomBytes, randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { AccessApiDeps } from '../../src/application/access/api/access-api-deps.js';
import { runAccessCommand, type AccessOutcome } from '../../src/application/access/api/run-access-command.js';
import { startSoon } from '../../src/application/access/api/request-commands.js';
import { createRequest } from '../../src/application/access/submit/create-request.js';
import type { CommandPayload } from '../../src/application/access/commands/command-types.js';
import type { Principal } from '../../src/application/ports/api-commands.port.js';
import { connectorConfigContext, externalIdentityContext, jiraCredentialContext } from '../../src/application/ports/sealing.port.js';
import { chainReader, queryOf } from '../../src/audit/chain-reader.js';
import { MacKeyRing } from '../../src/audit/hashing.js';
import { verifyChain, type VerificationResult } from '../../src/audit/verify.js';
import { readCoreConfig, readGovernanceConfig } from '../../src/config/env.js';
import { createAccessEngine } from '../../src/engine/access-engine.js';
import { EncryptingCodec, encryptingConverter } from '../../src/engine/payload-codec.js';
import { createClient } from '../../src/engine/temporal-connection.js';
import { createJiraSites } from '../../src/integrations/jira/jira-sites.js';
import type { Risk } from '../../src/domain/policy/policy.js';
import { createSealer, generateSealingKeys } from '../../src/integrations/sealing/asymmetric-sealing.js';
import { createIdentityHash } from '../../src/integrations/sealing/identity-hash.js';
import { createSymmetricSealing } from '../../src/integrations/sealing/symmetric-sealing.js';
import { registerSite } from '../../src/persistence/bootstrap.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { PgCommandStore } from '../../src/persistence/stores/command.store.js';
import { PgRecordStore } from '../../src/persistence/stores/record.store.js';
import { requestLookup } from '../../src/persistence/stores/request-lookup.store.js';
import { createSiteDirectory } from '../../src/persistence/stores/site-directory.store.js';
import { PgUnitOfWork } from '../../src/persistence/unit-of-work.js';
import { startJiraSandbox, type JiraSandbox } from '../../src/sandbox/jira/jira-sandbox.js';
import { startOktaSandbox, type OktaSandbox } from '../../src/sandbox/okta/okta-sandbox.js';
import { startCore } from '../../src/worker/core.js';
import { startGovernance, type Governance } from '../../src/worker/governance.js';
import type { WrapActivities } from '../../src/worker/supervised-worker.js';
import { coreOverHttp, type CoreOverHttp } from './core-over-http.js';
import { createTestDatabase, queryOnce, type TestDatabase } from './postgres.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { connectTestEngine, type TestEngine } from './temporal.js';
import { replayOptions } from './replay.js';
import { until } from './until.js';
import { vendorControl, type FaultOrder, type VendorCall, type VendorControl } from './vendor.js';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'temporalio_sdk_core=ERROR' } } });

export const SITE = 'acme';
const key = (): string => randomBytes(32).toString('base64url');

export interface TestProductOptions {
  readonly engine?: TestEngine;
  readonly pollMs?: number;
  readonly maxCachedWorkflows?: number;
  /** The product reaches Postgres and the engine through proxies that can break its connections. */
  readonly proxies?: boolean;
  /** None: the test starts them itself with `workerEnvironment`. */
  readonly workers?: 'inProcess' | 'none';
  readonly wrapActivities?: WrapActivities;
  /** How the governance worker reaches Core: by its queue (the default), or over signed HTTP. */
  readonly core?: 'queue' | 'http';
  /** 32 bytes as base64url for the payloads in the engine; a new one by default. */
  readonly payloadKey?: string;
  /** What the core worker trusts besides: the certificate of a Microsoft sandbox. */
  readonly extraCaPem?: string;
}

export interface TestProduct {
  readonly database: TestDatabase;
  readonly engine: TestEngine;
  /** Decodes payloads, unlike the engine's own. */
  readonly client: Client;
  readonly okta: OktaSandbox;
  readonly jira: JiraSandbox;
  readonly oktaControl: VendorControl;
  readonly jiraControl: VendorControl;
  /** @throws Error when the product was started without its workers */
  readonly governance: Governance;
  /** @throws Error when the product was started without proxies */
  readonly proxies: { readonly database: TcpProxy; readonly engine: TcpProxy };
  /** @throws Error when Core is reached by its queue */
  readonly coreHttp: CoreOverHttp;
  /** What `node dist/worker/main.js` and the API read. */
  readonly workerEnvironment: Readonly<Record<'governance' | 'core' | 'api', Readonly<Record<string, string>>>>;
  readonly deps: AccessApiDeps;
  /** Seals as the API does. */
  readonly sealer: Awaited<ReturnType<typeof createSealer>>;
  readonly uow: PgUnitOfWork;
  readonly groupId: string;
  readonly approver: string;
  /** Maps a new Okta person to a new Jira account. */
  person(): Promise<{ readonly accountId: string; readonly oktaId: string }>;
  /** Maps this account, instead of whatever it was mapped to, to the other's identity: one person. */
  alias(accountId: string, of: string): Promise<void>;
  /** A request that is recorded and of which the engine does not know yet. */
  record(accountId: string, toolKey?: string, options?: Asked): Promise<string>;
  /** A request that is recorded and started. */
  ask(accountId: string, toolKey?: string, options?: Asked): Promise<string>;
  command(requestId: string, payload: CommandPayload, options?: { readonly key?: string | null; readonly path?: string; readonly body?: string }): Promise<AccessOutcome>;
  decide(requestId: string, decision: 'approve' | 'deny', accountId?: string): Promise<AccessOutcome>;
  sql(text: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** Whether the Okta sandbox itself lists the person. */
  inGroup(oktaId: string, groupId?: string): Promise<boolean>;
  /** A connected tool with a group of its own. */
  tool(): Promise<{ readonly toolKey: string; readonly groupId: string }>;
  /** A role of that tool, with a group of its own. */
  role(toolKey: string, roleKey: string, risk?: Risk): Promise<{ readonly groupId: string }>;
  /** An issue of the Jira sandbox that this account reports. */
  issue(accountId: string): Promise<string>;
  /** What the ticket says, oldest first. */
  comments(issueKey: string): Promise<readonly string[]>;
  oktaCalls(): Promise<readonly VendorCall[]>;
  fault(order: FaultOrder): Promise<void>;
  clearFaults(): Promise<void>;
  stopCore(): Promise<void>;
  startCore(): Promise<void>;
  /** Moves domain time. */
  advanceHours(hours: number): Promise<void>;
  /** The runs of the namespace (at most so many), replayed from their histories as by a worker that takes them over; the ids of those that would not go on, with the reason. */
  replayAll(atMost?: number): Promise<{ readonly replayed: number; readonly stuck: readonly string[] }>;
  /** The site's audit trail from its first entry to its head, after all that is waiting was sealed. */
  verifyAudit(): Promise<VerificationResult>;
  stop(): Promise<void>;
}

interface Asked { readonly durationDays?: number; readonly issueKey?: string; readonly roleKey?: string }

/** The product without its HTTP edge, on a real Postgres and a real engine, with the Okta and Jira sandboxes. */
export async function startTestProduct(options: TestProductOptions = {}): Promise<TestProduct> {
  const [database, engine, okta] = await Promise.all([createTestDatabase(), options.engine ?? connectTestEngine(), startOktaSandbox()]);
  const jira = await startJiraSandbox({ siteId: 'acme', delivery: { deliver: () => Promise.resolve({ status: 202 }) } });
  const proxies = options.proxies === true ? { database: await startTcpProxy(hostAndPort(database.superuserUrl)), engine: await startTcpProxy(hostAndPort(`tcp://${engine.address}`)) } : null;
  const throughProxy = (url: string): string => (proxies === null ? url : url.replace(new URL(url).host, proxies.database.address));
  const payloadKey = options.payloadKey ?? key();
  const macKey = { id: 'm1', key: key() };
  const jiraKeys = [{ id: 'j1', key: key() }];
  const identityKey = key();
  const { publicJwks, privateJwks } = await generateSealingKeys();
  const engineAddress = proxies?.engine.address ?? engine.address;
  const shared = { NODE_ENV: 'test', LOG_LEVEL: 'silent', TEMPORAL_ADDRESS: engineAddress, TEMPORAL_NAMESPACE: engine.namespace, PAYLOAD_KEYS: `k1:${payloadKey}`, SANDBOX: 'true', IDENTITY_HASH_KEY: identityKey };
  const coreEnvironment = { ...shared, OKTA_REQUESTS_PER_SECOND: '2000', ENTRA_REQUESTS_PER_SECOND: '2000', DATABASE_URL: throughProxy(database.coreUrl), SEALING_PRIVATE_KEYS: privateJwks, ...trusting(options) };
  const coreHttp = await coreOf(options.core, coreEnvironment);
  const workerEnvironment = {
    governance: {
      ...shared, ...coreHttp.variables, DATABASE_URL: throughProxy(database.governanceUrl), SEALER_DATABASE_URL: throughProxy(database.sealerUrl), AUDIT_MAC_KEYS: `${macKey.id}:${macKey.key}`,
      JIRA_SEALING_KEYS: jiraKeys.map(({ id, key: secret }) => `${id}:${secret}`).join(','), POLL_INTERVAL_MS: String(options.pollMs ?? 1_000),
    },
    core: coreEnvironment,
    api: {
      ...shared, DATABASE_URL: throughProxy(database.apiUrl), AUDIT_MAC_KEYS: `${macKey.id}:${macKey.key}`, JIRA_SEALING_KEYS: jiraKeys.map(({ id, key: secret }) => `${id}:${secret}`).join(','),
      SEALING_PUBLIC_KEYS: publicJwks, SANDBOX_SIGN_IN_KEY: key(),
    },
  };
  const governanceConfig = readGovernanceConfig(workerEnvironment.governance);
  const coreConfig = readCoreConfig(workerEnvironment.core);
  const sealing = await createSealer(publicJwks);
  const jiraSealing = createSymmetricSealing(jiraKeys);
  await registerSite(database.migrationUrl, {
    id: SITE, name: 'Acme', timeZone: 'Europe/Berlin', jiraBaseUrl: jira.baseUrl, jiraPropertyKey: jira.propertyKey,
    jiraAuthSealed: await jiraSealing.seal(jiraCredentialContext(SITE), JSON.stringify({ kind: 'bearer', token: jira.apiToken })),
  });
  const sql = (text: string, parameters: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> => queryOnce(database.superuserUrl, text, parameters);
  const oktaFetch = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${okta.baseUrl}${path}`, { ...init, headers: { authorization: `SSWS ${okta.apiToken}`, 'content-type': 'application/json' } });
  const groupId = await findGroup(oktaFetch);
  const approver = 'acc-approver';
  await sql(`INSERT INTO project_registry (id, site_id, key, approver_account_ids) VALUES ('prj', $1, 'AIACC', ARRAY['acc-approver', 'acc-approver-2'])`, [SITE]);
  await sql(`INSERT INTO site_setting (site_id, name, value) VALUES ($1, 'intake', $2)`, [SITE, JSON.stringify({ enabled: true, projectKey: 'AIACC', portalId: null, requestTypeIds: [] })]);
  await sql(`INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config, status) VALUES ('con', $1, 'Okta', 'okta', $2, $3, 'enabled')`,
    [SITE, JSON.stringify({ provider: 'okta', orgUrl: okta.baseUrl, authKind: 'apiToken' }), await sealing.seal(connectorConfigContext(SITE, 'con'), JSON.stringify({ provider: 'okta', orgUrl: okta.baseUrl, auth: { kind: 'apiToken', token: okta.apiToken } }))]);
  await sql(`INSERT INTO tool (id, site_id, key, name, vendor, status, risk, max_duration_days, provider, connector_id) VALUES
    ('t1', $1, 'chatgpt-enterprise', 'ChatGPT Enterprise', 'OpenAI', 'approved', 'medium', 90, 'okta', 'con'), ('t2', $1, 'claude-team', 'Claude Team', 'Anthropic', 'approved', 'low', 180, 'none', NULL),
    ('t3', $1, 'codex', 'Codex', 'OpenAI', 'approved', 'medium', 90, 'okta', 'con')`, [SITE]);
  await sql(`INSERT INTO entitlement_group (id, site_id, tool_id, connector_id, external_group_id, name, origin, assignment_confirmed_at) VALUES ('g1', $1, 't1', 'con', $2, 'ChatGPT', 'bound', now()), ('g3', $1, 't3', 'con', $2, 'ChatGPT', 'bound', now())`, [SITE, groupId]);

  const wrapping = options.wrapActivities === undefined ? {} : { wrapActivities: options.wrapActivities };
  let core = options.workers === 'none' ? null : await coreHttp.launch(() => startCore(coreConfig, wrapping));
  const governance = options.workers === 'none' ? null : await startGovernance(governanceConfig, { ...wrapping, ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }) });
  const dataSource: DataSource = await createDataSource({ url: throughProxy(database.apiUrl), poolSize: 20, applicationName: 'test-api' }).initialize();
  const uow = new PgUnitOfWork(dataSource);
  const client = createClient({ address: engineAddress, namespace: engine.namespace, tls: false }, encryptingConverter(new EncryptingCodec([{ id: 'k1', key: payloadKey }], engine.namespace)));
  const unused = (): never => { throw new Error('read models are not part of this harness'); };
  const queries = { list: unused, find: unused, timeline: unused, listJobs: unused, listManualActions: unused };
  const deps: AccessApiDeps = {
    uow, store: new PgRecordStore(), commands: new PgCommandStore(), engine: createAccessEngine(client, 'governance'), lookup: requestLookup, log: () => undefined, readGroups: () => Promise.resolve([]),
    jiraSites: createJiraSites(createSiteDirectory(dataSource), jiraSealing, { allowLoopbackHttp: true }), requestQueries: queries, grantQueries: queries, jobQueries: queries,
  };
  const command: TestProduct['command'] = (requestId, payload, { key: idempotencyKey = null, path = `/requests/${requestId}/${payload.operation}`, body = 'hash' } = {}) => {
    const principal: Principal = { siteId: SITE, accountId: payload.caller.accountId, kind: 'person', roles: new Set(payload.caller.isAdmin ? ['requester', 'admin'] : ['requester']) };
    return runAccessCommand(deps, { principal, idempotencyKey, methodAndPath: `POST ${path}`, bodyHash: body, correlationId: 'test' }, requestId, payload);
  };
  const record: TestProduct['record'] = async (accountId, toolKey = 'chatgpt-enterprise', { durationDays = 30, issueKey, roleKey = null } = {}) => {
    const asked = { issueId: null, issueKey: issueKey ?? null, projectKey: 'AIACC', toolKey, roleKey, requester: accountId, submittedBy: accountId, businessUse: 'test', dataClasses: ['internal'], durationDays, jiraGroups: [] };
    return (await uow.run(SITE, (tx) => createRequest(deps.store, tx, asked))).id;
  };
  const oktaControl = vendorControl(okta.baseUrl);
  const jiraControl = vendorControl(jira.baseUrl);
  return {
    database, engine, client, okta, jira, oktaControl, jiraControl, deps, uow, groupId, approver, command, sql, sealer: sealing, workerEnvironment,
    get governance() { return present(governance, 'workers'); },
    get proxies() { return present(proxies, 'proxies'); },
    get coreHttp() { return present(coreHttp.overHttp, 'a Core over HTTP'); },
    async person() {
      const accountId = `acc-${randomUUID()}`;
      const oktaId = idOf(await oktaControl.send('POST', 'users', { login: `${accountId}@acme.example`, firstName: 'Test', lastName: 'Person' }));
      const identityId = `ext_${randomUUID()}`;
      await sql(`INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) VALUES ($1, $2, 'okta', 'con', $3, $4, 'hint')`,
        [identityId, SITE, createIdentityHash(identityKey)(SITE, 'okta', oktaId), await sealing.seal(externalIdentityContext(SITE, 'con'), oktaId)]);
      await sql(`INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) VALUES ($1, $2, $3, 'okta', 'con', $4, 'test')`, [`map_${randomUUID()}`, SITE, accountId, identityId]);
      return { accountId, oktaId };
    },
    async alias(accountId, of) {
      await sql('DELETE FROM site_identity_mapping WHERE account_id = $1', [accountId]);
      await sql(`INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) SELECT $1, site_id, $2, provider, connector_id, external_identity_id, 'test' FROM site_identity_mapping WHERE account_id = $3`, [`map_${randomUUID()}`, accountId, of]);
    },
    record,
    async ask(accountId, toolKey, asked) {
      const requestId = await record(accountId, toolKey, asked);
      await startSoon(deps, SITE, requestId);
      return requestId;
    },
    decide: (requestId, decision, accountId = approver) => command(requestId, { operation: 'decide', caller: { accountId, isAdmin: false }, decision, comment: null, durationDays: null }),
    async inGroup(oktaId, group = groupId) {
      const answer = await oktaFetch(`/api/v1/groups/${group}/users?limit=1000`);
      const users: unknown = await answer.json();
      return Array.isArray(users) && users.some((user: unknown) => typeof user === 'object' && user !== null && 'id' in user && user.id === oktaId);
    },
    async tool() {
      const name = `tool-${randomUUID().slice(0, 8)}`;
      const group = idOf(await oktaControl.send('POST', 'groups', { name: `AI Clearance - ${name} - Users` }));
      await sql(`INSERT INTO tool (id, site_id, key, name, vendor, status, risk, max_duration_days, provider, connector_id) VALUES ($1, $2, $1, $1, 'Vendor', 'approved', 'medium', 90, 'okta', 'con')`, [name, SITE]);
      await sql(`INSERT INTO entitlement_group (id, site_id, tool_id, connector_id, external_group_id, name, origin, assignment_confirmed_at) VALUES ($1, $2, $3, 'con', $4, $3, 'bound', now())`, [`grp-${name}`, SITE, name, group]);
      return { toolKey: name, groupId: group };
    },
    async role(toolKey, roleKey, risk = 'medium') {
      const [id, group] = [`${toolKey}-${roleKey}`, idOf(await oktaControl.send('POST', 'groups', { name: `AI Clearance - ${toolKey} (${roleKey}) - Users` }))];
      await sql('INSERT INTO tool_role (id, site_id, tool_id, key, name, risk, max_duration_days) SELECT $1, site_id, id, $3, $3, $4, 90 FROM tool WHERE key = $2', [id, toolKey, roleKey, risk]);
      await sql("INSERT INTO entitlement_group (id, site_id, tool_id, role_id, connector_id, external_group_id, name, origin, assignment_confirmed_at) SELECT 'grp-' || $1, site_id, tool_id, id, 'con', $2, $1, 'bound', now() FROM tool_role WHERE id = $1", [id, group]);
      return { groupId: group };
    },
    async issue(accountId) {
      await jiraControl.send('PUT', 'users', { accountId });
      return jira.createPortalRequest({ accountId, snapshot: {} }).issueKey;
    },
    async comments(issueKey) {
      const answer = await fetch(`${jira.baseUrl}/rest/api/3/issue/${issueKey}/comment?maxResults=1000`, { headers: { authorization: `Bearer ${jira.apiToken}` } });
      const { comments } = commentList.parse(await answer.json());
      return comments.map(({ body }) => body.content.flatMap((block) => (block.content ?? []).map(({ text }) => text ?? '')).join(' '));
    },
    oktaCalls: () => oktaControl.calls(),
    fault: (order) => oktaControl.fault(order),
    clearFaults: () => oktaControl.clearFaults(),
    stopCore: async () => { await core?.stop(); core = null; },
    startCore: async () => { core = await coreHttp.launch(() => startCore(coreConfig, wrapping)); },
    async advanceHours(hours) {
      await sql('UPDATE clock_offset SET offset_ms = offset_ms + $1', [hours * 3_600_000]);
      const open = await sql('SELECT id FROM request WHERE closed_at IS NULL');
      for (const { id } of open) await deps.engine.wake(SITE, String(id), 'clockMoved', { toolKey: 't', roleKey: null, provider: 'okta', risk: 'medium', policyVersion: '1', issueKey: null, phase: 'pending', pendingStage: null, approvalDueAt: null });
    },
    async replayAll(atMost = 1_000) {
      const stuck: string[] = [];
      let replayed = 0;
      const options = replayOptions(encryptingConverter(new EncryptingCodec([{ id: 'k1', key: payloadKey }], engine.namespace)));
      for await (const { workflowId, error } of Worker.runReplayHistories(options, firstOf(atMost, client.workflow.list({ query: "WorkflowType = 'accessRequest'" }).intoHistories({ concurrency: 4 })))) {
        replayed += 1;
        if (error !== undefined) stuck.push(`${workflowId}: ${error.message}`);
      }
      return { replayed, stuck };
    },
    async verifyAudit() {
      await until('everything is sealed', async () => (await sql('SELECT 1 FROM audit_outbox LIMIT 1')).length === 0, { timeoutMs: 30_000 });
      const reader = new pg.Client({ connectionString: database.superuserUrl });
      await reader.connect();
      try {
        return await verifyChain(chainReader(queryOf(reader)), new MacKeyRing([macKey]), SITE);
      } finally {
        await reader.end();
      }
    },
    async stop() {
      await Promise.all([governance?.stop(), core?.stop()]);
      await coreHttp.overHttp?.close();
      await client.connection.close();
      await dataSource.destroy();
      await Promise.all([okta.stop(), jira.stop(), ...(options.engine === undefined ? [engine.close()] : []), ...(proxies === null ? [] : [proxies.database.close(), proxies.engine.close()])]);
      await database.drop();
    },
  };
}

const commentList = z.object({ comments: z.array(z.object({ body: z.object({ content: z.array(z.object({ content: z.array(z.object({ text: z.string().optional() })).optional() })) }) })) });
const trusting = ({ extraCaPem }: TestProductOptions): Readonly<Record<string, string>> => (extraCaPem === undefined ? {} : { EXTRA_CA_PEM: extraCaPem });
const idOf = (value: unknown): string => z.object({ id: z.string() }).parse(value).id;
const hostAndPort = (url: string): { readonly host: string; readonly port: number } => ({ host: new URL(url).hostname, port: Number(new URL(url).port) });
function present<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`this product was started without ${what}`);
  return value;
}

interface CoreChoice {
  readonly overHttp: CoreOverHttp | null;
  readonly variables: Readonly<Record<string, string>>;
  /** Starts whichever of the two was chosen. */
  launch(byQueue: () => Promise<{ stop(): Promise<void> }>): Promise<{ stop(): Promise<void> }>;
}
async function coreOf(choice: TestProductOptions['core'], environment: Readonly<Record<string, string>>): Promise<CoreChoice> {
  if (choice !== 'http') return { overHttp: null, variables: {}, launch: (byQueue) => byQueue() };
  const overHttp = await coreOverHttp(environment);
  return { overHttp, variables: overHttp.variables, launch: () => overHttp.start().then(() => overHttp) };
}

async function* firstOf<T>(count: number, items: AsyncIterable<T>): AsyncIterable<T> {
  let taken = 0;
  for await (const item of items) {
    if (taken >= count) return;
    taken += 1;
    yield item;
  }
}

async function findGroup(oktaFetch: (path: string) => Promise<Response>): Promise<string> {
  const groups: unknown = await (await oktaFetch('/api/v1/groups?q=AI%20Clearance')).json();
  const first: unknown = Array.isArray(groups) ? groups.at(0) : undefined;
  if (typeof first === 'object' && first !== null && 'id' in first && typeof first.id === 'string') return first.id;
  throw new Error('the Okta sandbox has no entitlement group');
}
