import type { Principal } from '../../application/ports/api-commands.port.js';
import type { JobQueries, ListQuery, Rows } from '../../application/ports/api-queries.port.js';
import type { JobListQuery, JobView, ManualActionListQuery, ManualActionView } from '../../application/ports/api-views.js';
import { completeAbility, retryAbility } from '../../domain/abilities/abilities.js';
import type { PgSiteTx, PgUnitOfWork } from '../unit-of-work.js';
import { abilityFacts, caseColumns, caseJoins, toJobSummary, type CaseRow, type JobJson } from './case-rows.js';
import { instantOrNull } from './catalog-views.js';
import { ListFilter, rowsOf, sortText } from './list-query.js';
import { isApprover, isRoutedTo, loadViewer, type Viewer } from './viewer.js';

const CASE = `JOIN request r ON r.id = x.request_id JOIN access_grant g ON g.id = x.grant_id ${caseJoins}`;
const JOB_KEYSET = { sort: 'x.created_at', cast: 'timestamptz', id: 'x.id' } as const;
const ACTION_KEYSET = { sort: 'x.opened_at', cast: 'timestamptz', id: 'x.id' } as const;
type Row = CaseRow & { readonly grantId: string };
type JobRow = Row & { readonly own: JobJson; readonly jobCreatedAt: Date; readonly finishedAt: Date | null };
type ActionRow = Row & {
  readonly kind: ManualActionView['kind']; readonly status: ManualActionView['status']; readonly reasonCode: string; readonly detail: string; readonly assignee: string | null;
  readonly dueAt: Date | null; readonly openedAt: Date; readonly completedAt: Date | null; readonly provider: 'okta' | 'entra' | null; readonly groupName: string | null; readonly externalGroupId: string | null;
};

export class PgJobQueries implements JobQueries {
  constructor(private readonly uow: PgUnitOfWork) {}

  listJobs(principal: Principal, query: ListQuery<JobListQuery>): Promise<Rows<JobView>> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      // Jobs are the approvers' and admins' (API); a requester sees the newest one with the request.
      if (!viewer.seesAll && !isApprover(viewer)) return { items: [], next: null };
      const filter = routedJobs(new ListFilter('x', tx.siteId), viewer)
        .equals('x.status', query.status).equals('x.kind', query.kind).equals('g.tool_key', query.toolKey).equals('x.grant_id', query.grantId).equals('x.request_id', query.requestId).after(query.after, JOB_KEYSET, 'DESC');
      const rows = await tx.query<JobRow>(
        `SELECT ${caseColumns(filter, viewer)}, x.id, g.id AS "grantId", x.created_at AS "jobCreatedAt", x.finished_at AS "finishedAt", ${sortText('x.created_at')},
           json_build_object('id', x.id, 'kind', x.kind, 'status', x.status, 'attempts', x.attempts, 'nextAttemptAt', x.next_attempt_at, 'lastError', x.last_error, 'lastErrorCode', x.last_error_code) AS own
         FROM provisioning_job x ${CASE} ${filter.where} ORDER BY x.created_at DESC, x.id DESC LIMIT ${query.limit + 1}`,
        filter.values,
      );
      return rowsOf(rows, query.limit, (row) => toJobView(row, viewer));
    });
  }

  listManualActions(principal: Principal, query: ListQuery<ManualActionListQuery>): Promise<Rows<ManualActionView>> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      const filter = visibleActions(new ListFilter('x', tx.siteId), viewer)
        .equals('x.status', query.status).equals('g.tool_key', query.toolKey).equals('x.grant_id', query.grantId).equals('x.request_id', query.requestId).after(query.after, ACTION_KEYSET, 'DESC');
      return readManualActions(tx, viewer, filter, query.limit);
    });
  }
}

const routedJobs = (filter: ListFilter, viewer: Viewer): ListFilter => (viewer.seesAll ? filter : filter.and(isRoutedTo(filter, viewer)));

/** Besides what is routed to them, people see the work that they were asked to do (SPEC F11). */
function visibleActions(filter: ListFilter, viewer: Viewer): ListFilter {
  if (viewer.seesAll) return filter;
  return filter.and(`(x.assignee = ${filter.param(viewer.accountId)} OR r.requester = ${filter.param(viewer.accountId)} OR ${isRoutedTo(filter, viewer)})`);
}

/** Open work of which this person may do something: routed to them, or theirs by name; never about their own access. */
export function ownActions(filter: ListFilter, viewer: Viewer): ListFilter {
  filter.and("x.status = 'open'").and(`r.requester <> ${filter.param(viewer.accountId)}`);
  return viewer.isAdmin ? filter : filter.and(`(x.assignee = ${filter.param(viewer.accountId)} OR ${isRoutedTo(filter, viewer)})`);
}

/** The decided entitlement comes from grant and group, never from the ticket (SPEC P10). */
export async function readManualActions(tx: PgSiteTx, viewer: Viewer, filter: ListFilter, limit: number): Promise<Rows<ManualActionView>> {
  const rows = await tx.query<ActionRow>(
    `SELECT ${caseColumns(filter, viewer)}, x.id, g.id AS "grantId", x.kind, x.status, x.reason AS "reasonCode", x.detail, x.assignee, x.due_at AS "dueAt", x.opened_at AS "openedAt", x.completed_at AS "completedAt",
       c.provider, e.name AS "groupName", g.external_group_id AS "externalGroupId", ${sortText('x.opened_at')}
     FROM manual_action x ${CASE} LEFT JOIN connector c ON c.id = g.connector_id
       LEFT JOIN LATERAL (SELECT name FROM entitlement_group e WHERE e.site_id = g.site_id AND e.connector_id = g.connector_id AND e.external_group_id = g.external_group_id LIMIT 1) e ON true
     ${filter.where} ORDER BY x.opened_at DESC, x.id DESC LIMIT ${limit + 1}`,
    filter.values,
  );
  return rowsOf(rows, limit, (row) => toActionView(row, viewer));
}
export const ACTION_PAGE = ACTION_KEYSET;

function toJobView(row: JobRow, viewer: Viewer): JobView {
  const created = row.jobCreatedAt;
  // A job starts by the domain clock and ends by the real one; outside the sandbox they are one.
  const updated = row.finishedAt !== null && row.finishedAt > created ? row.finishedAt : created;
  return {
    ...toJobSummary(row.own), requestId: row.requestId, grantId: row.grantId, issueKey: row.issueKey, toolKey: row.toolKey, roleKey: row.roleKey, accountId: row.requester,
    createdAt: created.toISOString(), updatedAt: updated.toISOString(), abilities: { retry: retryAbility(abilityFacts(row, viewer), row.own) },
  };
}

function toActionView(row: ActionRow, viewer: Viewer): ManualActionView {
  const { id, kind, status, requestId, grantId, issueKey, toolKey, roleKey, provider, groupName, externalGroupId } = row;
  return {
    id, kind, status, requestId, grantId, issueKey, toolKey, roleKey, reason: { code: row.reasonCode, message: row.detail }, accountId: row.requester, entitlement: { provider, groupName, externalGroupId },
    assigneeAccountId: row.assignee, dueAt: instantOrNull(row.dueAt), openedAt: row.openedAt.toISOString(), completedAt: instantOrNull(row.completedAt),
    abilities: { complete: completeAbility(abilityFacts(row, viewer), { open: status === 'open' }) },
  };
}
