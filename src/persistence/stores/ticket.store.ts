import type { TicketRow, TicketStore } from '../../application/ports/ticket-store.port.js';
import { fromRow } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';

export const ticketStore: TicketStore<PgSiteTx> = {
  async next(tx, requestId) {
    const [row] = await tx.keyed<Record<string, unknown>>(
      `SELECT t.id, t.request_id, t.issue_key, t.kind, t.content, t.marker, t.attempts, e.seq, t.audit_event_id IS NOT NULL AS needs_seq
       FROM ticket_outbox t LEFT JOIN audit_event e ON e.event_id = t.audit_event_id AND e.site_id = t.site_id
       WHERE t.site_id = $1 AND t.request_id = $2 AND t.status = 'queued' ORDER BY t.id LIMIT 1`,
      [tx.siteId, requestId],
    );
    return row === undefined ? null : fromRow<TicketRow>(row);
  },
  async begin(tx, id) {
    await tx.keyed('UPDATE ticket_outbox SET attempts = attempts + 1 WHERE site_id = $1 AND id = $2', [tx.siteId, id]);
  },
  async finish(tx, id, status, error) {
    await tx.keyed('UPDATE ticket_outbox SET status = $3, last_error = $4, finished_at = clock_timestamp() WHERE site_id = $1 AND id = $2', [tx.siteId, id, status, error]);
  },
  async fail(tx, id, error) {
    await tx.keyed('UPDATE ticket_outbox SET last_error = $3 WHERE site_id = $1 AND id = $2', [tx.siteId, id, error]);
  },
  async settled(tx, requestId) {
    await tx.keyed(
      "UPDATE request SET next_due_at = NULL WHERE site_id = $1 AND id = $2 AND closed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ticket_outbox t WHERE t.site_id = $1 AND t.request_id = $2 AND t.status = 'queued')",
      [tx.siteId, requestId],
    );
  },
  async withoutRequest(tx, limit) {
    const rows = await tx.keyed<{ request_id: string }>("SELECT DISTINCT request_id FROM ticket_outbox WHERE site_id = $1 AND status = 'queued' AND request_id LIKE 'iev\\_%' LIMIT $2", [tx.siteId, limit]);
    return rows.map((row) => row.request_id);
  },
};
