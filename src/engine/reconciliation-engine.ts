import { ScheduleAlreadyRunning, type Client } from '@temporalio/client';
import { EngineUnavailable } from '../application/ports/api-commands.port.js';
import type { ReconciliationEngine } from '../application/ports/reconciliation-engine.port.js';
import { RECONCILIATION_TYPE, reconcileSignal, reconciliationIdOf, type ReconciliationInput } from '../workflows/reconciliation/messages.js';
import { engineUnavailable } from './engine-errors.js';

const DEADLINE_MS = 9_000;
const PREFIX = 'aiclearance-reconciliation/';
const scheduleIdOf = (siteId: string, connectorId: string): string => `${PREFIX}${siteId}/${connectorId}`;

/** A connector's run on a Temporal server: started where it is missing, told where it is there. */
export function createReconciliationEngine(client: Client, taskQueue: string): ReconciliationEngine {
  return {
    async wake(siteId, connectorId) {
      try {
        await client.withDeadline(Date.now() + DEADLINE_MS, () => client.workflow.signalWithStart(RECONCILIATION_TYPE, {
          taskQueue, workflowId: reconciliationIdOf(siteId, connectorId), args: [{ siteId, connectorId }] satisfies [ReconciliationInput], signal: reconcileSignal, workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: 'Compare groups with grants',
        }));
      } catch (error) {
        throw engineUnavailable(error) ? new EngineUnavailable('The workflow engine did not answer (reconcile)', { cause: error }) : error;
      }
    },
  };
}

export interface WantedSchedule { readonly siteId: string; readonly connectorId: string; readonly intervalHours: number }

/** One Schedule for each wanted connector, with the interval that the site has set; those that nobody wants any more are deleted. */
export async function syncReconciliationSchedules(client: Client, taskQueue: string, wanted: readonly WantedSchedule[]): Promise<void> {
  const known = new Map<string, number>();
  for await (const { scheduleId, spec } of client.schedule.list()) if (scheduleId.startsWith(PREFIX)) known.set(scheduleId, spec?.intervals?.[0]?.every ?? 0);
  for (const one of wanted) {
    const id = scheduleIdOf(one.siteId, one.connectorId);
    const everyMs = one.intervalHours * 3_600_000;
    const present = known.get(id);
    known.delete(id);
    if (present === undefined) await create(client, taskQueue, id, one, everyMs);
    else if (present !== everyMs) await client.schedule.getHandle(id).update((schedule) => ({ ...schedule, spec: { intervals: [{ every: everyMs }] } }));
  }
  for (const id of known.keys()) await client.schedule.getHandle(id).delete();
}

async function create(client: Client, taskQueue: string, scheduleId: string, { siteId, connectorId }: WantedSchedule, everyMs: number): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId, spec: { intervals: [{ every: everyMs }] },
      action: { type: 'startWorkflow', workflowType: 'scheduledReconciliation', taskQueue, workflowId: scheduleId, args: [{ siteId, connectorId }] },
      policies: { overlap: 'SKIP', catchupWindow: '1h' }, state: { note: 'Compares the groups of one connector with the grants' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error; // another worker was quicker
  }
}
