import { refuse } from '../commands/outcome.js';
import { actorOf, runDelete } from '../commands/run-command.js';
import type { CommandContext, Conditional, DeleteOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { refuseStale } from './patch.js';
import { toolJson } from './tool-rules.js';

/** Removes a tool that nobody waits for or has; its past stays in requests, grants and the audit trail. */
export function deleteTool(deps: AdminDeps, context: CommandContext, { key, expectedVersion }: { readonly key: string } & Conditional): Promise<DeleteOutcome> {
  return runDelete(deps, context, { name: 'tool.delete', subject: { toolKey: key } }, async (tx) => {
    const tool = await deps.tools.lock(tx, key);
    if (tool === null) return refuse('tool.not_found', 'There is no tool with this key');
    const stale = refuseStale(expectedVersion, tool.rowVersion);
    if (stale !== null) return stale;
    if (await deps.tools.isInUse(tx, key)) return refuse('tool.in_use', 'Somebody waits for this tool or has it; retire it, or end the access first');
    await deps.tools.remove(tx, tool.id);
    const policyVersion = await deps.tools.raisePolicyVersion(tx);
    await tx.audit({ action: 'tool.deleted', actor: actorOf(context.principal), subject: { toolKey: key }, data: { tool: toolJson(tool), policyVersion } });
    return { ok: true, status: 204 };
  });
}
