import type { IntakeEvent, IntakeStore } from '../../application/ports/intake-store.port.js';
import { fromRow, setList } from '../rows.js';
import type { PgSiteTx } from '../unit-of-work.js';

const SELECT = 'SELECT id, issue_key, issue_id, outcome, reason, request_id, attempts, received_at FROM intake_event';

export const intakeStore: IntakeStore<PgSiteTx> = {
  async receive(tx, event) {
    const rows = await tx.query(
      `INSERT INTO intake_event (id, site_id, issue_key, issue_id, outcome, next_attempt_at) VALUES ($1, $2, $3, $4, 'accepted', clock_timestamp() + make_interval(secs => $5 / 1000.0))
       ON CONFLICT (site_id, issue_key) DO NOTHING RETURNING id`,
      [event.id, tx.siteId, event.issueKey, event.issueId, event.retryInMs],
    );
    const [row] = await tx.query<Record<string, unknown>>(`${SELECT} WHERE site_id = $1 AND issue_key = $2`, [tx.siteId, event.issueKey]);
    if (row === undefined) throw new Error('an intake event vanished while it was received');
    return { mine: rows.length > 0, event: fromRow<IntakeEvent>(row) };
  },
  async lock(tx, id) {
    const [row] = await tx.query<Record<string, unknown>>(`${SELECT} WHERE site_id = $1 AND id = $2 FOR UPDATE`, [tx.siteId, id]);
    return row === undefined ? null : fromRow<IntakeEvent>(row);
  },
  async update(tx, id, { retryInMs, ...patch }) {
    const set = setList(patch, 3);
    if (set.sql !== '') await tx.query(`UPDATE intake_event SET ${set.sql} WHERE site_id = $1 AND id = $2`, [tx.siteId, id, ...set.values]);
    if (retryInMs === undefined) return;
    await tx.query('UPDATE intake_event SET next_attempt_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000.0) WHERE site_id = $1 AND id = $2', [tx.siteId, id, retryInMs]);
  },
  async due(tx, limit) {
    const rows = await tx.query<Record<string, unknown>>(`${SELECT} WHERE site_id = $1 AND outcome = 'accepted' AND next_attempt_at <= clock_timestamp() ORDER BY next_attempt_at LIMIT $2`, [tx.siteId, limit]);
    return rows.map((row) => fromRow<IntakeEvent>(row));
  },
};
