import type { ShownGrant, ShownRequest } from '../answers.js';
import { entitlementName } from '../../domain/catalog/entitlement.js';
import { fields, table } from './table.js';

export const REQUEST_HEAD = ['request', 'issue', 'tool', 'requester', 'decision', 'grant', 'expires'] as const;
export const requestRow = (request: ShownRequest): readonly (string | null)[] =>
  [request.id, request.issueKey, entitlementName(request), request.requester.accountId, decisionOf(request), request.grant?.status ?? null, request.grant?.expiresAt ?? null];

/** `pending (security)`, `approved`, `denied (policyDeny)`: a human's word needs no source. */
function decisionOf({ decision, decisionSource, pendingStage }: ShownRequest): string {
  const note = decision === 'pending' ? pendingStage : decisionSource === 'human' ? null : decisionSource;
  return note === null ? decision : `${decision} (${note})`;
}

/** Decision, grant and job each on a line of its own: three statuses, never one merged (SPEC §2). */
export function requestLines(request: ShownRequest): readonly string[] {
  const { grant, policy, reviews } = request;
  return [
    ...fields([
      ['request', request.id],
      ['issue', request.issueKey],
      ['tool', entitlementName(request)],
      ['requester', request.requester.accountId],
      ['use', request.businessUse],
      ['data', request.dataClasses.join(', ')],
      ['asked', `${request.durationDays} days, ${request.createdAt}`],
      ['decision', `${decisionOf(request)}${request.decidedAt === null ? '' : `, ${request.decidedAt}`}`],
      ['grant', grant === null ? 'none' : `${grant.id}, ${grant.status}`],
      ...(grant === null ? [] : grantFields(grant)),
      ...jobFields(request.job),
      ['policy', policy?.outcome],
    ]),
    ...section(['rule', 'effect', 'why'], policy?.rules.map(({ rule, effect, detail }) => [rule, effect, detail]) ?? []),
    ...section(['at', 'reviewer', 'stage', 'vote', 'comment'], reviews.map(({ at, accountId, stage, decision, comment }) => [at, accountId, stage, decision, comment])),
  ];
}

const section = (head: readonly string[], rows: readonly (readonly (string | null)[])[]): readonly string[] => (rows.length === 0 ? [] : ['', ...table(head, rows)]);

function jobFields(job: ShownRequest['job']): readonly (readonly [string, string | undefined])[] {
  if (job === null) return [['job', 'none']];
  return [['job', `${job.id}, ${job.kind} ${job.status}, attempts ${job.attempts}`], ['next attempt', job.nextAttemptAt ?? undefined], ['last error', job.lastError ?? undefined]];
}

/** What the identity provider was last read to say stands beside our own word: access that is still there is never called ended. */
export function grantFields({ expiresAt, expiryLabel, membership }: Pick<ShownGrant, 'expiresAt' | 'expiryLabel' | 'membership'>): readonly (readonly [string, string | undefined])[] {
  return [
    ['expires', expiresAt === null ? undefined : `${expiresAt}${expiryLabel === null ? '' : ` (${expiryLabel})`}`],
    ['membership', membership === null ? undefined : `${membership.observed}${membership.lastReadAt === null ? '' : `, ${membership.evidence === 'attested' ? 'attested' : 'read'} ${membership.lastReadAt}`}; wanted ${membership.desired}`],
  ];
}
