import { ROWS_IN_ANSWER, startedImport, type MappingImportView } from '../../contracts/identity-mapping.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand, type CommandDeps } from '../commands/run-command.js';
import { EngineUnavailable, type CommandContext, type CommandOutcome } from '../ports/api-commands.port.js';
import type { ImportFile, MappingImportCommands, MappingImportEngine } from '../ports/mapping-import.port.js';
import { cancelImport } from './cancel-import.js';
import { stageImport, type StageDeps } from './stage-import.js';

export interface ImportDeps extends CommandDeps, StageDeps {
  readonly importEngine: MappingImportEngine;
  readonly newId: () => string;
  readonly pause: (ms: number) => Promise<void>;
  readonly log: (message: string, detail: Readonly<Record<string, string>>) => void;
}
/** How long, and how often, the one who sent a small file waits for the provider. Milliseconds, and looks. */
const LOOK_EVERY_MS = 200;
const LOOKS = 75;

export const createMappingImportCommands = (deps: ImportDeps): MappingImportCommands => ({
  import: (context, file) => importMappings(deps, context, file),
  cancel: (context, { id }) => cancelImport(deps, context, id),
});

/**
 * Takes a file in and has its rows resolved in the background (docs/adr/0019). Of a small file the answer has every row's fate (200); of a large one, or one that the provider
 * is slow about, the counts so far (202). The same key and file again is the same import. @throws what reading the file throws
 */
export async function importMappings(deps: ImportDeps, context: CommandContext, file: ImportFile): Promise<CommandOutcome<MappingImportView>> {
  const { siteId } = context.principal;
  const id = `imp_${deps.newId()}`;
  await stageImport(deps, context.principal, id, file);
  const outcome = await runCommand(deps, { ...context, bodyHash: file.hash() }, { name: 'mapping.import', answer: startedImport }, async (tx, commandId) => {
    await deps.imports.update(tx, id, { status: 'running', commandId });
    const { rows } = await deps.imports.counts(tx, id);
    await tx.audit({ action: 'mapping.import_started', actor: actorOf(context.principal), subject: { commandId }, data: { importId: id, dryRun: file.query.dryRun, aliases: file.query.aliases, rows } });
    return done(202, { importId: id });
  });
  if (!outcome.ok || outcome.body.importId !== id) await deps.uow.run(siteId, (tx) => deps.imports.discard(tx, id));
  if (!outcome.ok) return outcome;
  await start(deps, siteId, outcome.body.importId);
  return answer(deps, siteId, outcome.body.importId);
}

/** It is recorded: an engine that is away makes it late, not lost. The poller starts what has no run. */
async function start(deps: ImportDeps, siteId: string, importId: string): Promise<void> {
  try {
    await deps.importEngine.run(siteId, importId);
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    deps.log('a recorded import is not started yet', { importId, why: error.message });
  }
}

async function answer(deps: ImportDeps, siteId: string, importId: string): Promise<CommandOutcome<MappingImportView>> {
  for (let looks = 1; ; looks += 1) {
    const view = await deps.uow.run(siteId, (tx) => deps.imports.view(tx, importId));
    if (view === null) return refuse('mapping_import.not_found', 'The import that this Idempotency-Key started ended long ago and is forgotten; use a new key to import the file again');
    if (view.status !== 'running') return done(200, view);
    if (view.rows > ROWS_IN_ANSWER || looks >= LOOKS) return done(202, view);
    await deps.pause(LOOK_EVERY_MS);
  }
}
