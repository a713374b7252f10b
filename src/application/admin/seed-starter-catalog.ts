import { seedCatalogAnswer, type SeedCatalogAnswer } from '../../contracts/tool.contract.js';
import { done } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandContext, CommandOutcome } from '../ports/api-commands.port.js';
import type { AdminDeps } from './admin-deps.js';
import { STARTER_CATALOG, STARTER_CATALOG_VERSION } from './starter-catalog.js';

/** Adds what the site has no tool for and leaves every present one as it is (SPEC K2). */
export function seedStarterCatalog(deps: AdminDeps, context: CommandContext): Promise<CommandOutcome<SeedCatalogAnswer>> {
  return runCommand(deps, context, { name: 'catalog.seed', answer: seedCatalogAnswer }, async (tx) => {
    const added: string[] = [];
    const kept: string[] = [];
    for (const tool of STARTER_CATALOG) {
      const isNew = await deps.tools.insert(tx, { ...tool, id: deps.newId(), seededVersion: STARTER_CATALOG_VERSION });
      (isNew ? added : kept).push(tool.key);
    }
    const policy = added.length === 0 ? {} : { policyVersion: await deps.tools.raisePolicyVersion(tx) };
    await tx.audit({ action: 'catalog.seeded', actor: actorOf(context.principal), subject: {}, data: { catalogVersion: STARTER_CATALOG_VERSION, added, kept: kept.length, ...policy } });
    return done(200, { catalogVersion: String(STARTER_CATALOG_VERSION), added, kept });
  });
}
