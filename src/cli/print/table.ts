import { plain } from './plain.js';

type Cell = string | number | null | undefined;
const GAP = '  ';
const textOf = (cell: Cell): string => (cell === null || cell === undefined || cell === '' ? '-' : plain(String(cell)));

/** Lines of columns as wide as their widest cell; the head in capitals, nothing after the last column. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): readonly string[] {
  const cells = [head.map((name) => name.toUpperCase()), ...rows.map((row) => row.map(textOf))];
  const widths = head.map((_name, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(GAP).trimEnd());
}

/** Lines of `name  value`; a value that is undefined has no line. */
export function fields(pairs: readonly (readonly [string, Cell])[]): readonly string[] {
  const shown = pairs.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}${GAP}${textOf(value)}`);
}
