import { toolView, type PatchToolBody, type ToolView } from '../../contracts/tool.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import type { ToolFields, ToolRow } from '../ports/tool-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { refuseMixed } from '../core/lock-entitlement.js';
import type { AdminDeps } from './admin-deps.js';
import { changesBetween, pick, refuseStale } from './patch.js';
import { attest, defaultConnector, refuseTool, toolJson, touchesPolicy } from './tool-rules.js';

/** Changes a tool. One whose group people are in can't move to another connector: their removal would lose its way. */
export function updateTool(deps: AdminDeps, context: CommandContext, input: { readonly key: string; readonly patch: PatchToolBody } & Conditional): Promise<CommandOutcome<ToolView>> {
  const { key } = input;
  return runCommand(deps, context, { name: 'tool.update', subject: { toolKey: key }, answer: toolView }, async (tx) => {
    const before = await deps.tools.lock(tx, key);
    if (before === null) return refuse('tool.not_found', 'There is no tool with this key');
    const after = await merge(deps, tx, context, before, input.patch);
    const refused = refuseStale(input.expectedVersion, before.rowVersion) ?? await refuseTool(deps, tx, after, before) ?? await refuseMove(deps, tx, before, after) ?? await refuseDisconnecting(deps, tx, before, after) ?? await refuseMixing(deps, tx, before, after);
    if (refused !== null) return refused;

    const changes = changesBetween(toolJson(before), toolJson(after));
    if (Object.keys(changes).length > 0) await write(deps, tx, context, { before, after, changes });
    const view = await deps.tools.findView(tx, key);
    if (view === null) throw new Error(`tool ${key} is not there after it was written`);
    return done(200, view);
  });
}

async function write(deps: AdminDeps, tx: SiteTx, context: CommandContext, { before, after, changes }: { readonly before: ToolRow; readonly after: ToolFields; readonly changes: ReturnType<typeof changesBetween> }): Promise<void> {
  await deps.tools.update(tx, before.id, after);
  // The groups are the old connector's.
  if (before.connectorId !== after.connectorId) await deps.tools.removeGroups(tx, before.id);
  const policy = touchesPolicy(changes) ? { policyVersion: await deps.tools.raisePolicyVersion(tx) } : {};
  await tx.audit({ action: 'tool.updated', actor: actorOf(context.principal), subject: { toolKey: before.key }, data: { changes, ...policy } });
}

async function refuseMove(deps: AdminDeps, tx: SiteTx, before: ToolRow, after: ToolFields): Promise<ReturnType<typeof refuse> | null> {
  const moves = before.provider !== after.provider || before.connectorId !== after.connectorId || before.fulfilment !== after.fulfilment;
  if (!moves || !await deps.tools.hasLiveGrants(tx, before.key)) return null;
  return refuse('tool.in_use', 'Access to this tool is open; end it before its fulfilment changes', 'connectorId');
}

async function refuseMixing(deps: AdminDeps, tx: SiteTx, before: ToolRow, { fulfilment }: ToolFields): Promise<ReturnType<typeof refuse> | null> {
  if (before.fulfilment === fulfilment || !await deps.tools.isFulfilledOtherwise(tx, { toolId: before.id, fulfilment, group: null })) return null;
  return refuseMixed('fulfilment');
}

/** Only a connected tool has roles (SPEC K3). */
async function refuseDisconnecting(deps: AdminDeps, tx: SiteTx, before: ToolRow, { provider }: ToolFields): Promise<ReturnType<typeof refuse> | null> {
  if (provider !== 'none' || before.provider === 'none' || await deps.roles.count(tx, before.id) === 0) return null;
  return refuse('tool.has_roles', 'This tool has roles, and only a connected tool may; remove them first', 'provider');
}

async function merge(deps: AdminDeps, tx: SiteTx, context: CommandContext, tool: ToolRow, patch: PatchToolBody): Promise<ToolFields> {
  const provider = pick(patch.provider, tool.provider);
  const present = provider === tool.provider ? tool.connectorId : await defaultConnector(deps, tx, provider);
  const connectorId = pick(patch.connectorId, present);
  // What was attested was said of a group at that connector.
  const attested = provider === tool.provider && connectorId === tool.connectorId ? tool.entitlementAttestation : null;
  return {
    provider,
    connectorId,
    name: pick(patch.name, tool.name),
    vendor: pick(patch.vendor, tool.vendor),
    status: pick(patch.status, tool.status),
    risk: pick(patch.risk, tool.risk),
    maxDurationDays: pick(patch.maxDurationDays, tool.maxDurationDays),
    summary: pick(patch.summary, tool.summary),
    owner: pick(patch.owner, tool.owner),
    pilotGroups: pick(patch.pilotGroups, tool.pilotGroups),
    dataClasses: pick(patch.dataClasses, tool.dataClasses),
    fulfilment: pick(patch.fulfilment, tool.fulfilment),
    fulfilmentOwner: pick(patch.fulfilmentOwner, tool.fulfilmentOwner),
    fulfilmentHours: pick(patch.fulfilmentHours, tool.fulfilmentHours),
    driftResponse: pick(patch.driftResponse, tool.driftResponse),
    category: pick(patch.category, tool.category),
    entitlementAttestation: patch.entitlementAttestation === undefined ? attested : attest(tx, context, patch.entitlementAttestation),
  };
}
