import type { ConvergeOrder } from '../../domain/plan/plan.js';
import type { ConvergeResult } from '../../domain/provisioning/provisioning.js';
import { ProviderFailure, type IdentityProviderPort, type MembershipRead } from '../ports/identity-provider.port.js';
import type { MembershipFence } from '../ports/membership-fence.port.js';
import { DatabaseUnavailable } from '../ports/unit-of-work.port.js';
import { fromFailure, result } from './converge-result.js';
import { goneForGood } from './gone-for-good.js';

export interface ConvergeDeps {
  readonly fence: MembershipFence;
  /** The opened provider and the person's id there; null when the seal does not open. */
  readonly connect: (order: ConvergeOrder) => Promise<{ readonly provider: IdentityProviderPort; readonly userId: string } | null>;
  readonly now: () => Date;
  /** Waits; rejects nothing, returns early when the signal fires. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}
/** Longer than any attempt: read, write and read back are bounded by the adapter's time-outs. Milliseconds. */
const LEASE_MS = 45_000;
const LEASE_PATIENCE_MS = 10_000;
/** Reads after a write, with these pauses before each: most providers answer at once, a lagging one is left to the next attempt. Milliseconds. */
const READ_BACK_PAUSES = [0, 100, 400, 1_000] as const;

/**
 * The only operation that touches a membership (DESIGN, converge): fence and lease, read, write if needed, read back. Never throws what the provider did:
 * the record decides what follows from the structured result.
 */
export async function convergeMembership(deps: ConvergeDeps, order: ConvergeOrder, signal: AbortSignal): Promise<ConvergeResult> {
  const key = { siteId: order.siteId, membershipId: order.membershipId, generation: order.generation, leaseId: order.intentId };
  const refused = await enter(deps, key, signal).catch(withoutDatabase);
  if (refused !== null) return refused;
  try {
    const connected = await deps.connect(order);
    if (connected === null) return result('manual', { code: 'connector.unreadable', detail: "The core worker can't open the connector's configuration or the identity" });
    return await new Attempt(deps, order, connected.provider, connected.userId, signal).run();
  } finally {
    // The lease runs out by itself; what the provider said must not be lost because a database went away meanwhile.
    await deps.fence.leave(key).catch(withoutDatabase);
  }
}

/** Where the fence can't be asked nothing is sent. */
function withoutDatabase(error: unknown): ConvergeResult {
  if (!(error instanceof DatabaseUnavailable)) throw error;
  return result('notAttempted', { code: 'database.unavailable', detail: 'Postgres did not answer, so nothing was sent to the provider', retryAfterMs: 1_000 });
}

type Key = Parameters<MembershipFence['holds']>[0];
async function enter(deps: ConvergeDeps, key: Key, signal: AbortSignal): Promise<ConvergeResult | null> {
  const giveUpAt = deps.now().getTime() + LEASE_PATIENCE_MS;
  for (;;) {
    const entered = await deps.fence.enter({ ...key, leaseMs: LEASE_MS });
    if (entered === 'entered') return null;
    if (entered === 'stale') return result('notAttempted', { code: 'fence.stale_generation', detail: 'A newer decision about this membership is under way' });
    if (signal.aborted) return superseded;
    if (deps.now().getTime() >= giveUpAt) return result('notAttempted', { code: 'membership.busy', detail: 'Another attempt on this membership is under way', retryAfterMs: Math.min(entered.busyMs, 5_000) });
    await deps.pause(Math.min(50, entered.busyMs), signal);
  }
}
const superseded = result('notAttempted', { code: 'core.superseded', detail: 'Superseded by a newer decision' });

/** One attempt under its lease. */
class Attempt {
  constructor(
    private readonly deps: ConvergeDeps,
    private readonly order: ConvergeOrder,
    private readonly provider: IdentityProviderPort,
    private readonly userId: string,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<ConvergeResult> {
    const { order } = this;
    let before: MembershipRead;
    try {
      before = await this.readBefore();
    } catch (error) {
      return this.failed(error, 'none');
    }
    if (before.observed === order.desired) return seen(before, 'none', 'already');
    if (order.desired === 'present' && !order.mayAdd) return seen(before, 'none', 'add.not_repeated');
    return (await this.refuseWrite().catch(withoutDatabase)) ?? this.write();
  }

  /** Before an add, whether the person can be added at all is asked beside the membership. */
  private async readBefore(): Promise<MembershipRead> {
    const { provider, order, userId, signal } = this;
    if (order.desired === 'absent') return provider.readMembership(order.externalGroupId, userId, signal);
    const [read, user] = await Promise.all([provider.readMembership(order.externalGroupId, userId, signal), provider.getUser(userId, signal)]);
    if (user.state === 'deactivated') throw new ProviderFailure('rejected', "The person's identity is deactivated at the provider");
    return read;
  }

  private async refuseWrite(): Promise<ConvergeResult | null> {
    const { order, deps } = this;
    if (this.signal.aborted) return superseded;
    // Reads and removals are exempt: only access is given on the strength of a decision that is at most so old (N9).
    if (order.desired === 'present' && deps.now() >= new Date(order.deadlineAt)) return result('retryable', { code: 'intent.expired', detail: 'The decision behind this attempt is too old; it is taken again' });
    const holds = await deps.fence.holds({ siteId: order.siteId, membershipId: order.membershipId, generation: order.generation, leaseId: order.intentId });
    return holds ? null : result('notAttempted', { code: 'fence.stale_generation', detail: 'A newer decision about this membership is under way' });
  }

  /** The write itself is not cancelled: a request half on its way is worse than one that ended. */
  private async write(): Promise<ConvergeResult> {
    const { provider, order, userId } = this;
    try {
      const written = order.desired === 'present' ? await provider.addMember(order.externalGroupId, userId) : await provider.removeMember(order.externalGroupId, userId);
      return await this.readBack(written.changed ? 'changed' : 'unchanged', written.providerRequestId ?? null);
    } catch (error) {
      if (error instanceof ProviderFailure && error.kind === 'unknownOutcome') return this.readBack('unknown', error.more.providerRequestId ?? null);
      return this.failed(error, 'none');
    }
  }

  private async readBack(write: ConvergeResult['write'], providerRequestId: string | null): Promise<ConvergeResult> {
    let last: MembershipRead | null = null;
    try {
      for (const pauseMs of READ_BACK_PAUSES) {
        if (pauseMs > 0) await this.deps.pause(pauseMs, new AbortController().signal);
        last = await this.provider.readMembership(this.order.externalGroupId, this.userId);
        if (last.observed === this.order.desired) return seen(last, write, write === 'unknown' ? 'write.resolved' : 'readBack', providerRequestId);
      }
    } catch (error) {
      return this.failed(error, write);
    }
    const code = write === 'unknown' ? 'write.outcome_unknown' : 'provider.read_lag';
    return result('retryable', { code, detail: write === 'unknown' ? 'The answer to the write was lost and its effect is not to be seen yet' : 'The write was accepted and is not to be seen yet', write, observed: last?.observed ?? 'unknown', readAt: last?.readAt ?? null, providerRequestId });
  }

  private async failed(error: unknown, write: ConvergeResult['write']): Promise<ConvergeResult> {
    if (!(error instanceof ProviderFailure)) throw error;
    const gone = this.order.desired === 'absent' ? await goneForGood(this.provider, this.order.externalGroupId, this.userId, error) : null;
    if (gone !== null) return result('observed', { ...gone, observed: 'absent', readAt: this.deps.now().toISOString(), write });
    return fromFailure(error, write);
  }
}

const seen = (read: MembershipRead, write: ConvergeResult['write'], code: string, providerRequestId: string | null = null): ConvergeResult =>
  result('observed', { code, detail: `The provider says ${read.observed}`, observed: read.observed, readAt: read.readAt, write, providerRequestId: providerRequestId ?? read.providerRequestId ?? null });

/** A read for a person who completes a manual action: no fence, no lease, no write (SPEC F7). */
export async function readMembershipOnce(deps: Pick<ConvergeDeps, 'connect' | 'now'>, order: ConvergeOrder, signal: AbortSignal): Promise<ConvergeResult> {
  const connected = await deps.connect(order);
  if (connected === null) return result('manual', { code: 'connector.unreadable', detail: "The core worker can't open the connector's configuration or the identity" });
  try {
    return seen(await connected.provider.readMembership(order.externalGroupId, connected.userId, signal), 'none', 'read');
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const gone = await goneForGood(connected.provider, order.externalGroupId, connected.userId, error);
    return gone === null ? fromFailure(error, 'none') : result('observed', { ...gone, observed: 'absent', readAt: deps.now().toISOString() });
  }
}
