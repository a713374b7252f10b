import type { ImportFate } from '../../contracts/identity-mapping.contract.js';
import { retryDelayMs } from '../../domain/provisioning/provisioning.js';
import { actorOf } from '../commands/run-command.js';
import type { AskedBy } from '../core/call-failure.js';
import type { CoreCallOrder, CoreCallResult, ResolvedPlace } from '../core/core-call.js';
import { nobody } from '../core/finish-mapping.js';
import { keepMapping, type KeptMapping } from '../core/keep-mapping.js';
import { pacedPauseMs } from '../core/paced.js';
import { endImport } from './end-import.js';
import type { ConnectorRow, ConnectorStore } from '../ports/connector-store.port.js';
import type { ImportRun, MappingImportStore, RowFate, WaitingBatch, WaitingRow } from '../ports/mapping-import.port.js';
import type { MappingStore } from '../ports/mapping-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface AdvanceImportDeps { readonly uow: UnitOfWork<SiteTx>; readonly imports: MappingImportStore; readonly connectors: ConnectorStore; readonly mappings: MappingStore; readonly newId: () => string; /** Lets requests that wait for a mapping look again; fails nothing. */ readonly wake: (siteId: string, requestIds: readonly string[]) => Promise<void> }
/** What the workflow does next for an import. Plain JSON; it crosses the engine. */
export type ImportStep =
  | { readonly kind: 'ended'; readonly status: string }
  | { readonly kind: 'ask'; readonly step: number; readonly order: CoreCallOrder; readonly summary: string }
  | { readonly kind: 'wait'; readonly waitMs: number };
/** How the lookups of a step ended; a report of an older step changes nothing. */
export interface ImportReport { readonly step: number; readonly result: CoreCallResult }

/** Logins that are looked up in one order, and rows that are written in one transaction. */
const ROWS_AT_ONCE = 50;
/** Rounds in a row that brought nothing, after which the import gives up. With the pauses between them: an hour and three quarters, or more. */
const MAX_ATTEMPTS = 30;
const LONGEST_PAUSE_MS = 300_000;
/** Requests that are woken after one batch; the poller takes up the rest. */
const WOKEN_AT_ONCE = 100;

/**
 * One step of an import: takes what the last lookups brought, says which are next. All that it knows is in the record, so a run that was lost goes on with the rows that wait.
 * In a dry run each row is decided and undone. Requests that waited for a mapping of the batch are woken once it is committed. @throws DatabaseUnavailable
 */
export async function advanceImport(deps: AdvanceImportDeps, siteId: string, importId: string, report: ImportReport | null): Promise<ImportStep> {
  let due: readonly string[] = [];
  const step = await deps.uow.run(siteId, async (tx): Promise<ImportStep> => {
    const run = await deps.imports.lock(tx, importId);
    if (run?.status !== 'running') return { kind: 'ended', status: run?.status ?? 'none' };
    if (report === null || report.step !== run.step) return next(deps, tx, run);
    const { result } = report;
    if (result.kind === 'failed') return postpone(deps, tx, run, result);
    if (result.kind !== 'identities') throw new Error(`lookups of an import were answered with "${result.kind}"`);
    const taken = await take(deps, tx, run, result);
    due = taken.due;
    return taken.step;
  });
  if (due.length > 0) await deps.wake(siteId, due.slice(0, WOKEN_AT_ONCE));
  return step;
}

async function next(deps: AdvanceImportDeps, tx: SiteTx, run: ImportRun): Promise<ImportStep> {
  const batch = await deps.imports.nextWaiting(tx, run.id, ROWS_AT_ONCE);
  if (batch === null) return end(deps, tx, run, 'done');
  const connector = await usable(deps, tx, batch);
  if (connector === null) return end(deps, tx, run, 'failed', UNUSABLE);
  const step = run.step + 1;
  await deps.imports.update(tx, run.id, { step });
  const order: CoreCallOrder = { siteId: tx.siteId, connectorId: connector.id, provider: connector.address.provider, sealedConfig: connector.sealedConfig, kind: 'resolveIdentities', sealedLogins: batch.sealedLogins, places: batch.rows.map(({ place }) => place) };
  return { kind: 'ask', step, order, summary: `Look up ${batch.rows.length} logins` };
}

const UNUSABLE = 'The connector that resolves the logins was disabled or deleted';
/** Held before any mapping is, so that it can't go while identities are kept for it. Null: nobody may ask through it any more. */
async function usable({ connectors }: AdvanceImportDeps, tx: SiteTx, { connectorId }: WaitingBatch): Promise<ConnectorRow | null> {
  const connector = await connectors.lock(tx, connectorId);
  return connector?.status === 'enabled' ? connector : null;
}

