import type { ImportCounts } from '../../application/ports/mapping-import.port.js';
import type { ImportFate, MappingImportRowView, MappingImportView } from '../../application/ports/api-views.js';
import { ROWS_IN_ANSWER } from '../../application/ports/api-views.js';
import { instantOrNull } from './catalog-views.js';

export type ImportViewRow = Pick<MappingImportView, 'id' | 'dryRun' | 'aliases' | 'status' | 'failure'> & { readonly startedAt: Date; readonly endedAt: Date | null };
export interface ImportRowRow { readonly line: number; readonly accountId: string | null; readonly provider: 'okta' | 'entra' | null; readonly fate: ImportFate | null; readonly code: string | null; readonly detail: string | null }

const OUTCOMES = { add: 'created', change: 'updated', unchanged: 'unchanged', duplicate: 'refused', alias: 'refused', unresolved: 'refused', bad: 'refused' } as const satisfies Record<ImportFate, MappingImportRowView['outcome']>;

export const toImportRowView = ({ line, accountId, provider, fate, code, detail }: ImportRowRow): MappingImportRowView =>
  ({ line, accountId, provider, fate, outcome: fate === null ? null : OUTCOMES[fate], ...(code === null ? {} : { code }), ...(detail === null ? {} : { detail }) });

/** `first`: the first rows of the file, one more than an answer carries where there are. */
export function toImportView(row: ImportViewRow, rows: number, counts: ImportCounts, first: readonly ImportRowRow[]): MappingImportView {
  const refused = counts.duplicate + counts.alias + counts.unresolved + counts.bad;
  return {
    ...row, rows, counts, checked: Object.values(counts).reduce((sum, n) => sum + n, 0), created: counts.add, updated: counts.change, refused,
    results: first.length > ROWS_IN_ANSWER ? [] : first.map(toImportRowView), startedAt: row.startedAt.toISOString(), endedAt: instantOrNull(row.endedAt),
  };
}
