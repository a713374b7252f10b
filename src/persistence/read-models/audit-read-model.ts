import type { Principal } from '../../application/ports/api-commands.port.js';
import type { AuditQueries, ListQuery, Rows } from '../../application/ports/api-queries.port.js';
import type { AuditEventView, AuditListQuery, AuditVerification } from '../../application/ports/api-views.js';
import { referenceActionName, referenceSourceName } from '../../domain/audit/actions.js';
import type { AuditEntryBody } from '../../domain/audit/entry.js';
import type { BadEntryReason } from '../../domain/audit/verify-rules.js';
import type { PgUnitOfWork } from '../unit-of-work.js';
import { instantOrNull } from './catalog-views.js';
import { ListFilter, rowsOf } from './list-query.js';

const EVENT_SELECT = `SELECT e.seq::float8 AS seq, e.body, e.body::json AS parsed, e.prev_hash AS "prevHash", e.entry_hash AS "entryHash", e.entry_mac AS "entryMac", e.key_id AS "keyId" FROM audit_event e`;
interface EventRow { readonly seq: number; readonly body: string; readonly parsed: AuditEntryBody; readonly prevHash: string; readonly entryHash: string; readonly entryMac: string; readonly keyId: string }

/** Ids that have no column: the text is looked for first, which is cheap, and the member is compared where it occurs. */
function subjectIs(filter: ListFilter, member: 'toolKey' | 'issueKey', value: string | undefined): ListFilter {
  if (value === undefined) return filter;
  return filter.and(`strpos(e.body, ${filter.param(`"${member}":${JSON.stringify(value)}`)}) > 0`).and(`e.body::json -> 'subject' ->> '${member}' = ${filter.param(value)}`);
}

export class PgAuditQueries implements AuditQueries {
  constructor(private readonly uow: PgUnitOfWork) {}

  listEvents({ siteId }: Principal, query: ListQuery<AuditListQuery>): Promise<Rows<AuditEventView>> {
    const [direction, beyond] = query.order === 'oldestFirst' ? ['ASC', '>'] as const : ['DESC', '<'] as const;
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('e', siteId).equals('e.action', query.action).equals('e.actor', query.accountId).equals('e.request_id', query.requestId).equals('e.grant_id', query.grantId).between('e.at', query.from, query.to);
      subjectIs(subjectIs(filter, 'toolKey', query.toolKey), 'issueKey', query.issueKey);
      if (query.after !== null) filter.and(`e.seq ${beyond} ${filter.param(query.after.sort)}::bigint`);
      const rows = await tx.query<EventRow>(`${EVENT_SELECT} ${filter.where} ORDER BY e.seq ${direction} LIMIT ${query.limit + 1}`, filter.values);
      return rowsOf(rows.map((row) => ({ row, sort: String(row.seq), id: '' })), query.limit, ({ row }) => toEventView(row));
    });
  }

  findEvent({ siteId }: Principal, seq: number): Promise<AuditEventView | null> {
    return this.uow.run(siteId, async (tx) => {
      const [row] = await tx.query<EventRow>(`${EVENT_SELECT} WHERE e.site_id = $1 AND e.seq = $2`, [siteId, seq]);
      return row === undefined ? null : toEventView(row);
    });
  }

  latestVerification({ siteId }: Principal): Promise<AuditVerification | null> {
    return this.uow.run(siteId, async (tx) => {
      const [row] = await tx.query<VerificationRow>(
        `SELECT id, started_at AS "startedAt", finished_at AS "finishedAt", ok, coalesce(entries, 0)::float8 AS entries, head_seq::float8 AS "headSeq", head_hash AS "headHash", first_bad_seq::float8 AS "firstBadSeq", reason, requested_by AS "requestedBy"
         FROM audit_verification WHERE site_id = $1 ORDER BY started_at DESC LIMIT 1`,
        [siteId],
      );
      return row === undefined ? null : toVerification(row);
    });
  }
}

function toEventView({ seq, parsed, body, prevHash, entryHash, entryMac, keyId }: EventRow): AuditEventView {
  const subject: Record<string, string> = { ...parsed.subject };
  const reference = { action: referenceActionName(parsed.action), source: referenceSourceName(parsed.actor.kind) };
  return { seq, at: parsed.at, action: parsed.action, reference, actor: parsed.actor, subject, data: { ...parsed.data }, prevHash, entryHash, entryMac, keyId, body };
}

interface VerificationRow {
  readonly id: string; readonly startedAt: Date; readonly finishedAt: Date | null; readonly ok: boolean | null; readonly entries: number; readonly headSeq: number | null; readonly headHash: string | null;
  readonly firstBadSeq: number | null; readonly reason: BadEntryReason | null; readonly requestedBy: string | null;
}
function toVerification(row: VerificationRow): AuditVerification {
  const status = row.ok === null ? (row.finishedAt === null ? 'running' : 'failed') : row.ok ? 'ok' : 'broken';
  return {
    id: row.id, status, ok: row.ok, startedAt: row.startedAt.toISOString(), finishedAt: instantOrNull(row.finishedAt), requestedBy: row.requestedBy, entriesChecked: row.entries,
    firstSeq: row.entries === 0 ? null : 1, lastSeq: row.headSeq, chainHead: row.headHash, firstBad: row.firstBadSeq === null || row.reason === null ? null : { seq: row.firstBadSeq, reason: row.reason },
  };
}
