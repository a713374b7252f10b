import type { JsonObject } from '../../domain/audit/json.js';
import { refuse } from '../commands/outcome.js';
import { needsAttestation } from '../../domain/catalog/api-platform.js';
import type { CommandContext } from '../ports/api-commands.port.js';
import type { Attestation, ToolFields } from '../ports/tool-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';
import { readSetting } from '../../contracts/setting-documents.js';

type Refused = ReturnType<typeof refuse>;

/** What must hold for a tool as a whole (SPEC K1, F11, F12, P12). `before`: an unchanged connector is not asked about again. */
export async function refuseTool(deps: AdminDeps, tx: SiteTx, tool: ToolFields, before: ToolFields | null): Promise<Refused | null> {
  return refuseFulfilment(tool) ?? refuseApiPlatform(tool) ?? await refuseDataClasses(deps, tx, tool) ?? await refuseConnector(deps, tx, tool, before);
}

function refuseFulfilment({ fulfilment, fulfilmentOwner, fulfilmentHours }: ToolFields): Refused | null {
  if (fulfilment === 'automatic') return null;
  if (fulfilmentOwner === null) return refuse('body.invalid', 'A tool that people fulfil names one of them', 'fulfilmentOwner');
  return fulfilmentHours === null ? refuse('body.invalid', 'A tool that people fulfil has a deadline in hours', 'fulfilmentHours') : null;
}

/** SPEC K5: membership in a group says nothing about keys that were handed out, unless somebody vouches that it does. */
function refuseApiPlatform({ category, provider, entitlementAttestation }: ToolFields): Refused | null {
  if (!needsAttestation({ category, provider, attested: entitlementAttestation !== null })) return null;
  return refuse('tool.api_platform', 'An API platform is not connected: being in a group neither gives nor takes its keys. Attest in entitlementAttestation how the group controls it, let people fulfil it (provider none), or say category application if it is none', 'provider');
}
export const attest = (tx: SiteTx, context: CommandContext, reason: string | null): Attestation | null =>
  (reason === null ? null : { reason, by: context.principal.accountId, at: tx.now.toISOString() });

async function refuseDataClasses(deps: AdminDeps, tx: SiteTx, { dataClasses }: ToolFields): Promise<Refused | null> {
  if (dataClasses === null || dataClasses.length === 0) return null;
  const known = readSetting('data-classes', await deps.settings.find(tx, 'data-classes')).dataClasses;
  const unknown = dataClasses.filter((name) => !known.includes(name));
  return unknown.length === 0 ? null : refuse('data_class.unknown', `Not a data class of this site: ${unknown.join(', ')}`, 'dataClasses');
}

/** SPEC F12: only a connector of the same provider that was tested and is enabled. */
async function refuseConnector(deps: AdminDeps, tx: SiteTx, tool: ToolFields, before: ToolFields | null): Promise<Refused | null> {
  const { connectorId, provider } = tool;
  if (connectorId === null) return null;
  if (provider === 'none') return refuse('connector.wrong_provider', 'A tool without a provider has no connector', 'connectorId');
  if (before !== null && before.connectorId === connectorId && before.provider === provider) return null;
  const connector = await deps.connectors.lock(tx, connectorId);
  if (connector === null) return refuse('connector.not_found', 'There is no connector with this id', 'connectorId');
  if (connector.address.provider !== provider) return refuse('connector.wrong_provider', `This connector is for ${connector.address.provider}, the tool for ${provider}`, 'connectorId');
  const ready = connector.status === 'enabled' && connector.testOk === true;
  return ready ? null : refuse('connector.not_ready', 'Test and enable the connector before tools use it', 'connectorId');
}

/** The connector that a connected tool gets when none is named: the only enabled one of its provider. */
export async function defaultConnector(deps: AdminDeps, tx: SiteTx, provider: ToolFields['provider']): Promise<string | null> {
  if (provider === 'none') return null;
  const [only, second] = await deps.connectors.listEnabled(tx, provider);
  return only === undefined || second !== undefined ? null : only.id;
}

/** Fields that policy decisions depend on: changing one raises the policy version (SPEC P5). */
const POLICY_FIELDS = ['status', 'risk', 'maxDurationDays', 'pilotGroups', 'dataClasses'];
export const touchesPolicy = (changes: Readonly<Record<string, unknown>>): boolean => POLICY_FIELDS.some((field) => Object.hasOwn(changes, field));

export const toolJson = (tool: ToolFields): JsonObject => ({
  name: tool.name, vendor: tool.vendor, status: tool.status, risk: tool.risk, maxDurationDays: tool.maxDurationDays, provider: tool.provider, connectorId: tool.connectorId,
  summary: tool.summary, owner: tool.owner, pilotGroups: [...tool.pilotGroups], dataClasses: tool.dataClasses === null ? null : [...tool.dataClasses],
  fulfilment: tool.fulfilment, fulfilmentOwner: tool.fulfilmentOwner, fulfilmentHours: tool.fulfilmentHours, driftResponse: tool.driftResponse,
  category: tool.category, entitlementAttestation: tool.entitlementAttestation === null ? null : { reason: tool.entitlementAttestation.reason, by: tool.entitlementAttestation.by },
});
