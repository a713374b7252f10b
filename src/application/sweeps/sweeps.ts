import type { WakeReason } from '../../domain/request/operations.js';
import type { AccessEngine } from '../ports/engine.port.js';
import type { MappingImportStore } from '../ports/mapping-import.port.js';
import type { OpenRequest, SweepStore } from '../ports/sweep-store.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface SweepDeps { readonly uow: UnitOfWork<SiteTx>; readonly sweeps: SweepStore; readonly engine: AccessEngine; readonly imports: Pick<MappingImportStore, 'prune'>; readonly jobRetentionDays: number; readonly log: (message: string, detail: Readonly<Record<string, string | number>>) => void }

/** A step may be late by this much before the poller looks: its own workflow is nearly always faster. Milliseconds. */
const OVERDUE_MS = 3_000;
const BATCH = 200;

/** Wakes, and starts where they are missing, the requests whose next step is overdue (DESIGN, workflow). Returns how many. */
export async function wakeOverdue(deps: SweepDeps): Promise<number> {
  let woken = 0;
  for (const siteId of await deps.sweeps.siteIds()) {
    for (;;) {
      const due = await deps.uow.run(siteId, (tx) => deps.sweeps.claimOverdue(tx, { overdueMs: OVERDUE_MS, limit: BATCH }));
      try {
        woken += await wakeAll(deps, siteId, due, 'due');
      } catch (error) {
        // An engine that is away: what was asked for meanwhile must not wait a claim longer than the engine was gone.
        await deps.uow.run(siteId, (tx) => deps.sweeps.unclaimUnstarted(tx, due.map(({ requestId }) => requestId)));
        throw error;
      }
      if (due.length < BATCH) break;
    }
  }
  return woken;
}

/** Eight at a time: an engine that was just started is not drowned. An engine that is away ends the pass; the next one goes on. */
export async function wakeAll(deps: Pick<SweepDeps, 'engine'>, siteId: string, requests: readonly OpenRequest[], reason: WakeReason): Promise<number> {
  for (let at = 0; at < requests.length; at += 8) {
    await Promise.all(requests.slice(at, at + 8).map(({ requestId, labels }) => deps.engine.wake(siteId, requestId, reason, labels)));
  }
  return requests.length;
}

/** Every open request of every site gets a run: for a namespace that was wiped. A run that is there ignores the second start and looks once. */
export async function rebuildRuns(deps: SweepDeps): Promise<number> {
  let rebuilt = 0;
  for (const siteId of await deps.sweeps.siteIds()) {
    let after = '';
    let count = 0;
    for (;;) {
      const afterId = after;
      const open = await deps.uow.run(siteId, (tx) => deps.sweeps.openRequests(tx, afterId, BATCH));
      count += await wakeAll(deps, siteId, open, 'rebuild');
      after = open.at(-1)?.requestId ?? '';
      if (open.length < BATCH) break;
    }
    if (count > 0) await deps.uow.run(siteId, (tx) => tx.audit({ action: 'engine.rebuilt', actor: { kind: 'system', name: 'rebuild' }, subject: {}, data: { requests: count } }));
    rebuilt += count;
  }
  return rebuilt;
}

/** The hourly job runner (SPEC §12). */
export async function runJobSweep(deps: SweepDeps): Promise<{ readonly woken: number; readonly pruned: number }> {
  const woken = await wakeOverdue(deps);
  let pruned = 0;
  for (const siteId of await deps.sweeps.siteIds()) {
    pruned += await deps.uow.run(siteId, async (tx) => {
      const jobs = await deps.sweeps.pruneJobs(tx, deps.jobRetentionDays);
      const imports = await deps.imports.prune(tx, deps.jobRetentionDays);
      await tx.audit({ action: 'sweep.ran', actor: { kind: 'system', name: 'job-runner' }, subject: {}, data: { pruned: jobs, imports } });
      return jobs + imports;
    });
  }
  return { woken, pruned };
}

/** The hourly escalation sweep (SPEC A6): finds reminders, breaches and lapses that no timer took. */
export async function runEscalationSweep(deps: SweepDeps): Promise<{ readonly woken: number }> {
  let woken = 0;
  for (const siteId of await deps.sweeps.siteIds()) {
    const overdue = await deps.uow.run(siteId, async (tx) => {
      const found = await deps.sweeps.pendingOverdue(tx, 1_000);
      await tx.audit({ action: 'sweep.ran', actor: { kind: 'system', name: 'escalation-sweep' }, subject: {}, data: { overdue: found.length } });
      return found;
    });
    woken += await wakeAll(deps, siteId, overdue, 'due');
  }
  return { woken };
}
