import type { Keyset, Rows } from '../../application/ports/api-queries.port.js';

/** Conditions and parameters of one list; `$1` is always the site. */
export class ListFilter {
  readonly values: unknown[];
  private readonly conditions: string[];
  constructor(alias: string, siteId: string) {
    this.values = [siteId];
    this.conditions = [`${alias}.site_id = $1`];
  }

  /** Placeholder of a value. */
  param(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
  and(condition: string): this {
    this.conditions.push(condition);
    return this;
  }
  /** Skipped when the filter was not asked for. */
  equals(expression: string, value: unknown): this {
    return value === undefined ? this : this.and(`${expression} = ${this.param(value)}`);
  }
  /** `from` is included, `to` is not. */
  between(expression: string, from: string | undefined, to: string | undefined): this {
    if (from !== undefined) this.and(`${expression} >= ${this.param(from)}`);
    return to === undefined ? this : this.and(`${expression} < ${this.param(to)}`);
  }
  /** Goes on behind the last row of the page before: stable while rows are added, since a row's place never changes. */
  after(keyset: Keyset | null, columns: { readonly sort: string; readonly cast: 'timestamptz' | 'text'; readonly id: string }, direction: 'ASC' | 'DESC'): this {
    if (keyset === null) return this;
    return this.and(`(${columns.sort}, ${columns.id}) ${direction === 'DESC' ? '<' : '>'} (${this.param(keyset.sort)}::${columns.cast}, ${this.param(keyset.id)})`);
  }
  get where(): string {
    return `WHERE ${this.conditions.join(' AND ')}`;
  }
}

/** A column as the text that a keyset carries, to the microsecond: a page must not lose rows of one millisecond. */
export const sortText = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "sort"`;
export interface Sorted { readonly sort: string; readonly id: string }

/** Cuts the row that was read one too many, which says whether there is a next page. */
export function pageOf<Row extends Sorted>(rows: readonly Row[], limit: number): { readonly rows: readonly Row[]; readonly next: Keyset | null } {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { rows: kept, next: rows.length > limit && last !== undefined ? { sort: last.sort, id: last.id } : null };
}
export function rowsOf<Row extends Sorted, Item>(rows: readonly Row[], limit: number, toItem: (row: Row) => Item): Rows<Item> {
  const { rows: kept, next } = pageOf(rows, limit);
  return { items: kept.map(toItem), next };
}
