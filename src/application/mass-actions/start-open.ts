import type { MassActionEngine } from '../ports/mass-action-engine.port.js';
import type { MassActionStore } from '../ports/mass-action-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface StartOpenDeps { readonly uow: UnitOfWork<SiteTx>; readonly massActions: MassActionStore; readonly siteIds: () => Promise<readonly string[]>; readonly engine: MassActionEngine }

/** Gives every mass action that is not through its run: one whose start was lost, or whose namespace was wiped. One that runs looks once more. Returns how many. */
export async function startOpenMassActions(deps: StartOpenDeps): Promise<number> {
  let started = 0;
  for (const siteId of await deps.siteIds()) {
    for (const { id, source } of await deps.uow.run(siteId, (tx) => deps.massActions.open(tx))) {
      await deps.engine.run(siteId, id, source);
      started += 1;
    }
  }
  return started;
}
