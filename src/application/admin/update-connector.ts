import { connectorView, createConnectorBody, type ConnectorView, type CreateConnectorBody, type PatchConnectorBody } from '../../contracts/connector.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, findStored, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import type { ConnectorAddress, ConnectorPatch, ConnectorRow } from '../ports/connector-store.port.js';
import { connectorConfigContext } from '../ports/sealing.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';
import { refuseAddress, splitConnection } from './connector-addresses.js';
import { endExpiryWarnings } from '../core/end-expiry-warnings.js';
import { checkCredential, expirySaid } from './connector-credentials.js';
import { connectorJson, viewOf, withNotices } from './connector-rules.js';
import { changesBetween, refuseStale } from './patch.js';
import { preparedFor, runCoreCall } from './run-core-call.js';

type Refused = ReturnType<typeof refuse>;
type Config = Pick<ConnectorPatch, 'address' | 'sealedConfig' | 'status' | 'test' | 'credential'> & { readonly notices: readonly string[] };

type Input = { readonly connectorId: string; readonly patch: PatchConnectorBody } & Conditional;
const UPDATE = 'connector.update';

/**
 * Changes a connector. A new address needs the credential again: the API can't open the old one, and a credential must not follow an address that
 * somebody else wrote. What was tested was the old configuration, so the connector is disabled until it is tested again; but a new credential for the same
 * org or tenant of an enabled connector is tested first and takes the old one's place only when it passes, so that there is no gap (SPEC F2).
 */
export async function updateConnector(deps: AdminDeps, context: CommandContext, input: Input): Promise<CommandOutcome<ConnectorView>> {
  const before = await findStored(deps, context, { answer: connectorView });
  if (before !== null) return before;
  const inPlace = await deps.uow.run(context.principal.siteId, (tx) => rotatesInPlace(deps, tx, input));
  return inPlace ? rotateCredential(deps, context, input) : changeConnector(deps, context, input);
}

async function rotatesInPlace(deps: AdminDeps, tx: SiteTx, { connectorId, patch }: Input): Promise<boolean> {
  const connector = await deps.connectors.lock(tx, connectorId);
  if (connector?.status !== 'enabled' || patch.auth === undefined) return false;
  const whole = readWhole(connector.address, patch);
  return whole !== null && !isElsewhere(connector.address, splitConnection(whole).address);
}

/** Through the core worker, which alone can try it: refused, or nobody there, the old credential stays and goes on working. */
async function rotateCredential(deps: AdminDeps, context: CommandContext, { connectorId, patch, expectedVersion }: Input): Promise<CommandOutcome<ConnectorView>> {
  const { outcome } = await runCoreCall(deps, context, {
    name: UPDATE, answer: connectorView,
    prepare: async (tx) => {
      const connector = await deps.connectors.lock(tx, connectorId);
      if (connector === null) return refuse('connector.not_found', 'There is no connector with this id');
      const refused = refuseStale(expectedVersion, connector.rowVersion) ?? await refuseName(deps, tx, connector, patch.name);
      if (refused !== null) return refused;
      const config = await newConfig(deps, tx, connector, patch);
      if ('refusal' in config) return config;
      if (config.sealedConfig === undefined) return refuse('body.invalid', 'Send the credential', 'auth');
      return preparedFor({
        operation: 'connector.rotate', connectorId, rowVersion: connector.rowVersion, name: patch.name ?? connector.name, address: config.address ?? connector.address, sealedConfig: config.sealedConfig, credential: config.credential ?? expirySaid(null), notices: config.notices,
      });
    },
  });
  return outcome;
}

function changeConnector(deps: AdminDeps, context: CommandContext, { connectorId, patch, expectedVersion }: Input): Promise<CommandOutcome<ConnectorView>> {
  return runCommand(deps, context, { name: UPDATE, subject: { connectorId }, answer: connectorView }, async (tx) => {
    const before = await deps.connectors.lock(tx, connectorId);
    if (before === null) return refuse('connector.not_found', 'There is no connector with this id');
    const refused = refuseStale(expectedVersion, before.rowVersion) ?? await refuseName(deps, tx, before, patch.name);
    if (refused !== null) return refused;
    const changed = await newConfig(deps, tx, before, patch);
    if ('refusal' in changed) return changed;
    const { notices, ...config } = changed;

    const name = patch.name ?? before.name;
    await deps.connectors.update(tx, connectorId, { name, ...config });
    if (config.credential !== undefined) await endExpiryWarnings(deps.connectors, tx, connectorId, actorOf(context.principal));
    if (config.status === 'disabled' && before.status === 'enabled') await deps.connectors.hastenRequests(tx, connectorId);
    const changes = changesBetween(connectorJson(before.name, before.address), connectorJson(name, config.address ?? before.address));
    await tx.audit({ action: 'connector.updated', actor: actorOf(context.principal), subject: { connectorId }, data: { changes, credentialReplaced: patch.auth !== undefined, ...(config.credential === undefined ? {} : { credentialExpiresAt: config.credential.expiresAt }) } });
    return done(200, withNotices(await viewOf(deps, tx, connectorId), notices));
  });
}

