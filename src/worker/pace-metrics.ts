import type { Registry } from 'prom-client';
import { Counter, Histogram } from 'prom-client';
import type { PaceEvents } from '../integrations/pacing/pace.js';

/**
 * What the pacing of provider calls tells an operator: how long calls wait for their turn, which are sent away, when a provider asks for a pause, and when a process paces
 * itself because the shared budget is out of reach. Labelled by tenant (an org's host or a tenant id) and priority, never by person.
 */
export function createPaceMetrics(registry: Registry): PaceEvents {
  const registers = [registry];
  const waits = new Histogram({ name: 'aiclearance_provider_turn_wait_seconds', help: 'Time that a call waited for its turn in the tenant\'s budget', labelNames: ['tenant', 'priority'], buckets: [0.005, 0.05, 0.2, 0.5, 1, 2, 3, 5], registers });
  const refusals = new Counter({ name: 'aiclearance_provider_turns_refused_total', help: 'Calls that were not sent because their turn did not come in time', labelNames: ['tenant', 'priority', 'because'], registers });
  const pauses = new Counter({ name: 'aiclearance_provider_pauses_total', help: 'Answers that asked for a pause (429, or 503 with Retry-After)', labelNames: ['tenant'], registers });
  const pausedSeconds = new Counter({ name: 'aiclearance_provider_pause_seconds_total', help: 'Time that those answers asked for', labelNames: ['tenant'], registers });
  const unshared = new Counter({ name: 'aiclearance_provider_budget_unshared_total', help: 'Times that the shared budget was out of reach and this process paced itself', labelNames: ['tenant'], registers });
  return {
    waited: (tenant, priority, waitedMs) => waits.observe({ tenant, priority }, waitedMs / 1_000),
    refused: (tenant, priority, because) => refusals.inc({ tenant, priority, because }),
    paused: (tenant, pausedMs) => {
      pauses.inc({ tenant });
      pausedSeconds.inc({ tenant }, pausedMs / 1_000);
    },
    unshared: (tenant) => unshared.inc({ tenant }),
  };
}
