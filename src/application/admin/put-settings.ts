import { settingsView, type SettingsName, type SettingsOf, type SettingsView } from '../../contracts/project.contract.js';
import { isJsonObject, readJson, type JsonObject } from '../../domain/audit/json.js';
import { done } from '../commands/outcome.js';
import { actorOf, findStored, runCommand, type Operation } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome, Conditional } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { changesBetween, refuseStale } from './patch.js';
import { keptOr, readSetting } from '../../contracts/setting-documents.js';
import { needsJira, refuseSettings } from './settings-checks.js';

interface Input<N extends SettingsName> extends Conditional { readonly name: N; readonly value: SettingsOf<N> }

/**
 * Replaces a settings document. Intake, routing and recertification are checked in Jira first, outside the transaction (SPEC I8).
 * @throws JiraUnavailable when Jira does not answer; nothing is saved then
 */
export async function putSettings<N extends SettingsName>(deps: AdminDeps, context: CommandContext, { name, value, expectedVersion }: Input<N>): Promise<CommandOutcome<SettingsView<N>>> {
  const answer: Operation<SettingsView<N>>['answer'] = settingsView(name);
  const before = await findStored(deps, context, { answer });
  if (before !== null) return before;
  const refused = await check(deps, context.principal.siteId, name, value);

  return runCommand(deps, context, { name: `settings.${name}`, subject: { settingKey: name }, answer }, async (tx) => {
    const present = await deps.settings.lock(tx, name);
    const wrong = refuseStale(expectedVersion, present?.version ?? 0) ?? refused;
    if (wrong !== null) return wrong;
    const { version, updatedAt } = await deps.settings.put(tx, name, { ...value });
    // Data classes are an input of policy decisions (SPEC P12).
    const policy = name === 'data-classes' ? { policyVersion: await deps.tools.raisePolicyVersion(tx) } : {};
    await tx.audit({ action: 'settings.updated', actor: actorOf(context.principal), subject: { settingKey: name }, data: { changes: changesBetween(jsonOf(readSetting(name, keptOr(name, present, deps.settingDefaults))), jsonOf(value)), ...policy } });
    return done(200, { ...value, version, updatedAt: updatedAt.toISOString() });
  });
}

async function check(deps: AdminDeps, siteId: string, name: SettingsName, value: SettingsOf<SettingsName>): ReturnType<typeof refuseSettings> {
  if (!needsJira(name, value)) return null;
  const projectKeys = await deps.uow.run(siteId, (tx) => deps.projects.listEnabledKeys(tx));
  if (name === 'routing' && projectKeys.length === 0) return null;
  const site = await deps.jiraSites.find(siteId);
  return refuseSettings(site?.jira ?? null, value, projectKeys);
}

function jsonOf(value: unknown): JsonObject {
  const read = readJson(value);
  return read.ok && isJsonObject(read.value.value) ? read.value.value : {};
}
