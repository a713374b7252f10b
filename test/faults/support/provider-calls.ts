import { FAULTS, type Call, type Fault } from './faults.js';

export type Direction = 'add' | 'remove';
export type CallKind = 'read' | 'write' | 'token';
interface Ids { readonly externalId: string; readonly groupId: string; /** Of the tenant, as the token endpoint's path has it; empty for Okta. */ readonly tenant: string }
export interface ProviderCall { readonly direction: Direction; readonly name: string; readonly kind: CallKind; readonly at: (ids: Ids) => Omit<Call, 'name'> }

const call = (direction: Direction, name: string, kind: CallKind, method: string, path: (ids: Ids) => string, skip?: number): ProviderCall =>
  ({ direction, name, kind, at: (ids) => ({ method, path: path(ids), ...(skip === undefined ? {} : { skip }) }) });

const oktaGroupsOf = ({ externalId }: Ids): string => `/api/v1/users/${externalId}/groups$`;
const oktaGroup = ({ groupId }: Ids): string => `/api/v1/groups/${groupId}$`;
const oktaMember = ({ externalId }: Ids): string => `/users/${externalId}$`;
const graphGroupsOf = ({ externalId }: Ids): string => `/v1.0/users/${externalId}/memberOf$`;
const graphGroup = ({ groupId }: Ids): string => `/v1.0/groups/${groupId}$`;
const metadata = ({ tenant }: Ids): string => `/${tenant}/v2.0/.well-known/openid-configuration$`;
const token = ({ tenant }: Ids): string => `/${tenant}/oauth2/v2.0/token$`;

/** Every call that converge makes on the way in and on the way out (src/application/core/converge.ts). */
export const CALLS: Readonly<Record<'okta' | 'entra', readonly ProviderCall[]>> = {
  okta: [
    call('add', 'read the person', 'read', 'GET', ({ externalId }) => `/api/v1/users/${externalId}$`),
    call('add', "read the person's groups", 'read', 'GET', oktaGroupsOf),
    call('add', 'read the group', 'read', 'GET', oktaGroup),
    call('add', 'add the member', 'write', 'PUT', oktaMember),
    call('add', 'read back', 'read', 'GET', oktaGroupsOf, 1),
    call('remove', "read the person's groups", 'read', 'GET', oktaGroupsOf),
    call('remove', 'remove the member', 'write', 'DELETE', oktaMember),
    call('remove', 'read back', 'read', 'GET', oktaGroupsOf, 1),
    call('remove', 'read the group after it', 'read', 'GET', oktaGroup),
  ],
  entra: [
    call('add', 'ask where tokens are issued', 'token', 'GET', metadata),
    call('add', 'ask for a token', 'token', 'POST', token),
    call('add', 'read the person', 'read', 'GET', ({ externalId }) => `/v1.0/users/${externalId}$`),
    call('add', "read the person's groups", 'read', 'GET', graphGroupsOf),
    call('add', 'read the group', 'read', 'GET', graphGroup),
    call('add', 'add the member', 'write', 'POST', ({ groupId }) => `/v1.0/groups/${groupId}/members/\\$ref$`),
    call('add', 'read back', 'read', 'GET', graphGroupsOf, 1),
    call('remove', 'ask where tokens are issued', 'token', 'GET', metadata),
    call('remove', 'ask for a token', 'token', 'POST', token),
    call('remove', "read the person's groups", 'read', 'GET', graphGroupsOf),
    call('remove', 'remove the member', 'write', 'DELETE', ({ groupId }) => `/v1.0/groups/${groupId}/members/[^/]+/\\$ref$`),
    call('remove', 'read back', 'read', 'GET', graphGroupsOf, 1),
    call('remove', 'read the group after it', 'read', 'GET', graphGroup),
  ],
};

/** What may befall a call to an identity provider, above what may befall one to Jira. */
const PROVIDER_FAULTS = [
  ...FAULTS,
  { name: '409', effect: { status: 409 } },
  { name: 'delivered twice', effect: { delivered: 'twice' } },
  { name: 'never done, never answered', effect: { delayMs: 3_600_000, holds: 'request' } },
] as const satisfies readonly Fault[];
export type ProviderFault = (typeof PROVIDER_FAULTS)[number];

/** What the authority says when it refuses an application (Microsoft identity platform, AADSTS error codes). */
const refusedBy: Readonly<Partial<Record<ProviderFault['name'], unknown>>> = {
  '401, twice': { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' },
  '403, twice': { error: 'unauthorized_client', error_description: 'AADSTS700016: Application was not found in the directory.' },
  "404 in the vendor's words": { error: 'invalid_request', error_description: 'AADSTS90002: Tenant not found.' },
};

/** The faults of a call, in the words of the one who plays it; X-Rate-Limit-Reset is Okta's alone. */
export function faultsOf(provider: 'okta' | 'entra', { kind }: ProviderCall): readonly { readonly name: ProviderFault['name']; readonly fault: Fault }[] {
  const all = PROVIDER_FAULTS.filter(({ name }) => provider === 'okta' || name !== '429, X-Rate-Limit-Reset');
  return all.map((fault) => {
    const body = kind === 'token' ? refusedBy[fault.name] : undefined;
    const effect = typeof fault.effect === 'function' ? fault.effect() : fault.effect;
    return { name: fault.name, fault: body === undefined || !('status' in effect) ? fault : { ...fault, effect: { ...effect, body } } };
  });
}

export type Kind = 'straight' | 'retried' | 'people';
type Allowed = Readonly<Record<CallKind, readonly Kind[]>>;
const always = (...kinds: readonly Kind[]): Allowed => ({ read: kinds, write: kinds, token: kinds });
/** What each fault at a read, at a write and at a token may lead to; everything else is a finding. */
const ALLOWED: Readonly<Record<ProviderFault['name'], Allowed>> = {
  '500': always('retried'),
  '503': always('retried'),
  '409': always('retried'),
  '429, Retry-After in seconds': always('retried'),
  '429, Retry-After as a date': always('retried'),
  '429, Retry-After: 0': always('retried'),
  '429, X-Rate-Limit-Reset': always('retried'),
  '401, twice': always('people'),
  '403, twice': always('people'),
  // A write that is refused as "not found" is looked into: both are there, so it is tried again.
  "404 in the vendor's words": { read: ['people'], write: ['retried'], token: ['people'] },
  '404 of somebody else': always('retried'),
  'a slow answer': always('straight'),
  'delivered twice': always('straight'),
  'an answer after the time-out': { read: ['retried'], write: ['straight'], token: ['retried'] },
  'done after the time-out': { read: ['retried'], write: ['straight', 'retried'], token: ['retried'] },
  'never done, never answered': always('retried'),
  'hang-up before the effect': always('retried'),
  'hang-up after the effect': { read: ['retried'], write: ['straight'], token: ['retried'] },
  '200 with text': always('retried'),
  '200 with other JSON': always('retried'),
};
export const allowedFor = (fault: ProviderFault['name'], kind: CallKind): readonly Kind[] => ALLOWED[fault][kind];
