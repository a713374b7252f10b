import type { Principal } from '../../application/ports/api-commands.port.js';
import type { ListQuery, RequestQueries, Rows } from '../../application/ports/api-queries.port.js';
import type { RequestListQuery, RequestView, ReviewView, TimelineEntry } from '../../application/ports/api-views.js';
import { decideAbility, endAbility, extendAbility, withdrawAbility } from '../../domain/abilities/abilities.js';
import type { PgSiteTx, PgUnitOfWork } from '../unit-of-work.js';
import { abilityFacts, caseColumns, caseJoins, toGrantSummary, toJobSummary, type CaseRow } from './case-rows.js';
import { instantOrNull } from './catalog-views.js';
import { ListFilter, pageOf, sortText } from './list-query.js';
import { readTimeline } from './timeline.js';
import { loadViewer, onlyVisible, type Viewer } from './viewer.js';

const FROM = `FROM request r LEFT JOIN access_grant g ON g.request_id = r.id ${caseJoins}`;
const KEYSET = { sort: 'r.created_at', cast: 'timestamptz', id: 'r.id' } as const;

export class PgRequestQueries implements RequestQueries {
  constructor(private readonly uow: PgUnitOfWork) {}

  list(principal: Principal, query: ListQuery<RequestListQuery>): Promise<Rows<RequestView>> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      const filter = onlyVisible(new ListFilter('r', tx.siteId), viewer)
        .equals('r.decision', query.decision).equals('r.tool_key', query.toolKey).equals('r.requester', query.accountId).equals('r.project_key', query.projectKey)
        .equals('r.issue_key', query.issueKey).equals('r.id', query.requestId).between('r.created_at', query.from, query.to);
      if (query.grant === 'none') filter.and('g.id IS NULL');
      else filter.equals('g.status', query.grant);
      return readRequests(tx, viewer, filter.after(query.after, KEYSET, 'DESC'), query.limit, 'DESC');
    });
  }

  find(principal: Principal, requestId: string): Promise<RequestView | null> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      const filter = onlyVisible(new ListFilter('r', tx.siteId), viewer).equals('r.id', requestId);
      const [found] = await withReviews(tx, viewer, await tx.keyed<CaseRow>(requestStatement(filter, viewer, 1, 'DESC'), filter.values));
      return found ?? null;
    });
  }

  timeline(principal: Principal, requestId: string): Promise<readonly TimelineEntry[] | null> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      const filter = onlyVisible(new ListFilter('r', tx.siteId), viewer).equals('r.id', requestId);
      const [found] = await tx.query(`SELECT 1 FROM request r ${filter.where}`, filter.values);
      return found === undefined ? null : readTimeline(tx, requestId);
    });
  }
}

/** One statement for the page and one for all its reviews. */
export async function readRequests(tx: PgSiteTx, viewer: Viewer, filter: ListFilter, limit: number, direction: 'ASC' | 'DESC'): Promise<Rows<RequestView>> {
  const { rows, next } = pageOf(await tx.query<CaseRow>(requestStatement(filter, viewer, limit + 1, direction), filter.values), limit);
  return { items: await withReviews(tx, viewer, rows), next };
}
function requestStatement(filter: ListFilter, viewer: Viewer, limit: number, direction: 'ASC' | 'DESC'): string {
  const columns = caseColumns(filter, viewer);
  return `SELECT ${columns}, r.id, ${sortText('r.created_at')} ${FROM} ${filter.where} ORDER BY r.created_at ${direction}, r.id ${direction} LIMIT ${limit}`;
}
async function withReviews(tx: PgSiteTx, viewer: Viewer, rows: readonly CaseRow[]): Promise<RequestView[]> {
  const reviews = await readReviews(tx, rows);
  return rows.map((row) => toRequestView(tx.siteId, row, reviews.get(row.id) ?? [], viewer));
}

async function readReviews(tx: PgSiteTx, rows: readonly CaseRow[]): Promise<ReadonlyMap<string, ReviewView[]>> {
  const reviewed = rows.filter((row) => row.voters.length > 0).map((row) => row.id);
  const byRequest = new Map<string, ReviewView[]>();
  if (reviewed.length === 0) return byRequest;
  const found = await tx.keyed<Omit<ReviewView, 'at'> & { readonly requestId: string; readonly at: Date }>(
    `SELECT request_id AS "requestId", account_id AS "accountId", vote AS decision, stage, comment, at FROM review WHERE site_id = $1 AND request_id = ANY ($2) ORDER BY at, id`,
    [tx.siteId, reviewed],
  );
  for (const { requestId, at, ...review } of found) byRequest.set(requestId, [...byRequest.get(requestId) ?? [], { ...review, at: at.toISOString() }]);
  return byRequest;
}

function toRequestView(siteId: string, row: CaseRow, reviews: ReviewView[], viewer: Viewer): RequestView {
  const facts = abilityFacts(row, viewer);
  const { outcome, rules, version, policyHash, inputHash } = row.policy;
  return {
    id: row.id, siteId, issueKey: row.issueKey, toolKey: row.toolKey, roleKey: row.roleKey, requester: { accountId: row.requester }, businessUse: row.businessUse, dataClasses: row.dataClasses, durationDays: row.durationDays,
    decision: row.decision, decisionSource: row.decisionSource,
    grant: row.grant === null ? null : toGrantSummary(row.grant, viewer),
    job: row.job === null ? null : toJobSummary(row.job),
    policy: { outcome, rules: rules.map((rule) => ({ ...rule })), version, policyHash, inputHash },
    reviews, pendingStage: row.pendingStage, approvalDueAt: row.decision === 'pending' ? instantOrNull(row.breachAt) : null,
    abilities: { decide: decideAbility(facts), withdraw: withdrawAbility(facts), revoke: endAbility(facts, 'revoke'), extend: extendAbility(facts), return: endAbility(facts, 'return') },
    workflowId: `access/${siteId}/${row.id}`, createdAt: row.createdAt.toISOString(), decidedAt: instantOrNull(row.decidedAt),
  };
}
