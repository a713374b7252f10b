/** A record that is longer is no row of anything that we take: a quote was left open. Characters. */
const LONGEST_RECORD = 16_384;

/** `line` counts from 1 as an editor does; a record over several lines is where it begins. */
export interface CsvRecord { readonly line: number; readonly fields: readonly string[] }

/** What the file has, from there on, can't be told. */
export class CsvFault extends Error {
  override readonly name = 'CsvFault';
  constructor(readonly code: 'bad_quotes' | 'record_too_long', readonly line: number) {
    super(`${code} at line ${line}`);
  }
}

/**
 * Reads RFC 4180 piece by piece and holds one record (docs/adr/0019). Fields without quotes are trimmed; empty lines are skipped; CRLF, LF and CR end a record.
 * A byte order mark is the decoder's business.
 */
export class CsvReader {
  private records: CsvRecord[] = [];
  private fields: string[] = [];
  private field = '';
  private length = 0;
  private at: 'fieldStart' | 'plain' | 'quoted' | 'afterQuote' = 'fieldStart';
  private line = 1;
  private recordLine = 1;
  private afterCarriageReturn = false;

  /** Records that end within the text. @throws CsvFault */
  push(text: string): readonly CsvRecord[] {
    for (const char of text) this.take(char);
    return this.flush();
  }

  /** The last record, which needs no line end. @throws CsvFault when a quote is still open */
  end(): readonly CsvRecord[] {
    if (this.at === 'quoted') throw new CsvFault('bad_quotes', this.recordLine);
    this.endRecord();
    return this.flush();
  }

  private flush(): readonly CsvRecord[] {
    const { records } = this;
    this.records = [];
    return records;
  }

  private take(char: string): void {
    const wasCarriageReturn = this.afterCarriageReturn;
    this.afterCarriageReturn = char === '\r';
    if (char === '\r' || (char === '\n' && !wasCarriageReturn)) this.line += 1;
    this.length += 1;
    if (this.length > LONGEST_RECORD) throw new CsvFault('record_too_long', this.recordLine);
    if (this.at === 'quoted') this.takeQuoted(char);
    else if (char === ',') this.endField();
    else if (char === '\r') this.endRecord();
    else if (char === '\n') this.takeLineFeed(wasCarriageReturn);
    else if (char === '"') this.takeQuote();
    else if (this.at === 'afterQuote') throw new CsvFault('bad_quotes', this.recordLine);
    else this.keep(char);
  }

  /** The second half of CRLF ends nothing more. */
  private takeLineFeed(wasCarriageReturn: boolean): void {
    if (wasCarriageReturn) this.length = 0;
    else this.endRecord();
  }
  private takeQuoted(char: string): void {
    if (char === '"') this.at = 'afterQuote';
    else this.field += char;
  }
  private takeQuote(): void {
    if (this.at === 'plain') throw new CsvFault('bad_quotes', this.recordLine);
    if (this.at === 'afterQuote') this.field += '"';
    this.at = 'quoted';
  }
  private keep(char: string): void {
    this.at = 'plain';
    this.field += char;
  }

  private endField(): void {
    this.fields.push(this.at === 'afterQuote' ? this.field : this.field.trim());
    this.field = '';
    this.at = 'fieldStart';
  }
  private endRecord(): void {
    this.endField();
    if (this.fields.length > 1 || this.fields[0] !== '') this.records.push({ line: this.recordLine, fields: this.fields });
    this.fields = [];
    this.length = 0;
    this.recordLine = this.line;
  }
}
