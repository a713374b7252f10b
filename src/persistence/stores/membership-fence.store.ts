import type { MembershipFence } from '../../application/ports/membership-fence.port.js';
import type { PgUnitOfWork } from '../unit-of-work.js';

/** The fence in the core worker's own table, on Postgres' clock: two core workers can't disagree about a lease. */
export function createMembershipFence(uow: PgUnitOfWork): MembershipFence {
  return {
    enter: ({ siteId, membershipId, generation, leaseId, leaseMs }) => uow.run(siteId, async (tx) => {
      const rows = await tx.keyed<{ lease_id: string }>(
        `INSERT INTO core_fence AS f (membership_id, site_id, generation, lease_id, lease_until) VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5 / 1000.0))
         ON CONFLICT (membership_id) DO UPDATE SET generation = excluded.generation, lease_id = excluded.lease_id, lease_until = excluded.lease_until
           WHERE f.generation <= excluded.generation AND (f.lease_id IS NULL OR f.lease_until < clock_timestamp() OR f.lease_id = excluded.lease_id)
         RETURNING lease_id`,
        [membershipId, siteId, generation, leaseId, leaseMs],
      );
      if (rows.length > 0) return 'entered';
      // Raised even while another attempt holds the lease: what that one has not written yet is refused from now on.
      const [row] = await tx.keyed<{ stale: boolean; busy_ms: number }>(
        `UPDATE core_fence SET generation = greatest(generation, $3) WHERE site_id = $1 AND membership_id = $2
         RETURNING generation > $3 AS stale, greatest(0, extract(epoch FROM lease_until - clock_timestamp()) * 1000)::float8 AS busy_ms`,
        [siteId, membershipId, generation],
      );
      return row?.stale === true ? 'stale' : { busyMs: row?.busy_ms ?? 0 };
    }),
    holds: async ({ siteId, membershipId, generation, leaseId }) =>
      (await uow.single(siteId, 'SELECT 1 FROM core_fence WHERE site_id = $1 AND membership_id = $2 AND generation = $3 AND lease_id = $4 AND lease_until > clock_timestamp()', [siteId, membershipId, generation, leaseId])).length > 0,
    leave: async ({ siteId, membershipId, leaseId }) => {
      await uow.single(siteId, 'UPDATE core_fence SET lease_id = NULL, lease_until = NULL WHERE site_id = $1 AND membership_id = $2 AND lease_id = $3', [siteId, membershipId, leaseId]);
    },
  };
}
