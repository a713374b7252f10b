import type { Principal } from '../../application/ports/api-commands.port.js';
import type { GrantQueries, ListQuery, Rows } from '../../application/ports/api-queries.port.js';
import type { GrantListQuery, GrantView } from '../../application/ports/api-views.js';
import { completeAbility, endAbility, extendAbility, retryAbility } from '../../domain/abilities/abilities.js';
import { isExpiringSoon } from '../../domain/time/expiry-label.js';
import type { PgSiteTx, PgUnitOfWork } from '../unit-of-work.js';
import { abilityFacts, caseColumns, caseJoins, toGrantSummary, toJobSummary, type CaseRow, type GrantJson } from './case-rows.js';
import { instantOrNull } from './catalog-views.js';
import { ListFilter, rowsOf, sortText } from './list-query.js';
import { loadViewer, onlyVisible, type Viewer } from './viewer.js';

const FROM = `FROM access_grant g JOIN request r ON r.id = g.request_id ${caseJoins}`;
export const GRANT_KEYSET = { sort: 'g.created_at', cast: 'timestamptz', id: 'g.id' } as const;
type GrantCaseRow = Omit<CaseRow, 'grant'> & { readonly grant: GrantJson; readonly heldByGrantId: string | null; readonly hasOpenAction: boolean };

export class PgGrantQueries implements GrantQueries {
  constructor(private readonly uow: PgUnitOfWork) {}

  list(principal: Principal, query: ListQuery<GrantListQuery>): Promise<Rows<GrantView>> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      const filter = onlyVisible(new ListFilter('g', tx.siteId), viewer, 'g.account_id')
        .equals('g.status', query.status).equals('g.tool_key', query.toolKey).equals('g.account_id', query.accountId).equals('r.project_key', query.projectKey)
        .equals('r.issue_key', query.issueKey).equals('g.request_id', query.requestId).between('g.created_at', query.from, query.to);
      return readGrants(tx, viewer, filter.after(query.after, GRANT_KEYSET, 'DESC'), query.limit);
    });
  }

  find(principal: Principal, grantId: string): Promise<GrantView | null> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      const filter = onlyVisible(new ListFilter('g', tx.siteId), viewer, 'g.account_id').equals('g.id', grantId);
      const [row] = await tx.keyed<GrantCaseRow>(grantStatement(filter, viewer, 1), filter.values);
      return row === undefined ? null : toGrantView(tx.siteId, row, viewer);
    });
  }
}

export async function readGrants(tx: PgSiteTx, viewer: Viewer, filter: ListFilter, limit: number): Promise<Rows<GrantView>> {
  const found = await tx.query<GrantCaseRow>(grantStatement(filter, viewer, limit + 1), filter.values);
  return rowsOf(found, limit, (row) => toGrantView(tx.siteId, row, viewer));
}

function grantStatement(filter: ListFilter, viewer: Viewer, limit: number): string {
  const columns = caseColumns(filter, viewer);
  return `SELECT ${columns}, g.id, ${sortText('g.created_at')},
       CASE WHEN g.end_evidence = 'heldByOtherGrant' THEN (SELECT o.id FROM access_grant o WHERE o.site_id = g.site_id AND o.membership_id = g.membership_id AND o.id <> g.id AND o.status IN ('pendingProvision', 'active', 'suspended') ORDER BY o.created_at LIMIT 1) END AS "heldByGrantId",
       EXISTS (SELECT 1 FROM manual_action a WHERE a.site_id = g.site_id AND a.grant_id = g.id AND a.status = 'open') AS "hasOpenAction"
     ${FROM} ${filter.where} ORDER BY g.created_at DESC, g.id DESC LIMIT ${limit}`;
}

function toGrantView(siteId: string, row: GrantCaseRow, viewer: Viewer): GrantView {
  const { grant, job } = row;
  const facts = abilityFacts(row, viewer);
  return {
    ...toGrantSummary(grant, viewer), siteId, requestId: row.requestId, issueKey: row.issueKey, toolKey: row.toolKey, roleKey: row.roleKey, accountId: grant.accountId, durationDays: grant.durationDays,
    expiringSoon: isExpiringSoon({ status: grant.status, expiresAt: new Date(grant.expiresAt) }, viewer.now, viewer.expiringSoonDays),
    heldByGrantId: row.heldByGrantId, job: job === null ? null : toJobSummary(job), endedAt: instantOrNull(grant.endedAt), endReason: grant.endReason, endEvidence: grant.endEvidence,
    abilities: {
      revoke: endAbility(facts, 'revoke'), extend: extendAbility(facts), return: endAbility(facts, 'return'),
      completeManualAction: completeAbility(facts, row.hasOpenAction ? { open: true } : null), retry: retryAbility(facts, job),
    },
    createdAt: new Date(grant.createdAt).toISOString(),
  };
}
