import pg from 'pg';

// Counters and generations stay far below 2^53; as strings they would compare wrongly.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const snake = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (column: string): string => column.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());

/** A row of the database with its columns as the record's field names. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the row's type, which the statement's select list fixes
export function fromRow<Row>(row: Readonly<Record<string, unknown>>): Row {
  const out: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) out[camel(column)] = value;
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- migrations fix the shape; medium tests read every column
  return out as Row;
}

/** `col = $n` list of a patch, after the parameters already used; undefined fields are left out. Objects go in as JSON, arrays as arrays. */
export function setList(patch: Readonly<Record<string, unknown>>, firstParameter: number): { readonly sql: string; readonly values: unknown[] } {
  const entries = Object.entries(patch).filter(([, value]) => value !== undefined);
  return {
    sql: entries.map(([field], index) => `${snake(field)} = $${firstParameter + index}`).join(', '),
    values: entries.map(([, value]) => toParameter(value)),
  };
}

/** INSERT of one row; the table name is a constant of the caller. */
export function insertInto(table: string, row: Readonly<Record<string, unknown>>): { readonly sql: string; readonly values: unknown[] } {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined);
  return {
    sql: `INSERT INTO ${table} (${entries.map(([field]) => snake(field)).join(', ')}) VALUES (${entries.map((_entry, index) => `$${index + 1}`).join(', ')})`,
    values: entries.map(([, value]) => toParameter(value)),
  };
}
const toParameter = (value: unknown): unknown => (typeof value === 'object' && value !== null && !(value instanceof Date) && !Array.isArray(value) ? JSON.stringify(value) : value);
