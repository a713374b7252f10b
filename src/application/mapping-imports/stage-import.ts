import type { ImportEntry } from '../../contracts/identity-mapping.contract.js';
import { connectorFor } from '../core/connector-for.js';
import type { Principal } from '../ports/api-commands.port.js';
import type { ConnectorStore } from '../ports/connector-store.port.js';
import type { ImportFile, MappingImportStore, StagedBatch, StagedRow } from '../ports/mapping-import.port.js';
import { loginBatchContext, type Sealer } from '../ports/sealing.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface StageDeps { readonly uow: UnitOfWork<SiteTx>; readonly imports: MappingImportStore; readonly connectors: ConnectorStore; readonly sealer: Sealer }
/** Rows that are held in memory and written in one transaction. */
const AT_ONCE = 1_000;
/** Logins that one seal holds: a round of lookups opens it whole. */
const LOGINS_IN_BATCH = 100;

type Provider = 'okta' | 'entra';
type Connectors = Readonly<Record<Provider, string | null>>;

/**
 * Keeps a file's rows while it arrives, however many there are: what is in memory is one batch. Logins are sealed for the core worker before anything is
 * stored (SPEC F14). The import waits as `reading`. @throws what reading the file throws; then nothing of it is kept
 */
export async function stageImport(deps: StageDeps, { siteId, accountId, kind }: Principal, id: string, { entries, query }: ImportFile): Promise<void> {
  const connectors = await deps.uow.run(siteId, async (tx): Promise<Connectors> => {
    await deps.imports.create(tx, { id, dryRun: query.dryRun, aliases: query.aliases, askedBy: accountId, askedByKind: kind });
    return { okta: (await connectorFor(deps, tx, 'okta', null))?.id ?? null, entra: (await connectorFor(deps, tx, 'entra', null))?.id ?? null };
  });
  const stage = new Stage(deps, siteId, connectors);
  try {
    let waiting: ImportEntry[] = [];
    for await (const entry of entries) {
      waiting.push(entry);
      if (waiting.length < AT_ONCE) continue;
      await stage.write(id, waiting);
      waiting = [];
    }
    await stage.write(id, waiting);
  } catch (error) {
    await deps.uow.run(siteId, (tx) => deps.imports.discard(tx, id));
    throw error;
  }
}

class Stage {
  private batches = 0;
  constructor(private readonly deps: StageDeps, private readonly siteId: string, private readonly connectors: Connectors) {}

  async write(id: string, entries: readonly ImportEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const rows: StagedRow[] = [];
    const batches: StagedBatch[] = [];
    const logins: Record<Provider, { row: Omit<StagedRow, 'batch' | 'place'>; login: string }[]> = { okta: [], entra: [] };
    for (const entry of entries) {
      if ('fault' in entry) rows.push({ ...NOTHING, line: entry.line, fate: 'bad', code: 'body.invalid', detail: entry.fault });
      else if (this.connectors[entry.row.provider] === null) rows.push({ ...NOTHING, line: entry.line, accountId: entry.row.accountId, provider: entry.row.provider, fate: 'unresolved', code: 'connector.not_ready', detail: `Enable a connector for ${entry.row.provider} first: it resolves the login` });
      else logins[entry.row.provider].push({ row: { ...NOTHING, line: entry.line, accountId: entry.row.accountId, provider: entry.row.provider }, login: entry.row.externalLogin });
    }
    for (const provider of ['okta', 'entra'] as const) {
      const connectorId = this.connectors[provider];
      const of = logins[provider];
      for (let at = 0; connectorId !== null && at < of.length; at += LOGINS_IN_BATCH) {
        const some = of.slice(at, at + LOGINS_IN_BATCH);
        const batch = (this.batches += 1);
        batches.push({ batch, connectorId, sealedLogins: await this.deps.sealer.seal(loginBatchContext(this.siteId, connectorId), JSON.stringify(some.map(({ login }) => login))) });
        rows.push(...some.map(({ row }, place) => ({ ...row, batch, place })));
      }
    }
    await this.deps.uow.run(this.siteId, async (tx) => {
      await this.deps.imports.addBatches(tx, id, batches);
      await this.deps.imports.addRows(tx, id, rows);
    });
  }
}
const NOTHING = { accountId: null, provider: null, batch: null, place: null, fate: null, code: null, detail: null } as const;
