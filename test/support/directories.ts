import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { connectorConfigContext, externalIdentityContext } from '../../src/application/ports/sealing.port.js';
import { createSealer } from '../../src/integrations/sealing/asymmetric-sealing.js';
import { createIdentityHash } from '../../src/integrations/sealing/identity-hash.js';
import type { MicrosoftSandbox } from '../../src/sandbox/microsoft/microsoft-sandbox.js';
import { SITE, type TestProduct } from './product.js';
import { vendorControl, type VendorControl } from './vendor.js';

export interface Person { readonly accountId: string; /** The person's id at the provider. */ readonly externalId: string }
export interface ConnectedTool { readonly toolKey: string; readonly groupId: string }

/** An identity provider of a test product, the same for Okta and Entra. */
export interface Directory {
  readonly name: 'okta' | 'entra';
  readonly control: VendorControl;
  /** A new person there, mapped to a new Jira account. */
  person(): Promise<Person>;
  /** A tool with a group of its own there. */
  tool(): Promise<ConnectedTool>;
  /** Where a member of this group is added. */
  addsTo(groupId: string): { readonly method: string; readonly path: string };
  /** The provider's own word at this moment, read lag left aside. */
  inGroup(person: Person, groupId: string): Promise<boolean>;
  /** Methods of the calls that changed this group's members, in order. */
  changesOf(groupId: string): Promise<readonly string[]>;
}

const stateShape = z.object({ groups: z.array(z.object({ id: z.string(), members: z.array(z.string()) })) });
const loginOf = (accountId: string): string => `${accountId}@acme.example`;

function asked(control: VendorControl): Pick<Directory, 'control' | 'inGroup' | 'changesOf'> {
  return {
    control,
    inGroup: async ({ accountId }, groupId) => stateShape.parse(await control.send('GET', 'state')).groups.some(({ id, members }) => id === groupId && members.includes(loginOf(accountId))),
    changesOf: async (groupId) => (await control.calls()).filter(({ changed, path }) => changed && path.includes(groupId)).map(({ method }) => method),
  };
}

export function oktaDirectory(product: TestProduct): Directory {
  return {
    name: 'okta', ...asked(product.oktaControl),
    person: async () => {
      const { accountId, oktaId } = await product.person();
      return { accountId, externalId: oktaId };
    },
    tool: () => product.tool(),
    addsTo: (groupId) => ({ method: 'PUT', path: `/groups/${groupId}/users/` }),
  };
}

export interface EntraDirectoryOptions {
  readonly connectorId?: string;
  /** One of the tenant's domains instead of its id: a connector that shares no token with others. */
  readonly tenantId?: string;
}

/** Connects a Microsoft sandbox to the product, which was started with its certificate (`extraCaPem`). */
export async function entraDirectory(product: TestProduct, microsoft: MicrosoftSandbox, { connectorId = 'con-entra', tenantId = microsoft.tenantId }: EntraDirectoryOptions = {}): Promise<Directory> {
  const control = vendorControl(microsoft.baseUrl);
  const sealing = await createSealer(product.workerEnvironment.api['SEALING_PUBLIC_KEYS'] ?? '');
  const hash = createIdentityHash(product.workerEnvironment.core['IDENTITY_HASH_KEY'] ?? '');
  const { authorityHost, graphBaseUrl, clientId, clientSecret } = microsoft;
  const connection = JSON.stringify({ provider: 'entra', tenantId, clientId, authorityHost, graphBaseUrl, auth: { kind: 'clientSecret', clientSecret } });
  await product.sql(`INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config, status) VALUES ($4, $1, $4, 'entra', $2, $3, 'enabled')`, [SITE, JSON.stringify({ provider: 'entra', tenantId, clientId, authKind: 'clientSecret', authorityHost, graphBaseUrl }), await sealing.seal(connectorConfigContext(SITE, connectorId), connection), connectorId]);
  const idOf = (value: unknown): string => z.object({ id: z.string() }).parse(value).id;
  return {
    name: 'entra', ...asked(control),
    person: async () => {
      const accountId = `acc-${randomUUID()}`;
      const externalId = idOf(await control.send('POST', 'users', { userPrincipalName: loginOf(accountId) }));
      const identity = `ext_${randomUUID()}`;
      await product.sql(`INSERT INTO external_identity (id, site_id, provider, connector_id, identity_hash, sealed, login_hint) VALUES ($1, $2, 'entra', $5, $3, $4, 'hint')`,
        [identity, SITE, hash(SITE, 'entra', externalId), await sealing.seal(externalIdentityContext(SITE, connectorId), externalId), connectorId]);
      await product.sql(`INSERT INTO site_identity_mapping (id, site_id, account_id, provider, connector_id, external_identity_id, created_by) VALUES ($1, $2, $3, 'entra', $5, $4, 'test')`, [`map_${randomUUID()}`, SITE, accountId, identity, connectorId]);
      return { accountId, externalId };
    },
    tool: async () => {
      const name = `tool-${randomUUID().slice(0, 8)}`;
      const groupId = idOf(await control.send('POST', 'groups', { displayName: `AI Clearance - ${name} - Users` }));
      await product.sql(`INSERT INTO tool (id, site_id, key, name, vendor, status, risk, max_duration_days, provider, connector_id) VALUES ($1, $2, $1, $1, 'Vendor', 'approved', 'medium', 90, 'entra', $3)`, [name, SITE, connectorId]);
      await product.sql(`INSERT INTO entitlement_group (id, site_id, tool_id, connector_id, external_group_id, name, origin, assignment_confirmed_at) VALUES ($1, $2, $3, $5, $4, $3, 'bound', now())`, [`grp-${name}`, SITE, name, groupId, connectorId]);
      return { toolKey: name, groupId };
    },
    addsTo: (groupId) => ({ method: 'POST', path: `/groups/${groupId}/members/\\$ref$` }),
  };
}
