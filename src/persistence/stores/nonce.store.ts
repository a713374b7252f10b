import type { DataSource } from 'typeorm';
import type { NonceStore } from '../../application/ports/nonce-store.port.js';
import { asUnavailable } from '../unit-of-work.js';

const PRUNE_EVERY_MS = 60_000;

/** Nonces in Postgres, so that a copy of a request is refused by every process. `ttlSeconds`: no signature that carries the nonce is accepted after it. */
export function createNonceStore(dataSource: DataSource, table: 'core_nonce' | 'service_nonce', ttlSeconds: number): NonceStore {
  let prunedAtMs = 0;
  /** Once a minute and process; what is left over costs space only. */
  const prune = async (): Promise<void> => {
    if (Date.now() - prunedAtMs < PRUNE_EVERY_MS) return;
    prunedAtMs = Date.now();
    await dataSource.query(`DELETE FROM ${table} WHERE expires_at < clock_timestamp()`);
  };
  return {
    async use(clientId, nonce) {
      try {
        const inserted: unknown = await dataSource.query(
          `INSERT INTO ${table} (client_id, nonce, expires_at) VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3)) ON CONFLICT DO NOTHING RETURNING 1`, [clientId, nonce, ttlSeconds],
        );
        await prune();
        return Array.isArray(inserted) && inserted.length === 1;
      } catch (error) {
        throw asUnavailable(error);
      }
    },
  };
}