async function take(deps: AdvanceImportDeps, tx: SiteTx, run: ImportRun, { identities, retryAfterMs }: Extract<CoreCallResult, { kind: 'identities' }>): Promise<{ readonly step: ImportStep; readonly due: readonly string[] }> {
  const batch = await deps.imports.nextWaiting(tx, run.id, ROWS_AT_ONCE);
  if (batch === null) return { step: await next(deps, tx, run), due: [] };
  if ((await usable(deps, tx, batch)) === null) return { step: await end(deps, tx, run, 'failed', UNUSABLE), due: [] };
  const found = identities.flatMap((resolved) => batch.rows.filter(({ place }) => place === resolved.place).map((row) => ({ row, resolved })));
  const known = found.flatMap(({ row, resolved: { identity } }) => (identity === null ? [] : [{ accountId: row.accountId, hash: identity.identityHash }]));
  const due = run.dryRun ? [] : await deps.mappings.hastenRequests(tx, known.map(({ accountId }) => accountId), known.map(({ hash }) => hash));
  for (const { row, resolved } of found) await deps.imports.setFates(tx, run.id, [await decide(deps, tx, run, batch, row, resolved)]);
  if (run.attempts > 0 && identities.length > 0) await deps.imports.update(tx, run.id, { attempts: 0 });
  return { step: retryAfterMs === null ? await next(deps, tx, run) : { kind: 'wait', waitMs: pauseOf(retryAfterMs, 1) }, due };
}

async function decide(deps: AdvanceImportDeps, tx: SiteTx, run: ImportRun, { connectorId }: WaitingBatch, row: WaitingRow, { identity, failure }: ResolvedPlace): Promise<RowFate> {
  const by: AskedBy = { actor: actorOf({ accountId: run.askedBy, kind: run.askedByKind }), accountId: run.askedBy, commandId: run.commandId ?? run.id };
  const countOthersOn = (at: SiteTx, hash: string, except: string): Promise<number> => deps.imports.countOthersOn(at, run.id, hash, except);
  const wanted = { connectorId, provider: row.provider, accountId: row.accountId, mappingId: null, replace: true, aliases: run.aliases };
  const keep = async (): Promise<KeptMapping> => {
    if (identity !== null) return keepMapping({ mappings: deps.mappings, newId: deps.newId, countOthersOn }, tx, wanted, identity, by);
    return failure === null || failure.kind === 'userNotFound' ? nobody() : { ok: false, refusal: { code: 'mapping.unresolved', detail: failure.detail } };
  };
  const kept = run.dryRun ? await tx.rehearse(keep) : await keep();
  const identityHash = identity?.identityHash ?? null;
  if (kept.ok) return { line: row.line, fate: kept.did, code: null, detail: null, identityHash };
  const { code, detail } = kept.refusal;
  if (!run.dryRun) await tx.audit({ action: 'mapping.refused', actor: by.actor, subject: { accountId: row.accountId, connectorId, commandId: by.commandId }, data: { operation: 'mapping.import', importId: run.id, line: row.line, code, detail } });
  return { line: row.line, fate: REFUSED[code] ?? 'unresolved', code, detail, identityHash };
}
const REFUSED: Readonly<Partial<Record<string, ImportFate>>> = { 'mapping.alias': 'alias', 'mapping.duplicate': 'duplicate' };

/** An invalid answer may come from a proxy that stood in the way for a while. */
const WORTH_REPEATING: ReadonlySet<string> = new Set(['retryable', 'invalidAnswer']);

/** A provider that asks for time gets it; what repeating can't mend ends the import, and what is in stays. */
async function postpone(deps: AdvanceImportDeps, tx: SiteTx, run: ImportRun, result: Extract<CoreCallResult, { kind: 'failed' }>): Promise<ImportStep> {
  const pacedMs = pacedPauseMs(result);
  if (pacedMs !== null) return { kind: 'wait', waitMs: pacedMs };
  const attempts = run.attempts + 1;
  if (!WORTH_REPEATING.has(result.failure) || attempts >= MAX_ATTEMPTS) return end(deps, tx, run, 'failed', result.detail);
  await deps.imports.update(tx, run.id, { attempts });
  return { kind: 'wait', waitMs: pauseOf(result.retryAfterMs, attempts) };
}
/** Never shorter than the back-off: a provider that asks for no time at all would have used up every try within seconds (SPEC F6). */
const pauseOf = (asked: number | undefined, attempts: number): number => Math.min(LONGEST_PAUSE_MS, retryDelayMs(attempts, asked ?? null));

async function end({ imports }: AdvanceImportDeps, tx: SiteTx, run: ImportRun, status: 'done' | 'failed', failure?: string): Promise<ImportStep> {
  await endImport(imports, tx, run, { status, ...(failure === undefined ? {} : { failure }) }, { actor: actorOf({ accountId: run.askedBy, kind: run.askedByKind }), commandId: run.commandId });
  return { kind: 'ended', status };
}
