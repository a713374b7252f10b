import type { FieldError } from '../../contracts/problem.contract.js';
import { importRow, type ImportRow } from '../../contracts/identity-mapping.contract.js';
import { err, ok, type Result } from '../../domain/kernel/result.js';
import { fieldErrors } from '../common/validate.js';

const HEADER = ['accountId', 'provider', 'externalLogin'];
export const MAX_IMPORT_ROWS = 1_000;

/**
 * Reads an RFC 4180 file with the header `accountId,provider,externalLogin`. All or nothing: a line that can't be read refuses the file and is named,
 * so that nobody has to find out which half was imported.
 */
export function readMappingsCsv(csv: string): Result<ImportRow[], FieldError[]> {
  const records = splitCsv(csv.replace(/^\u{FEFF}/u, ''));
  if (records === null) return err([{ path: 'csv', code: 'bad_quotes', message: 'A quoted field does not end' }]);
  const [header, ...lines] = records;
  if (header?.fields.join(',') !== HEADER.join(',')) return err([{ path: 'line 1', code: 'bad_header', message: 'The first line names the columns', accepted: HEADER.join(',') }]);
  if (lines.length > MAX_IMPORT_ROWS) return err([{ path: 'csv', code: 'too_big', message: 'This is more than allowed', accepted: `at most ${MAX_IMPORT_ROWS} lines` }]);
  const rows: ImportRow[] = [];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const { line, fields } of lines) {
    const raw = Object.fromEntries(fields.map((field, index) => [HEADER[index] ?? `column${index + 1}`, field]));
    const parsed = importRow.safeParse(raw);
    if (!parsed.success) errors.push(...fieldErrors(importRow, raw, parsed.error.issues).map((error) => ({ ...error, path: `line ${line}: ${error.path}` })));
    else if (seen.has(`${parsed.data.provider} ${parsed.data.accountId}`)) errors.push({ path: `line ${line}`, code: 'repeated_item', message: 'This account and provider occur twice' });
    else rows.push({ ...parsed.data, line });
    seen.add(`${raw['provider'] ?? ''} ${raw['accountId'] ?? ''}`);
  }
  return errors.length > 0 ? err(errors) : ok(rows);
}

interface CsvRecord { readonly line: number; readonly fields: string[] }

/** Null when a quote is left open or something follows it. Empty lines are skipped; `line` counts from 1 as an editor does. */
function splitCsv(text: string): CsvRecord[] | null {
  const records: CsvRecord[] = [];
  let record: CsvRecord = { line: 1, fields: [] };
  let line = 1;
  let at = 0;
  for (;;) {
    const field = readField(text, at);
    if (field === null) return null;
    record.fields.push(field.value);
    line += field.lineBreaks;
    at = field.end;
    if (text.charAt(at) === ',') {
      at += 1;
      continue;
    }
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record);
    if (at === text.length) return records;
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line += 1;
    record = { line, fields: [] };
  }
}

const FIELD = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;

/** One field from `at` on, up to but not including its separator. */
function readField(text: string, at: number): { readonly value: string; readonly end: number; readonly lineBreaks: number } | null {
  FIELD.lastIndex = at;
  const match = FIELD.exec(text);
  const end = FIELD.lastIndex;
  if (match === null || !['', ',', '\r', '\n'].includes(text.charAt(end))) return null;
  const quoted = match[1];
  if (quoted === undefined) return { value: (match[2] ?? '').trim(), end, lineBreaks: 0 };
  return { value: quoted.replaceAll('""', '"'), end, lineBreaks: quoted.split('\n').length - 1 };
}
