/** One difference of a run as it is exported (SPEC D4): hashes and hints, no external id (F14). */
export interface ExportRow {
  readonly externalGroupId: string; readonly kind: string; readonly effect: string; readonly state: string; readonly identityHash: string; readonly loginHint: string | null; readonly accountId: string | null;
  readonly toolKey: string | null; readonly observed: string | null; readonly readAt: string | null; readonly findingId: string | null; readonly detail: string | null;
}
const COLUMNS = ['externalGroupId', 'kind', 'effect', 'state', 'identityHash', 'loginHint', 'accountId', 'toolKey', 'observed', 'readAt', 'findingId', 'detail'] as const satisfies readonly (keyof ExportRow)[];

export function exportText(rows: readonly ExportRow[], format: 'jsonl' | 'csv'): string {
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  return [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => cell(row[column] ?? '')).join(','))].map((line) => `${line}\r\n`).join('');
}

/** RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection). */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
