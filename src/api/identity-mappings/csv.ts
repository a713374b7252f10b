import { MAX_IMPORT_ROWS, importRow, type ImportEntry } from '../../contracts/identity-mapping.contract.js';
import type { FieldError } from '../../contracts/problem.contract.js';
import { CsvFault, CsvReader, type CsvRecord } from '../common/csv-reader.js';
import { fieldProblem, problemOf, type ApiProblem } from '../common/problem.js';
import { fieldErrors } from '../common/validate.js';

const HEADER = ['accountId', 'provider', 'externalLogin'];
/** Far above a hundred thousand rows as people write them. */
export const MAX_IMPORT_BYTES = 24 * 1024 * 1024;

/**
 * Rows of a file with the header `accountId,provider,externalLogin` while it arrives: a line that can't be read is an entry with its fault. What makes the
 * rest of the file unreadable ends it. @throws ApiProblem
 */
export async function* readMappingsCsv(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<ImportEntry> {
  let rows = 0;
  let headerSeen = false;
  for await (const record of records(pieces)) {
    if (!headerSeen) {
      if (record.fields.join(',') !== HEADER.join(',')) throw badHeader();
      headerSeen = true;
      continue;
    }
    rows += 1;
    if (rows > MAX_IMPORT_ROWS) throw refused('csv', 'too_big', 'This is more than allowed', `at most ${MAX_IMPORT_ROWS} rows`);
    yield entryOf(record);
  }
  if (!headerSeen) throw badHeader();
}

async function* records(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<CsvRecord> {
  const reader = new CsvReader();
  try {
    for await (const piece of pieces) yield* reader.push(piece);
    yield* reader.end();
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw refused(`line ${error.line}`, error.code, error.code === 'bad_quotes' ? 'A quoted field does not end, or something follows it' : 'This row is too long; is a quote left open?');
  }
}

function entryOf({ line, fields }: CsvRecord): ImportEntry {
  const raw = Object.fromEntries(fields.map((field, index) => [HEADER[index] ?? `column${index + 1}`, field]));
  const parsed = importRow.safeParse(raw);
  if (parsed.success) return { line, row: parsed.data };
  return { line, fault: fieldErrors(importRow, raw, parsed.error.issues).map(sentence).join('; ').slice(0, 500) };
}
const sentence = ({ path, message, accepted }: FieldError): string => `${path}: ${message}${accepted === undefined ? '' : ` (${accepted})`}`;

const refused = (path: string, code: string, message: string, accepted?: string): ApiProblem =>
  fieldProblem('body.invalid', 'The CSV is not accepted; nothing was imported', [{ path, code, message, ...(accepted === undefined ? {} : { accepted }) }]);
const badHeader = (): ApiProblem => refused('line 1', 'bad_header', 'The first line names the columns', HEADER.join(','));

/** Text of a body while it arrives, without its byte order mark. @throws ApiProblem when it is no UTF-8, or too large */
export async function* textOf(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, seen: (bytes: Uint8Array) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > MAX_IMPORT_BYTES) throw problemOf('body.too_large', `The body is larger than ${MAX_IMPORT_BYTES} bytes`);
    seen(bytes);
    yield decoded(decoder, bytes);
  }
  yield decoded(decoder);
}
function decoded(decoder: InstanceType<typeof TextDecoder>, bytes?: Uint8Array): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (error) {
    if (isEncodingError(error)) throw problemOf('body.malformed', 'The CSV is not UTF-8');
    throw error;
  }
}
const isEncodingError = (error: unknown): boolean => typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
