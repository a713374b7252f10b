import type { ImportTally } from '../../application/ports/mapping-import.port.js';
import type { ImportFate, MappingImportListItem, MappingImportRowView, MappingImportView } from '../../application/ports/api-views.js';
import { FATE_OUTCOMES, ROWS_IN_ANSWER } from '../../application/ports/api-views.js';
import { instantOrNull } from './catalog-views.js';

export type ImportViewRow = Pick<MappingImportView, 'id' | 'dryRun' | 'aliases' | 'askedBy' | 'status' | 'failure'> & { readonly tally: ImportTally | null; readonly startedAt: Date; readonly endedAt: Date | null };
export interface ImportRowRow { readonly line: number; readonly accountId: string | null; readonly provider: 'okta' | 'entra' | null; readonly fate: ImportFate | null; readonly code: string | null; readonly detail: string | null }

/** Of `mapping_import i`, as {@link ImportViewRow}. */
export const IMPORT_COLUMNS = 'i.id, i.dry_run AS "dryRun", i.aliases, i.asked_by AS "askedBy", i.status, i.failure, i.tally, i.started_at AS "startedAt", i.ended_at AS "endedAt"';

export const toImportRowView = ({ line, accountId, provider, fate, code, detail }: ImportRowRow): MappingImportRowView =>
  ({ line, accountId, provider, fate, outcome: fate === null ? null : FATE_OUTCOMES[fate], ...(code === null ? {} : { code }), ...(detail === null ? {} : { detail }) });

export function toImportListItem({ id, dryRun, aliases, askedBy, status, failure, startedAt, endedAt }: ImportViewRow, { rows, counts }: ImportTally): MappingImportListItem {
  return {
    id, dryRun, aliases, askedBy, status, failure, rows, counts, checked: Object.values(counts).reduce((sum, n) => sum + n, 0), created: counts.add, updated: counts.change,
    refused: counts.duplicate + counts.alias + counts.unresolved + counts.bad, startedAt: startedAt.toISOString(), endedAt: instantOrNull(endedAt),
  };
}
/** `first`: the first rows of the file, one more than an answer carries where there are. */
export const toImportView = (row: ImportViewRow, tally: ImportTally, first: readonly ImportRowRow[]): MappingImportView =>
  ({ ...toImportListItem(row, tally), results: first.length > ROWS_IN_ANSWER ? [] : first.map(toImportRowView) });
