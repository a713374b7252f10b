import { startedImport, type MappingImportView } from '../../contracts/identity-mapping.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand, type CommandDeps } from '../commands/run-command.js';
import { EngineUnavailable, type CommandContext, type CommandOutcome } from '../ports/api-commands.port.js';
import type { MappingImportEngine, MappingImportStore } from '../ports/mapping-import.port.js';
import { endImport } from './end-import.js';

export interface CancelDeps extends CommandDeps {
  readonly imports: MappingImportStore;
  readonly importEngine: MappingImportEngine;
  readonly log: (message: string, detail: Readonly<Record<string, string>>) => void;
}

/**
 * Ends an import under way. The run is locked as every step of it locks it: a batch is written before and stays, or its answers come too late and change nothing. A second
 * canceller is answered like the first, with one entry in the trail; an import that has ended by itself is refused (`mapping_import.already_ended`).
 */
export async function cancelImport(deps: CancelDeps, context: CommandContext, id: string): Promise<CommandOutcome<MappingImportView>> {
  const { principal } = context;
  const outcome = await runCommand(deps, context, { name: 'mapping.import_cancel', answer: startedImport }, async (tx, commandId) => {
    const run = await deps.imports.lock(tx, id);
    if (run === null || run.status === 'reading') return missing;
    if (run.status === 'running') await endImport(deps.imports, tx, run, { status: 'cancelled' }, { actor: actorOf(principal), commandId });
    else if (run.status !== 'cancelled') return refuse('mapping_import.already_ended', `This import has ended as ${run.status}; what it did stays`);
    return done(200, { importId: id });
  });
  if (!outcome.ok) return outcome;
  await stop(deps, principal.siteId, id);
  const view = await deps.uow.run(principal.siteId, (tx) => deps.imports.view(tx, id));
  return view === null ? missing : done(200, view);
}
const missing = refuse('mapping_import.not_found', 'There is no such import');

/** It has ended by the record: where the engine is away, the run sees that with its next step. */
async function stop(deps: CancelDeps, siteId: string, importId: string): Promise<void> {
  try {
    await deps.importEngine.stop(siteId, importId);
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    deps.log('the run of a cancelled import is not told yet; it ends with its next step', { importId, why: error.message });
  }
}
