import type { AuditActor } from '../../domain/audit/entry.js';
import type { ImportRun, MappingImportStore } from '../ports/mapping-import.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';

export interface ImportEnd { readonly status: 'done' | 'failed' | 'cancelled'; readonly failure?: string }

/** The one end that an import has, whoever brings it: what was decided stays and is counted, the logins are forgotten. The run is locked. */
export async function endImport(imports: MappingImportStore, tx: SiteTx, run: ImportRun, end: ImportEnd, by: { readonly actor: AuditActor; readonly commandId: string | null }): Promise<void> {
  const tally = await imports.counts(tx, run.id);
  await imports.update(tx, run.id, { ...end, tally, endedAt: tx.now });
  await imports.forgetLogins(tx, run.id);
  await tx.audit({ action: 'mapping.import_ended', actor: by.actor, subject: by.commandId === null ? {} : { commandId: by.commandId }, data: { importId: run.id, dryRun: run.dryRun, ...end, rows: tally.rows, ...tally.counts } });
}
