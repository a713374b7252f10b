import type { MembershipFence } from '../../src/application/ports/membership-fence.port.js';
import type { VirtualClock } from './virtual-clock.js';

type Key = Parameters<MembershipFence['holds']>[0];
interface Row { generation: number; leaseId: string | null; leaseUntil: number }

/** The core worker's fence in memory, on a clock that a test moves; its rules are those of persistence/stores/membership-fence.store.ts (test/medium/membership-fence.spec.ts). */
export class FakeFence implements MembershipFence {
  readonly rows = new Map<string, Row>();
  constructor(private readonly clock: VirtualClock) {}

  enter({ leaseMs, ...key }: Key & { readonly leaseMs: number }): Promise<'entered' | 'stale' | { readonly busyMs: number }> {
    const row = this.row(key);
    if (row.generation > key.generation) return Promise.resolve('stale');
    row.generation = key.generation;
    if (row.leaseId !== null && row.leaseId !== key.leaseId && row.leaseUntil > this.clock.ms) return Promise.resolve({ busyMs: row.leaseUntil - this.clock.ms });
    Object.assign(row, { leaseId: key.leaseId, leaseUntil: this.clock.ms + leaseMs });
    return Promise.resolve('entered');
  }
  holds(key: Key): Promise<boolean> {
    const row = this.row(key);
    return Promise.resolve(row.generation === key.generation && row.leaseId === key.leaseId && row.leaseUntil > this.clock.ms);
  }
  leave(key: Omit<Key, 'generation'>): Promise<void> {
    const row = this.row({ ...key, generation: 0 });
    if (row.leaseId === key.leaseId) row.leaseId = null;
    return Promise.resolve();
  }
  private row({ siteId, membershipId, generation }: Pick<Key, 'siteId' | 'membershipId' | 'generation'>): Row {
    const name = `${siteId}/${membershipId}`;
    const row = this.rows.get(name) ?? { generation, leaseId: null, leaseUntil: 0 };
    this.rows.set(name, row);
    return row;
  }
}
