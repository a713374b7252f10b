import { approvalPolicyView, type ApprovalPolicyView, type CreateApprovalPolicyBody } from '../../contracts/policy.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { policyJson, policyViewOf } from './approval-policy-rules.js';
import { pick } from './patch.js';

/** Adds an auto-approval policy (SPEC P2); decisions from now on know it. */
export function createApprovalPolicy(deps: AdminDeps, context: CommandContext, input: CreateApprovalPolicyBody): Promise<CommandOutcome<ApprovalPolicyView>> {
  return runCommand(deps, context, { name: 'policy.create', answer: approvalPolicyView }, async (tx) => {
    if (await deps.policies.isNameTaken(tx, input.name, null)) return refuse('approval_policy.name_taken', 'There is a policy of this name', 'name');
    const id = deps.newId();
    const policy = { ...input, id, projectKey: pick(input.projectKey, null), maxDurationDays: pick(input.maxDurationDays, null) };
    await deps.policies.insert(tx, policy);
    const policyVersion = await deps.tools.raisePolicyVersion(tx);
    await tx.audit({ action: 'policy.created', actor: actorOf(context.principal), subject: { policyId: id }, data: { policy: policyJson(policy), policyVersion } });
    return done(201, await policyViewOf(deps, tx, id));
  });
}
