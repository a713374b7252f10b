/** Starts a connector's reconciliation workflow, or tells the one that runs to look again. @throws EngineUnavailable: the run is recorded and is found by the poller */
export interface ReconciliationEngine {
  wake(siteId: string, connectorId: string): Promise<void>;
}
