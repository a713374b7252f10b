import type { Entitlement } from '../../domain/catalog/entitlement.js';
import type { Operation, WakeReason } from '../../domain/request/operations.js';

/** What the Temporal Web UI can filter a run by from its first moment; keys and ids, no person. */
export interface RunLabels extends Entitlement {
  readonly provider: string; readonly risk: string; readonly policyVersion: string; readonly issueKey: string | null; readonly phase: string;
  readonly pendingStage: string | null;
  readonly approvalDueAt: Date | null;
}

/** The clock and the retries (DESIGN). Postgres holds the truth: everything here may be repeated. @throws EngineUnavailable */
export interface AccessEngine {
  /** One run per request, however often it is asked for. */
  start(siteId: string, requestId: string, labels: RunLabels): Promise<void>;
  /** Delivers a committed command and waits until its result is stored. Starts the run again where the namespace has lost it. */
  deliver(siteId: string, requestId: string, operation: Operation, commandId: string, labels: RunLabels): Promise<void>;
  /** A hint to look at the record, which also starts a run that is missing. */
  wake(siteId: string, requestId: string, reason: WakeReason, labels: RunLabels): Promise<void>;
}
