import { ActivityFailure, continueAsNew, isCancellation, proxyActivities, setCurrentDetails, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { CoreActivities } from '../../activities/core.port.js';
import type { ReconciliationActivities, ReconciliationStep, StepReport } from '../../activities/reconciliation.port.js';
import { reconcileSignal, type ReconciliationInput } from './messages.js';

/** Short steps of the record, for as long as the database is away. */
const record = proxyActivities<ReconciliationActivities>({ startToCloseTimeout: '30s', retry: { initialInterval: '500ms', maximumInterval: '30s' } });
/** Commands wait for other runs; what is not delivered stays in the record and is taken up by the next step. */
const commands = proxyActivities<ReconciliationActivities>({ startToCloseTimeout: '10m', heartbeatTimeout: '30s', summary: 'Issue the commands that findings ask for', retry: { initialInterval: '2s', maximumAttempts: 3 } });
type Report = StepReport['answer'];

/** Where a history is carried on in a new run, if the engine does not ask for it before: steps are many in a large directory, and a history is read again as a whole. */
const STEPS_PER_RUN = 200;
/** `report`: of the step that the run before carried out last. */
type Carried = ReconciliationInput & { readonly report?: StepReport };
type Due = Exclude<ReconciliationStep, { kind: 'ended' }>;

/**
 * The comparison of one connector's groups with the grants (SPEC D1). It carries orders to the core worker and answers back; what the run knows is in Postgres, so
 * a run that is lost or carried on begins with the step that is due. One thing is under way at a time, so it is carried on between two steps, whichever they are.
 */
export async function reconciliation({ siteId, connectorId, report: carried }: Carried): Promise<{ readonly status: string }> {
  const asked = new Set<'again'>();
  setHandler(reconcileSignal, () => { asked.add('again'); }, { description: 'There is something to compare; harmless at any time' });
  let report: StepReport | null = carried ?? null;
  for (let steps = 1; ; steps += 1) {
    asked.clear();
    const step: ReconciliationStep = await record.advanceReconciliation(siteId, connectorId, report);
    if (step.kind === 'ended' && asked.size === 0) return { status: step.status };
    report = null;
    if (step.kind === 'ended') continue;
    const isFull = steps >= STEPS_PER_RUN || workflowInfo().continueAsNewSuggested;
    if (isFull && isHandedOutAgain(step)) await continueAsNew<typeof reconciliation>({ siteId, connectorId });
    report = { recordId: step.recordId, step: step.step, answer: await carryOut(siteId, connectorId, step) };
    if (isFull) await continueAsNew<typeof reconciliation>({ siteId, connectorId, report });
  }
}

/** Asking and delivering take nothing away: the next run is handed the same, and no page of members goes through its input. A removal's intent is committed, and a wait is a wait: those are carried out first. */
const isHandedOutAgain = (step: Due): boolean => step.kind === 'ask' || step.kind === 'deliver';

async function carryOut(siteId: string, connectorId: string, step: Due): Promise<Report> {
  switch (step.kind) {
    case 'ask': {
      setCurrentDetails(`${step.summary} (run \`${step.recordId}\`, step ${step.step})`);
      return { kind: 'asked', result: await ask(step) };
    }
    case 'converge': return { kind: 'converged', result: await converge(step) };
    case 'deliver': {
      await quietly(() => commands.deliverFindings(siteId, connectorId));
      return { kind: 'done' };
    }
    case 'wait': {
      await sleep(step.waitMs);
      return { kind: 'done' };
    }
  }
}

/** Tried once by the engine: how often and when a page is asked for again is the record's decision. */
const core = (summary: string): CoreActivities =>
  proxyActivities<CoreActivities>({ taskQueue: workflowInfo().taskQueue.replace(/governance$/, 'core'), startToCloseTimeout: '2m', heartbeatTimeout: '30s', summary, retry: { maximumAttempts: 1 } });

async function ask(step: ReconciliationStep & { readonly kind: 'ask' }): Promise<Extract<Report, { kind: 'asked' }>['result']> {
  try {
    return await core(step.summary).performCoreCall(step.order);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'failed', failure: 'retryable', detail: 'The core worker gave no answer' };
  }
}
async function converge(step: ReconciliationStep & { readonly kind: 'converge' }): Promise<Extract<Report, { kind: 'converged' }>['result']> {
  try {
    return await core('Remove a member without a grant and read back').convergeMembership(step.order);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { status: 'retryable', observed: 'unknown', readAt: null, write: 'unknown', code: 'core.lost', detail: 'The core worker gave no answer', retryAfterMs: null, providerRequestId: null };
  }
}

async function quietly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  }
}

/** What a connector's Schedule starts. */
export async function scheduledReconciliation({ siteId, connectorId }: ReconciliationInput): Promise<{ readonly recordId: string | null }> {
  return record.startScheduledReconciliation(siteId, connectorId);
}
