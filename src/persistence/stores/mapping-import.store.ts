import { ROWS_IN_ANSWER } from '../../application/ports/api-views.js';
import type { ImportRun, ImportTally, MappingImportStore, RowFate, StagedBatch, StagedRow, WaitingBatch, WaitingRow } from '../../application/ports/mapping-import.port.js';
import { IMPORT_COLUMNS, toImportView, type ImportRowRow, type ImportViewRow } from '../read-models/mapping-import-views.js';
import { insertInto, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';

/** Rows of this import that are decided and give their account the identity that they found. */
const GIVES = "r.fate IN ('add', 'change', 'unchanged')";
/** Imports that are forgotten in one go: a large one is a hundred thousand rows. */
const PRUNED_AT_ONCE = 5;

export class PgMappingImportStore implements MappingImportStore {
  async create(tx: PgSiteTx, run: Parameters<MappingImportStore['create']>[1]): Promise<void> {
    const { sql, values } = insertInto('mapping_import', { ...run, siteId: tx.siteId, startedAt: tx.now });
    await tx.query(sql, values);
  }

  /** A scalar subquery, since EXISTS may be planned as a scan of all that is there so far. */
  async addRows(tx: PgSiteTx, id: string, rows: readonly StagedRow[]): Promise<void> {
    const column = <K extends keyof StagedRow>(name: K): StagedRow[K][] => rows.map((row) => row[name]);
    await tx.query(
      `INSERT INTO mapping_import_row (import_id, site_id, line, account_id, provider, batch, place, fate, code, detail)
       SELECT $2, $1, n.line, n.account_id, n.provider, n.batch, n.place, CASE WHEN n.repeated THEN 'duplicate' ELSE n.fate END, CASE WHEN n.repeated THEN 'mapping.duplicate' ELSE n.code END,
         CASE WHEN n.repeated THEN 'An earlier row of the file maps this account at this provider' ELSE n.detail END
       FROM (SELECT u.*, u.account_id IS NOT NULL AND (row_number() OVER (PARTITION BY u.provider, u.account_id ORDER BY u.line) > 1
           OR (SELECT e.line FROM mapping_import_row e WHERE e.import_id = $2 AND e.provider = u.provider AND e.account_id = u.account_id LIMIT 1) IS NOT NULL) AS repeated
         FROM unnest($3::int[], $4::text[], $5::text[], $6::int[], $7::int[], $8::text[], $9::text[], $10::text[]) AS u (line, account_id, provider, batch, place, fate, code, detail)) n`,
      [tx.siteId, id, column('line'), column('accountId'), column('provider'), column('batch'), column('place'), column('fate'), column('code'), column('detail')],
    );
  }
  async addBatches(tx: PgSiteTx, id: string, batches: readonly StagedBatch[]): Promise<void> {
    for (const batch of batches) {
      const { sql, values } = insertInto('mapping_import_batch', { ...batch, id: `${id}.${batch.batch}`, importId: id, siteId: tx.siteId });
      await tx.query(sql, values);
    }
  }
  async discard(tx: PgSiteTx, id: string): Promise<void> {
    for (const table of ['mapping_import_row', 'mapping_import_batch']) await tx.query(`DELETE FROM ${table} WHERE site_id = $1 AND import_id = $2`, [tx.siteId, id]);
    await tx.query('DELETE FROM mapping_import WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  }

  async lock(tx: PgSiteTx, id: string): Promise<ImportRun | null> {
    const [row] = await tx.query<ImportRun>(
      `SELECT id, dry_run AS "dryRun", aliases, status, asked_by AS "askedBy", asked_by_kind AS "askedByKind", command_id AS "commandId", step, attempts FROM mapping_import WHERE site_id = $1 AND id = $2 FOR UPDATE`, [tx.siteId, id]);
    return row ?? null;
  }
  async update(tx: PgSiteTx, id: string, patch: Parameters<MappingImportStore['update']>[2]): Promise<void> {
    const { sql, values } = setList({ ...patch }, 3);
    await tx.query(`UPDATE mapping_import SET ${sql}, stepped_at = clock_timestamp() WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...values]);
  }

  async nextWaiting(tx: PgSiteTx, id: string, limit: number): Promise<WaitingBatch | null> {
    const rows = await tx.query<WaitingRow & { readonly batch: number }>(
      `SELECT r.line, r.account_id AS "accountId", r.provider, r.place, r.batch FROM mapping_import_row r WHERE r.site_id = $1 AND r.import_id = $2 AND r.fate IS NULL
         AND r.batch = (SELECT min(f.batch) FROM mapping_import_row f WHERE f.site_id = $1 AND f.import_id = $2 AND f.fate IS NULL) ORDER BY r.place LIMIT $3`, [tx.siteId, id, limit]);
    const [first] = rows;
    if (first === undefined) return null;
    const [batch] = await tx.query<Pick<StagedBatch, 'connectorId' | 'sealedLogins'>>('SELECT connector_id AS "connectorId", sealed_logins AS "sealedLogins" FROM mapping_import_batch WHERE site_id = $1 AND import_id = $2 AND batch = $3', [tx.siteId, id, first.batch]);
    if (batch === undefined) throw new Error(`import ${id} waits for batch ${first.batch}, which is not there`);
    return { ...batch, rows };
  }
  async setFates(tx: PgSiteTx, id: string, fates: readonly RowFate[]): Promise<void> {
    for (const { line, fate, code, detail, identityHash } of fates) {
      await tx.query('UPDATE mapping_import_row SET fate = $4, code = $5, detail = $6, identity_hash = $7 WHERE site_id = $1 AND import_id = $2 AND line = $3', [tx.siteId, id, line, fate, code, detail, identityHash]);
    }
  }

  async countOthersOn(tx: PgSiteTx, id: string, identityHash: string, exceptAccountId: string): Promise<number> {
    const rows = await tx.query(
      `SELECT m.account_id FROM external_identity i JOIN site_identity_mapping m ON m.external_identity_id = i.id WHERE i.site_id = $1 AND i.identity_hash = $3 AND m.account_id <> $4
         AND NOT EXISTS (SELECT 1 FROM mapping_import_row r JOIN mapping_import_batch b ON b.import_id = r.import_id AND b.batch = r.batch
           WHERE r.import_id = $2 AND r.provider = m.provider AND r.account_id = m.account_id AND ${GIVES} AND b.connector_id = m.connector_id AND r.identity_hash <> $3)
       UNION SELECT r.account_id FROM mapping_import_row r WHERE r.import_id = $2 AND r.identity_hash = $3 AND r.account_id <> $4 AND ${GIVES}`,
      [tx.siteId, id, identityHash, exceptAccountId],
    );
    return rows.length;
  }

  async counts(tx: PgSiteTx, id: string): Promise<ImportTally> {
    const found = await tx.query<{ readonly fate: keyof ImportTally['counts'] | null; readonly n: number }>('SELECT fate, count(*) AS n FROM mapping_import_row WHERE site_id = $1 AND import_id = $2 GROUP BY fate', [tx.siteId, id]);
    const counts = { add: 0, change: 0, unchanged: 0, duplicate: 0, alias: 0, unresolved: 0, bad: 0 };
    for (const { fate, n } of found) if (fate !== null) counts[fate] = n;
    return { rows: found.reduce((sum, { n }) => sum + n, 0), counts };
  }
  async forgetLogins(tx: PgSiteTx, id: string): Promise<void> {
    await tx.query('DELETE FROM mapping_import_batch WHERE site_id = $1 AND import_id = $2', [tx.siteId, id]);
  }

  async view(tx: PgSiteTx, id: string): Promise<ReturnType<typeof toImportView> | null> {
    const [row] = await tx.query<ImportViewRow>(`SELECT ${IMPORT_COLUMNS} FROM mapping_import i WHERE i.site_id = $1 AND i.id = $2 AND i.status <> 'reading'`, [tx.siteId, id]);
    return row === undefined ? null : toImportView(row, row.tally ?? await this.counts(tx, id), await this.rows(tx, id));
  }
  /** Only as many as an answer may carry, and one more. */
  private rows(tx: PgSiteTx, id: string): Promise<ImportRowRow[]> {
    return tx.query<ImportRowRow>('SELECT line, account_id AS "accountId", provider, fate, code, detail FROM mapping_import_row WHERE site_id = $1 AND import_id = $2 ORDER BY line LIMIT $3', [tx.siteId, id, ROWS_IN_ANSWER + 1]);
  }

  async stalled(tx: PgSiteTx, olderThanMs: number): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>("SELECT id FROM mapping_import WHERE site_id = $1 AND status = 'running' AND stepped_at < clock_timestamp() - make_interval(secs => $2 / 1000.0) ORDER BY stepped_at", [tx.siteId, olderThanMs]);
    return rows.map(({ id }) => id);
  }
  async prune(tx: PgSiteTx, olderThanDays: number): Promise<number> {
    const old = await tx.query<{ id: string }>(
      `SELECT id FROM mapping_import WHERE site_id = $1 AND ((status = 'reading' AND stepped_at < clock_timestamp() - interval '1 day') OR (ended_at IS NOT NULL AND stepped_at < clock_timestamp() - make_interval(days => coalesce((SELECT (value ->> 'jobDays')::int FROM site_setting WHERE site_id = $1 AND name = 'retention'), $2)))) ORDER BY stepped_at LIMIT $3`,
      [tx.siteId, olderThanDays, PRUNED_AT_ONCE]);
    for (const { id } of old) await this.discard(tx, id);
    return old.length;
  }
}
