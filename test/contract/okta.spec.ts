/**
 * The identity provider contract over the Okta adapter.
 *
 * By default against this repository's sandbox. Against another server that keeps Okta's contract:
 *   CONTRACT_OKTA_BASE_URL   its base URL; http on this machine, https elsewhere
 *   CONTRACT_OKTA_API_TOKEN  an API token of a group administrator
 *   CONTRACT_OKTA_LOGIN      login of an active person there
 *   CONTRACT_OKTA_CONTROL    `yes` when it serves <base URL>/_control (faults, read lag, calls); what needs it is skipped otherwise
 * The suite creates groups named "Contract …" and leaves them.
 */
import { openOkta } from '../../src/integrations/okta/okta-provider.js';
import { startOktaSandbox } from '../../src/sandbox/okta/okta-sandbox.js';
import { worldPeople } from '../../src/sandbox/world.js';
import { describeIdentityProvider } from './identity-provider.contract.js';
import { vendorControl } from '../support/vendor.js';
import type { FakePage, ProviderBench } from './support/provider-bench.js';
import { z } from 'zod';

const { CONTRACT_OKTA_BASE_URL: otherUrl, CONTRACT_OKTA_API_TOKEN: otherToken = '', CONTRACT_OKTA_LOGIN: otherLogin = '', CONTRACT_OKTA_CONTROL: otherControl } = process.env;
const anId = z.object({ id: z.string() });

function inSeconds(seconds: number): Readonly<Record<string, string>> {
  return { 'X-Rate-Limit-Reset': String(Math.floor(Date.now() / 1000) + seconds) };
}

function bench(baseUrl: string, token: string, login: string, more: Pick<ProviderBench, 'unmanageable' | 'stop'> & Partial<ProviderBench>): ProviderBench {
  const connect = (apiToken: string, timeoutMs = 10_000) =>
    openOkta({ provider: 'okta', orgUrl: baseUrl, auth: { kind: 'apiToken', token: apiToken } }, { allowLoopbackHttp: true, timeoutMs })('read');
  return {
    name: 'okta',
    baseUrl,
    login,
    nobody: '00uNobodyAtAll000000',
    noGroup: '00gNoGroupAtAll00000',
    connect: (options = {}) => connect(token, options.timeoutMs),
    connectUnauthorized: () => connect('00aWrongTokenOfTheContractSuite0000000000'),
    paths: { member: '^/api/v1/groups/[^/]+/users/', groupsOfUser: '^/api/v1/users/[^/]+/groups$', members: '^/api/v1/groups/[^/]+/users$' },
    nextPageUrl: (userId, cursor) => `${baseUrl}/api/v1/users/${userId}/groups?after=${cursor}`,
    page: ({ ids, next }: FakePage) => ({
      status: 200,
      ...(next === undefined ? {} : { headers: { Link: `<${baseUrl}/api/v1/users/x/groups>; rel="self", <${next}>; rel="next"` } }),
      body: ids.map((id) => ({ id, type: 'OKTA_GROUP', profile: { name: 'A group' } })),
    }),
    throttling: [
      { form: 'X-Rate-Limit-Reset', headers: () => inSeconds(30), atLeastMs: 29_000, atMostMs: 32_000 },
      { form: 'X-Rate-Limit-Reset twice', headers: () => ({ 'X-Rate-Limit-Reset': `${inSeconds(10)['X-Rate-Limit-Reset'] ?? ''}, ${inSeconds(30)['X-Rate-Limit-Reset'] ?? ''}` }), atLeastMs: 29_000, atMostMs: 32_000 },
      { form: 'Retry-After in seconds', headers: () => ({ 'Retry-After': '7' }), atLeastMs: 7000, atMostMs: 7000 },
    ],
    ...more,
  };
}

async function sandboxBench(): Promise<ProviderBench> {
  const sandbox = await startOktaSandbox();
  const control = vendorControl(sandbox.baseUrl);
  const login = worldPeople.find((person) => person.oktaLogin !== undefined)?.oktaLogin ?? '';
  return bench(sandbox.baseUrl, sandbox.apiToken, login, {
    control,
    admin: {
      addUser: async (newLogin) => anId.parse(await control.send('POST', 'users', { login: newLogin })).id,
      deactivateUser: async (user) => { await control.send('PUT', 'user-status', { user, status: 'DEPROVISIONED' }); },
      deleteUser: async (user) => { await control.send('DELETE', 'users', { user }); },
      deleteGroup: async (group) => { await control.send('DELETE', 'groups', { group }); },
      openApp: async (group, label) => { await control.send('POST', 'apps', { label, groups: [group] }); },
    },
    unmanageable: [
      { name: 'Everyone', code: 'okta.built_in', refusesWrites: true },
      { name: 'AD - Finance Analysts', code: 'okta.app_group', refusesWrites: true },
      { name: 'Engineering (by rule)', code: 'okta.active_rule', refusesWrites: false },
    ],
    stop: () => sandbox.stop(),
  });
}

const otherBench = (baseUrl: string): Promise<ProviderBench> => Promise.resolve(bench(baseUrl, otherToken, otherLogin, {
  unmanageable: [{ name: 'Everyone', code: 'okta.built_in', refusesWrites: true }],
  ...(otherControl === 'yes' ? { control: vendorControl(baseUrl) } : {}),
  stop: () => Promise.resolve(),
}));

if (otherUrl === undefined) describeIdentityProvider('Okta', { control: true, admin: true }, sandboxBench);
else describeIdentityProvider(`Okta at ${otherUrl}`, { control: otherControl === 'yes', admin: false }, () => otherBench(otherUrl));
