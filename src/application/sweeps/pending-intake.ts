import { takeIn, type IntakeDeps } from '../access/submit/issue-created.js';
import type { SweepStore } from '../ports/sweep-store.port.js';
import type { TicketStore } from '../ports/ticket-store.port.js';

/** Deliveries that Jira or the engine could not finish at once (SPEC I3), and the comments of refused ones, which have no workflow to write them. */
export async function finishPendingIntake(deps: IntakeDeps & { readonly sweeps: SweepStore; readonly tickets: TicketStore; readonly writeTicket: (siteId: string, id: string) => Promise<void> }): Promise<number> {
  let finished = 0;
  for (const siteId of await deps.sweeps.siteIds()) {
    for (const event of await deps.uow.run(siteId, (tx) => deps.intake.due(tx, 50))) {
      const { outcome } = await takeIn(deps, siteId, event, 5_000);
      if (outcome !== 'accepted') finished += 1;
    }
    for (const id of await deps.uow.run(siteId, (tx) => deps.tickets.withoutRequest(tx, 50))) await deps.writeTicket(siteId, id);
  }
  return finished;
}
