import { proxyActivities } from '@temporalio/workflow';
import type { SweepActivities } from '../../activities/admin.port.js';

const sweeps = proxyActivities<SweepActivities>({ startToCloseTimeout: '5m', heartbeatTimeout: '1m', retry: { initialInterval: '5s', maximumInterval: '1m', maximumAttempts: 10 } });

/** Hourly safety net (SPEC §12): overdue requests are woken, old job rows pruned. */
export async function jobRunner(): Promise<{ readonly woken: number; readonly pruned: number }> {
  return sweeps.runJobSweep();
}
/** Hourly (SPEC A6): pending requests whose reminder, breach or lapse was missed are woken. */
export async function escalationSweep(): Promise<{ readonly woken: number }> {
  return sweeps.runEscalationSweep();
}
