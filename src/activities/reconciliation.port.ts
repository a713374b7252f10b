import type { ReconciliationStep, StepReport } from '../application/reconciliation/step.js';

export type { ReconciliationStep, StepReport };
/** The governance side of a connector's reconciliation: all state is in Postgres, each call takes one step of it (docs/adr/0015). */
export interface ReconciliationActivities {
  advanceReconciliation(siteId: string, connectorId: string, report: StepReport | null): Promise<ReconciliationStep>;
  /** Issues the commands that the run's findings ask for; how many were applied. */
  deliverFindings(siteId: string, connectorId: string): Promise<number>;
  /** What a Schedule starts: opens the connector's run, or joins the one under way, and wakes its workflow. */
  startScheduledReconciliation(siteId: string, connectorId: string): Promise<{ readonly recordId: string | null }>;
}
