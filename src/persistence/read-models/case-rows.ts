import type { AbilityFacts } from '../../domain/abilities/abilities.js';
import type { Routing, Voter } from '../../domain/approval/routing.js';
import type { EndReason, Fulfilment, GrantStatus } from '../../domain/grant/grant.js';
import type { PolicyDecision, Stage } from '../../domain/policy/policy.js';
import type { JobKind, JobStatus } from '../../domain/provisioning/provisioning.js';
import type { DecisionSource, DecisionStatus } from '../../domain/request/request.js';
import { grantLabel } from '../../domain/time/expiry-label.js';
import type { GrantSummary, JobSummary, MembershipView } from '../../application/ports/api-views.js';
import { instantOrNull } from './catalog-views.js';
import { holdsIdentity, listedAliases, routingOf, spentOn } from '../routing-sql.js';
import type { ListFilter } from './list-query.js';
import type { Viewer } from './viewer.js';

/**
 * A request with what belongs to it, in one statement whatever the length of the page: grant, membership, newest job and routing are joined, so that
 * lists, screens and abilities all read the same columns.
 */
export const caseColumns = (filter: ListFilter, viewer: Viewer): string => `
  r.id AS "requestId", r.issue_key AS "issueKey", r.project_key AS "projectKey", r.tool_key AS "toolKey", r.role_key AS "roleKey", r.requester, r.submitted_by AS "submittedBy", r.business_use AS "businessUse", r.data_classes AS "dataClasses",
  r.duration_days AS "durationDays", r.content_hash AS "contentHash", r.decision, r.decision_source AS "decisionSource", r.policy, r.stages, r.pending_stage AS "pendingStage",
  r.breach_at AS "breachAt", r.created_at AS "createdAt", r.decided_at AS "decidedAt",
  CASE WHEN g.id IS NULL THEN NULL ELSE json_build_object('id', g.id, 'status', g.status, 'accountId', g.account_id, 'fulfilment', g.fulfilment, 'durationDays', g.duration_days, 'firstStartedAt', g.first_started_at,
    'startsAt', g.starts_at, 'expiresAt', g.expires_at, 'endReason', g.end_reason, 'endedAt', g.ended_at, 'startEvidence', g.start_evidence, 'endEvidence', g.end_evidence, 'createdAt', g.created_at,
    'membership', CASE WHEN m.id IS NULL THEN NULL ELSE json_build_object('id', m.id, 'desired', m.desired, 'observed', m.observed, 'lastReadAt', m.last_read_at) END) END AS "grant",
  CASE WHEN j.id IS NULL THEN NULL ELSE json_build_object('id', j.id, 'kind', j.kind, 'status', j.status, 'attempts', j.attempts, 'nextAttemptAt', j.next_attempt_at, 'lastError', j.last_error, 'lastErrorCode', j.last_error_code) END AS "job",
  json_build_object('approvers', routed.approvers, 'securityReviewers', routed.security_reviewers, 'adminFallback', routed.admin_fallback, 'aliases', ${listedAliases('r.site_id', 'routed', spentOn('r'))}) AS "routing",
  ARRAY(SELECT v.account_id FROM review v WHERE v.site_id = r.site_id AND v.request_id = r.id) AS "voters",
  ${sharesIdentity(filter, viewer)} AS "sharesIdentity", ${sharesIdentityWithReviewer(filter, viewer)} AS "sharesIdentityWithReviewer",
  (g.status = 'expired' AND EXISTS (SELECT 1 FROM access_grant o WHERE o.site_id = g.site_id AND o.account_id = g.account_id AND o.tool_key = g.tool_key AND o.id <> g.id AND o.status IN ('pendingProvision', 'active', 'suspended'))) IS TRUE AS "duplicateOpenGrant"`;

/** Joins of {@link caseColumns}; `r` is the request, and `from` says which of the tables the list walks. */
export const caseJoins = `
  LEFT JOIN membership m ON m.id = g.membership_id
  LEFT JOIN LATERAL (SELECT * FROM provisioning_job x WHERE x.site_id = r.site_id AND x.request_id = r.id ORDER BY x.created_at DESC, x.id DESC LIMIT 1) j ON true
  CROSS JOIN LATERAL (${routingOf('r.site_id', 'r.project_key')}) routed`;

/** Whether the requester is the viewer under another account. */
export function sharesIdentity(filter: ListFilter, viewer: Viewer): string {
  return isViewerToo(filter, viewer, 'r.requester');
}
/** Whether one who voted already is the viewer under another account. */
export function sharesIdentityWithReviewer(filter: ListFilter, viewer: Viewer): string {
  return `EXISTS (SELECT 1 FROM review v WHERE v.site_id = r.site_id AND v.request_id = r.id AND ${isViewerToo(filter, viewer, 'v.account_id')})`;
}
function isViewerToo(filter: ListFilter, viewer: Viewer, account: string): string {
  if (viewer.identityHashes.length === 0) return 'false';
  return `(${account} <> ${filter.param(viewer.accountId)} AND ${holdsIdentity('r.site_id', account, filter.param(viewer.identityHashes))})`;
}

