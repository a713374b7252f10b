import { Option, type Command } from 'commander';
import { z } from 'zod';
import { FATE_OUTCOMES, IMPORT_FATES, IMPORT_STATUSES } from '../../contracts/identity-mapping.contract.js';
import { pageOf, shownImportItem, shownImportRow } from '../answers.js';
import type { ApiClient } from '../api-client.js';
import { YES } from '../confirmation.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { list, withPaging } from '../listing.js';
import type { Perform } from '../options.js';
import { fields, table } from '../print/table.js';
import { segment } from '../references.js';
import type { Outcome, Session } from '../session.js';
import { followImport } from './follow-import.js';
import { csvFile } from './csv-file.js';

type Shown = z.infer<typeof shownImportItem>;
const ROW_HEAD = ['line', 'account', 'provider', 'fate', 'why'] as const;
const rowOf = ({ line, accountId, provider, fate, code, detail }: z.infer<typeof shownImportRow>) => [line, accountId, provider, fate, code === undefined ? null : `${code}: ${detail ?? ''}`];
/** Rows not taken that are printed beside the counts. */
const PRINTED = 20;

const linesOf = ({ id, dryRun, status, failure, rows, checked, counts, askedBy, startedAt, endedAt }: Shown): readonly string[] => fields([
  ['import', `${id}, ${status}${dryRun ? ', dry run: nothing was changed' : ''}`], ['failure', failure ?? undefined], ['asked by', askedBy], ['rows', `${rows}, of which ${checked} looked at`],
  ...Object.entries(counts).map(([fate, count]) => [`  ${fate}`, count] as const), ['started', startedAt], ['ended', endedAt],
]);
/** A run that ended early, or a file of which a row was not taken, is a bad answer. */
const exitOf = ({ status, refused }: Shown): ExitCode => (status === 'failed' || status === 'cancelled' || refused > 0 ? EXIT.refused : EXIT.ok);

/** Identity mappings by file (SPEC F5). Nothing is mapped without `--yes`. */
export function addMappingCommands(program: Command, perform: Perform): void {
  const mappings = program.command('mappings').description('which person is who at which provider, by file');
  mappings
    .command('import')
    .description('a dry run, which says what would become of each row and maps nobody; with --yes it imports. Waits until every row was looked at')
    .argument('<file>', 'CSV in UTF-8 with the header accountId,provider,externalLogin')
    .addOption(new Option('--aliases <rule>', 'what becomes of a second account on one identity; refused unless said').choices(['accept', 'refuse']))
    .option(...YES)
    .action((file: string, options: unknown) => perform((session) => importFile(session, file, options)));
  withPaging(mappings.command('imports'))
    .description('imports and dry runs, newest first')
    .addOption(new Option('--status <status>', 'only in this status').choices(IMPORT_STATUSES))
    .addOption(new Option('--dry-run <which>', 'only dry runs, or only imports').choices(['true', 'false']))
    .action((options: unknown) => perform(async (session) => list(await session.signIn(), {
      path: '/identity-mappings/imports', item: shownImportItem, options, head: ['import', 'dry run', 'status', 'rows', 'looked at', 'created', 'updated', 'refused', 'asked by', 'started'],
      row: ({ id, dryRun, status, rows, checked, created, updated, refused, askedBy, startedAt }) => [id, dryRun ? 'yes' : 'no', status, rows, checked, created, updated, refused, askedBy, startedAt],
    })));
  mappings
    .command('import-show')
    .description('how far an import is; exits 1 when it failed or was cancelled, or did not take a row')
    .argument('<id>', 'id of the import')
    .action((id: string) => perform(async (session) => {
      const api = await session.signIn();
      return outcomeOf(api, await api.get(`/identity-mappings/imports/${segment(id)}`, shownImportItem));
    }));
  withPaging(mappings.command('import-rows'))
    .description('every row of the file with its fate')
    .argument('<id>', 'id of the import')
    .addOption(new Option('--fate <fate>', 'only of this fate').choices(IMPORT_FATES))
    .addOption(new Option('--outcome <outcome>', 'only with this outcome').choices([...new Set(Object.values(FATE_OUTCOMES))]))
    .action((id: string, options: unknown) => perform(async (session) => list(await session.signIn(), { path: `/identity-mappings/imports/${segment(id)}/rows`, item: shownImportRow, options, head: ROW_HEAD, row: rowOf })));
  mappings
    .command('import-cancel')
    .description('end an import under way; what it did stays')
    .argument('<id>', 'id of the import')
    .action((id: string) => perform(async (session) => {
      const view = await (await session.signIn()).post(`/identity-mappings/imports/${segment(id)}/cancel`, shownImportItem, {}, session.idempotencyKey);
      return { answer: view, lines: linesOf(view) };
    }));
}

async function importFile(session: Session, path: string, options: unknown): Promise<Outcome> {
  const { aliases, yes } = z.object({ aliases: z.string().optional(), yes: z.boolean().optional() }).parse(options);
  const file = await csvFile(path);
  try {
    const api = await session.signIn();
    const started = await api.upload('/identity-mappings/import', shownImportItem, { contentType: 'text/csv', bytes: file.bytes }, { dryRun: String(yes !== true), aliases }, session.idempotencyKey);
    const { lines, ...outcome } = await outcomeOf(api, await followImport(session, api, started));
    return { ...outcome, lines: yes === true ? lines : [...lines, 'To do it: the same with --yes.'] };
  } finally {
    await file.close();
  }
}

/** With the first rows that were not taken, for people; `--json` is the import as the API tells it. */
async function outcomeOf(api: ApiClient, view: Shown): Promise<Outcome> {
  const outcome = { answer: view, exitCode: exitOf(view) };
  if (view.refused === 0) return { ...outcome, lines: linesOf(view) };
  const { items, nextCursor } = await api.get(`/identity-mappings/imports/${segment(view.id)}/rows`, pageOf(shownImportRow), { outcome: 'refused', limit: PRINTED });
  return { ...outcome, lines: [...linesOf(view), 'Not taken:', ...table(ROW_HEAD, items.map(rowOf)), ...(nextCursor === null ? [] : [`More: aiclearance mappings import-rows ${view.id} --outcome refused --all`])] };
}
