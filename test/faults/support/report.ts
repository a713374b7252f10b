import { readFile, writeFile } from 'node:fs/promises';
import { isWhole } from '../../support/bounds.js';

export interface Outcome { readonly call: string; readonly fault: string; readonly outcome: string }

/** A Markdown table, one row for each pair. */
export function tableOf(rows: readonly Outcome[]): string {
  return ['| call | fault | how it ended |', '|---|---|---|', ...rows.map(({ call, fault, outcome }) => `| ${call} | ${fault} | ${outcome} |`)].join('\n');
}

/**
 * Puts a run's table into its section of the file that FAULTS_REPORT names (docs/faults.md): what is committed there is what a run printed.
 * Without the variable, or for a sample (bounds.ts), nothing is written.
 */
export async function report(section: string, rows: readonly Outcome[]): Promise<void> {
  const file = process.env['FAULTS_REPORT'];
  if (file === undefined || file === '' || !isWhole()) return;
  const text = await readFile(file, 'utf8');
  const [begin, end] = [`<!-- ${section}: begin -->`, `<!-- ${section}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`${file} has no section ${section}`);
  await writeFile(file, `${text.slice(0, from + begin.length)}\n${tableOf(rows)}\n${text.slice(to)}`);
}
