import type { PgSiteTx } from '../unit-of-work.js';

/**
 * Lets open requests be looked at at once: those of grants `g` for which the condition holds, whose own parameters begin at $3. Locked in the order of their ids, as everything that holds
 * many of them does, so that two such changes wait for each other instead of in a circle. Returns how many became due.
 */
export async function makeDue(tx: PgSiteTx, condition: string, values: readonly unknown[]): Promise<number> {
  const due = await tx.query(
    `WITH held AS (
       SELECT r.id FROM request r JOIN access_grant g ON g.site_id = r.site_id AND g.request_id = r.id
       WHERE r.site_id = $1 AND r.closed_at IS NULL AND (r.next_due_at IS NULL OR r.next_due_at > $2) AND ${condition} ORDER BY r.id FOR NO KEY UPDATE OF r)
     UPDATE request r SET next_due_at = $2 FROM held WHERE r.site_id = $1 AND r.id = held.id RETURNING r.id`,
    [tx.siteId, tx.now, ...values],
  );
  return due.length;
}
