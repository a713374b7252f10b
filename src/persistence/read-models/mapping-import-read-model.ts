import type { Principal } from '../../application/ports/api-commands.port.js';
import type { ListQuery, Rows } from '../../application/ports/api-queries.port.js';
import type { MappingImportRowQuery, MappingImportRowView, MappingImportView } from '../../application/ports/api-views.js';
import type { MappingImportQueries } from '../../application/ports/mapping-import.port.js';
import { csvLine } from '../../domain/text/csv-line.js';
import { PgMappingImportStore } from '../stores/mapping-import.store.js';
import type { PgUnitOfWork } from '../unit-of-work.js';
import { ListFilter, rowsOf } from './list-query.js';
import { toImportRowView, type ImportRowRow } from './mapping-import-views.js';

const SELECT = 'SELECT r.line, r.account_id AS "accountId", r.provider, r.fate, r.code, r.detail FROM mapping_import_row r';
const COLUMNS = ['line', 'accountId', 'provider', 'fate', 'code', 'detail'] as const satisfies readonly (keyof ImportRowRow)[];
/** Rows that are read of an export at once. */
const PAGE = 5_000;

export class PgMappingImportQueries implements MappingImportQueries {
  private readonly store = new PgMappingImportStore();
  constructor(private readonly uow: PgUnitOfWork) {}

  find({ siteId }: Principal, id: string): Promise<MappingImportView | null> {
    return this.uow.run(siteId, (tx) => this.store.view(tx, id));
  }

  rows({ siteId }: Principal, id: string, query: ListQuery<MappingImportRowQuery>): Promise<Rows<MappingImportRowView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('r', siteId).equals('r.import_id', id).equals('r.fate', query.fate);
      if (query.after !== null) filter.and(`r.line > ${filter.param(query.after.sort)}::int`);
      const rows = await tx.query<ImportRowRow & { readonly sort: string; readonly id: string }>(`SELECT p.*, p.line::text AS "sort", p.line::text AS id FROM (${SELECT} ${filter.where} ORDER BY r.line LIMIT ${query.limit + 1}) p ORDER BY p.line`, filter.values);
      return rowsOf(rows, query.limit, toImportRowView);
    });
  }

  async export({ siteId }: Principal, id: string): Promise<string | null> {
    if (await this.uow.run(siteId, (tx) => this.store.view(tx, id)) === null) return null;
    const parts = [csvLine(COLUMNS)];
    for (let after = 0; ;) {
      const from = after;
      const rows = await this.uow.run(siteId, (tx) => tx.query<ImportRowRow>(`${SELECT} WHERE r.site_id = $1 AND r.import_id = $2 AND r.line > $3 ORDER BY r.line LIMIT ${PAGE}`, [siteId, id, from]));
      for (const row of rows) parts.push(csvLine(COLUMNS.map((column) => String(row[column] ?? ''))));
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return parts.join('');
      after = last.line;
    }
  }
}
