import { refuse } from '../commands/outcome.js';
import { actorOf, runDelete } from '../commands/run-command.js';
import type { CommandContext, Conditional, DeleteOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { policyJson } from './approval-policy-rules.js';
import { refuseStale } from './patch.js';

/** Removes an auto-approval policy; decisions that it made stay explained by the audit trail. */
export function deleteApprovalPolicy(deps: AdminDeps, context: CommandContext, { policyId, expectedVersion }: { readonly policyId: string } & Conditional): Promise<DeleteOutcome> {
  return runDelete(deps, context, { name: 'policy.delete', subject: { policyId } }, async (tx) => {
    const policy = await deps.policies.lock(tx, policyId);
    if (policy === null) return refuse('approval_policy.not_found', 'There is no approval policy with this id');
    const stale = refuseStale(expectedVersion, policy.rowVersion);
    if (stale !== null) return stale;
    await deps.policies.remove(tx, policyId);
    const policyVersion = await deps.tools.raisePolicyVersion(tx);
    await tx.audit({ action: 'policy.deleted', actor: actorOf(context.principal), subject: { policyId }, data: { policy: policyJson(policy), policyVersion } });
    return { ok: true, status: 204 };
  });
}
