import type { CommandStore, NewCommand, StoredCommand } from '../../application/ports/command-store.port.js';
import type { PgSiteTx } from '../unit-of-work.js';

const COLUMNS = 'id, actor, operation, body_hash AS "bodyHash", payload, sealed, status, result';

export class PgCommandStore implements CommandStore {
  async claim(tx: PgSiteTx, c: NewCommand): Promise<StoredCommand> {
    // A second call with the key waits here for the first one's commit or rollback.
    const [inserted] = await tx.keyed<StoredCommand>(
      `INSERT INTO command (id, site_id, actor, method_path, idempotency_key, item, body_hash, operation, request_id, payload, sealed, sealed_field)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
      [c.id, tx.siteId, c.actor, c.methodPath, c.idempotencyKey, c.item, c.bodyHash, c.operation, c.requestId, JSON.stringify(c.payload), c.sealed?.value ?? null, c.sealed?.field ?? null],
    );
    const found = inserted ?? await this.select(tx, c, 'FOR UPDATE');
    if (found === null) throw new Error('a command that conflicts with another was not found'); // only if somebody deleted it in between: the caller repeats
    return found;
  }

  find(tx: PgSiteTx, key: Pick<NewCommand, 'actor' | 'methodPath' | 'idempotencyKey' | 'item'>): Promise<StoredCommand | null> {
    return this.select(tx, key, '');
  }

  async lockById(tx: PgSiteTx, commandId: string): Promise<StoredCommand | null> {
    const [row] = await tx.keyed<StoredCommand>(`SELECT ${COLUMNS} FROM command WHERE site_id = $1 AND id = $2 FOR UPDATE`, [tx.siteId, commandId]);
    return row ?? null;
  }

  async storeResult(tx: PgSiteTx, commandId: string, status: number, result: unknown): Promise<void> {
    await tx.keyed('UPDATE command SET status = $3, result = $4, applied_at = clock_timestamp(), sealed = NULL, sealed_field = NULL WHERE site_id = $1 AND id = $2', [tx.siteId, commandId, status, JSON.stringify(result)]);
  }

  private async select(tx: PgSiteTx, key: Pick<NewCommand, 'actor' | 'methodPath' | 'idempotencyKey' | 'item'>, lock: '' | 'FOR UPDATE'): Promise<StoredCommand | null> {
    const [row] = await tx.keyed<StoredCommand>(
      `SELECT ${COLUMNS} FROM command WHERE site_id = $1 AND actor = $2 AND method_path = $3 AND idempotency_key = $4 AND item = $5 ${lock}`,
      [tx.siteId, key.actor, key.methodPath, key.idempotencyKey, key.item],
    );
    return row ?? null;
  }
}
