import type { Principal } from '../../application/ports/api-commands.port.js';
import type { Keyset, MeQueries, Rows } from '../../application/ports/api-queries.port.js';
import type { Ability, GrantView, ManualActionView, MeView, RequestView } from '../../application/ports/api-views.js';
import { GRACE_DAYS } from '../../domain/grant/grant.js';
import type { PgUnitOfWork } from '../unit-of-work.js';
import { listedAliases, spentOn } from '../routing-sql.js';
import { sharesIdentity, sharesIdentityWithReviewer } from './case-rows.js';
import { GRANT_KEYSET, readGrants } from './grant-read-model.js';
import { ACTION_PAGE, ownActions, readManualActions } from './job-read-model.js';
import { ListFilter } from './list-query.js';
import { readRequests } from './request-read-model.js';
import { isApprover, isRoutedTo, loadViewer, type Viewer } from './viewer.js';

interface OwnQuery { readonly limit: number; readonly after: Keyset | null }
const REQUEST_KEYSET = { sort: 'r.created_at', cast: 'timestamptz', id: 'r.id' } as const;

export class PgMeQueries implements MeQueries {
  constructor(private readonly uow: PgUnitOfWork) {}

  me(principal: Principal): Promise<MeView> {
    return this.uow.run(principal.siteId, async (tx) => toMeView(principal, await loadViewer(tx, principal)));
  }

  /** SPEC G10. Expired means that absence was confirmed; what is still being removed is listed for as long as that takes. */
  access(principal: Principal, { limit, after }: OwnQuery): Promise<Rows<GrantView>> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      const filter = new ListFilter('g', tx.siteId).equals('g.account_id', viewer.accountId);
      const now = filter.param(viewer.now);
      filter.and(`(g.status IN ('pendingProvision', 'active', 'suspended', 'removing') OR (g.status = 'expired' AND g.expires_at >= ${now}::timestamptz - interval '${GRACE_DAYS} days'))`);
      return readGrants(tx, viewer, filter.after(after, GRANT_KEYSET, 'DESC'), limit);
    });
  }

  requests(principal: Principal, { limit, after }: OwnQuery): Promise<Rows<RequestView>> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      return readRequests(tx, viewer, new ListFilter('r', tx.siteId).equals('r.requester', viewer.accountId).after(after, REQUEST_KEYSET, 'DESC'), limit, 'DESC');
    });
  }

  /** Who waits longest comes first. */
  approvals(principal: Principal, { limit, after }: OwnQuery): Promise<Rows<RequestView>> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      return readRequests(tx, viewer, decidable(new ListFilter('r', tx.siteId), viewer).after(after, REQUEST_KEYSET, 'ASC'), limit, 'ASC');
    });
  }

  manualActions(principal: Principal, { limit, after }: OwnQuery): Promise<Rows<ManualActionView>> {
    return this.uow.run(principal.siteId, async (tx) => {
      const viewer = await loadViewer(tx, principal);
      return readManualActions(tx, viewer, ownActions(new ListFilter('x', tx.siteId), viewer).after(after, ACTION_PAGE, 'DESC'), limit);
    });
  }
}

/** The same rule as the core's `refuseVote`, for a whole list at once; a test compares the two for every person and request. */
function decidable(filter: ListFilter, viewer: Viewer): ListFilter {
  const me = filter.param(viewer.accountId);
  const list = (column: string): string => (viewer.isAdmin
    ? `(${me} = ANY (${column}) OR routed.admin_fallback = 'always'
        OR (routed.admin_fallback = 'whenNoApprover' AND NOT EXISTS (SELECT 1 FROM unnest(${column}) a WHERE a <> r.submitted_by AND a <> ALL (${spentOn('r')}) AND a <> ALL (${listedAliases('r.site_id', 'routed', spentOn('r'))}))))`
    : `${me} = ANY (${column})`);
  // An approver's requests are routed to them; an admin's may lie anywhere.
  if (!viewer.isAdmin) filter.and(isRoutedTo(filter, viewer));
  return filter
    .and("r.decision = 'pending'").and(`r.requester <> ${me}`).and(`r.submitted_by <> ${me}`).and(`NOT ${sharesIdentity(filter, viewer)}`)
    .and(`NOT EXISTS (SELECT 1 FROM review v WHERE v.site_id = r.site_id AND v.request_id = r.id AND v.account_id = ${me})`).and(`NOT ${sharesIdentityWithReviewer(filter, viewer)}`)
    .and(`CASE r.pending_stage WHEN 'project' THEN ${list('routed.approvers')} WHEN 'security' THEN ${list('routed.security_reviewers')} WHEN 'jiraAdmin' THEN ${viewer.isAdmin} ELSE false END`);
}

const when = (allowed: boolean, reason: string): Ability => (allowed ? { allowed } : { allowed, reason });
function toMeView(principal: Principal, viewer: Viewer): MeView {
  const { siteId, accountId, kind, displayName } = principal;
  const approves = isApprover(viewer);
  const follows = approves || viewer.isAdmin;
  const roles = [...principal.roles, ...(approves ? ['approver' as const] : [])];
  return {
    siteId, accountId, displayName: displayName ?? null, kind, roles, approverOf: [...viewer.approverOf], licence: principal.licence ?? viewer.licence,
    abilities: {
      submitRequest: when(kind !== 'forge', 'auth.forbidden'), decide: when(follows, 'review.not_approver'), completeManualActions: when(follows, 'review.not_approver'),
      extendOwnAccess: when(viewer.selfServiceOn, 'extension.self_service_off'), administer: when(viewer.isAdmin, 'auth.forbidden'), readAudit: when(viewer.seesAll, 'auth.forbidden'),
    },
  };
}
