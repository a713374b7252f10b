/**
 * The identity provider contract over the Entra adapter.
 *
 * By default against this repository's sandbox. Against another server that keeps the contracts of the Microsoft identity platform and of Graph:
 *   CONTRACT_ENTRA_GRAPH_BASE_URL  ends in /v1.0; http on this machine, https elsewhere
 *   CONTRACT_ENTRA_AUTHORITY_HOST  https
 *   CONTRACT_ENTRA_CA_FILE         PEM file of the authority's certificate, where the machine does not trust it
 *   CONTRACT_ENTRA_TENANT_ID, CONTRACT_ENTRA_CLIENT_ID, CONTRACT_ENTRA_CLIENT_SECRET
 *   CONTRACT_ENTRA_LOGIN           user principal name of an active person there
 *   CONTRACT_ENTRA_CONTROL         `yes` when it serves <Graph base URL>/_control (faults, read lag, calls); what needs it is skipped otherwise
 * The suite creates groups named "Contract …" and leaves them.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { EntraConnection } from '../../src/application/ports/identity-provider.port.js';
import { openEntra } from '../../src/integrations/entra/entra-provider.js';
import { startMicrosoftSandbox } from '../../src/sandbox/microsoft/microsoft-sandbox.js';
import { worldPeople } from '../../src/sandbox/world.js';
import { describeIdentityProvider } from './identity-provider.contract.js';
import { vendorControl } from '../support/vendor.js';
import type { FakePage, ProviderBench } from './support/provider-bench.js';

const {
  CONTRACT_ENTRA_GRAPH_BASE_URL: otherGraph, CONTRACT_ENTRA_AUTHORITY_HOST: otherAuthority = '', CONTRACT_ENTRA_CA_FILE: otherCaFile,
  CONTRACT_ENTRA_TENANT_ID: otherTenant = '', CONTRACT_ENTRA_CLIENT_ID: otherClient = '', CONTRACT_ENTRA_CLIENT_SECRET: otherSecret = '',
  CONTRACT_ENTRA_LOGIN: otherLogin = '', CONTRACT_ENTRA_CONTROL: otherControl,
} = process.env;
const anId = z.object({ id: z.string() });

interface Target { readonly authorityHost: string; readonly graphBaseUrl: string; readonly tenantId: string; readonly clientId: string; readonly clientSecret: string; readonly caPem?: string }

function bench(target: Target, login: string, more: Pick<ProviderBench, 'unmanageable' | 'stop'> & Partial<ProviderBench>): ProviderBench {
  const { authorityHost, graphBaseUrl, tenantId, clientId } = target;
  const connect = (clientSecret: string, timeoutMs = 10_000) => {
    const connection: EntraConnection = { provider: 'entra', tenantId, clientId, authorityHost, graphBaseUrl, auth: { kind: 'clientSecret', clientSecret } };
    return openEntra(connection, { allowLoopbackHttp: true, timeoutMs, ...(target.caPem === undefined ? {} : { extraCaPem: target.caPem }) })('read');
  };
  return {
    name: 'entra',
    baseUrl: graphBaseUrl,
    login,
    nobody: '00000000-0000-4000-8000-00000000dead',
    noGroup: '00000000-0000-4000-8000-0000000dead0',
    connect: (options = {}) => connect(target.clientSecret, options.timeoutMs),
    connectUnauthorized: () => connect('a-wrong-secret-of-the-contract-suite'),
    paths: { member: '/v1\\.0/groups/[^/]+/members/', groupsOfUser: '/v1\\.0/users/[^/]+/memberOf$', members: '/v1\\.0/groups/[^/]+/members$' },
    nextPageUrl: (userId, cursor) => `${graphBaseUrl}/users/${userId}/memberOf?$skiptoken=${cursor}`,
    page: ({ ids, next }: FakePage) => ({
      status: 200,
      body: { value: ids.map((id) => ({ '@odata.type': '#microsoft.graph.group', id })), ...(next === undefined ? {} : { '@odata.nextLink': next }) },
    }),
    throttling: [
      { form: 'Retry-After in seconds', headers: () => ({ 'Retry-After': '17' }), atLeastMs: 17_000, atMostMs: 17_000 },
      { form: 'Retry-After as a date', headers: () => ({ 'Retry-After': new Date(Date.now() + 30_000).toUTCString() }), atLeastMs: 28_000, atMostMs: 31_000 },
    ],
    ...more,
  };
}

async function sandboxBench(): Promise<ProviderBench> {
  const sandbox = await startMicrosoftSandbox();
  const control = vendorControl(sandbox.graphBaseUrl);
  const login = worldPeople.find((person) => person.entraUpn !== undefined)?.entraUpn ?? '';
  return bench(sandbox, login, {
    control,
    admin: {
      addUser: async (userPrincipalName) => anId.parse(await control.send('POST', 'users', { userPrincipalName })).id,
      deactivateUser: async (user) => { await control.send('PUT', 'user-status', { user, accountEnabled: false }); },
      deleteUser: async (user) => { await control.send('DELETE', 'users', { user }); },
      deleteGroup: async (group) => { await control.send('DELETE', 'groups', { group }); },
      openApp: async (group, app) => { await control.send('POST', 'assignments', { group, app }); },
    },
    unmanageable: [
      { name: 'Engineering (dynamic)', code: 'entra.dynamic', refusesWrites: true },
      { name: 'Mail Security Staff', code: 'entra.mail_enabled', refusesWrites: true },
      { name: 'Finance Distribution', code: 'entra.mail_enabled', refusesWrites: true },
      { name: 'Helpdesk Administrators', code: 'entra.role_assignable', refusesWrites: true },
      { name: 'AD Office Printers', code: 'entra.on_premises_synced', refusesWrites: true },
    ],
    stop: () => sandbox.stop(),
  });
}

function otherBench(graphBaseUrl: string): Promise<ProviderBench> {
  const ca = otherCaFile === undefined ? {} : { caPem: readFileSync(otherCaFile, 'utf8') };
  const target = { graphBaseUrl, authorityHost: otherAuthority, tenantId: otherTenant, clientId: otherClient, clientSecret: otherSecret, ...ca };
  return Promise.resolve(bench(target, otherLogin, {
    unmanageable: [],
    ...(otherControl === 'yes' ? { control: vendorControl(graphBaseUrl) } : {}),
    stop: () => Promise.resolve(),
  }));
}

if (otherGraph === undefined) describeIdentityProvider('Microsoft Entra', { control: true, admin: true }, sandboxBench);
else describeIdentityProvider(`Microsoft Entra at ${otherGraph}`, { control: otherControl === 'yes', admin: false }, () => otherBench(otherGraph));
