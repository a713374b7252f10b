import { beginCoreCall } from '../application/core/begin-core-call.js';
import type { CoreCallStores } from '../application/core/core-call-stores.js';
import { finishCoreCall } from '../application/core/finish-core-call.js';
import type { SiteTx, UnitOfWork } from '../application/ports/unit-of-work.port.js';
import { runEscalationSweep, runJobSweep, type SweepDeps } from '../application/sweeps/sweeps.js';
import type { CoreCallActivities, SweepActivities } from './admin.port.js';

export const createCoreCallActivities = (uow: UnitOfWork<SiteTx>, stores: CoreCallStores): CoreCallActivities => ({
  beginCoreCall: (siteId, commandId) => uow.run(siteId, (tx) => beginCoreCall(stores, tx, commandId)),
  finishCoreCall: (siteId, commandId, result) => uow.run(siteId, (tx) => finishCoreCall(stores, tx, commandId, result)),
});

export const createSweepActivities = (deps: SweepDeps): SweepActivities => ({
  runJobSweep: () => runJobSweep(deps),
  runEscalationSweep: () => runEscalationSweep(deps),
});
