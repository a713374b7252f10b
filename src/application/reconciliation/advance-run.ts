import type { CoreCallResult } from '../core/core-call.js';
import type { Doing, GroupRow } from '../ports/reconciliation-store.port.js';
import type { SiteTx } from '../ports/unit-of-work.port.js';
import { askForReads, takeReads } from './confirm.js';
import { finish } from './finish.js';
import { judge } from './judge.js';
import { removeNext, takeRemoval } from './remove.js';
import { RunCase, type ReconciliationDeps } from './run-case.js';
import type { ReconciliationStep, StepAnswer, StepReport } from './step.js';
import { takeIdentities, takeListingFailure, takeLook, takePage } from './take-page.js';

/**
 * One step of a connector's run (docs/adr/0015): takes what the last step brought, says what is next. Everything that a run knows is in the record, so a
 * workflow that lost its way, or was lost, calls it without a report and goes on with the page that is due.
 * @throws DatabaseUnavailable
 */
export function advanceRun(deps: ReconciliationDeps, siteId: string, connectorId: string, report: StepReport | null): Promise<ReconciliationStep> {
  return deps.uow.run(siteId, async (tx) => {
    const c = await openRunCase(deps, tx, connectorId);
    if (c === null) return { kind: 'ended', recordId: null, status: 'none' };
    if (report !== null && report.recordId === c.run.id && report.step === c.run.step) await take(c, report.answer);
    return c.step ?? next(c);
  });
}

async function openRunCase(deps: ReconciliationDeps, tx: SiteTx, connectorId: string): Promise<RunCase | null> {
  const run = await deps.runs.lockRunning(tx, connectorId);
  if (run === null) return null;
  const connector = await deps.runs.connector(tx, connectorId);
  if (connector === null) throw new Error(`run ${run.id} is about connector ${connectorId}, which is not there`);
  return new RunCase(deps, tx, run, connector);
}

async function take(c: RunCase, answer: StepAnswer): Promise<void> {
  const { doing } = c.run;
  if (doing?.kind === 'remove' && answer.kind === 'converged') return takeRemoval(c, doing, answer.result);
  if (answer.kind !== 'asked' || doing === null || !('externalGroupId' in doing)) return;
  if (doing.kind === 'confirm') return takeReads(c, doing.externalGroupId, answer.result);
  const group = await c.deps.runs.findGroup(c.tx, c.run.id, doing.externalGroupId);
  if (group?.state === 'listing') await takeListing(c, doing, group, answer.result);
}

async function takeListing(c: RunCase, doing: Doing, group: GroupRow, result: CoreCallResult): Promise<void> {
  if (doing.kind === 'lookAtGroup') return takeLook(c, group, result);
  if (result.kind === 'members') return takePage(c, group, result);
  if (result.kind === 'described' && doing.kind === 'describe') return takeIdentities(c, group, doing, result);
  if (result.kind !== 'failed') throw new Error(`a listing was answered with "${result.kind}"`);
  // A description that failed leaves its page to be asked for again: the cursor has not moved.
  await takeListingFailure(c, group, result);
}

async function next(c: RunCase): Promise<ReconciliationStep> {
  const listing = await listNext(c);
  if (listing !== null) return listing;
  if (!c.run.judged) await judge(c);
  const reads = await askForReads(c);
  if (reads !== null) return reads;
  const [command] = await c.deps.runs.nextDifferences(c.tx, c.run.id, 'toDeliver', 1);
  if (command !== undefined) return { kind: 'deliver', ...(await c.handOut({ kind: 'deliver' })) };
  const removal = await removeNext(c);
  if (removal !== null) return removal;
  if (await finish(c)) return { kind: 'ended', recordId: c.run.id, status: c.run.status };
  return c.step ?? { kind: 'ended', recordId: c.run.id, status: c.run.status };
}

/** The time is noted before the first page is asked for: what is touched from then on is left alone (DESIGN, converge). */
async function listNext(c: RunCase): Promise<ReconciliationStep | null> {
  const { runs } = c.deps;
  const group = await runs.nextGroup(c.tx, c.run.id);
  if (group === null) return null;
  const { externalGroupId } = group;
  if (group.state === 'pending') {
    await runs.forgetListing(c.tx, c.run.id, externalGroupId); // of an earlier comparison in this run, which was held
    await runs.updateGroup(c.tx, c.run.id, externalGroupId, { state: 'listing', listedFrom: await runs.realNow(c.tx), cursor: null, nextCursor: null, pages: 0, furthest: 0, members: 0, attempts: 0, held: null, error: null });
  }
  return c.ask({ kind: 'list', externalGroupId }, { kind: 'listMembers', externalGroupId, cursor: group.state === 'pending' ? null : group.cursor }, `List members, page ${group.pages + 1}`);
}
