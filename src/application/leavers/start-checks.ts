import type { LeaverStore } from '../ports/leaver-store.port.js';
import type { MassActionEngine } from '../ports/mass-action-engine.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

/** Starts a check for every hint that is due: one whose start was lost, or whose read has to be made again. Returns how many. */
export async function startLeaverChecks(deps: { readonly uow: UnitOfWork<SiteTx>; readonly leavers: LeaverStore; readonly siteIds: () => Promise<readonly string[]>; readonly engine: MassActionEngine }): Promise<number> {
  let started = 0;
  for (const siteId of await deps.siteIds()) {
    for (const hintId of await deps.uow.run(siteId, (tx) => deps.leavers.dueHints(tx, 50))) {
      await deps.engine.checkLeaver(siteId, hintId);
      started += 1;
    }
  }
  return started;
}
