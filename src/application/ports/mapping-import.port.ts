import type { AliasRule, ImportEntry, ImportFate, ImportMappingsQuery, MappingImportListItem, MappingImportListQuery, MappingImportRowQuery, MappingImportRowView, MappingImportView } from '../../contracts/identity-mapping.contract.js';
import type { CommandContext, CommandOutcome, Principal } from './api-commands.port.js';
import type { ListQuery, Rows } from './api-queries.port.js';
import type { SiteTx } from './unit-of-work.port.js';

/** A file on its way in: its rows while they arrive, and what its bytes hash to once they have. */
export interface ImportFile { readonly entries: AsyncIterable<ImportEntry>; readonly query: ImportMappingsQuery; readonly hash: () => string }

export interface ImportRun {
  readonly id: string;
  readonly dryRun: boolean;
  readonly aliases: AliasRule;
  readonly status: MappingImportView['status'] | 'reading';
  readonly askedBy: string;
  readonly askedByKind: Principal['kind'];
  readonly commandId: string | null;
  readonly step: number;
  /** Rounds in a row that brought nothing. */
  readonly attempts: number;
}
export interface StagedRow {
  readonly line: number; readonly accountId: string | null; readonly provider: 'okta' | 'entra' | null; readonly batch: number | null; readonly place: number | null;
  readonly fate: ImportFate | null; readonly code: string | null; readonly detail: string | null;
}
export interface StagedBatch { readonly batch: number; readonly connectorId: string; readonly sealedLogins: string }
export interface WaitingRow { readonly line: number; readonly accountId: string; readonly provider: 'okta' | 'entra'; readonly place: number }
export interface WaitingBatch { readonly connectorId: string; readonly sealedLogins: string; readonly rows: readonly WaitingRow[] }
export interface RowFate { readonly line: number; readonly fate: ImportFate; readonly code: string | null; readonly detail: string | null; readonly identityHash: string | null }
export type ImportCounts = Readonly<Record<ImportFate, number>>;
/** `rows`: all, with those that wait. */
export interface ImportTally { readonly rows: number; readonly counts: ImportCounts }

/** Imports of mappings, their rows and their sealed logins (docs/adr/0019). */
export interface MappingImportStore {
  create(tx: SiteTx, run: Pick<ImportRun, 'id' | 'dryRun' | 'aliases' | 'askedBy' | 'askedByKind'>): Promise<void>;
  /** A row whose account an earlier row of the file maps at the same provider is kept as `duplicate`. */
  addRows(tx: SiteTx, id: string, rows: readonly StagedRow[]): Promise<void>;
  addBatches(tx: SiteTx, id: string, batches: readonly StagedBatch[]): Promise<void>;
  /** Removes whatever was read of a file that is not imported. */
  discard(tx: SiteTx, id: string): Promise<void>;
  lock(tx: SiteTx, id: string): Promise<ImportRun | null>;
  update(tx: SiteTx, id: string, patch: { readonly status?: ImportRun['status']; readonly failure?: string; readonly commandId?: string; readonly step?: number; readonly attempts?: number; readonly endedAt?: Date; readonly tally?: ImportTally }): Promise<void>;
  /** The first rows that wait, of one batch; null: none. */
  nextWaiting(tx: SiteTx, id: string, limit: number): Promise<WaitingBatch | null>;
  setFates(tx: SiteTx, id: string, fates: readonly RowFate[]): Promise<void>;
  /** Accounts but for this one that hold the identity, as the rows of this import that are decided leave it. */
  countOthersOn(tx: SiteTx, id: string, identityHash: string, exceptAccountId: string): Promise<number>;
  counts(tx: SiteTx, id: string): Promise<ImportTally>;
  forgetLogins(tx: SiteTx, id: string): Promise<void>;
  view(tx: SiteTx, id: string): Promise<MappingImportView | null>;
  /** Imports under way whose last step is older. */
  stalled(tx: SiteTx, olderThanMs: number): Promise<readonly string[]>;
  /** Forgets what was read of files that never arrived whole, and imports that ended longer ago. */
  prune(tx: SiteTx, olderThanDays: number): Promise<number>;
}

/** @throws EngineUnavailable */
export interface MappingImportEngine {
  /** Starts the run of an import, however often it is asked for. */
  run(siteId: string, importId: string): Promise<void>;
  /** Ends the run of an import that is over by the record, at once; where there is none, nothing is done. */
  stop(siteId: string, importId: string): Promise<void>;
}

/** @throws DatabaseUnavailable, and what reading the file throws. What a rule refuses is a returned refusal. An engine that is away delays the run, not the answer. */
export interface MappingImportCommands {
  /** Rows are checked in shape already; each is added, changed, left or refused on its own, or in a dry run would be. */
  import(context: CommandContext, file: ImportFile): Promise<CommandOutcome<MappingImportView>>;
  /** Ends an import under way, once; what it did stays. */
  cancel(context: CommandContext, target: { readonly id: string }): Promise<CommandOutcome<MappingImportView>>;
}
/** @throws DatabaseUnavailable */
export interface MappingImportQueries {
  list(principal: Principal, query: ListQuery<MappingImportListQuery>): Promise<Rows<MappingImportListItem>>;
  find(principal: Principal, id: string): Promise<MappingImportView | null>;
  rows(principal: Principal, id: string, query: ListQuery<MappingImportRowQuery>): Promise<Rows<MappingImportRowView>>;
  /** Every row with its fate as CSV; null: no such import. */
  export(principal: Principal, id: string): Promise<string | null>;
}
