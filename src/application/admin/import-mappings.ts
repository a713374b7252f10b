import { importMappingsAnswer, type ImportMappingsAnswer, type ImportRow } from '../../contracts/identity-mapping.contract.js';
import { done } from '../commands/outcome.js';
import { findStored, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { connectorFor, resolveMapping } from './resolve-mapping.js';

type Line = ImportMappingsAnswer['results'][number];
/** Rows that are asked of the provider at once: its rate limit is shared with provisioning. */
const AT_ONCE = 4;

/** Creates, changes, leaves or refuses each row on its own. A row is a command of its own, so an import that broke off goes on with the same key. */
export async function importMappings(deps: AdminDeps, context: CommandContext, { rows }: { readonly rows: readonly ImportRow[] }): Promise<CommandOutcome<ImportMappingsAnswer>> {
  const before = await findStored(deps, context, { answer: importMappingsAnswer });
  if (before !== null) return before;
  const results: Line[] = [];
  for (let at = 0; at < rows.length; at += AT_ONCE) results.push(...await Promise.all(rows.slice(at, at + AT_ONCE).map((row) => importRow(deps, context, row))));
  const count = (outcome: Line['outcome']): number => results.filter((line) => line.outcome === outcome).length;
  return runCommand(deps, context, { name: 'mapping.import', answer: importMappingsAnswer }, () =>
    Promise.resolve(done(200, { created: count('created'), updated: count('updated'), refused: count('refused'), results })));
}

async function importRow(deps: AdminDeps, context: CommandContext, { line, accountId, provider, externalLogin }: ImportRow): Promise<Line> {
  const versionBefore = await deps.uow.run(context.principal.siteId, async (tx) => {
    const connector = await connectorFor(deps, tx, provider, null);
    return connector === null ? null : ((await deps.mappings.lockByAccount(tx, accountId, connector.id))?.rowVersion ?? null);
  });
  const outcome = await resolveMapping(deps, context, {
    name: 'mapping.resolve', item: String(line), externalLogin,
    target: () => Promise.resolve({ ok: true, accountId, provider, connectorId: null, mappingId: null, replace: true }),
  });
  if (!outcome.ok) return { line, accountId, outcome: 'refused', code: outcome.refusal.code, detail: outcome.refusal.detail };
  if (outcome.status === 201) return { line, accountId, outcome: 'created' };
  return { line, accountId, outcome: outcome.body.version === versionBefore ? 'unchanged' : 'updated' };
}
