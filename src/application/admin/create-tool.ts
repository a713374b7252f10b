import { toolView, type CreateToolBody, type ToolView } from '../../contracts/tool.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { ToolFields } from '../ports/tool-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import type { AdminDeps } from './admin-deps.js';
import { pick } from './patch.js';
import { guessCategory } from '../../domain/catalog/api-platform.js';
import { attest, defaultConnector, refuseTool, toolJson } from './tool-rules.js';

/** Adds a tool to the catalog (SPEC K1). An unknown tool becomes a known one, so policy decisions may change. */
export function createTool(deps: AdminDeps, context: CommandContext, input: CreateToolBody): Promise<CommandOutcome<ToolView>> {
  const { key } = input;
  return runCommand(deps, context, { name: 'tool.create', subject: { toolKey: key }, answer: toolView }, async (tx) => {
    const tool = await fieldsOf(deps, tx, context, input);
    const refused = await refuseTool(deps, tx, tool, null);
    if (refused !== null) return refused;
    if (!await deps.tools.insert(tx, { ...tool, id: deps.newId(), key, seededVersion: null })) return refuse('tool.key_taken', 'There is a tool with this key', 'key');
    const policyVersion = await deps.tools.raisePolicyVersion(tx);
    await tx.audit({ action: 'tool.created', actor: actorOf(context.principal), subject: { toolKey: key }, data: { tool: toolJson(tool), policyVersion } });
    const view = await deps.tools.findView(tx, key);
    if (view === null) throw new Error(`tool ${key} is not there after it was written`);
    return done(201, view);
  });
}

async function fieldsOf(deps: AdminDeps, tx: SiteTx, context: CommandContext, input: CreateToolBody): Promise<ToolFields> {
  const { name, vendor, status, risk, maxDurationDays, provider, summary } = input;
  return {
    name, vendor, status, risk, maxDurationDays, provider, summary,
    connectorId: input.connectorId === undefined ? await defaultConnector(deps, tx, provider) : input.connectorId,
    owner: pick(input.owner, null),
    pilotGroups: pick(input.pilotGroups, []),
    dataClasses: pick(input.dataClasses, null),
    fulfilment: pick(input.fulfilment, 'automatic'),
    fulfilmentOwner: pick(input.fulfilmentOwner, null),
    fulfilmentHours: pick(input.fulfilmentHours, null),
    driftResponse: pick(input.driftResponse, 'report'),
    category: pick(input.category, guessCategory(input)),
    entitlementAttestation: attest(tx, context, input.entitlementAttestation ?? null),
  };
}
