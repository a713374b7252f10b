import { guardrailsView, type Guardrails, type GuardrailsView } from '../../contracts/policy.contract.js';
import { done } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { changesBetween, refuseStale } from './patch.js';
import { readGuardrails } from '../../contracts/setting-documents.js';

/** Replaces the guardrails (SPEC P1); decisions from now on keep to them. */
export function putGuardrails(deps: AdminDeps, context: CommandContext, { value, expectedVersion }: { readonly value: Guardrails } & Conditional): Promise<CommandOutcome<GuardrailsView>> {
  return runCommand(deps, context, { name: 'guardrails.put', subject: { settingKey: 'guardrails' }, answer: guardrailsView }, async (tx) => {
    const before = await deps.settings.lock(tx, 'guardrails');
    const stale = refuseStale(expectedVersion, before?.version ?? 0);
    if (stale !== null) return stale;
    const { version, updatedAt } = await deps.settings.put(tx, 'guardrails', value);
    const policyVersion = await deps.tools.raisePolicyVersion(tx);
    await tx.audit({ action: 'guardrails.updated', actor: actorOf(context.principal), subject: { settingKey: 'guardrails' }, data: { changes: changesBetween({ ...readGuardrails(before) }, { ...value }), policyVersion } });
    return done(200, { ...value, version, updatedAt: updatedAt.toISOString() });
  });
}
