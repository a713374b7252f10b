import type { Principal } from '../../application/ports/api-commands.port.js';
import type { ListQuery, Rows } from '../../application/ports/api-queries.port.js';
import type { BaselineListQuery, BaselineView, FindingListQuery, FindingView, ReconciliationListQuery, ReconciliationView } from '../../application/ports/api-views.js';
import type { RUN_COUNTS, RunCounts } from '../../application/ports/reconciliation-store.port.js';
import type { ReconciliationQueries, ReconciliationViews } from '../../application/ports/reconciliation.port.js';
import type { PgSiteTx, PgUnitOfWork } from '../unit-of-work.js';
import { instantOrNull } from './catalog-views.js';
import { exportText, type ExportRow } from './reconciliation-export.js';
import { ListFilter, rowsOf, sortText } from './list-query.js';

type RunRow = Pick<ReconciliationView, 'id' | 'connectorId' | 'status' | 'trigger' | 'failure' | 'groups'> & { readonly counts: RunCounts; readonly startedAt: Date; readonly endedAt: Date | null; readonly sort: string };
const RUN_SELECT = `SELECT r.id, r.connector_id AS "connectorId", r.status, r.trigger, r.counts, r.failure, r.started_at AS "startedAt", r.ended_at AS "endedAt", ${sortText('r.started_at')},
  (SELECT COALESCE(json_agg(json_build_object('externalGroupId', g.external_group_id, 'state', g.state, 'held', g.held, 'pages', g.pages, 'members', g.members, 'error', g.error) ORDER BY g.external_group_id), '[]')
    FROM reconciliation_group g WHERE g.site_id = r.site_id AND g.record_id = r.id) AS groups
  FROM reconciliation_record r`;
type FindingRow = Omit<FindingView, 'seenAt' | 'lastSeenAt' | 'resolvedAt'> & { readonly seenAt: Date; readonly lastSeenAt: Date; readonly resolvedAt: Date | null; readonly sort: string };
const FINDING_SELECT = `SELECT f.id, f.kind, f.tool_key AS "toolKey", f.connector_id AS "connectorId", f.external_group_id AS "externalGroupId", f.login_hint AS "loginHint", f.account_id AS "accountId", f.state, f.response,
  f.evidence, f.record_id AS "reconciliationId", f.seen_at AS "seenAt", f.last_seen_at AS "lastSeenAt", f.resolved_at AS "resolvedAt", f.resolved_by AS "resolvedBy", f.note, ${sortText('f.seen_at')} FROM finding f`;
type BaselineRow = Omit<BaselineView, 'acceptedAt' | 'createdAt'> & { readonly acceptedAt: Date | null; readonly createdAt: Date; readonly sort: string };

/** Views that commands answer with, in their own transaction. */
export const reconciliationViews: ReconciliationViews<PgSiteTx> = {
  async run(tx, id) {
    const [row] = await tx.query<RunRow>(`${RUN_SELECT} WHERE r.site_id = $1 AND r.id = $2`, [tx.siteId, id]);
    return row === undefined ? null : toRun(row);
  },
  async finding(tx, id) {
    const [row] = await tx.query<FindingRow>(`${FINDING_SELECT} WHERE f.site_id = $1 AND f.id = $2`, [tx.siteId, id]);
    return row === undefined ? null : toFinding(row);
  },
};

export class PgReconciliationQueries implements ReconciliationQueries {
  constructor(private readonly uow: PgUnitOfWork) {}

