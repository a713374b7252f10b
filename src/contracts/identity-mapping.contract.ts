import { z } from 'zod';
import { accountId, block, externalLogin, id, instant, provider } from './primitives.js';
import { pageQuery } from './page.contract.js';

/** `refuse`: an identity that another account holds is not mapped a second time. Accepted, the two accounts are one person (SPEC A7). */
export const aliasRule = z.enum(['accept', 'refuse']);
export type AliasRule = z.infer<typeof aliasRule>;
/** Without a connector: the oldest enabled one of the provider. A person may have another login in another org or tenant. Aliases are accepted unless said. */
export const createIdentityMappingBody = z.strictObject({ accountId, provider, externalLogin, connectorId: id.optional(), aliases: aliasRule.optional() });
export type CreateIdentityMappingBody = z.output<typeof createIdentityMappingBody>;
export const patchIdentityMappingBody = z.strictObject({ externalLogin });
export type PatchIdentityMappingBody = z.output<typeof patchIdentityMappingBody>;

/** The external identity is sealed (SPEC F14): a list shows a masked hint; `externalId` is what the provider resolved it to, or why not. */
export const identityMappingView = z.strictObject({
  id,
  accountId,
  provider,
  connectorId: id,
  externalLogin: z.string().nullable(),
  loginHint: z.string(),
  /** Other accounts on the same identity: one person under several accounts, who decides on none of their requests (SPEC A7). */
  otherAccounts: z.int(),
  externalId: z.string().nullable(),
  unresolved: z.strictObject({ code: z.string(), reason: z.string() }).nullable(),
  version: z.int(),
  createdAt: instant,
  updatedAt: instant,
});
export type IdentityMappingView = z.infer<typeof identityMappingView>;

export const identityMappingListQuery = z.strictObject({ ...pageQuery, accountId: accountId.optional(), provider: provider.optional() });
export type IdentityMappingListQuery = z.output<typeof identityMappingListQuery>;

export const MAX_IMPORT_ROWS = 100_000;
/** JSON envelope of a CSV file, for hosts that carry JSON only; `text/csv` is taken as it is, and may be larger. */
export const importMappingsBody = z.strictObject({ csv: block(200_000) });
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const importMappingsQuery = z.strictObject({ dryRun: flag.default(false), aliases: aliasRule.default('refuse') });
export type ImportMappingsQuery = z.output<typeof importMappingsQuery>;

export const importRow = z.strictObject({ accountId, provider, externalLogin });
/** One row of a file as it was read; `fault` says in words why it is none. `line` counts from 1. */
export type ImportEntry = { readonly line: number } & ({ readonly row: z.infer<typeof importRow> } | { readonly fault: string });

/** What becomes, or in a dry run would become, of a row. `duplicate`: its account is mapped by an earlier row of the file. `alias`: another account holds the identity. */
export const IMPORT_FATES = ['add', 'change', 'unchanged', 'duplicate', 'alias', 'unresolved', 'bad'] as const;
export const importFate = z.enum(IMPORT_FATES);
export type ImportFate = (typeof IMPORT_FATES)[number];
const importOutcome = z.enum(['created', 'updated', 'unchanged', 'refused']);
export const mappingImportRowView = z.strictObject({
  line: z.int(),
  accountId: z.string().nullable(),
  provider: provider.nullable(),
  /** Null: not looked at yet. */
  fate: importFate.nullable(),
  outcome: importOutcome.nullable(),
  code: z.string().optional(),
  detail: z.string().optional(),
});
export type MappingImportRowView = z.infer<typeof mappingImportRowView>;

/** How a row of each fate is told by its outcome. */
export const FATE_OUTCOMES = { add: 'created', change: 'updated', unchanged: 'unchanged', duplicate: 'refused', alias: 'refused', unresolved: 'refused', bad: 'refused' } as const satisfies Record<ImportFate, MappingImportRowView['outcome']>;

export const IMPORT_STATUSES = ['running', 'done', 'failed', 'cancelled'] as const;
const count = z.int().min(0);
/** Files of at most this many rows carry their rows in the answer; of larger ones they are read by the page. */
export const ROWS_IN_ANSWER = 1_000;
export const mappingImportView = z.strictObject({
  id,
  dryRun: z.boolean(),
  aliases: aliasRule,
  /** Whose file it is: an account, or a service client's name. */
  askedBy: z.string(),
  /** `failed`, `cancelled`: the rest was not looked at; importing the file again goes on, since what is there is unchanged. */
  status: z.enum(IMPORT_STATUSES),
  failure: z.string().nullable(),
  rows: count,
  /** Rows whose fate is known. */
  checked: count,
  counts: z.strictObject({ add: count, change: count, unchanged: count, duplicate: count, alias: count, unresolved: count, bad: count } satisfies Record<ImportFate, typeof count>),
  /** The same in three numbers; in a dry run, what would be. */
  created: count,
  updated: count,
  refused: count,
  results: z.array(mappingImportRowView),
  startedAt: instant,
  endedAt: instant.nullable(),
});
export type MappingImportView = z.infer<typeof mappingImportView>;

export const mappingImportListQuery = z.strictObject({ ...pageQuery, status: z.enum(IMPORT_STATUSES).optional(), dryRun: z.enum(['true', 'false']).transform((text) => text === 'true').optional() });
export type MappingImportListQuery = z.output<typeof mappingImportListQuery>;
/** An import as a list shows it: without its rows. */
export const mappingImportListItem = mappingImportView.omit({ results: true });
export type MappingImportListItem = z.infer<typeof mappingImportListItem>;
export const mappingImportRowQuery = z.strictObject({ ...pageQuery, fate: importFate.optional(), outcome: importOutcome.optional() });
export type MappingImportRowQuery = z.output<typeof mappingImportRowQuery>;
/** What is kept of a command on an import: how far the import is, is read. */
export const startedImport = z.strictObject({ importId: id });
