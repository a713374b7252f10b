import { Context } from '@temporalio/activity';
import { advanceRun } from '../application/reconciliation/advance-run.js';
import { deliverCommands, type DeliverDeps } from '../application/reconciliation/deliver.js';
import type { ReconciliationDeps } from '../application/reconciliation/run-case.js';
import type { ReconciliationActivities } from './reconciliation.port.js';

const BEAT_MS = 2_000;
/** Thin over the application. `committed` is told after each, so that the sealer need not poll. */
export const createReconciliationActivities = (deps: ReconciliationDeps & DeliverDeps, schedule: ReconciliationActivities['startScheduledReconciliation'], committed: () => void): ReconciliationActivities => ({
  async advanceReconciliation(siteId, connectorId, report) {
    const step = await advanceRun(deps, siteId, connectorId, report);
    committed();
    return step;
  },
  async deliverFindings(siteId, connectorId) {
    const context = Context.current();
    const timer = setInterval(() => context.heartbeat(), BEAT_MS);
    try {
      return await deliverCommands(deps, siteId, connectorId, context.cancellationSignal);
    } finally {
      clearInterval(timer);
      committed();
    }
  },
  startScheduledReconciliation: schedule,
});
