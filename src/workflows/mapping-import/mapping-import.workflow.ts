import { continueAsNew, isCancellation, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { CoreActivities } from '../../activities/core.port.js';
import type { ImportReport, ImportStep, MappingImportActivities } from '../../activities/mapping-import.port.js';
import type { MappingImportInput } from './messages.js';

/** Short steps of the record, for as long as the database is away. */
const record = proxyActivities<MappingImportActivities>({ startToCloseTimeout: '30s', retry: { initialInterval: '500ms', maximumInterval: '30s' } });
/** Where a history is carried on in a new run, if the engine does not ask for it before: a large file is thousands of steps. */
const STEPS_PER_RUN = 200;

/** An import of identity mappings, or its dry run (SPEC F5): carries lookups to the core worker and answers back. It holds no state that matters. */
export async function mappingImport(input: MappingImportInput): Promise<{ readonly status: string }> {
  let report: ImportReport | null = null;
  for (let steps = 0; ; steps += 1) {
    const step: ImportStep = await record.advanceMappingImport(input.siteId, input.importId, report);
    report = null;
    if (step.kind === 'ended') return { status: step.status };
    // The next run is handed the same rows again: asking takes nothing away. A wait is the provider's pause, which the next run would not know of.
    if (step.kind === 'ask' && (steps >= STEPS_PER_RUN || workflowInfo().continueAsNewSuggested)) await continueAsNew<typeof mappingImport>(input);
    if (step.kind === 'wait') await sleep(step.waitMs);
    else report = { step: step.step, result: await ask(step) };
  }
}

async function ask({ order, summary, step }: Extract<ImportStep, { kind: 'ask' }>): Promise<ImportReport['result']> {
  setCurrentDetails(`${summary} (step ${step})`);
  const core = proxyActivities<CoreActivities>({ taskQueue: workflowInfo().taskQueue.replace(/governance$/, 'core'), startToCloseTimeout: '2m', heartbeatTimeout: '30s', summary, retry: { maximumAttempts: 1 } });
  try {
    return await core.performCoreCall(order);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'failed', failure: 'retryable', detail: 'The core worker gave no answer' };
  }
}
