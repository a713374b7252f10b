/**
 * Holds our clients and our sandbox to the vendors' own contracts: the clients speak to the sandbox through a proxy that
 * judges every request and every answer. `npm run test:conformance` with
 *   VENDOR_CONTRACTS  the folder with okta-groups-users.json, okta-oauth-token.json, graph-groups-users.json, jira-platform.json
 * The contracts are the vendors' and no part of this repository.
 */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { openEntra } from '../../src/integrations/entra/entra-provider.js';
import { createJiraClient } from '../../src/integrations/jira/jira-client.js';
import { openOkta } from '../../src/integrations/okta/okta-provider.js';
import { startJiraSandbox } from '../../src/sandbox/jira/jira-sandbox.js';
import { startMicrosoftSandbox } from '../../src/sandbox/microsoft/microsoft-sandbox.js';
import { startOktaSandbox } from '../../src/sandbox/okta/okta-sandbox.js';
import { worldPeople } from '../../src/sandbox/world.js';
import { graph, jira, jiraUnjudged, oktaManagement, oktaOAuth } from './contract-rules.js';
import { driveJira, driveProvider } from './drive.js';
import { badAnswersTo, badRequestsLike } from './mutations.js';
import { judge, startValidatingProxy } from './validating-proxy.js';
import type { Exchange, ValidatingProxy } from './validating-proxy.js';
import { VendorContract } from './vendor-contract.js';

const folder = process.env['VENDOR_CONTRACTS'] ?? '';
if (folder === '' || !existsSync(folder)) throw new Error('Set VENDOR_CONTRACTS to the folder that holds the vendors\' contracts (okta-groups-users.json, okta-oauth-token.json, graph-groups-users.json, jira-platform.json).');

interface Subject {
  readonly contracts: readonly VendorContract[];
  readonly unjudged: readonly RegExp[];
  readonly proxy: ValidatingProxy;
  stop(): Promise<void>;
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });

async function okta(): Promise<Subject> {
  const clientId = '0oaConformance000000';
  const contracts = [oktaManagement, oktaOAuth].map((rules) => VendorContract.read(folder, rules));
  const sandbox = await startOktaSandbox({ serviceApps: [{ clientId, publicKeyPem: publicKey, scopes: ['okta.groups.manage', 'okta.groups.read', 'okta.users.read'] }] });
  const proxy = await startValidatingProxy(sandbox.baseUrl, contracts);
  const at = { login: worldPeople[0]?.oktaLogin ?? '', nobody: '00uNobodyAtAll000000', noGroup: '00gNoGroupAtAll00000', unmanageable: ['Everyone', 'AD - Finance Analysts', 'Engineering (by rule)'] };
  for (const auth of [{ kind: 'apiToken', token: sandbox.apiToken }, { kind: 'privateKeyJwt', clientId, privateKeyPem: privateKey }] as const) {
    const provider = openOkta({ provider: 'okta', orgUrl: proxy.url, auth }, { allowLoopbackHttp: true })('read');
    await driveProvider(provider, at);
    await provider.getUser('odd/login@acme.example').catch(() => null);
  }
  const stranger = openOkta({ provider: 'okta', orgUrl: proxy.url, auth: { kind: 'apiToken', token: '00aWrongTokenOfTheConformanceSuite' } }, { allowLoopbackHttp: true })('read');
  await stranger.getUser(at.login).catch(() => null);
  return { contracts, unjudged: [], proxy, stop: () => sandbox.stop() };
}

async function entra(): Promise<Subject> {
  const contracts = [VendorContract.read(folder, graph)];
  const sandbox = await startMicrosoftSandbox();
  const proxy = await startValidatingProxy(sandbox.baseUrl, contracts);
  const { tenantId, clientId, authorityHost, clientSecret } = sandbox;
  const provider = openEntra(
    { provider: 'entra', tenantId, clientId, authorityHost, graphBaseUrl: `${proxy.url}/v1.0`, auth: { kind: 'clientSecret', clientSecret } },
    { allowLoopbackHttp: true, extraCaPem: sandbox.caPem },
  )('read');
  await driveProvider(provider, {
    login: worldPeople[0]?.entraUpn ?? '', nobody: '00000000-0000-4000-8000-00000000dead', noGroup: '00000000-0000-4000-8000-0000000dead0',
    unmanageable: ['Engineering (dynamic)', 'Mail Security Staff', 'Helpdesk Administrators', 'AD Office Printers', 'All Company'],
  });
  return { contracts, unjudged: [], proxy, stop: () => sandbox.stop() };
}

