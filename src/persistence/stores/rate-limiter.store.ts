import type { RateLimiter } from '../../application/ports/api-commands.port.js';
import type { PgUnitOfWork } from '../unit-of-work.js';

/** A sliding window in Postgres: all API processes count together (SPEC A1, E8). One actor's calls follow each other, so none slips through. */
export const createRateLimiter = (uow: PgUnitOfWork): RateLimiter => ({
  take: ({ siteId, accountId }, kind, limit, windowSeconds) => uow.run(siteId, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${siteId}/${accountId}/${kind}`]);
    await tx.query('DELETE FROM rate_event WHERE site_id = $1 AND actor = $2 AND kind = $3 AND at < clock_timestamp() - make_interval(secs => $4)', [siteId, accountId, kind, windowSeconds]);
    const [row] = await tx.query<{ used: number; wait: number | null }>(
      'SELECT count(*)::int AS used, (extract(epoch FROM min(at) - clock_timestamp()) + $4)::float8 AS wait FROM rate_event WHERE site_id = $1 AND actor = $2 AND kind = $3', [siteId, accountId, kind, windowSeconds],
    );
    if ((row?.used ?? 0) >= limit) return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(row?.wait ?? windowSeconds)) } as const;
    await tx.query('INSERT INTO rate_event (site_id, actor, kind) VALUES ($1, $2, $3)', [siteId, accountId, kind]);
    return { allowed: true } as const;
  }),
});
