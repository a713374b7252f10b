import type { RequestRow } from './record.port.js';
import type { SiteTx } from './unit-of-work.port.js';

/** Where an object of the API belongs: commands name a grant, a job or an issue, the workflow is the request's. Null: not in this site. */
export interface RequestLookup<Tx extends SiteTx = SiteTx> {
  byGrant(tx: Tx, grantId: string): Promise<string | null>;
  byJob(tx: Tx, jobId: string): Promise<string | null>;
  byManualAction(tx: Tx, manualActionId: string): Promise<string | null>;
  /** The newest request of an issue. */
  byIssueKey(tx: Tx, issueKey: string): Promise<string | null>;
  find(tx: Tx, requestId: string): Promise<RequestRow | null>;
  intakeProject(tx: Tx): Promise<{ readonly enabled: boolean; readonly projectKey: string | null; readonly requestTypeIds: readonly string[] }>;
}