async function atlassian(): Promise<Subject> {
  const contracts = [VendorContract.read(folder, jira)];
  const sandbox = await startJiraSandbox();
  const proxy = await startValidatingProxy(sandbox.baseUrl, contracts, jiraUnjudged);
  const accountId = worldPeople[0]?.accountId ?? '';
  const issue = (): string => sandbox.createPortalRequest({ accountId, snapshot: { toolKey: 'x' } }).issueKey;
  for (const auth of [{ kind: 'basic', email: sandbox.email, token: sandbox.apiToken }, { kind: 'bearer', token: sandbox.apiToken }] as const) {
    await driveJira(createJiraClient({ baseUrl: proxy.url, auth }, { allowLoopbackHttp: true }), {
      projectKey: sandbox.projectKey, accountId, issueKeys: [issue(), issue()], propertyKey: sandbox.propertyKey,
    });
  }
  await createJiraClient({ baseUrl: proxy.url, auth: { kind: 'bearer', token: 'wrong' } }, { allowLoopbackHttp: true }).findIssue(issue()).catch(() => null);
  return { contracts, unjudged: jiraUnjudged, proxy, stop: () => sandbox.stop() };
}

const subjects: readonly { readonly name: string; readonly start: () => Promise<Subject>; readonly operations: readonly string[] }[] = [
  {
    name: 'Okta',
    start: okta,
    operations: [
      'GET /api/v1/groups', 'POST /api/v1/groups', 'GET /api/v1/groups/rules', 'GET /api/v1/groups/{groupId}', 'GET /api/v1/groups/{groupId}/users',
      'PUT /api/v1/groups/{groupId}/users/{userId}', 'DELETE /api/v1/groups/{groupId}/users/{userId}', 'GET /api/v1/users', 'GET /api/v1/users/{id}',
      'GET /api/v1/users/{id}/groups', 'POST /oauth2/v1/token',
    ],
  },
  {
    name: 'Microsoft Graph',
    start: entra,
    operations: [
      'GET /groups', 'POST /groups', 'GET /groups/{group-id}', 'GET /groups/{group-id}/members', 'POST /groups/{group-id}/members/$ref',
      'DELETE /groups/{group-id}/members/{directoryObject-id}/$ref', 'GET /users', 'GET /users/{user-id}', 'GET /users/{user-id}/memberOf',
    ],
  },
  {
    name: 'Jira',
    start: atlassian,
    operations: [
      'GET /rest/api/3/issue/{issueIdOrKey}', 'GET /rest/api/3/issue/{issueIdOrKey}/transitions', 'POST /rest/api/3/issue/{issueIdOrKey}/transitions',
      'GET /rest/api/3/issue/{issueIdOrKey}/comment', 'POST /rest/api/3/issue/{issueIdOrKey}/comment', 'GET /rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}',
      'GET /rest/api/3/user/groups', 'GET /rest/api/3/project/{projectIdOrKey}',
      'GET /rest/api/3/mypermissions', 'GET /rest/api/3/serverInfo', 'GET /rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes',
    ],
  },
];

describe.each(subjects)('the contract of $name', ({ start, operations }) => {
  let subject: Subject;
  let exchanges: readonly Exchange[];

  beforeAll(async () => {
    subject = await start();
    exchanges = [...subject.proxy.exchanges];
  });
  afterAll(async () => {
    await subject.proxy.close();
    await subject.stop();
  });

  const verdict = (exchange: Pick<Exchange, 'request' | 'answer'>) => judge(subject.contracts, subject.unjudged, exchange.request, exchange.answer).complaints;

  it('finds nothing wrong with our client\'s requests nor with the sandbox\'s answers', () => {
    const wrong = exchanges.filter((exchange) => exchange.complaints.length > 0)
      .map(({ request, answer, complaints }) => `${request.method} ${request.url} -> ${answer.status}: ${complaints.join('; ')}`);
    expect([...new Set(wrong)]).toEqual([]);
  });

  it('was asked about every endpoint that our client uses, answered well and badly', () => {
    expect([...new Set(exchanges.flatMap(({ operation }) => operation ?? []))].sort()).toEqual([...operations].sort());
    const refused = exchanges.filter(({ answer }) => answer.status >= 400).map(({ answer }) => answer.status);
    expect(new Set(refused).size).toBeGreaterThan(1);
  });

  it.each(operations)('rejects what does not belong to %s', (operation) => {
    const sample = exchanges.find((exchange) => exchange.operation === operation && exchange.answer.status < 300);
    if (sample === undefined) throw new Error(`no successful call of ${operation} was seen`);
    expect(verdict(sample)).toEqual([]);
    for (const [what, request] of badRequestsLike(sample.request)) expect([what, verdict({ request, answer: sample.answer }).length > 0]).toEqual([what, true]);
    for (const [what, answers] of badAnswersTo(sample.answer)) {
      expect([what, answers.some((answer) => verdict({ request: sample.request, answer }).length > 0)]).toEqual([what, true]);
    }
  });

  it('notices a bad call on the wire', async () => {
    const seen = subject.proxy.exchanges.length;
    await (await fetch(`${subject.proxy.url}/not/in/the/contract`)).text();
    expect(subject.proxy.exchanges.slice(seen).map((exchange) => exchange.complaints)).toEqual([[expect.stringContaining('is not in the contract')]]);
  });
});
