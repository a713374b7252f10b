import { takeIn, type IntakeDeps } from '../access/submit/issue-created.js';
import type { SweepStore } from '../ports/sweep-store.port.js';
import type { TicketStore } from '../ports/ticket-store.port.js';

/** Deliveries that Jira or the engine could not finish at once (SPEC I3), and the comments of refused ones, which have no workflow to write them. */
export async function finishPendingIntake(deps: IntakeDeps & { readonly sweeps: SweepStore; readonly tickets: TicketStore; readonly writeTicket: (siteId: string, id: string) => Promise<void> }): Promise<number> {
  let finished = 0;
  for (const siteId of await deps.sweeps.siteIds()) {
    await severalAtOnce(await deps.uow.run(siteId, (tx) => deps.intake.due(tx, 50)), (event) => alone(deps, event.id, async () => {
      const { outcome } = await takeIn(deps, siteId, event, 5_000);
      if (outcome !== 'accepted') finished += 1;
    }));
    await severalAtOnce(await deps.uow.run(siteId, (tx) => deps.tickets.withoutRequest(tx, 50)), (id) => alone(deps, id, () => deps.writeTicket(siteId, id)));
  }
  return finished;
}

/** Eight at a time: one delivery may wait seconds for Jira, and after an outage many are waiting. */
async function severalAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 8) await Promise.all(items.slice(at, at + 8).map(work));
}

/** One delivery that can't be finished holds up no other one, and no other site. */
async function alone(deps: Pick<IntakeDeps, 'log'>, id: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.log('a pending delivery is tried again', { intakeEventId: id, why: error instanceof Error ? error.message : 'unknown' });
  }
}
