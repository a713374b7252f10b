import type { RunLabels } from './engine.port.js';
import type { SiteTx } from './unit-of-work.port.js';

export interface OpenRequest { readonly requestId: string; readonly labels: RunLabels }
export interface SweepStore<Tx extends SiteTx = SiteTx> {
  /** Ids of all sites; work across sites iterates over them (DESIGN, tenancy). */
  siteIds(): Promise<readonly string[]>;
  /** Open requests whose next step is overdue by at least so long, claimed for a minute so that two pollers share the work (SKIP LOCKED). */
  claimOverdue(tx: Tx, options: { readonly overdueMs: number; readonly limit: number }): Promise<readonly OpenRequest[]>;
  /** Gives back what was claimed and never started, so that the next pass takes it at once; a run that is there keeps its own time. */
  unclaimUnstarted(tx: Tx, requestIds: readonly string[]): Promise<void>;
  /** Open requests in the order of their ids, after `afterId`. */
  openRequests(tx: Tx, afterId: string, limit: number): Promise<readonly OpenRequest[]>;
  pendingOverdue(tx: Tx, limit: number): Promise<readonly OpenRequest[]>;
  /** Open requests with a grant that fit all of the filter: those for which an obstacle may be gone. */
  openRequestsOf(tx: Tx, filter: { readonly requestIds?: readonly string[]; readonly accountId?: string; readonly connectorId?: string; readonly toolKey?: string }): Promise<readonly OpenRequest[]>;
  /** Deletes finished jobs that are older than the site's retention settings say, else than this. */
  pruneJobs(tx: Tx, olderThanDays: number): Promise<number>;
  /** Whether this process may rebuild now: one at a time across all workers. */
  withRebuildLock(work: () => Promise<void>): Promise<boolean>;
}
