import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { EncryptingCodec } from '../../src/engine/payload-codec.js';
import { SandboxAuthenticator } from '../../src/api/auth/sandbox.authenticator.js';
import { startNodeProcess, type NodeProcess } from '../../src/stack/node-process.js';
import { startScriptedServer, type ScriptedServer, type SeenRequest } from '../contract/support/scripted-server.js';
import { selfSigned } from '../contract/support/self-signed.js';
import { SITE, startTestProduct, type TestProduct } from '../support/product.js';
import { until } from '../support/until.js';

interface Trace { readonly name: string; readonly text: string }
const MAIN = (name: string): string => fileURLToPath(new URL(`../../dist/${name}/main.js`, import.meta.url));
const payload = z.looseObject({ metadata: z.record(z.string(), z.instanceof(Uint8Array)), data: z.instanceof(Uint8Array).nullish() });
const INFO = JSON.stringify({
  okta: { baseUrl: '', apiToken: '' }, entra: { authorityHost: '', graphBaseUrl: '', tenantId: '', clientId: '', clientSecret: '' }, jira: { baseUrl: '', apiToken: '', projectKey: 'AIACC', requestTypeIds: [] },
  temporal: { address: '', namespace: '', uiUrl: '' }, people: [], tools: [],
});
const [TENANT, GOOD, BAD] = [randomUUID(), randomUUID(), randomUUID()];
const canary = (what: string): string => `canary-${what}-${randomUUID()}`;

