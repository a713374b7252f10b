import { condition, continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { MassActionActivities, MassActionStep } from '../../activities/mass-action.port.js';
import { lookSignal, type MassActionInput } from './messages.js';

/** A batch sends commands to other runs, each of which may take seconds; its worker's death is noticed by the missing heartbeat. Tried for ever: what is to end must end. */
const { advanceMassAction } = proxyActivities<MassActionActivities>({ startToCloseTimeout: '15m', heartbeatTimeout: '10s', summary: 'Stop or restore one batch', retry: { initialInterval: '1s', maximumInterval: '30s' } });

/** Batches after which the history is cut, well below what the engine suggests: a batch is six events. */
const BATCHES_IN_A_RUN = 200;

/** A kill switch or a leaver's case (SPEC G6, G8), stopping or restoring: batch after batch until the record says that everything is verified. It holds no state that matters. */
export async function killSwitch(input: MassActionInput): Promise<MassActionStep['counts']> {
  let woken = false;
  setHandler(lookSignal, () => { woken = true; }, { description: 'Look at the record again; harmless at any time' });
  let after = '';
  let quietLooks = 0;
  let pending: number | undefined;
  for (let batches = 0; ; batches += 1) {
    woken = false;
    const step = await advanceMassAction(input.siteId, input.massActionId, after, quietLooks);
    setCurrentDetails(detailsOf(step));
    if (step.done && !isWoken()) return step.counts;
    after = step.after;
    quietLooks = step.moved || step.counts.pending !== pending ? 0 : quietLooks + 1;
    pending = step.counts.pending;
    if (step.pauseMs > 0) await condition(isWoken, step.pauseMs);
    if (workflowInfo().continueAsNewSuggested || batches >= BATCHES_IN_A_RUN) await continueAsNew<typeof killSwitch>(input);
  }
  function isWoken(): boolean { return woken; }
}

const detailsOf = ({ counts }: MassActionStep): string => [
  `| what | number |`, `|---|---|`, `| grants | ${counts.total} |`, `| verified absent | ${counts.verifiedAbsent} |`, `| pending | ${counts.pending} |`, `| membership held by another grant or as baseline access | ${counts.held} |`,
  `| pending requests closed | ${counts.requestsClosed} of ${counts.requests} |`, `| restored | ${counts.restored} (${counts.restoreRefused} refused, ${counts.restoreWaiting} wait for another block to end) |`,
].join('\n');