async function refuseName(deps: AdminDeps, tx: SiteTx, before: ConnectorRow, name: string | undefined): Promise<Refused | null> {
  if (name === undefined || name === before.name) return null;
  return await deps.connectors.isNameTaken(tx, name, before.id) ? refuse('connector.name_taken', 'There is a connector of this name', 'name') : null;
}

async function newConfig(deps: AdminDeps, tx: SiteTx, before: ConnectorRow, patch: PatchConnectorBody): Promise<Config | Refused> {
  const sent = Object.entries(patch).filter(([field, value]) => field !== 'name' && field !== 'credentialExpiresAt' && value !== undefined).map(([field]) => field);
  if (sent.length === 0) return newDate(before, patch);
  const foreign = sent.find((field) => !FIELDS[before.address.provider].has(field));
  if (foreign !== undefined) return refuse('connector.wrong_provider', `A connector of ${before.address.provider} has no such field`, foreign);
  if (patch.auth === undefined) return refuse('body.invalid', 'Send the credential again with a new address', 'auth');
  const whole = readWhole(before.address, patch);
  if (whole === null) return refuse('connector.wrong_provider', `This is not a credential for ${before.address.provider}`, 'auth');
  const checked = checkCredential(whole);
  if ('refusal' in checked) return checked;
  const { address, connection } = splitConnection(checked.body);
  const refused = refuseAddress(address, deps.sandbox);
  if (refused !== null) return refused;
  // Absence read in another org proves nothing: what hangs on a connector keeps it where it is. The sandbox's vendors move ports.
  if (!deps.sandbox && isElsewhere(before.address, address) && (await deps.connectors.isInUse(tx, before.id))) return refuse('connector.in_use', 'Tools depend on this connector; make a new one for another org or tenant');
  return { address, sealedConfig: await deps.sealer.seal(connectorConfigContext(tx.siteId, before.id), JSON.stringify(connection)), status: 'disabled', test: null, credential: checked.credential, notices: checked.notices };
}

/** The date alone: nothing that was tested has changed. */
function newDate({ address }: ConnectorRow, { credentialExpiresAt }: PatchConnectorBody): Config | Refused {
  if (credentialExpiresAt === undefined) return { notices: [] };
  if (address.authKind === 'certificate') return refuse('body.invalid', 'A certificate says itself when it expires', 'credentialExpiresAt');
  return { credential: expirySaid(credentialExpiresAt), notices: [] };
}

const FIELDS = { okta: new Set(['orgUrl', 'auth']), entra: new Set(['tenantId', 'clientId', 'auth', 'authorityHost', 'graphBaseUrl']) } as const satisfies Record<ConnectorAddress['provider'], ReadonlySet<string>>;

/** Whether the two are different orgs or tenants, whatever the credential. */
function isElsewhere(before: ConnectorAddress, after: ConnectorAddress): boolean {
  if (before.provider === 'okta' && after.provider === 'okta') return before.orgUrl !== after.orgUrl;
  return before.provider !== 'entra' || after.provider !== 'entra' || before.tenantId !== after.tenantId || before.graphBaseUrl !== after.graphBaseUrl;
}

/** The configuration as if it were sent anew; null when the credential is of the other provider. */
function readWhole(present: ConnectorAddress, { auth, orgUrl, tenantId, clientId, authorityHost, graphBaseUrl, credentialExpiresAt }: PatchConnectorBody): CreateConnectorBody | null {
  const whole = present.provider === 'okta'
    ? { provider: 'okta', orgUrl: orgUrl ?? present.orgUrl, auth, credentialExpiresAt: credentialExpiresAt ?? undefined }
    : {
      provider: 'entra', tenantId: tenantId ?? present.tenantId, clientId: clientId ?? present.clientId, auth,
      authorityHost: authorityHost ?? present.authorityHost ?? undefined, graphBaseUrl: graphBaseUrl ?? present.graphBaseUrl ?? undefined, credentialExpiresAt: credentialExpiresAt ?? undefined,
    };
  const parsed = createConnectorBody.safeParse(whole);
  return parsed.success ? parsed.data : null;
}
