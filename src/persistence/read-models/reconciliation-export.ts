import { csvLine } from '../../domain/text/csv-line.js';

/** One difference of a run as it is exported (SPEC D4): hashes and hints, no external id (F14). */
export interface ExportRow {
  readonly externalGroupId: string; readonly kind: string; readonly effect: string; readonly state: string; readonly identityHash: string; readonly loginHint: string | null; readonly accountId: string | null;
  readonly toolKey: string | null; readonly observed: string | null; readonly readAt: string | null; readonly findingId: string | null; readonly detail: string | null;
}
const COLUMNS = ['externalGroupId', 'kind', 'effect', 'state', 'identityHash', 'loginHint', 'accountId', 'toolKey', 'observed', 'readAt', 'findingId', 'detail'] as const satisfies readonly (keyof ExportRow)[];

export function exportText(rows: readonly ExportRow[], format: 'jsonl' | 'csv'): string {
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  return [[...COLUMNS], ...rows.map((row) => COLUMNS.map((column) => row[column] ?? ''))].map(csvLine).join('');
}
