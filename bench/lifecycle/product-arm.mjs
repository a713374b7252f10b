import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { composeApi } from '../../dist/api/composition.js';
import { connectorConfigContext, externalIdentityContext, jiraCredentialContext } from '../../dist/application/ports/sealing.port.js';
import { readApiConfig } from '../../dist/config/env.js';
import { createAccessEngine } from '../../dist/engine/access-engine.js';
import { EncryptingCodec, encryptingConverter } from '../../dist/engine/payload-codec.js';
import { createClient } from '../../dist/engine/temporal-connection.js';
import { createSealer, generateSealingKeys } from '../../dist/integrations/sealing/asymmetric-sealing.js';
import { createIdentityHash } from '../../dist/integrations/sealing/identity-hash.js';
import { createSymmetricSealing } from '../../dist/integrations/sealing/symmetric-sealing.js';
import { bootstrapDatabase, registerSite } from '../../dist/persistence/bootstrap.js';
import { startChild } from '../support/child.mjs';
import { patient } from '../support/patient.mjs';

const SITE = 'acme';
const DAYS = 30;
const TOOL = { connected: 'chatgpt-enterprise', connectorless: 'claude-team' };
const LABELS = { tool: TOOL.connected, provider: 'okta', risk: 'medium', policyVersion: '1', issueKey: null, phase: 'active', pendingStage: null, approvalDueAt: null };
const key = () => randomBytes(32).toString('base64url');
const send = async (method, url, body) => {
  const answer = await fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status}`);
  return answer.json();
};

/**
 * The product: both workers as processes of their own, the API's commands (without HTTP) in this one, Postgres, the sandbox Okta and Jira.
 * @param {{ postgres: { superuserUrl: string, pid: number }, temporal: { address: string, namespace: string } }} servers
 * @param {{ payloadKey: string, profiled: boolean, pollIntervalMs?: number }} options `pollIntervalMs`: long unless said, because the poller would otherwise wake beside the driver what a whole round left due at once
 */
export async function startProductArm(servers, { payloadKey, profiled, pollIntervalMs = 60_000 }) {
  const vendors = await startChild({ module: new URL('../support/vendors.mjs', import.meta.url) });
  const { okta, jira } = vendors.info;
  const urls = await bootstrapDatabase({ superuserUrl: servers.postgres.superuserUrl, passwords: { owner: key(), api: key(), governance: key(), core: key(), sealer: key(), keeper: key() } });
  const keys = { jira: key(), identity: key(), mac: key(), ...(await generateSealingKeys()) };
  const sql = await openSuperuser(servers.postgres.superuserUrl);
  const seal = await createSealer(keys.publicJwks);
  await seedSite({ urls, sql, okta, jira, keys, seal });
  const environment = environmentsOf(servers.temporal, urls, keys, payloadKey, pollIntervalMs);
  const worker = (role) => startChild({ module: new URL('../../dist/worker/main.js', import.meta.url), args: [role], env: environment[role], profiled });
  const [firstGovernance, core] = await Promise.all([worker('governance'), worker('core')]);
  let governance = firstGovernance;
  const api = await composeApi(readApiConfig(environment.api));
  const client = createClient({ ...servers.temporal, tls: false }, encryptingConverter(new EncryptingCodec([{ id: 'k1', key: payloadKey }], servers.temporal.namespace)));
  const engine = createAccessEngine(client, 'governance');
  const rest = restWatch(sql);
  const people = [];
  let unanswered = 0;
  const commands = api.dependencies.requestCommands;
  const context = (principal, path) => ({ principal: { siteId: SITE, roles: new Set(['requester']), ...principal }, idempotencyKey: randomUUID(), methodAndPath: `POST /api/v1/requests${path}`, bodyHash: 'hash', correlationId: 'bench' });
  /** As a client does: where the engine did not answer in time, the same key asks again. */
  const command = async (what, apply) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const outcome = await apply();
        if (!outcome.ok) throw new Error(`${what}: ${outcome.refusal.code} ${outcome.refusal.detail}`);
        return outcome.body;
      } catch (error) {
        if (error.name !== 'EngineUnavailable' || attempt === 10) throw error;
        unanswered += 1;
      }
    }
  };
  const oktaCall = async (method, path) => {
    const answer = await fetch(`${okta.baseUrl}${path}`, { method, headers: { authorization: `SSWS ${okta.apiToken}`, accept: 'application/json' } });
    return answer.status === 204 ? null : answer.json();
  };
  return {
    sql, api: api.dependencies,
    person: () => addPerson({ sql, okta, jira, keys, seal }),
    /** A request without a ticket, approved by policy where the site says so. */
    askFor: (accountId, toolKey) => command('submit', () => commands.submit(context({ kind: 'service', accountId: 'bench' }, ''), { toolKey, roleKey: null, businessUse: 'Benchmark', dataClasses: ['internal'], durationDays: DAYS, accountId })),
    okta: {
      call: oktaCall,
      callsSince: async (since) => (await (await fetch(`${okta.baseUrl}/_control/calls?since=${encodeURIComponent(since)}`)).json()).map(({ method, path }) => ({ method, path })),
      /** Of the tool's group, page by page. */
      async members() {
        const [group] = await oktaCall('GET', '/api/v1/groups?q=AI%20Clearance');
        const seen = [];
        for (let after = ''; ;) {
          const page = await oktaCall('GET', `/api/v1/groups/${group.id}/users?limit=200${after === '' ? '' : `&after=${after}`}`);
          seen.push(...page);
          if (page.length < 200) return seen.filter(({ profile }) => String(profile?.login).startsWith('acc-')).length;
          after = page.at(-1).id;
        }
      },
    },
    /** Without a goodbye. */
    async killGovernance() {
      process.kill(governance.pid, 'SIGKILL');
      await governance.stop();
    },
    async startGovernance() { governance = await worker('governance'); },
    processes: { governance: governance.pid, core: core.pid, postgres: servers.postgres.pid, vendors: vendors.pid },
    workers: { governance, core },
    /** People and tickets exist before a request is made; nobody's clock runs meanwhile. */
    async prepare(count, connected) {
      while (people.length < count) people.push(await addPerson({ sql, okta, jira, keys, seal }));
      return Promise.all(people.slice(0, count).map(async (accountId) => {
        const { issueKey } = await send('POST', `${jira.baseUrl}/_control/portal-requests`, { accountId, snapshot: {} });
        return { id: '', accountId, issueKey, toolKey: connected ? TOOL.connected : TOOL.connectorless };
      }));
    },
    async open(life, width) {
      const body = { toolKey: life.toolKey, roleKey: null, businessUse: 'Benchmark', dataClasses: ['internal'], durationDays: DAYS, issueKey: life.issueKey, accountId: life.accountId };
      const asking = context({ kind: 'service', accountId: 'bench' }, '');
      life.id = (await command('submit', () => commands.submit(asking, body))).id;
      const approving = context({ kind: 'person', accountId: 'acc-approver' }, `/${life.id}/decisions`);
      await command('approve', () => commands.decide(approving, { requestId: life.id, decision: 'approve' }));
      await rest(life.id, width);
    },
    passTime: async () => { await sql.query('UPDATE clock_offset SET offset_ms = offset_ms + $1', [(DAYS + 1) * 86_400_000]); },
    async close(life) {
      await patient(client, () => engine.wake(SITE, life.id, 'clockMoved', LABELS));
      await patient(client, () => client.workflow.getHandle(`access/${SITE}/${life.id}`).result());
    },
    unanswered: () => unanswered,
    events: async (life) => (await client.workflow.getHandle(`access/${SITE}/${life.id}`).fetchHistory()).events ?? [],
    /** Throws unless every one of them ended as it should: expired, with the absence read back and the ticket written. */
    async check(lives, connected) {
      const { rows } = await sql.query(
        `SELECT count(*)::int AS lives, (SELECT count(*)::int FROM ticket_outbox t WHERE t.request_id = ANY($1) AND t.status <> 'done') AS unwritten FROM access_grant g JOIN request r ON r.id = g.request_id
         WHERE r.id = ANY($1) AND g.status = 'expired' AND g.end_evidence = $2 AND r.closed_at IS NOT NULL`, [lives.map((life) => life.id), connected ? 'readBack' : 'noConnector']);
      if (rows[0].lives !== lives.length || rows[0].unwritten !== 0) throw new Error(`only ${rows[0].lives} of ${lives.length} lives ended well, ${rows[0].unwritten} ticket entries are not written`);
    },
    async stop() {
      await Promise.all([governance.stop(), core.stop()]);
      await api.close();
      await client.connection.close();
      await sql.end();
      await vendors.stop();
    },
  };
}

export async function openSuperuser(superuserUrl) {
  const url = new URL(superuserUrl);
  url.pathname = '/aiclearance';
  const client = new pg.Client({ connectionString: url.toString() });
  client.on('error', () => undefined); // the server ends first when a run fails; the failure itself is what should be told
  await client.connect();
  return client;
}

export function environmentsOf(engine, urls, keys, payloadKey, pollIntervalMs = 60_000) {
  const shared = { NODE_ENV: 'production', LOG_LEVEL: 'warn', TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace, PAYLOAD_KEYS: `k1:${payloadKey}`, SANDBOX: 'true', IDENTITY_HASH_KEY: keys.identity, OKTA_REQUESTS_PER_SECOND: '2000' };
  const governing = { ...shared, AUDIT_MAC_KEYS: `m1:${keys.mac}`, JIRA_SEALING_KEYS: `j1:${keys.jira}` };
  return {
    api: { ...governing, DATABASE_URL: urls.apiUrl, SEALING_PUBLIC_KEYS: keys.publicJwks, SANDBOX_SIGN_IN_KEY: key() },
    governance: { ...governing, DATABASE_URL: urls.governanceUrl, SEALER_DATABASE_URL: urls.sealerUrl, POLL_INTERVAL_MS: String(pollIntervalMs) },
    core: { ...shared, DATABASE_URL: urls.coreUrl, SEALING_PRIVATE_KEYS: keys.privateJwks },
  };
}

export async function seedSite({ urls, sql, okta, jira, keys, seal }) {
  const jiraAuthSealed = await createSymmetricSealing([{ id: 'j1', key: keys.jira }]).seal(jiraCredentialContext(SITE), JSON.stringify({ kind: 'bearer', token: jira.apiToken }));
  await registerSite(urls.migrationUrl, { id: SITE, name: 'Acme', timeZone: 'Europe/Berlin', jiraBaseUrl: jira.baseUrl, jiraPropertyKey: jira.propertyKey, jiraAuthSealed });
  const connector = await seal.seal(connectorConfigContext(SITE, 'con'), JSON.stringify({ provider: 'okta', orgUrl: okta.baseUrl, auth: { kind: 'apiToken', token: okta.apiToken } }));
  const groups = await (await fetch(`${okta.baseUrl}/api/v1/groups?q=AI%20Clearance`, { headers: { authorization: `SSWS ${okta.apiToken}` } })).json();
  const rows = [
    [`INSERT INTO project_registry (id, site_id, key, approver_account_ids) VALUES ('prj', $1, $2, ARRAY['acc-approver'])`, [SITE, jira.projectKey]],
    [`INSERT INTO site_setting (site_id, name, value) VALUES ($1, 'intake', $2)`, [SITE, JSON.stringify({ enabled: true, projectKey: jira.projectKey, portalId: null, requestTypeIds: [] })]],
    [`INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config, status) VALUES ('con', $1, 'Okta', 'okta', '{}', $2, 'enabled')`, [SITE, connector]],
    [`INSERT INTO tool (id, site_id, key, name, vendor, status, risk, max_duration_days, provider, connector_id) VALUES ('t1', $1, $2, 'ChatGPT', 'OpenAI', 'approved', 'medium', 90, 'okta', 'con'), ('t2', $1, $3, 'Claude', 'Anthropic', 'approved', 'low', 90, 'none', NULL)`, [SITE, TOOL.connected, TOOL.connectorless]],
    [`INSERT INTO entitlement_group (id, site_id, tool_id, connector_id, external_group_id, name, origin, assignment_confirmed_at) VALUES ('g1', $1, 't1', 'con', $2, 'ChatGPT', 'bound', now())`, [SITE, groups[0].id]],
  ];
  for (const [text, values] of rows) await sql.query(text, values);
}

async function addPerson({ sql, okta, jira, keys, seal }) {
  const accountId = `acc-${randomUUID()}`;
  await send('PUT', `${jira.baseUrl}/_control/users`, { accountId });
  const { id: oktaId } = await send('POST', `${okta.baseUrl}/_control/users`, { login: `${accountId}@acme.example`, firstName: 'Bench', lastName: 'Person' });
  const sealed = await seal.seal(externalIdentityContext(SITE, 'con'), oktaId);
  await sql.query(`INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) VALUES ($1, $2, 'okta', 'con', $3, $4, 'hint')`, [`ext_${accountId}`, SITE, createIdentityHash(keys.identity)(SITE, 'con', oktaId), sealed]);
  await sql.query(`INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) VALUES ($1, $2, $3, 'okta', 'con', $4, 'bench')`, [`map_${accountId}`, SITE, accountId, `ext_${accountId}`]);
  return accountId;
}

/** Resolves when a request's grant is active and its ticket is written: one query for all that wait. Where many are under way it looks less often, because looking is not the product's work. */
function restWatch(sql) {
  const text = `SELECT g.request_id AS id FROM access_grant g WHERE g.request_id = ANY($1) AND g.status = 'active'
    AND NOT EXISTS (SELECT 1 FROM ticket_outbox t WHERE t.site_id = g.site_id AND t.request_id = g.request_id AND t.status = 'queued')`;
  const waiting = new Map();
  let looking = false;
  const look = async (pauseMs) => {
    looking = true;
    while (waiting.size > 0) {
      const { rows } = await sql.query({ name: 'rest', text, values: [[...waiting.keys()]] });
      for (const { id } of rows) {
        waiting.get(id)();
        waiting.delete(id);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    looking = false;
  };
  return (id, width) => new Promise((resolve, reject) => {
    waiting.set(id, resolve);
    if (!looking) look(width === 1 ? 8 : 40).catch(reject);
  });
}