export interface GrantJson {
  readonly id: string; readonly status: GrantStatus; readonly accountId: string; readonly fulfilment: Fulfilment; readonly durationDays: number; readonly firstStartedAt: string | null;
  readonly startsAt: string | null; readonly expiresAt: string; readonly endReason: EndReason | null; readonly endedAt: string | null;
  readonly startEvidence: 'readBack' | 'attested' | 'noConnector' | null; readonly endEvidence: 'readBack' | 'attested' | 'heldByOtherGrant' | 'heldByBaseline' | 'neverProvisioned' | 'noConnector' | null; readonly createdAt: string;
  readonly membership: { readonly id: string; readonly desired: 'present' | 'absent'; readonly observed: 'present' | 'absent' | 'unknown'; readonly lastReadAt: string | null } | null;
}
export interface JobJson { readonly id: string; readonly kind: JobKind; readonly status: JobStatus; readonly attempts: number; readonly nextAttemptAt: string | null; readonly lastError: string | null; readonly lastErrorCode: string | null }
export interface CaseRow {
  /** Of what the list lists; `requestId` is the request's. */
  readonly id: string; readonly sort: string; readonly requestId: string; readonly issueKey: string | null; readonly projectKey: string; readonly toolKey: string; readonly roleKey: string | null; readonly requester: string; readonly submittedBy: string;
  readonly businessUse: string; readonly dataClasses: string[]; readonly durationDays: number; readonly contentHash: string; readonly decision: DecisionStatus; readonly decisionSource: DecisionSource | null;
  readonly policy: PolicyDecision; readonly stages: Stage[]; readonly pendingStage: Stage | null; readonly breachAt: Date | null; readonly createdAt: Date; readonly decidedAt: Date | null;
  readonly grant: GrantJson | null; readonly job: JobJson | null; readonly routing: Routing; readonly voters: string[]; readonly sharesIdentity: boolean; readonly sharesIdentityWithReviewer: boolean; readonly duplicateOpenGrant: boolean;
}

export function abilityFacts(row: CaseRow, viewer: Viewer): AbilityFacts {
  const { grant, routing, sharesIdentity: sharesIdentityWithRequester, sharesIdentityWithReviewer } = row;
  const voter: Voter = { accountId: viewer.accountId, isAdmin: viewer.isAdmin, sharesIdentityWithRequester, sharesIdentityWithReviewer };
  return {
    request: row, routing, viewer: voter, selfServiceOn: viewer.selfServiceOn, duplicateOpenGrant: row.duplicateOpenGrant, now: viewer.now,
    reviews: row.voters.map((accountId) => ({ accountId, stage: '', contentHash: row.contentHash })),
    grant: grant === null ? null : { status: grant.status, accountId: grant.accountId, fulfilment: grant.fulfilment, expiresAt: new Date(grant.expiresAt), firstStartedAt: grant.firstStartedAt === null ? null : new Date(grant.firstStartedAt) },
  };
}

export function toGrantSummary(grant: GrantJson, viewer: Viewer): GrantSummary {
  const { id, status } = grant;
  const facts = { status, expiresAt: new Date(grant.expiresAt), observed: grant.membership?.observed ?? null };
  return { id, status, startsAt: instantOrNull(grant.startsAt), expiresAt: instantOrNull(grant.expiresAt), expiryLabel: grantLabel(facts, viewer.now, viewer.timeZone), membership: toMembership(grant) };
}

/** What the provider was read to say, and what proves the state: people's word where a tool is fulfilled by people. */
function toMembership(grant: GrantJson): MembershipView | null {
  const ended = grant.status === 'expired' || grant.status === 'revoked';
  const proof = ended ? grant.endEvidence : grant.startEvidence;
  const evidence = proof === 'readBack' || proof === 'attested' ? proof : null;
  const { membership } = grant;
  if (membership !== null) return { desired: membership.desired, observed: membership.observed, lastReadAt: instantOrNull(membership.lastReadAt), evidence };
  if (grant.fulfilment !== 'manual') return null;
  return { desired: ended || grant.status === 'removing' ? 'absent' : 'present', observed: 'unknown', lastReadAt: null, evidence };
}

export const toJobSummary = (job: JobJson): JobSummary => ({ ...job, nextAttemptAt: instantOrNull(job.nextAttemptAt) });
