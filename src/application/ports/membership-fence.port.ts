/** The core worker's own memory about memberships: the highest generation seen and one lease each (DESIGN, membership). */
export interface MembershipFence {
  /**
   * Raises the generation and takes the lease in one statement. `stale`: a higher generation was seen, nothing older may write any more (N6).
   * `busy`: another attempt holds the lease for at most so long.
   */
  enter(key: { readonly siteId: string; readonly membershipId: string; readonly generation: number; readonly leaseId: string; readonly leaseMs: number }): Promise<'entered' | 'stale' | { readonly busyMs: number }>;
  /** Whether the lease is still ours and the generation still the highest: asked once more just before a write. */
  holds(key: { readonly siteId: string; readonly membershipId: string; readonly generation: number; readonly leaseId: string }): Promise<boolean>;
  leave(key: { readonly siteId: string; readonly membershipId: string; readonly leaseId: string }): Promise<void>;
}
