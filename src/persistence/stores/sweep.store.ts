import type { DataSource } from 'typeorm';
import type { OpenRequest, SweepStore } from '../../application/ports/sweep-store.port.js';
import { jobsKeptFor } from '../retention-sql.js';
import type { PgSiteTx } from '../unit-of-work.js';

/** A request with what its run is labelled with. */
export interface OpenRequestRow { readonly id: string; readonly tool_key: string; readonly role_key: string | null; readonly issue_key: string | null; readonly version: string; readonly provider: string | null; readonly risk: string | null; readonly decision: string; readonly pending_stage: string | null; readonly breach_at: Date | null }
export const RUN_COLUMNS = `r.id, r.tool_key, r.role_key, r.issue_key, r.policy ->> 'version' AS version, t.provider, coalesce(o.risk, t.risk) AS risk, r.decision, r.pending_stage, r.breach_at`;
export const RUN_FROM = 'FROM request r LEFT JOIN tool t ON t.site_id = r.site_id AND t.key = r.tool_key LEFT JOIN tool_role o ON o.tool_id = t.id AND o.key = r.role_key';
export const toOpenRequest = (row: OpenRequestRow): OpenRequest => ({
  requestId: row.id,
  labels: { toolKey: row.tool_key, roleKey: row.role_key, provider: row.provider ?? 'none', risk: row.risk ?? 'unknown', policyVersion: row.version, issueKey: row.issue_key, phase: row.decision === 'pending' ? 'pending' : 'provisioning', pendingStage: row.pending_stage, approvalDueAt: row.decision === 'pending' ? row.breach_at : null },
});

const REBUILD_LOCK = 4203;

export function createSweepStore(dataSource: DataSource): SweepStore<PgSiteTx> {
  return {
    async siteIds() {
      const rows: { id: string }[] = await dataSource.query('SELECT id FROM site ORDER BY id');
      return rows.map((row) => row.id);
    },
    async claimOverdue(tx, { overdueMs, limit }) {
      const claimed = await tx.query<{ id: string }>(
        `UPDATE request SET next_due_at = $2::timestamptz + interval '1 minute' WHERE site_id = $1 AND id IN (
           SELECT id FROM request WHERE site_id = $1 AND next_due_at < $2::timestamptz - make_interval(secs => $3 / 1000.0) ORDER BY next_due_at LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)
         RETURNING id`,
        [tx.siteId, tx.now, overdueMs, limit],
      );
      if (claimed.length === 0) return [];
      return (await tx.query<OpenRequestRow>(`SELECT ${RUN_COLUMNS} ${RUN_FROM} WHERE r.site_id = $1 AND r.id = ANY($2)`, [tx.siteId, claimed.map((row) => row.id)])).map(toOpenRequest);
    },
    async unclaimUnstarted(tx, requestIds) {
      await tx.query(`UPDATE request SET next_due_at = $2::timestamptz - interval '1 minute' WHERE site_id = $1 AND id = ANY($3) AND started_at IS NULL`, [tx.siteId, tx.now, requestIds]);
    },
    async openRequests(tx, afterId, limit) {
      return (await tx.query<OpenRequestRow>(`SELECT ${RUN_COLUMNS} ${RUN_FROM} WHERE r.site_id = $1 AND (r.closed_at IS NULL OR r.next_due_at IS NOT NULL) AND r.id > $2 ORDER BY r.id LIMIT $3`, [tx.siteId, afterId, limit])).map(toOpenRequest);
    },
    async pendingOverdue(tx, limit) {
      return (await tx.query<OpenRequestRow>(
        `SELECT ${RUN_COLUMNS} ${RUN_FROM} WHERE r.site_id = $1 AND r.decision = 'pending' AND ((r.reminded_at IS NULL AND r.remind_at < $2) OR (r.breached_at IS NULL AND r.breach_at < $2) OR r.lapse_at < $2) ORDER BY r.id LIMIT $3`,
        [tx.siteId, tx.now, limit],
      )).map(toOpenRequest);
    },
    async openRequestsOf(tx, { requestIds, accountId, connectorId, toolKey }) {
      return (await tx.query<OpenRequestRow>(
        `SELECT ${RUN_COLUMNS} ${RUN_FROM} JOIN access_grant g ON g.request_id = r.id WHERE r.site_id = $1 AND r.closed_at IS NULL AND ($2::text IS NULL OR r.requester = $2) AND ($3::text IS NULL OR g.connector_id = $3 OR t.connector_id = $3) AND ($4::text IS NULL OR r.tool_key = $4) AND ($5::text[] IS NULL OR r.id = ANY($5))`,
        [tx.siteId, accountId ?? null, connectorId ?? null, toolKey ?? null, requestIds ?? null],
      )).map(toOpenRequest);
    },
    async pruneJobs(tx, olderThanDays) {
      const rows = await tx.query(
        `DELETE FROM provisioning_job j WHERE j.site_id = $1 AND j.status IN ('succeeded', 'superseded') AND j.finished_at < clock_timestamp() - ${jobsKeptFor('$1', '$2')}
           AND NOT EXISTS (SELECT 1 FROM membership_intent i WHERE i.job_id = j.id) AND NOT EXISTS (SELECT 1 FROM manual_action m WHERE m.job_id = j.id) RETURNING id`,
        [tx.siteId, olderThanDays],
      );
      return rows.length;
    },
    async withRebuildLock(work) {
      const runner = dataSource.createQueryRunner();
      try {
        await runner.connect();
        const answer: unknown = await runner.query('SELECT pg_try_advisory_lock($1) AS locked', [REBUILD_LOCK]);
        if (!isLocked(answer)) return false;
        try {
          await work();
        } finally {
          await runner.query('SELECT pg_advisory_unlock($1)', [REBUILD_LOCK]);
        }
        return true;
      } finally {
        await runner.release();
      }
    },
  };
}

function isLocked(answer: unknown): boolean {
  const row: unknown = Array.isArray(answer) ? answer[0] : undefined;
  return typeof row === 'object' && row !== null && 'locked' in row && row.locked === true;
}