/** The secret as it is, as a URL carries it, and inside any base64: its three alignments, without the characters that depend on what stands beside it. */
function formsOf(secret: string): readonly string[] {
  const inside = [0, 1, 2].map((shift) => Buffer.from(`${'x'.repeat(shift)}${secret}`).toString('base64').slice(4, -4));
  return [...new Set([secret, encodeURIComponent(secret), ...inside, ...inside.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))])];
}
const findIn = (traces: readonly Trace[], secrets: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(secrets).flatMap(([what, secret]) => traces.filter(({ text }) => formsOf(secret).some((form) => text.includes(form))).map(({ name }) => `${what} in ${name}`));

describe('a secret in every credential field, and vendors that repeat what they were sent (SPEC O4, N11)', () => {
  let product: TestProduct;
  /** Okta, and Graph below /v1.0. */
  let okta: ScriptedServer;
  let microsoft: ScriptedServer;
  const processes: NodeProcess[] = [];
  const traces: Trace[] = [];
  const logs: Record<string, string> = { governance: '', core: '', api: '' };
  const leaf = selfSigned();
  const oktaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const person = { oktaId: `00u${randomUUID().replaceAll('-', '').slice(0, 17)}`, login: `canary.${randomUUID()}@acme.example` };
  const secrets = { oktaToken: canary('okta-token'), entraSecret: canary('entra-secret'), accessToken: canary('access-token'), replaced: canary('replaced'), oktaKey: oktaKey.split('\n')[3] ?? '', certificateKey: leaf.key.split('\n')[3] ?? '' };

  /** Everything that came, the credential by name, and a person, in each place where one of the vendors keeps its words. */
  const echo = ({ headers, body, url }: SeenRequest) => {
    const words = `Api validation failed: ${headers.authorization ?? ''} ${body} ${decodeURIComponent(body)} ${url} ${Object.values(secrets).join(' ')} ${person.oktaId} (User) ${person.login}`;
    return { status: 400, headers: { 'x-okta-request-id': secrets.oktaToken, 'request-id': secrets.entraSecret }, body: { errorCode: 'E0000001', errorSummary: words, errorCauses: [{ errorSummary: words }], error: { code: 'Request_BadRequest', message: words }, error_description: words } };
  };

  beforeAll(async () => {
    okta = await startScriptedServer(echo);
    microsoft = await startScriptedServer((request) => {
      if (request.url.includes('openid-configuration')) return { status: 200, body: { token_endpoint: `${microsoft.url}/${TENANT}/oauth2/v2.0/token`, authorization_endpoint: `${microsoft.url}/a`, issuer: `${microsoft.url}/${TENANT}/v2.0`, jwks_uri: `${microsoft.url}/k` } };
      if (request.url.includes('/token') && request.body.includes(GOOD)) return { status: 200, body: { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: secrets.accessToken } };
      return echo(request);
    }, leaf);
    product = await startTestProduct({ workers: 'none', extraCaPem: leaf.cert });
    const path = process.env['PATH'] ?? '';
    const start = async (role: 'governance' | 'core' | 'api'): Promise<NodeProcess> => {
      const environment = { PATH: path, ...product.workerEnvironment[role], LOG_LEVEL: 'trace', ...(role === 'api' ? { API_PORT: '0', SANDBOX_INFO: INFO } : {}) };
      const started = await startNodeProcess({ name: role, module: MAIN(role === 'api' ? 'api' : 'worker'), args: role === 'api' ? [] : [role], env: environment, onLog: (line) => { logs[role] = `${logs[role] ?? ''}${line}\n`; } });
      processes.push(started);
      return started;
    };
    const [, , api] = await Promise.all([start('governance'), start('core'), start('api')]);
    const { url } = z.looseObject({ url: z.string() }).parse(api.info);
    const signIn = new SandboxAuthenticator(Buffer.from(product.workerEnvironment.api['SANDBOX_SIGN_IN_KEY'] ?? '', 'base64url'));
    const { token } = await signIn.issue({ siteId: SITE, accountId: 'erin', displayName: 'Erin', roles: ['admin', 'auditor'] });
    call = async (method, where, body) => {
      const answer = await fetch(new URL(where, url), { method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'if-match': '*' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await answer.text();
      traces.push({ name: `answer of ${method} ${where}`, text: `${JSON.stringify([...answer.headers])} ${text}` });
      return { status: answer.status, text };
    };
  }, 120_000);
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.stop()));
    await product.stop();
    await Promise.all([okta.close(), microsoft.close()]);
  });
  let call: (method: string, where: string, body?: unknown) => Promise<{ readonly status: number; readonly text: string }>;
  const idIn = (text: string): string => z.looseObject({ id: z.string() }).parse(JSON.parse(text)).id;

  it('leaves neither it nor its base64 in a log line, a history, a ticket, an audit entry, an answer, a job or a metric', async () => {
    const entra = (clientId: string, auth: object) => ({ provider: 'entra', name: `Entra ${randomUUID()}`, tenantId: TENANT, clientId, authorityHost: microsoft.url, graphBaseUrl: `${okta.url}/v1.0`, auth });
    const certificate = { kind: 'certificate', certificatePem: `${leaf.cert}\n${leaf.key}` };
    for (const body of [
      { provider: 'okta', name: 'Token', orgUrl: okta.url, auth: { kind: 'apiToken', token: secrets.oktaToken } },
      { provider: 'okta', name: 'Key', orgUrl: okta.url, auth: { kind: 'privateKeyJwt', clientId: 'client', privateKeyPem: oktaKey } },
      entra(BAD, { kind: 'clientSecret', clientSecret: secrets.entraSecret }), entra(GOOD, { kind: 'clientSecret', clientSecret: secrets.entraSecret }),
      entra(BAD, certificate), entra(GOOD, certificate),
    ]) {
      const created = await call('POST', '/api/v1/connectors', body);
      expect(created.status).toBe(201);
      const tested = await call('POST', `/api/v1/connectors/${idIn(created.text)}/test`, {});
      expect({ status: tested.status, ok: z.looseObject({ ok: z.boolean() }).parse(JSON.parse(tested.text)).ok }).toEqual({ status: 200, ok: false });
    }
    // Refused before and after it is sealed: a bad body, and a new credential for an enabled connector.
    expect((await call('POST', '/api/v1/connectors', { provider: 'okta', orgUrl: 'https://evil.example', auth: { kind: 'apiToken', token: secrets.replaced } })).status).toBe(422);
    expect((await call('POST', '/api/v1/connectors', { provider: 'okta', orgUrl: okta.url, auth: { kind: 'apiToken', token: secrets.replaced, extra: secrets.replaced } })).status).toBe(400);
    const faults = { status: 400, body: { errorCode: 'E0000001', errorSummary: `Api validation failed: SSWS ${product.okta.apiToken} ${secrets.replaced} ${person.oktaId} (User) ${person.login}` } };
    await product.fault({ path: '/api/v1', times: 20, effect: faults });
    expect(await call('PATCH', '/api/v1/connectors/con', { auth: { kind: 'apiToken', token: secrets.replaced } })).toMatchObject({ status: 422 });
    await product.clearFaults();

    // A job and its ticket: the provider refuses the member, Jira the comment, each in words that hold the credential and the person.
    const asker = await product.person();
    const issueKey = await product.issue(asker.accountId);
    const words = `SSWS ${product.okta.apiToken} ${asker.oktaId} (User) ${asker.accountId}@acme.example`;
    await product.fault({ path: product.groupId, times: 30, effect: { status: 400, body: { errorCode: 'E0000001', errorSummary: `Api validation failed: ${words}` } } });
    await product.jiraControl.fault({ path: '/comment', method: 'POST', times: 1, effect: { status: 400, body: { errorMessages: [`Bearer ${product.jira.apiToken} ${words}`], errors: {} } } });
    const requestId = await product.ask(asker.accountId, 'chatgpt-enterprise', { issueKey });
    await product.decide(requestId, 'approve');
    const jobError = await until('the provider\'s words in the job', async () => z.array(z.object({ last_error: z.string() })).parse(await product.sql('SELECT last_error FROM provisioning_job WHERE request_id = $1 AND last_error IS NOT NULL', [requestId]))[0]?.last_error, { timeoutMs: 30_000 });
    expect(jobError).toContain('Api validation failed');
    await until('the comment that Jira refused', async () => (await product.sql("SELECT 1 FROM ticket_outbox WHERE status = 'failed' OR last_error IS NOT NULL")).length > 0, { timeoutMs: 30_000 });
    for (const where of ['/api/v1/connectors?limit=200', `/api/v1/jobs?requestId=${requestId}`, `/api/v1/requests/${requestId}`, `/api/v1/requests/${requestId}/timeline`, '/api/v1/audit/events?limit=200', '/metrics', '/health/ready']) expect((await call('GET', where)).status).toBe(200);

    const everywhere = [...traces, ...(await leftBehind(issueKey))];
    // A search that finds nothing proves something only if it finds what is there.
    expect(findIn(everywhere, { request: requestId })).toEqual(expect.arrayContaining(['request in table audit_outbox and event', 'request in table provisioning_job', 'request in decoded histories']));
    for (const role of ['governance', 'core', 'api']) expect(everywhere.find(({ name }) => name === `log of ${role}`)?.text).toContain('"level"');
    expect(findIn([{ name: 'itself', text: Buffer.from(`bot@acme.example:${secrets.oktaToken}`).toString('base64') }], { oktaToken: secrets.oktaToken })).toHaveLength(1);
    expect(microsoft.seen.some(({ body }) => body.includes(secrets.entraSecret))).toBe(true);
    for (const secret of [secrets.oktaToken, secrets.accessToken]) expect(okta.seen.some(({ headers }) => headers.authorization?.includes(secret) === true)).toBe(true);

    expect(findIn(everywhere, { ...secrets, oktaSandboxToken: product.okta.apiToken, jiraToken: product.jira.apiToken, login: person.login, oktaId: person.oktaId, askersId: asker.oktaId })).toEqual([]);
  }, 120_000);

  async function leftBehind(issueKey: string): Promise<readonly Trace[]> {
    const found: Trace[] = Object.entries(logs).map(([role, text]) => ({ name: `log of ${role}`, text }));
    const tables = z.array(z.object({ tablename: z.string() })).parse(await product.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"));
    for (const { tablename } of tables) found.push({ name: tablename.startsWith('audit_') ? 'table audit_outbox and event' : `table ${tablename}`, text: JSON.stringify(await product.sql(`SELECT t::text FROM ${tablename} t`)) });
    found.push({ name: 'ticket', text: JSON.stringify([await product.comments(issueKey), await product.jiraControl.send('GET', 'state')]) });
    const [, key = ''] = (product.workerEnvironment.core['PAYLOAD_KEYS'] ?? '').split(':');
    const codec = new EncryptingCodec([{ id: 'k1', key }], product.engine.namespace);
    const decoded: string[] = [];
    for await (const { workflowId, runId } of product.client.workflow.list()) {
      for (const event of payloadsIn(await product.client.workflow.getHandle(workflowId, runId).fetchHistory())) {
        for (const one of await codec.decode([{ metadata: event.metadata, ...(event.data == null ? {} : { data: event.data }) }])) decoded.push(Buffer.from(one.data ?? []).toString('latin1'));
      }
    }
    return [...found, { name: 'decoded histories', text: decoded.join('\n') }];
  }
});

function* payloadsIn(value: unknown): Iterable<z.infer<typeof payload>> {
  const one = payload.safeParse(value);
  if (one.success) yield one.data;
  else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) for (const inner of Object.values(value)) yield* payloadsIn(inner);
}
