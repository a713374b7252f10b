import type { TimelineEntry } from '../../application/ports/api-views.js';
import type { PgSiteTx } from '../unit-of-work.js';

interface AuditRow { readonly seq: number | null; readonly body: { readonly action: string; readonly at: string; readonly actor: { readonly kind: string; readonly accountId?: string }; readonly data: Record<string, unknown>; readonly subject: Record<string, string> } }
interface ReviewRow { readonly at: Date; readonly accountId: string; readonly vote: 'approve' | 'deny'; readonly stage: string; readonly comment: string | null }
interface JobRow { readonly createdAt: Date; readonly id: string; readonly kind: string; readonly status: string; readonly attempts: number; readonly lastError: string | null }

/** Everything that happened to a request in its order: one statement for each kind. Events that wait to be sealed have no number yet. */
export async function readTimeline(tx: PgSiteTx, requestId: string): Promise<readonly TimelineEntry[]> {
  const key = [tx.siteId, requestId];
  const sealed = await tx.query<AuditRow>('SELECT seq::float8 AS seq, body::json AS body FROM audit_event WHERE site_id = $1 AND request_id = $2 ORDER BY seq', key);
  // The outbox is short and has no column for the request; the exact member is compared only where the text occurs.
  const waiting = await tx.query<AuditRow>(`SELECT NULL AS seq, draft::json AS body FROM audit_outbox WHERE site_id = $1 AND strpos(draft, $2) > 0 AND draft::json -> 'subject' ->> 'requestId' = $2 ORDER BY id`, key);
  const reviews = await tx.query<ReviewRow>('SELECT at, account_id AS "accountId", vote, stage, comment FROM review WHERE site_id = $1 AND request_id = $2 ORDER BY at, id', key);
  const jobs = await tx.query<JobRow>('SELECT created_at AS "createdAt", id, kind, status, attempts, last_error AS "lastError" FROM provisioning_job WHERE site_id = $1 AND request_id = $2 ORDER BY created_at, id', key);
  const entries = [...sealed.flatMap(fromAudit), ...waiting.flatMap(fromAudit), ...reviews.map(fromReview), ...jobs.map(fromJob)];
  // A stable sort: entries of one instant keep the order of their kind, and audit events the order of the chain.
  return entries.sort((a, b) => a.at.localeCompare(b.at));
}

/** An event that says what the provider was read to say is also an entry of its own: the evidence that a reader looks for. */
function fromAudit({ seq, body }: AuditRow): TimelineEntry[] {
  const { action, at, data, subject } = body;
  const actor = { kind: body.actor.kind, accountId: body.actor.accountId ?? null };
  const event: TimelineEntry = { at, kind: 'audit', action, actor, seq, summary: sentenceOf(action), details: { ...data, subject } };
  const { observed } = data;
  if (!action.startsWith('membership.') || (observed !== 'present' && observed !== 'absent')) return [event];
  const summary = observed === 'present' ? 'The provider was read: the person is in the group' : 'The provider was read: the person is not in the group';
  return [event, { at, kind: 'readBack', action: 'membership.read_back', actor, seq, summary, details: { observed, desired: data['desired'] ?? null, generation: data['generation'] ?? null } }];
}

/** `membership.intent_committed` → `Membership intent committed`. */
function sentenceOf(action: string): string {
  const words = action.replace(/[._]/g, ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const fromReview = ({ at, accountId, vote, stage, comment }: ReviewRow): TimelineEntry => ({
  at: at.toISOString(), kind: 'review', action: `review.${vote}`, actor: { kind: 'person', accountId }, seq: null,
  summary: `${vote === 'approve' ? 'Approved' : 'Denied'} at stage ${stage}`, details: { stage, comment },
});
const fromJob = ({ createdAt, id, kind, status, attempts, lastError }: JobRow): TimelineEntry => ({
  at: createdAt.toISOString(), kind: 'job', action: `job.${kind}`, actor: null, seq: null, summary: `Job to ${kind}: ${status} after ${attempts} attempt${attempts === 1 ? '' : 's'}`, details: { jobId: id, status, attempts, lastError },
});
