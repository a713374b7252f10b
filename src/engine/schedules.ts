import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client } from '@temporalio/client';

const SCHEDULES = [
  { id: 'aiclearance-job-runner', workflowType: 'jobRunner', every: '1h', note: 'Hourly safety net: wakes overdue requests, prunes old jobs' },
  { id: 'aiclearance-escalation-sweep', workflowType: 'escalationSweep', every: '1h', note: 'Hourly: reminders, breaches and lapses that no timer took' },
  { id: 'aiclearance-leaver-sweep', workflowType: 'leaverSweep', every: '24h', note: 'Daily: closed Jira accounts among those who hold or await access' },
] as const;

/** True when any is missing: then the namespace is new or was wiped, and runs have to be rebuilt before the Schedules say otherwise (SPEC §12). */
export async function schedulesMissing(client: Client): Promise<boolean> {
  for (const { id } of SCHEDULES) if (!(await exists(client, id))) return true;
  return false;
}

/** Makes those that are missing; made meanwhile by another worker is fine. */
export async function createSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const { id, workflowType, every, note } of SCHEDULES) {
    try {
      await client.schedule.create({
        scheduleId: id,
        spec: { intervals: [{ every }] },
        action: { type: 'startWorkflow', workflowType, taskQueue, workflowId: id, args: [] },
        policies: { overlap: 'SKIP', catchupWindow: '1h' },
        state: { note },
      });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
}

async function exists(client: Client, id: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(id).describe();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}
