import { approvalPolicyView, type ApprovalPolicyView, type PatchApprovalPolicyBody } from '../../contracts/policy.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import type { PolicyFields } from '../ports/governance-store.port.js';
import type { AdminDeps } from './admin-deps.js';
import { policyJson, policyViewOf } from './approval-policy-rules.js';
import { changesBetween, pick, refuseStale } from './patch.js';

interface Input extends Conditional { readonly policyId: string; readonly patch: PatchApprovalPolicyBody }

/** Changes an auto-approval policy; the policy version tells earlier decisions from later ones (SPEC P5). */
export function updateApprovalPolicy(deps: AdminDeps, context: CommandContext, { policyId, patch, expectedVersion }: Input): Promise<CommandOutcome<ApprovalPolicyView>> {
  return runCommand(deps, context, { name: 'policy.update', subject: { policyId }, answer: approvalPolicyView }, async (tx) => {
    const before = await deps.policies.lock(tx, policyId);
    if (before === null) return refuse('approval_policy.not_found', 'There is no approval policy with this id');
    const stale = refuseStale(expectedVersion, before.rowVersion);
    if (stale !== null) return stale;
    const after = merge(before, patch);
    if (after.name !== before.name && await deps.policies.isNameTaken(tx, after.name, policyId)) return refuse('approval_policy.name_taken', 'There is a policy of this name', 'name');
    const changes = changesBetween(policyJson(before), policyJson(after));
    if (Object.keys(changes).length > 0) {
      await deps.policies.update(tx, policyId, after);
      const policyVersion = await deps.tools.raisePolicyVersion(tx);
      await tx.audit({ action: 'policy.updated', actor: actorOf(context.principal), subject: { policyId }, data: { changes, policyVersion } });
    }
    return done(200, await policyViewOf(deps, tx, policyId));
  });
}

const merge = (before: PolicyFields, patch: PatchApprovalPolicyBody): PolicyFields => ({
  name: pick(patch.name, before.name),
  projectKey: pick(patch.projectKey, before.projectKey),
  toolKeys: pick(patch.toolKeys, before.toolKeys),
  autoApprove: pick(patch.autoApprove, before.autoApprove),
  jiraGroups: pick(patch.jiraGroups, before.jiraGroups),
  maxDurationDays: pick(patch.maxDurationDays, before.maxDurationDays),
  enabled: pick(patch.enabled, before.enabled),
});
