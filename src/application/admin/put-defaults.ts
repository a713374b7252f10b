import { policyDefaultsView, type PolicyDefaults, type PolicyDefaultsView } from '../../contracts/policy.contract.js';
import { done } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { changesBetween, refuseStale } from './patch.js';
import { readDefaults } from '../../contracts/setting-documents.js';

/** Replaces the default outcome of each risk (SPEC P2). */
export function putDefaults(deps: AdminDeps, context: CommandContext, { value, expectedVersion }: { readonly value: PolicyDefaults } & Conditional): Promise<CommandOutcome<PolicyDefaultsView>> {
  return runCommand(deps, context, { name: 'defaults.put', subject: { settingKey: 'defaults' }, answer: policyDefaultsView }, async (tx) => {
    const before = await deps.settings.lock(tx, 'defaults');
    const stale = refuseStale(expectedVersion, before?.version ?? 0);
    if (stale !== null) return stale;
    const { version, updatedAt } = await deps.settings.put(tx, 'defaults', value);
    const policyVersion = await deps.tools.raisePolicyVersion(tx);
    await tx.audit({ action: 'defaults.updated', actor: actorOf(context.principal), subject: { settingKey: 'defaults' }, data: { changes: changesBetween({ ...readDefaults(before).outcomeByRisk }, { ...value.outcomeByRisk }), policyVersion } });
    return done(200, { ...value, version, updatedAt: updatedAt.toISOString() });
  });
}
