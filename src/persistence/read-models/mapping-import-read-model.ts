import type { Principal } from '../../application/ports/api-commands.port.js';
import type { ListQuery, Rows } from '../../application/ports/api-queries.port.js';
import { FATE_OUTCOMES, type MappingImportListItem, type MappingImportListQuery, type MappingImportRowQuery, type MappingImportRowView, type MappingImportView } from '../../application/ports/api-views.js';
import type { MappingImportQueries } from '../../application/ports/mapping-import.port.js';
import { csvLine } from '../../domain/text/csv-line.js';
import { PgMappingImportStore } from '../stores/mapping-import.store.js';
import type { PgUnitOfWork } from '../unit-of-work.js';
import { ListFilter, pageOf, rowsOf, sortText, type Sorted } from './list-query.js';
import { IMPORT_COLUMNS, toImportListItem, toImportRowView, type ImportRowRow, type ImportViewRow } from './mapping-import-views.js';

const SELECT = 'SELECT r.line, r.account_id AS "accountId", r.provider, r.fate, r.code, r.detail FROM mapping_import_row r';
const COLUMNS = ['line', 'accountId', 'provider', 'fate', 'code', 'detail'] as const satisfies readonly (keyof ImportRowRow)[];
/** Rows that are read of an export at once. */
const PAGE = 5_000;

const fatesOf = (outcome: MappingImportRowView['outcome']): readonly string[] => Object.entries(FATE_OUTCOMES).flatMap(([fate, of]) => (of === outcome ? [fate] : []));

export class PgMappingImportQueries implements MappingImportQueries {
  private readonly store = new PgMappingImportStore();
  constructor(private readonly uow: PgUnitOfWork) {}

  /** Only of those under way, which are few, the rows are counted. */
  list({ siteId }: Principal, query: ListQuery<MappingImportListQuery>): Promise<Rows<MappingImportListItem>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('i', siteId).and("i.status <> 'reading'").equals('i.status', query.status).equals('i.dry_run', query.dryRun).after(query.after, { sort: 'i.started_at', cast: 'timestamptz', id: 'i.id' }, 'DESC');
      const { rows, next } = pageOf(await tx.query<ImportViewRow & Sorted>(`SELECT ${IMPORT_COLUMNS}, ${sortText('i.started_at')} FROM mapping_import i ${filter.where} ORDER BY i.started_at DESC, i.id DESC LIMIT ${query.limit + 1}`, filter.values), query.limit);
      const items: MappingImportListItem[] = [];
      for (const row of rows) items.push(toImportListItem(row, row.tally ?? await this.store.counts(tx, row.id)));
      return { items, next };
    });
  }
  find({ siteId }: Principal, id: string): Promise<MappingImportView | null> {
    return this.uow.run(siteId, (tx) => this.store.view(tx, id));
  }

  rows({ siteId }: Principal, id: string, query: ListQuery<MappingImportRowQuery>): Promise<Rows<MappingImportRowView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('r', siteId).equals('r.import_id', id).equals('r.fate', query.fate);
      if (query.outcome !== undefined) filter.and(`r.fate = ANY(${filter.param(fatesOf(query.outcome))})`);
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