  list({ siteId }: Principal, query: ListQuery<ReconciliationListQuery>): Promise<Rows<ReconciliationView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('r', siteId).equals('r.connector_id', query.connectorId).equals('r.status', query.status).after(query.after, { sort: 'r.started_at', cast: 'timestamptz', id: 'r.id' }, 'DESC');
      return rowsOf(await tx.query<RunRow>(`${RUN_SELECT} ${filter.where} ORDER BY r.started_at DESC, r.id DESC LIMIT ${query.limit + 1}`, filter.values), query.limit, toRun);
    });
  }
  find({ siteId }: Principal, id: string): Promise<ReconciliationView | null> {
    return this.uow.run(siteId, (tx) => reconciliationViews.run(tx, id));
  }
  export({ siteId }: Principal, id: string, format: 'jsonl' | 'csv'): Promise<string | null> {
    return this.uow.run(siteId, async (tx) => {
      if ((await reconciliationViews.run(tx, id)) === null) return null;
      const rows = await tx.query<ExportRow>(
        `SELECT d.external_group_id AS "externalGroupId", d.kind, d.effect, d.state, d.identity_hash AS "identityHash", f.login_hint AS "loginHint", f.account_id AS "accountId", f.tool_key AS "toolKey", d.observed,
           to_char(d.read_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "readAt", d.finding_id AS "findingId", d.detail
         FROM reconciliation_difference d LEFT JOIN finding f ON f.site_id = d.site_id AND f.id = d.finding_id WHERE d.site_id = $1 AND d.record_id = $2 ORDER BY d.external_group_id, d.created_at, d.id`, [siteId, id]);
      return exportText(rows, format);
    });
  }
  listFindings({ siteId }: Principal, query: ListQuery<FindingListQuery>): Promise<Rows<FindingView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('f', siteId).equals('f.state', query.state).equals('f.kind', query.kind).equals('f.tool_key', query.toolKey).equals('f.connector_id', query.connectorId)
        .equals('f.account_id', query.accountId).equals('f.external_group_id', query.externalGroupId).after(query.after, { sort: 'f.seen_at', cast: 'timestamptz', id: 'f.id' }, 'DESC');
      return rowsOf(await tx.query<FindingRow>(`${FINDING_SELECT} ${filter.where} ORDER BY f.seen_at DESC, f.id DESC LIMIT ${query.limit + 1}`, filter.values), query.limit, toFinding);
    });
  }
  findFinding({ siteId }: Principal, id: string): Promise<FindingView | null> {
    return this.uow.run(siteId, (tx) => reconciliationViews.finding(tx, id));
  }
  listBaseline({ siteId }: Principal, toolKey: string, query: ListQuery<BaselineListQuery>): Promise<Rows<BaselineView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('b', siteId).equals('t.key', toolKey).after(query.after, { sort: 'b.created_at', cast: 'timestamptz', id: 'b.id' }, 'DESC');
      if (query.accepted !== undefined) filter.and(`b.accepted_at IS ${query.accepted === 'true' ? 'NOT ' : ''}NULL`);
      const rows = await tx.query<BaselineRow>(
        `SELECT b.id, o.key AS "roleKey", b.kind, b.label, b.accepted_by AS "acceptedBy", b.accepted_at AS "acceptedAt", b.created_at AS "createdAt", ${sortText('b.created_at')}
         FROM baseline_access b JOIN entitlement_group e ON e.id = b.entitlement_group_id JOIN tool t ON t.id = e.tool_id LEFT JOIN tool_role o ON o.id = e.role_id ${filter.where} ORDER BY b.created_at DESC, b.id DESC LIMIT ${query.limit + 1}`, filter.values);
      return rowsOf(rows, query.limit, ({ sort: _sort, acceptedAt, createdAt, ...row }) => ({ ...row, acceptedAt: instantOrNull(acceptedAt), createdAt: createdAt.toISOString() }));
    });
  }
}

function toRun({ sort: _sort, counts, startedAt, endedAt, ...row }: RunRow): ReconciliationView {
  const of = (name: keyof RunCounts): number => counts[name] ?? 0;
  return {
    ...row, startedAt: startedAt.toISOString(), endedAt: instantOrNull(endedAt),
    counts: {
      groups: of('groups'), pages: of('pages'), members: of('members'), differences: of('differences'), confirmed: of('confirmed'), vanished: of('vanished'), unreadable: of('unreadable'), held: of('held'),
      findings: of('findings'), revoked: of('revoked'), removed: of('removed'), failed: of('failed'), baseline: of('baseline'),
    } satisfies Record<(typeof RUN_COUNTS)[number], number>,
  };
}
const toFinding = ({ sort: _sort, seenAt, lastSeenAt, resolvedAt, ...row }: FindingRow): FindingView =>
  ({ ...row, seenAt: seenAt.toISOString(), lastSeenAt: lastSeenAt.toISOString(), resolvedAt: instantOrNull(resolvedAt) });
