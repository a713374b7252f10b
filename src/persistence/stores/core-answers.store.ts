import type { CoreAnswers } from '../../application/ports/core-answers.port.js';
import type { PgUnitOfWork } from '../unit-of-work.js';

const KEPT_DAYS = 1;
const PRUNE_EVERY_MS = 60_000;

/** What Core carried out, in its own table: a repeat that reaches another process finds it too. */
export function createCoreAnswers(uow: PgUnitOfWork): CoreAnswers {
  const prunedAtMs = new Map<string, number>();
  const isTimeToPrune = (siteId: string): boolean => {
    if (Date.now() - (prunedAtMs.get(siteId) ?? 0) < PRUNE_EVERY_MS) return false;
    prunedAtMs.set(siteId, Date.now());
    return true;
  };
  return {
    claim: (siteId, key, orderHash, claimMs) => uow.run(siteId, async (tx) => {
      const sites = await tx.keyed('SELECT 1 FROM site WHERE id = $1', [siteId]);
      if (sites.length === 0) return { kind: 'unknownSite' } as const;
      if (isTimeToPrune(siteId)) await tx.keyed(`DELETE FROM core_answer WHERE site_id = $1 AND claimed_until < clock_timestamp() - interval '${KEPT_DAYS} day'`, [siteId]);
      const claimed = await tx.keyed(
        'INSERT INTO core_answer (site_id, key, order_hash, claimed_until) VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4 / 1000.0)) ON CONFLICT DO NOTHING RETURNING 1', [siteId, key, orderHash, claimMs],
      );
      if (claimed.length > 0) return { kind: 'claimed' } as const;
      const [row] = await tx.keyed<{ order_hash: string; answer: string | null; under_way: boolean }>('SELECT order_hash, answer, claimed_until > clock_timestamp() AS under_way FROM core_answer WHERE site_id = $1 AND key = $2', [siteId, key]);
      if (row === undefined) return { kind: 'underWay' } as const; // pruned this moment
      if (row.order_hash !== orderHash) return { kind: 'otherOrder' } as const;
      if (row.answer !== null) return { kind: 'answered', answer: row.answer } as const;
      return { kind: row.under_way ? 'underWay' : 'lost' } as const;
    }),
    keep: (siteId, key, answer) => uow.run(siteId, async (tx) => { await tx.keyed('UPDATE core_answer SET answer = $3 WHERE site_id = $1 AND key = $2', [siteId, key, answer]); }),
  };
}
