import type { Command } from 'commander';
import { z } from 'zod';
import { pageOf } from './answers.js';
import type { ApiClient, Query, QueryValue } from './api-client.js';
import { wholeNumber } from './options.js';
import type { Outcome } from './session.js';
import { table } from './print/table.js';

const paging = z.looseObject({ limit: z.number().optional(), cursor: z.string().optional(), all: z.boolean().optional() });
const MOST_PER_PAGE = 200;

/** Adds the options of every list. */
export const withPaging = (command: Command): Command =>
  command
    .option('--limit <n>', 'rows of a page, at most 200', wholeNumber)
    .option('--cursor <cursor>', 'goes on where a page ended')
    .option('--all', 'every page');

export interface Listing<T extends z.ZodType> {
  readonly path: string;
  readonly item: T;
  /** Options of the command; those that are neither paging nor named in `without` are the filters of the same name. */
  readonly options: unknown;
  readonly without?: readonly string[];
  readonly head: readonly string[];
  readonly row: (item: z.infer<T>) => readonly (string | number | null)[];
}

const scalar = z.union([z.string(), z.number()]);

/** One page of a list, or all of them, as a table. `--json` prints `{items, nextCursor}` in both cases. */
export async function list<T extends z.ZodType>(api: ApiClient, { path, item, options, without = [], head, row }: Listing<T>): Promise<Outcome> {
  const { limit, cursor, all, ...rest } = paging.parse(options);
  const filters: Record<string, QueryValue> = {};
  for (const [name, value] of Object.entries(rest)) if (!without.includes(name)) filters[name] = scalar.optional().parse(value);
  const query: Query = { ...filters, limit: limit ?? (all === true ? MOST_PER_PAGE : undefined), cursor };
  const answer = await pages(api, path, pageOf(item), query, all === true);
  const lines = answer.items.length === 0 ? ['Nothing to show.'] : [...table(head, answer.items.map(row))];
  return { answer, lines: answer.nextCursor === null ? lines : [...lines, `More: --cursor ${answer.nextCursor}`] };
}

async function pages<P extends { readonly items: readonly unknown[]; readonly nextCursor: string | null }>(api: ApiClient, path: string, schema: z.ZodType<P>, query: Query, all: boolean): Promise<P> {
  let page = await api.get(path, schema, query);
  while (all && page.nextCursor !== null) {
    const next: P = await api.get(path, schema, { ...query, cursor: page.nextCursor });
    page = { ...next, items: [...page.items, ...next.items] };
  }
  return page;
}
